"""Sobol indices as bars."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.report.figures import style

CAPTION = (
    "Sobol indices: share of a reading's variance that a key makes alone (first order) and with all others "
    "(total); bars are 95 % confidence by bootstrap."
)


def draw(found: pd.DataFrame) -> Figure:
    """A panel for each reading."""
    readings = list(dict.fromkeys(found.reading))
    keys = list(dict.fromkeys(found.key))
    figure = style.new(1.2 + 0.32 * len(keys) * ((len(readings) + 1) // 2))
    panels = np.ravel(
        figure.subplots((len(readings) + 1) // 2, min(2, len(readings)), sharey=True, squeeze=False)
    )
    place = np.arange(len(keys))
    for axes, reading in zip(panels, readings, strict=False):
        own = found[found.reading == reading].set_index("key").loc[keys]
        for k, (what, words) in enumerate((("first", "first order"), ("total", "total"))):
            axes.barh(
                place + 0.38 * k - 0.19, own[what], 0.36, xerr=own[f"{what}_confidence"],
                color=style.COLOURS[k], label=words, error_kw={"linewidth": 0.8},
            )  # fmt: skip
        axes.set_yticks(place, keys)
        axes.set_title(reading.replace("_", " "))
        axes.set_xlim(min(-0.05, axes.get_xlim()[0]), max(1.05, axes.get_xlim()[1]))
        style.light_grid(axes, "x")
    panels[0].invert_yaxis()
    handles, words = panels[0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=2)
    for axes in panels[len(readings) :]:
        axes.set_axis_off()
    return figure
