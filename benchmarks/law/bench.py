"""All timings of the law in one go: points, pore sizes, whole presses.

    make bench-law

prints a table and what was aimed at, and writes benchmarks/out/law.json and law-roofline.png. The fastest of
many calls counts, because all that a shared machine does to a time is to add to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from . import columns, kernel, pores

OUT = Path(__file__).parents[1] / "out"
FIGURES = {  # column of the table: key of the row and form
    "ours": ("ns", "9.1f"),
    "C++ simd": ("ns_cpp_simd", "9.1f"),
    "C++": ("ns_cpp_scalar", "9.1f"),
    "C++ usual": ("ns_cpp_usual", "10.1f"),
    "numpy": ("ns_numpy", "9.0f"),
    "ours/simd": ("ratio_to_cpp_simd", "11.2f"),
    "C++/ours": ("ratio_cpp_scalar_to_ours", "10.1f"),
    "usual/ours": ("ratio_cpp_usual_to_ours", "12.1f"),
    "of peak": ("share_of_peak", "9.0%"),
    "presses/s": ("presses_per_s", "11.0f"),
}
SAME_KERNEL = (
    "elastic", "rate-independent plastic", "rate-independent plastic with tangent", "viscous plastic",
    "viscous plastic with tangent",
)  # fmt: skip
AIMS: list[tuple[str, int, str, str, float]] = [
    ("elastic", 2, "ns", "<=", 10.0),
    ("rate-independent plastic", 2, "ns", "<=", 25.0),
    ("rate-independent plastic with tangent", 2, "ns", "<=", 45.0),
    ("viscous plastic", 2, "ns", "<=", 35.0),
    *((name, 1, "ratio_to_cpp_simd", "<=", 1.05) for name in SAME_KERNEL),
    *((name, 1, "ratio_cpp_scalar_to_ours", ">=", 13.0) for name in SAME_KERNEL),
    *((name, 1, "ratio_cpp_usual_to_ours", ">=", 13.0) for name in SAME_KERNEL),
    *((name, 1, "share_of_peak", ">=", 0.5) for name in SAME_KERNEL),
    *((name, 2, "ns", "<=", 25.0) for name in pores.STEPS),
    (columns.CONFINED.format("rate-independent"), 2, "presses_per_s", ">=", 4000.0),
    (columns.CONFINED.format("viscous"), 2, "presses_per_s", ">=", 2000.0),
    (columns.FREE.format("rate-independent"), 2, "presses_per_s", ">=", 1500.0),
    (columns.COLLAPSED.format("rate-independent"), 2, "presses_per_s", ">=", 20000.0),
]
WIDTH = 83  # of a name


def shown(value: float | None, form: str) -> str:
    size = int(form.split(".")[0])
    return "-".rjust(size) if value is None else format(value, form)


def measured() -> list[dict[str, Any]]:
    """All rows, printed as they come."""
    print(f"{kernel.POINTS} points, {len(kernel.UNIT)} lanes; ns per point")
    print(f"{'':{WIDTH}s}threads" + "".join(t.rjust(int(f.split(".")[0])) for t, (_, f) in FIGURES.items()))
    found = []
    for source in (kernel.rows(), pores.rows(), columns.rows()):
        for row in source:
            row = dict.fromkeys(("ns", "ns_cpp_scalar", "ns_cpp_simd", "presses_per_s")) | row
            found.append(row)
            cells = "".join(shown(row.get(key), form) for key, form in FIGURES.values())
            print(f"{row['name']:{WIDTH}s}{row['threads']:7d}{cells}", flush=True)
    return found


def judged(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every aim with what was measured; `met` is None where it was not, on a machine of one core or kind."""
    at = {(row["name"], row["threads"]): row for row in found}
    aims = []
    for name, threads, key, sense, limit in AIMS:
        value = at.get((name, threads), {}).get(key)
        met = None if value is None else bool(value <= limit if sense == "<=" else value >= limit)
        aims.append(
            {
                "name": name,
                "threads": threads,
                "figure": key,
                "measured": value,
                "aim": f"{sense} {limit:g}",
                "met": met,
            }
        )
    return aims


def roofline(found: list[dict[str, Any]], bandwidth: float, path: Path) -> None:
    """Speed over operations per byte, under the limits of one thread."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    ours = [row for row in found if row["threads"] == 1 and "operations" in row]
    peak = max(row["peak_gflops"] for row in ours)
    figure, axes = plt.subplots(figsize=(6.5, 4.0), layout="constrained")
    intensity = np.geomspace(0.1, 100.0, 200)
    axes.loglog(intensity, np.minimum(peak, intensity * bandwidth / 1e9), color="black")
    for row in ours:
        label = f"{row['name']}: {100 * row['share_of_peak']:.0f} % of peak"
        axes.plot(row["operations"] / row["bytes"], row["gflops"], "o", label=label)
    axes.set(
        xlabel="operations per byte of the caller's arrays", ylabel="1e9 operations per second, one thread"
    )
    axes.legend(loc="lower right", fontsize="small", frameon=False)
    figure.savefig(path, dpi=160)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    found = measured()
    aims = judged(found)
    print(f"\n{'':{WIDTH}s}threads  {'figure':26s}{'measured':>10s}   aim")
    for aim in aims:
        verdict = {True: "met", False: "missed", None: "not measured here"}[aim["met"]]
        value = "-" if aim["measured"] is None else f"{aim['measured']:.4g}"
        print(f"{aim['name']:{WIDTH}s}{aim['threads']:7d}  {aim['figure']:26s}{value:>10s}   ", end="")
        print(f"{aim['aim']:10s}{verdict}")
    bandwidth = kernel.bandwidth()
    table = {"bytes_per_s": bandwidth, "rows": found, "aims": aims}
    (OUT / "law.json").write_text(json.dumps(table, indent=1) + "\n")
    roofline(found, bandwidth, OUT / "law-roofline.png")


if __name__ == "__main__":
    main()
