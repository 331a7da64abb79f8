"""Error against number of steps, in the column: the plain rule and its refinements, and planned steps.

    python studies/convergence/steps.py [--out FOLDER]

Writes `steps.csv` and `steps.svg`. The error is that of the compaction of the coatings, held and released,
against steps 16 times finer than the finest here.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from isosim import case as cases
from isosim import column
from isosim.recipe import Schedule
from isosim.stack import Stack

HERE = Path(__file__).parent
CELLS = ("120RT-2", "414RT-2")
REFINE = (1, 2, 4, 8)


def compaction(stack: Stack, schedule: Schedule) -> np.ndarray:
    """Logarithmic compaction of the coatings in the held and the released state, shape (2, coatings)."""
    ds = column.run(stack, schedule)
    coatings = [i for electrode in stack.electrodes for i in electrode.coatings]
    thickness = np.array([stack.layers[i].thickness for i in coatings])
    return -np.log(ds.thickness_profile.sel(state=["held", "released"]).values[:, coatings, 0] / thickness)


def study() -> pd.DataFrame:
    """A row for every cell, rule and refinement."""
    rows = []
    for name in CELLS:
        case = cases.load(name)
        stack, recipe = case.stack(), case.recipe
        limit = compaction(stack, recipe.schedule(refine=16 * REFINE[-1]))
        for refine in REFINE:
            plan = column.plan(stack, recipe, refine=refine)
            for rule, schedule in (("plain", recipe.schedule(refine=refine)), ("planned", plan.schedule)):
                error = np.abs(compaction(stack, schedule) / limit - 1.0).max(axis=1)
                rows.append(
                    {
                        "cell": name,
                        "rule": rule,
                        "refine": refine,
                        "steps": len(schedule.time) - 1,
                        "held_%": 100 * error[0],
                        "released_%": 100 * error[1],
                        "expected_%": 100 * plan.error if rule == "planned" else np.nan,
                    }
                )
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame) -> plt.Figure:
    """Larger of both errors against the number of steps."""
    figure, axis = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
    marks, colours = (
        {"plain": "s--", "planned": "o-"},
        dict(zip(CELLS, ("tab:blue", "tab:orange"), strict=True)),
    )
    for (cell, rule), part in table.groupby(["cell", "rule"]):
        error = part[["held_%", "released_%"]].max(axis=1)
        axis.loglog(part.steps, error, marks[rule], color=colours[cell], label=f"{cell}, {rule}")
    axis.set_xticks([30, 60, 120, 240, 480], ["30", "60", "120", "240", "480"])
    axis.minorticks_off()
    axis.axhline(0.1, color="grey", lw=0.8)
    axis.set_xlabel("steps")
    axis.set_ylabel("error, % of the compaction")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    return figure


def main() -> None:
    """Run the study."""
    table = study()
    table.to_csv(HERE / "steps.csv", index=False, float_format="%.4g")
    draw(table).savefig(HERE / "steps.svg")


if __name__ == "__main__":
    main()
