"""Mesh and step convergence of the numbers that `make press` reports.

    python studies/convergence/run.py [--out FOLDER]

Presses two of the published cells with finer columns, more elements through the thickness and finer steps,
one at a time, and writes the change of every reported number: `convergence.csv` and `convergence.svg`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import xarray as xr

from isosim import case as cases
from isosim import fem, measure
from isosim.stack import Stack, section_mesh

HERE = Path(__file__).parent
CELLS = ("120RT-10", "414RT-2")
COLUMNS = (12, 24, 48, 96)
ELEMENTS = (1, 2)
REFINE = (1, 2, 4, 8)
DEFAULT = {"columns": 48, "elements": 1, "refine": 1}  # steps of the plain rule
AXES = {"columns": "columns of the half section", "refine": "steps, relative to the default"}
NUMBERS = {
    "cathode_thinner_%": lambda ds: 100 * ds.cell_reduction.sel(kind="cathode", definition="coating"),
    "anode_thinner_%": lambda ds: 100 * ds.cell_reduction.sel(kind="anode", definition="coating"),
    "cathode_porosity_%": lambda ds: 100 * ds.cell_porosity.sel(kind="cathode", state="disassembled"),
    "anode_porosity_%": lambda ds: 100 * ds.cell_porosity.sel(kind="anode", state="disassembled"),
    "contraction_%": lambda ds: -100 * ds.lateral_strain_x.min(),
    "film_pressure_MPa": lambda ds: ds.film_pressure.min() / 1e6,
}


def press(name: str, columns: int, elements: int, refine: int) -> xr.Dataset:
    """One cell at one resolution."""
    case = cases.load(name)
    stack = case.stack()
    finer = tuple(replace(layer, elements=elements) for layer in stack.layers)
    stack = Stack(finer, stack.materials, stack.edge_fill)
    schedule = case.recipe.schedule(refine=refine)
    raw = fem.run(stack, section_mesh(stack, columns), schedule, set(case.recipe.pressed_faces))
    return measure.all(raw, case)


def study(cells: tuple[str, ...] = CELLS) -> pd.DataFrame:
    """A row for every cell and resolution."""
    rows = []
    for name in cells:
        varied = [("columns", v) for v in COLUMNS] + [("elements", v) for v in ELEMENTS]
        varied += [("refine", v) for v in REFINE]
        for what, value in varied:
            ds = press(name, **{**DEFAULT, what: value})
            numbers = {key: float(read(ds)) for key, read in NUMBERS.items()}
            rows.append({"cell": name, "varied": what, "value": value, **numbers})
            print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame) -> plt.Figure:
    """Distance of each number from its value at the finest resolution."""
    figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.4), sharey=True, layout="constrained")
    marks = dict(zip(list(NUMBERS)[:4], "os^v", strict=True))
    colours = dict(zip(CELLS, ("tab:blue", "tab:orange"), strict=True))
    for axis, what in zip(axes, ("columns", "refine"), strict=True):
        for cell in CELLS:
            part = table[(table.varied == what) & (table.cell == cell)].sort_values("value")
            for number, mark in marks.items():
                error = (part[number] - part[number].iloc[-1]).abs().iloc[:-1]
                label = f"{cell}, {number[:-2].replace('_', ' ')}"
                axis.loglog(part.value.iloc[:-1], error, marker=mark, color=colours[cell], label=label)
        axis.set_xticks(part.value.iloc[:-1], [str(value) for value in part.value.iloc[:-1]])
        axis.minorticks_off()
        axis.set_xlabel(
            {"columns": "columns of the half section", "refine": "steps, relative to the default"}[what]
        )
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("distance from the finest, points")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right upper", fontsize=7)
    return figure


def main() -> None:
    """Run the study."""
    table = study()
    table.to_csv(HERE / "convergence.csv", index=False, float_format="%.9g")
    draw(table).savefig(HERE / "convergence.svg")


if __name__ == "__main__":
    main()
