"""Response curves: a reading against what varies, all else varying too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.report.figures import style
from isosim.report.sweep.scales import label, shown
from isosim.sweep.view import View

LEVELS = 12  # more distinct values than this are put in as many bins
BINS = 20
CAPTION = "Response curves: median of the cases (line), 5 to 95 % of them (band), while all else varies too."


def response(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    """Rows x, low, median, high: quantiles of y at each value of x, or in bins of equal counts."""
    group = x if x.nunique() <= LEVELS else pd.qcut(x, BINS, labels=False, duplicates="drop")
    quantiles = y.groupby(group).quantile([0.05, 0.5, 0.95]).unstack()
    quantiles.columns = pd.Index(["low", "median", "high"])
    centre = x.groupby(group).median() if pd.api.types.is_numeric_dtype(x) else quantiles.index
    return quantiles.assign(x=centre)


def draw(view: View, frame: pd.DataFrame, readings: Sequence[str]) -> Figure:
    """A row for each reading, a column for each key."""
    figure = style.new(1.5 * len(readings) + 0.5)
    panels = figure.subplots(len(readings), len(view.keys), sharey="row", squeeze=False)
    for row, reading in zip(panels, readings, strict=True):
        for axes, key in zip(row, view.keys, strict=True):
            curve = response(frame[key], frame[reading])
            x = (
                shown(curve.x, view.unit(key))
                if pd.api.types.is_numeric_dtype(curve.x)
                else np.arange(len(curve))
            )
            low, middle, high = (shown(curve[name], view.unit(reading)) for name in ("low", "median", "high"))
            few = len(curve) <= LEVELS and frame[key].nunique() <= LEVELS
            if few:
                axes.errorbar(
                    x, middle, [middle - low, high - middle], fmt="o", color=style.COLOURS[0], capsize=2
                )
            else:
                axes.fill_between(x, low, high, color=style.COLOURS[0], alpha=0.2, linewidth=0)
                axes.plot(x, middle, color=style.COLOURS[0])
            if not pd.api.types.is_numeric_dtype(curve.x):
                axes.set_xticks(x, [str(word) for word in curve.x])
            style.light_grid(axes)
        row[0].set_ylabel(label(view, reading).replace(" ", "\n", 1), fontsize=7)
    for axes, key in zip(panels[-1], view.keys, strict=True):
        axes.set_xlabel(label(view, key), fontsize=7)
    return figure
