"""Energy per volume before and after pressing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from isosim.report.describe import label
from isosim.report.figures import style

CAPTION = (
    "Energy per volume before (100 %) and after pressing: the ratio of the volumes "
    "(height and footprint), at constant areal capacity of the unpressed cell, i.e. constant capacity. "
    "Coatings, foils and separators count, with the pouch or without; pressure "
    "films and bag never do. A good part of the gain is the separator, pressed nearly to its solid: "
    "whether it still works then is not asked here."
)
_SCOPES = {
    "electrodes": ("o", True, "electrodes and separators"),
    "cell": ("s", False, "with the pouch"),
}


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Energy per volume [% of unpressed] before and after, at constant capacity."""
    return pd.DataFrame(
        [
            {
                "cell": label(ds).cell,
                "scope": str(scope),
                "before_%": 100.0,
                "after_%": 100.0 * (1.0 + float(ds.energy_density_change.sel(scope=scope))),
            }
            for ds in datasets
            for scope in ds.scope.values
        ]
    )


def draw(frame: pd.DataFrame) -> Figure:
    """One line for each cell, from before to after."""
    cells = list(dict.fromkeys(frame["cell"]))
    figure = style.new(1.3 + 0.24 * len(cells))
    axes = figure.add_subplot()
    for scope, (marker, filled, words) in _SCOPES.items():
        one = frame[frame["scope"] == scope]
        places = [cells.index(cell) + (-0.13 if filled else 0.13) for cell in one["cell"]]
        colour = style.COLOURS[0] if filled else style.COLOURS[1]
        axes.hlines(places, one["before_%"], one["after_%"], color=colour, linewidth=1.0)
        axes.plot(
            one["after_%"],
            places,
            marker,
            color=colour,
            markerfacecolor=colour if filled else "white",
            label=words,
        )
    axes.axvline(100.0, color=style.QUIET, linewidth=0.8)
    axes.set_yticks(range(len(cells)), cells)
    axes.set_ylim(len(cells) - 0.5, -0.5)
    axes.set_xlabel("energy per volume after pressing (% of that before)")
    style.light_grid(axes, "both")
    figure.legend(loc="outside lower center", ncols=2)
    return figure
