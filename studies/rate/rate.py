"""Rate capability of the 2-layer cells before and after pressing, as a cell model sees densification.

    isosim press dixit2024 --fidelity column --out out/dixit2024
    isosim to-pybamm out/dixit2024 --out studies/rate/cells
    python studies/rate/rate.py studies/rate/cells        (needs PyBaMM: pip install 'isosim[pybamm]')

Everything that pressing does not change (kinetics, particles, electrolyte, open-circuit potentials) is the
published set Chen2020 (NMC811, graphite with SiOx): another chemistry than the paper's NMC622, so that only
changes and orders of magnitude count. No ageing: the paper's gain was read after 25 cycles.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import matplotlib
import pybamm

matplotlib.use("Agg")
import matplotlib.pyplot as plt

RATES = {"C/3": 1 / 3, "1C": 1.0, "3C": 3.0}
CELLS = ("120RT-2", "120C90-2", "414RT-2")
LIMITS = (2.8, 4.2)  # V
RESISTANCES = (
    5.0,
    10.0,
    20.0,
    30.0,
    50.0,
    75.0,
    100.0,
)  # ohm cm2, of an unpressed cell, that pressing would remove
UNPRESSED_SEPARATOR = ("Separator thickness [m]", "Separator porosity")


def capacity(layers: dict[str, float], current: float, resistance: float = 0.0) -> float:
    """Areal capacity [mAh/cm2] of a discharge at a current density [A/m2] from the fully charged cell.

    `resistance` [ohm cm2] is in series.
    """
    values = pybamm.ParameterValues("Chen2020")
    area = values["Electrode height [m]"] * values["Electrode width [m]"]
    values.update(layers)
    values.update({"Lower voltage cut-off [V]": LIMITS[0], "Upper voltage cut-off [V]": LIMITS[1]})
    values.update({"Current function [A]": current * area})
    values.update({"Contact resistance [Ohm]": 1e-4 * resistance / area})
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN({"contact resistance": "true"}),
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(atol=1e-6, rtol=1e-6),
    )
    hours = 1.5 * 25.0 / current
    solution = simulation.solve([0.0, 3600.0 * hours], initial_soc=1.0)
    return float(solution["Discharge capacity [A.h]"].entries[-1]) / area / 10.0


def states(folder: Path) -> dict[str, dict[str, float]]:
    """Layers of the unpressed cell and of each pressed one, with its own separator and with a new one."""
    read = {
        (cell, state): json.loads((folder / f"{cell}.{state}.pybamm.json").read_text())
        for cell in CELLS
        for state in ("unpressed", "pressed")
    }
    unpressed = read[CELLS[0], "unpressed"]
    new = {name: unpressed[name] for name in UNPRESSED_SEPARATOR}
    found = {"unpressed": unpressed}
    for cell in CELLS:
        found[f"{cell}, new separator"] = {**read[cell, "pressed"], **new}
        found[f"{cell}, pressed separator"] = read[cell, "pressed"]
    return found


def main(folder: Path) -> None:
    here = Path(__file__).parent
    cells = states(folder)
    nominal = capacity(cells["unpressed"], 0.5)
    one_c = 10.0 * nominal  # A/m2
    rows = []
    for name, layers in cells.items():
        for rate, factor in RATES.items():
            try:
                found = capacity(layers, factor * one_c)
            except pybamm.SolverError:  # the voltage limit is passed at once: nothing can be drawn
                found = 0.0
            rows.append({"cell": name, "rate": rate, "capacity_mAh_cm2": found})
            print(f"{name:30s} {rate:4s} {found:.3f} mAh/cm2", flush=True)
    before = {row["rate"]: row["capacity_mAh_cm2"] for row in rows if row["cell"] == "unpressed"}
    for row in rows:
        row["change_%"] = 100.0 * (row["capacity_mAh_cm2"] / before[row["rate"]] - 1.0)
    with (here / "rate.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(
            {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
    gains = removed_resistance(cells["unpressed"], one_c, before)
    with (here / "resistance.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, gains[0])
        writer.writeheader()
        writer.writerows(gains)
    draw(rows, list(cells), here / "rate.svg")


def removed_resistance(layers: dict[str, float], one_c: float, before: dict[str, float]) -> list[dict]:
    """Gain [%] in capacity at each rate when pressing does nothing but remove a series resistance."""
    rows = []
    for resistance in RESISTANCES:
        row = {"resistance_ohm_cm2": resistance}
        for rate, factor in RATES.items():
            with_it = capacity(layers, factor * one_c, resistance)
            row[f"gain_{rate}_%"] = round(100.0 * (before[rate] / with_it - 1.0), 3)
        print(row, flush=True)
        rows.append(row)
    return rows


def draw(rows: list[dict], cells: list[str], path: Path) -> None:
    """Capacity by rate, one group a cell; the paper's gain beside it."""
    figure, axes = plt.subplots(figsize=(8.0, 4.2), layout="constrained")
    width = 0.25
    for k, rate in enumerate(RATES):
        values = [row["capacity_mAh_cm2"] for row in rows if row["rate"] == rate]
        axes.bar([i + (k - 1) * width for i in range(len(cells))], values, width, label=rate)
    axes.set_xticks(range(len(cells)), [cell.replace(", ", "\n") for cell in cells], fontsize=7)
    axes.set_ylabel("capacity of a discharge (mAh/cm²)")
    axes.legend(title="rate, of the unpressed cell", fontsize=8, title_fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
