"""All costs of the finite-element part in one go.

    make bench-fem
    BENCH_SOLID=1 make bench-fem

presses the cells of `cells.py`, each in a process of its own on one thread, prints a table with what was
aimed at and writes benchmarks/out/fem.json; with BENCH_SOLID also what takes long: 40 electrodes with an open
gap, the quarter cell (on two ranks). Then one iteration on 1 and on 2 ranks. Beside every press stands one
of plain dolfinx with MUMPS on the same mesh, beside the largest section one of CalculiX if it is there:
these ratios hold on any machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from isosim import pressing

from . import calculix
from .cells import CELLS, Cell, elastic

OUT = Path(__file__).parents[1] / "out"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
COMPARED = "40 electrodes, section, flush"
RATIO = 10.0  # CPU time of CalculiX over ours for an iteration: the aim
PRESSURE = 10e6  # Pa an increment
RANKS = (1, 2)
MPIRUN = ("--allow-run-as-root", "--oversubscribe")
COLUMNS = {
    "cpu_s": "8.1f", "wall_s": "8.1f", "steps": "6d", "cuts": "5d", "iterations": "11d",
    "factorisations": "15d", "dofs": "9d", "peak_MB": "8.0f",
}  # fmt: skip
WIDTH = 44


def measured(what: str, name: str) -> dict[str, Any]:
    """Run `timed` in a process of its own, or on the ranks of the row."""
    ranks = CELLS[name].ranks
    begin = ["mpirun", *MPIRUN, "-n", str(ranks)] if ranks > 1 else []
    done = subprocess.run(
        [*begin, sys.executable, "-m", "benchmarks.fem.timed", what, name],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def verdict(cell: Cell, row: dict[str, Any]) -> str:
    """What was aimed at, and whether it was met."""
    if row.get("stopped"):
        return "missed: " + row["stopped"]
    if cell.aim_s is None:
        return "no aim"
    seconds = row["cpu_s"] if cell.ranks == 1 else row["wall_s"]
    met = seconds <= cell.aim_s and row["peak_MB"] <= (cell.peak_MB or float("inf"))
    aim = f"<= {cell.aim_s:g} s" + (f", {cell.peak_MB / 1e3:g} GB" if cell.peak_MB else "")
    aim += f" on {cell.ranks} ranks" if cell.ranks > 1 else ""
    stretch = cell.stretch_s is not None and seconds <= cell.stretch_s
    return f"{aim}: {'met' if met else 'missed'}" + (f", stretch {cell.stretch_s:g} s met" if stretch else "")


def presses() -> list[dict[str, Any]]:
    """All presses, printed as they come."""
    print(
        f"{'':{WIDTH}s}"
        + "".join(key.rjust(int(form.split(".")[0].rstrip("d"))) for key, form in COLUMNS.items())
    )
    rows = []
    for name, cell in CELLS.items():
        if cell.opt_in and not os.environ.get("BENCH_SOLID"):
            continue
        row = {"name": name, **measured("press", name)}
        row["aim"] = verdict(cell, row)
        rows.append(row)
        cells = "" if row.get("stopped") else "".join(format(row[key], form) for key, form in COLUMNS.items())
        print(f"{name:{WIDTH}s}{cells}   {row['aim']}")
        if "plain_iteration_cpu_s" in row:
            plain = row["plain_iteration_cpu_s"]
            ratio = row["cpu_s_per_iteration"] / plain
            print(
                f"{'':{WIDTH}s}{1e3 * row['cpu_s_per_iteration']:.0f} ms an iteration, all included; "
                f"plain dolfinx and MUMPS on this mesh {1e3 * plain:.0f} ms: {ratio:.2f} times",
                flush=True,
            )
    return rows


def against_calculix(name: str = COMPARED) -> dict[str, Any]:
    """One Newton iteration of either code on the same elastic section, from the difference of two runs."""
    ours = measured("newton", name)
    row: dict[str, Any] = {"name": f"an iteration against CalculiX, {name}", "isosim": ours}
    print(
        f"\nelastic layers, plane strain, {name}:\n  isosim    {1e3 * ours['cpu_s_per_iteration']:8.0f} ms "
        f"an iteration, {ours['dofs']} unknowns (Q2), {ours['solver']}, residual 1e-5 of the load"
    )
    if not calculix.installed():
        row["calculix"] = "not installed"
        print("  CalculiX  not installed (Debian: calculix-ccx)")
        return row
    case = CELLS[name].case()
    stack, mesh = elastic(case.stack()), pressing.mesh(case)
    nodes = len(calculix.Section.of(mesh).nodes)
    with tempfile.TemporaryDirectory() as folder:
        one, two = (
            calculix.run(
                calculix.deck(stack, mesh, count * PRESSURE, count), Path(folder) / str(count), nodes
            )
            for count in (1, 2)
        )
    cpu = (two.cpu_s - one.cpu_s) / (two.iterations - one.iterations)
    row["calculix"] = {
        "cpu_s_per_iteration": cpu,
        "iterations": two.iterations,
        "cpu_s": two.cpu_s,
        "equations": two.equations,
        "peak_MB": two.peak_MB,
        "solver": two.solver,
        "version": calculix.version(),
        "lowest_mm": float(two.displacement[:, 1].min()) * 1e3,
    }
    row["ratio"] = cpu / ours["cpu_s_per_iteration"]
    row["displacement_ratio"] = row["calculix"]["lowest_mm"] / ours["lowest_mm"]
    print(
        f"  CalculiX  {1e3 * cpu:8.0f} ms an iteration, {two.equations} equations (CPE8), {two.solver}, "
        f"its own dense kernels,\n            residual 0.5 % of the mean force, correction 1 % of the "
        f"increment (its defaults); {calculix.version()}\n  ratio     {row['ratio']:8.1f}    >= {RATIO:g}: "
        f"{'met' if row['ratio'] >= RATIO else 'missed'}; "
        f"its displacements {row['displacement_ratio']:.3f} times ours"
    )
    return row


def scaling() -> list[dict[str, Any]]:
    """One Newton iteration on 1 and 2 ranks, the body as it is and as much of it a rank."""
    rows = []
    print(
        "\none Newton iteration of elastic layers on ranks (busy cores make two ranks wait for each other):"
    )
    for ranks in RANKS:
        done = subprocess.run(
            ["mpirun", *MPIRUN, "-n", str(ranks), sys.executable, "-m", "benchmarks.fem.scaling"],
            env={**os.environ, **ONE_THREAD},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        for line in done.stdout.splitlines():
            rows.append(row := json.loads(line))
            print(
                f"  {row['name']:24s} {ranks} ranks, {row['dofs']:7d} unknowns: {row['wall_s']:.3f} s, "
                f"CPU of a rank {row['cpu_s']:.3f} s",
                flush=True,
            )
    return rows


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    rows = presses()
    rows.append(against_calculix())
    rows += scaling()
    (OUT / "fem.json").write_text(json.dumps({"rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
