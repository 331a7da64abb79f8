"""Pore sizes: time for each point of 32 bins, against the numpy version a user would write.

`python -m benchmarks.law.pores` prints a table, `rows()` gives it to the benchmark of the law. The fastest
call counts, of numpy (one thread) and of the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numba
import numpy as np

from isosim import law
from isosim.law import pores

POINTS = 16384
CALLS = 400  # of the kernel; numpy is timed a twentieth as often, for about as long
STEPS = {
    "pore sizes, 32 bins, a step of a press (porosity -0.005)": 0.005,
    "pore sizes, 32 bins, a press in one step (-0.2)": 0.2,
}
COATING = law.Pores.lognormal(0.9e-6, 0.7, exponent=1.5, strengthening_radius=0.8e-6)


def plain(bins: np.ndarray, weights: np.ndarray, porosity: np.ndarray) -> np.ndarray:
    """The same update in numpy: Newton for L over all points at once, to the same 1e-15."""
    target = porosity / (1.0 - porosity)
    L = np.zeros(len(bins))
    while True:
        new = bins * np.exp(-np.outer(L, weights))
        total = new.sum(1)
        step = np.log(total / target) * total / (new @ weights)
        if np.abs(step).max() < 1e-14:
            return new
        L += step


def timed(call: Callable[[], object]) -> float:
    """Time for each point [ns]."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) / POINTS * 1e9


def rows() -> list[dict]:
    """One row for each step and number of threads: name, threads, ns, ns_numpy."""
    table: list[dict] = []
    bins = COATING.initial(np.full(POINTS, 0.35))
    weights, none = COATING.weights, np.empty(0)
    new, status = np.empty_like(bins), np.empty(POINTS, np.int8)
    threads = numba.get_num_threads()
    for name, change in STEPS.items():
        porosity = 0.35 - change * np.random.default_rng(0).uniform(0.5, 1.0, POINTS)

        kernel = partial(pores.advance_into, bins, weights, porosity, none, new, status)
        kernel()
        if not np.allclose(new, plain(bins, weights, porosity), rtol=1e-12):
            raise AssertionError("kernel and numpy disagree")
        theirs = min(timed(partial(plain, bins, weights, porosity)) for _ in range(CALLS // 20))
        for count in sorted({1, threads}):
            numba.set_num_threads(count)
            ours = min(timed(kernel) for _ in range(CALLS))
            row = {"name": name, "threads": count, "ns": ours, "ns_numpy": theirs}
            table.append(row)
        numba.set_num_threads(threads)
    return table


if __name__ == "__main__":
    for row in rows():
        print(
            f"{row['name']}, {row['threads']} threads: {row['ns']:.1f} ns, numpy {row['ns_numpy']:.0f} ns, "
            f"{row['ns_numpy'] / row['ns']:.0f} times"
        )
