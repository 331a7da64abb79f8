"""The law of a point against its C++ twin, numpy and the limits of the machine.

`rows()` gives one dictionary for each figure. All candidates take turns, so that a noisy neighbour hits them
alike: the fastest round of each counts, and ratios are medians of the ratios within a round.
docs/law-kernel.md tells what is compared with what.
"""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np

from isosim import law
from isosim.law import strain
from isosim.law.batch import advance_into
from isosim.law.lanes import UNIT
from isosim.law.row import Row

HERE = Path(__file__).parent
POINTS, ROUNDS = 16384, 101
ROOM, DT = 298.15, 1.0
SAME = 1e-10  # of the largest item of an array: what the candidates may differ by
THREADS = sorted({1, min(2, numba.config.NUMBA_NUM_THREADS)})
CANDIDATES = ("ns", "ns_numba_scalar", "ns_cpp_scalar", "ns_cpp_usual", "ns_cpp_simd", "ns_cpp_simd_8")
TWIN_ROW = (
    "bulk", "shear", "softening", "floor", "reference", "cap_pressure", "cap_slope", "cohesion",
    "tension_ratio", "friction", "saturation", "overstress", "exponent", "rate",
)  # fmt: skip


def coating(viscosity: law.Viscosity | None = None) -> law.Porous:
    return law.Porous(
        bulk_modulus=25e9,
        shear_modulus=15e9,
        reference_porosity=0.35,
        cap=law.Heckel(15e6, 61e6, 0.069),
        friction=1.3,
        matrix_strength=1.2e9,
        cohesion=2e6,
        viscosity=viscosity,
    )


VISCOUS = law.Viscosity(stress=10e6, exponent=6, rate=1e-4)


def large_steps(model: law.Porous, size: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    """Second steps from compacted, sheared states: every point yields, strains of some per cent."""
    rng = np.random.default_rng(1)
    first = np.eye(3).ravel() + rng.normal(0.0, size / 2, (POINTS, 9))
    first[:, 8] *= np.exp(-10 * size * rng.random(POINTS))
    _, _, state, _ = law.advance(first, np.tile(model.initial_state(), (POINTS, 1)), DT, ROOM, [model])
    step = np.eye(3) + rng.normal(0.0, size / 2, (POINTS, 3, 3))
    step -= size * rng.random((POINTS, 1, 1)) * np.eye(3)[2]
    return (step @ first.reshape(POINTS, 3, 3)).reshape(POINTS, 9), state


def small_steps(model: law.Porous) -> tuple[np.ndarray, np.ndarray]:
    F = np.eye(3).ravel() + np.random.default_rng(1).normal(0.0, 1e-5, (POINTS, 9))
    return F, np.tile(model.initial_state(), (POINTS, 1))


@dataclass
class Case:
    """One row of the table with its inputs and outputs."""

    name: str
    model: law.Porous
    F: np.ndarray
    state: np.ndarray
    tangent: bool

    def __post_init__(self) -> None:
        self.row = self.model.at(ROOM)[None]
        self.twin_row = np.array([self.row[0, Row._fields.index(name)] for name in TWIN_ROW])
        self.P, self.new = np.empty((POINTS, 9)), np.empty((POINTS, 9))
        self.A = np.empty((POINTS if self.tangent else 0, 9, 9))
        self.status = np.empty(POINTS, np.int8)
        self.material, self.components = np.zeros(POINTS, np.int64), np.arange(9)

    def lanes(self) -> None:
        advance_into(
            self.F, self.state, self.material, self.row, DT, self.components,
            self.P, self.A, self.new, self.status,
        )  # fmt: skip

    def twin(self, machine: ctypes.CDLL, width: int) -> bool:
        return machine.twin(width, *self.switches(), POINTS, *self.arguments()) == 0

    def usual(self, machine: ctypes.CDLL) -> None:
        machine.usual(*self.switches(), POINTS, *self.arguments())

    def switches(self) -> tuple[int, int]:
        return int(self.model.viscosity is not None), int(self.tangent)

    def arguments(self) -> list:
        pointers = [array.ctypes.data for array in (self.P, self.A, self.new, self.status)]
        given = [self.F.ctypes.data, self.state.ctypes.data, ctypes.c_double(DT), self.twin_row.ctypes.data]
        return [ctypes.c_void_p(p) if isinstance(p, int) else p for p in [*given, *pointers]]

    @property
    def bytes(self) -> float:
        return 8.0 * (9 + 9 + 9 + 9 + (81 if self.tangent else 0)) + 1


def build(folder: Path) -> ctypes.CDLL:
    """The twin and the machine's limits, compiled on the spot."""
    library = folder / "twin.so"
    sources = [str(HERE / name) for name in ("twin.cpp", "usual.cpp", "machine.cpp")]
    options = ["-O3", "-march=native", "-std=c++17", "-fopenmp", "-shared", "-fPIC", f"-I{folder}"]
    lists = {name: getattr(strain, name) for name in ("LOG", "LOG_CLOSE", "EXP", "EXP_CLOSE", "COTH")}
    lines = [f"const double {name}[] = {{{', '.join(map(repr, values))}}};" for name, values in lists.items()]
    lines.append(f"const double NEAR = {strain.NEAR!r}, CLOSE = {strain.CLOSE!r};")
    (folder / "series.hpp").write_text("\n".join(lines) + "\n")
    subprocess.run([os.environ.get("CXX", "g++"), *options, "-o", str(library), *sources], check=True)
    machine = ctypes.CDLL(str(library))
    machine.twin.argtypes = [ctypes.c_int] * 3 + [ctypes.c_int64]  # the rest are passed with their types
    machine.usual.argtypes = [ctypes.c_int] * 2 + [ctypes.c_int64]
    machine.operations.argtypes = [ctypes.c_int] * 2 + [ctypes.c_int64]
    machine.operations.restype = machine.peak.restype = machine.bandwidth.restype = ctypes.c_double
    machine.bandwidth.argtypes = [ctypes.c_int64]
    return machine


def shall_agree(case: Case, machine: ctypes.CDLL) -> None:
    """The candidates must compute the same thing before their times mean anything."""
    case.lanes()
    kept = [np.array(array) for array in (case.P, case.new, case.A)]
    if (case.status != 0).any():
        raise SystemExit(f"{case.name}: not every point was done on the fast road")
    for name, call in candidates(case, machine).items():
        for array in (case.P, case.new, case.A):
            array.fill(np.nan)
        call()
        for ours, theirs in zip(kept, (case.P, case.new, case.A), strict=True):
            if ours.size and not np.abs(ours - theirs).max() <= SAME * np.abs(ours).max():
                raise SystemExit(f"{case.name}: {name} differs by {np.abs(ours - theirs).max()}")


def seconds(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def scalar(case: Case) -> Callable[[], None]:
    """The law compiled for one number at a time: the same kernel, told so by its unit."""
    from isosim.law import batch

    def call() -> None:
        batch.UNIT, kept = 1.0, batch.UNIT
        try:
            case.lanes()
        finally:
            batch.UNIT = kept

    return call


def candidates(case: Case, machine: ctypes.CDLL) -> dict[str, Callable[[], object]]:
    """All that compute the case, by the name of their figure."""
    width = len(UNIT)
    found: dict[str, Callable[[], object]] = {
        "ns": case.lanes,
        "ns_numba_scalar": scalar(case),
        "ns_cpp_scalar": lambda: case.twin(machine, 1),
        "ns_cpp_usual": lambda: case.usual(machine),
    }
    if case.twin(machine, width):
        found["ns_cpp_simd"] = lambda: case.twin(machine, width)
        found["ns_cpp_simd_8"] = lambda: case.twin(machine, 8)
    return found


def measure(case: Case, machine: ctypes.CDLL) -> dict[str, list[float]]:
    """Nanoseconds per point of every candidate, one number per round."""
    calls = candidates(case, machine)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            times[name].append(seconds(call) / POINTS * 1e9)
    return times


def numpy_ns(case: Case, folder: Path) -> float:
    given, got = folder / "given.npz", folder / "got.npz"
    np.savez(given, F=case.F, state=case.state, row=case.row[0], dt=DT, tangent=case.tangent)
    command = [sys.executable, str(HERE / "on_numpy.py"), str(given), str(got)]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    case.lanes()
    with np.load(got) as other:
        if np.abs(other["P"] - case.P).max() > 1e-9 * np.abs(case.P).max():
            raise SystemExit(f"{case.name}: the numpy run differs")
    return json.loads(done.stdout) / POINTS * 1e9


def row(case: Case, threads: int, machine: ctypes.CDLL, folder: Path) -> dict[str, Any]:
    """The figures of one case."""
    shall_agree(case, machine)
    peak = max(machine.peak() for _ in range(40))
    times = measure(case, machine)
    peak = max(peak, *(machine.peak() for _ in range(40)))
    fastest = {name: min(times[name]) if name in times else None for name in CANDIDATES}
    ratios = [ours / theirs for ours, theirs in zip(times["ns"], times.get("ns_cpp_simd", []), strict=False)]
    count = machine.operations(*case.switches(), POINTS, *case.arguments())
    return {
        "name": case.name,
        "threads": threads,
        **fastest,
        "ns_median": statistics.median(times["ns"]),
        "ns_numpy": numpy_ns(case, folder) if threads == 1 else None,
        "ratio_to_cpp_simd": statistics.median(ratios) if ratios else None,
        "ratio_cpp_scalar_to_ours": fastest["ns_cpp_scalar"] / fastest["ns"],
        "ratio_cpp_usual_to_ours": fastest["ns_cpp_usual"] / fastest["ns"],
        "operations": count,
        "bytes": case.bytes,
        "gflops": count / fastest["ns"],
        "peak_gflops": peak / 1e9,
        "share_of_peak": count / fastest["ns"] * 1e9 / peak,
    }


def rows() -> Iterator[dict[str, Any]]:
    """All figures of the law, on one thread and on two."""
    plain, viscous = coating(), coating(VISCOUS)
    cases = [
        Case("elastic", plain, *small_steps(plain), False),
        Case("rate-independent plastic", plain, *large_steps(plain), False),
        Case("rate-independent plastic with tangent", plain, *large_steps(plain), True),
        Case("viscous plastic", viscous, *large_steps(viscous), False),
        Case("viscous plastic with tangent", viscous, *large_steps(viscous), True),
    ]
    with tempfile.TemporaryDirectory() as folder:
        machine = build(Path(folder))
        for threads in THREADS:
            numba.set_num_threads(threads)
            machine.threads(threads)
            for case in cases:
                yield row(case, threads, machine, Path(folder))


def bandwidth() -> float:
    """Bytes per second that one thread moves between the arrays of so many points and the processor."""
    with tempfile.TemporaryDirectory() as folder:
        machine = build(Path(folder))
        machine.threads(1)
        return max(machine.bandwidth(POINTS * 36) for _ in range(7))
