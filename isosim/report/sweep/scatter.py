"""Every pair of what varies and what came out; and the two goals with their front."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.report.figures import style
from isosim.report.sweep.scales import label, shown
from isosim.sweep.goals import Goal
from isosim.sweep.view import View

MOST_PANELS = 7  # a side of the matrix
MATRIX = "Scatter matrix of {points} cases drawn at random; on the diagonal how the values are distributed."
FRONT = (
    "Cases by two goals ({first}; {second}); line: the Pareto front, where neither can be had without loss "
    "of the other."
)


def matrix(view: View, frame: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Columns of the sweep against each other."""
    side = len(names)
    figure = style.new(min(8.4, 1.25 * side + 0.4))
    panels = figure.subplots(side, side, squeeze=False)
    values = {name: shown(frame[name].to_numpy(float), view.unit(name)) for name in names}
    for i, below in enumerate(names):
        for j, across in enumerate(names):
            axes = panels[i][j]
            if i < j:
                axes.set_axis_off()
                continue
            if i == j:
                axes.hist(values[across], 24, color=style.COLOURS[0], alpha=0.6)
                axes.set_yticks([])
            else:
                axes.plot(
                    values[across],
                    values[below],
                    ".",
                    markersize=1.5,
                    alpha=0.4,
                    color=style.COLOURS[0],
                    rasterized=True,
                )
                axes.tick_params(labelleft=j == 0)
            axes.tick_params(labelbottom=i == side - 1, labelsize=6)
            axes.locator_params(nbins=3)
            if i == side - 1:
                axes.set_xlabel(_short(label(view, across)), fontsize=6)
            if j == 0 and i > 0:
                axes.set_ylabel(_short(label(view, below)), fontsize=6)
    return figure


def pareto(view: View, frame: pd.DataFrame, goals: Sequence[Goal], best: np.ndarray) -> Figure:
    """All cases by two goals, and the front."""
    figure = style.new(3.4)
    axes = figure.subplots()
    x, y = (shown(frame[goal.name].to_numpy(float), view.unit(goal.name)) for goal in goals)
    axes.plot(x, y, ".", markersize=2, alpha=0.35, color=style.QUIET, rasterized=True, label="cases")
    axes.plot(x[best], y[best], "o-", markersize=3.5, color=style.COLOURS[1], label="front")
    across, up = (
        f"{label(view, goal.name)}: {'large' if goal.sense == 'max' else 'small'} is good" for goal in goals
    )
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.legend()
    style.light_grid(axes, "both")
    return figure


def _short(text: str) -> str:
    """A label on lines of a small panel."""
    return (
        text.replace(" coating", "\ncoating").replace(" disassembled", "\ndisassembled").replace(" (", "\n(")
    )
