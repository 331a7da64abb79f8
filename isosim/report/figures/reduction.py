"""How much thinner the electrodes got, against the published bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from isosim.data.published import declared, dixit2024
from isosim.measure.cell import KINDS
from isosim.report.describe import label, published
from isosim.report.figures import style

# scenario and definition of thickness: marker, filled, colour
_LOOKS = (("o", True, "#0072B2"), ("o", False, "#0072B2"), ("^", True, "#D55E00"), ("s", False, "#009E73"))
_WORDS = {"coating": "coating alone", "with_foil": "coating + foil"}


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Mean reduction of each kind of electrode of each cell by both definitions, with its published band.

    The declared scenario comes with both definitions of thickness, every other with the one it stands for.
    """
    readings = {reading["scenario"]: reading["definition"] for reading in dixit2024()["reading"]}
    rows = []
    for ds in datasets:
        here = label(ds)
        alone = here.scenario in readings and here.scenario != declared()["scenario"]
        for kind in ds.kind.values:
            band = dixit2024()["band"][kind] if published(ds) else {}
            for definition in [readings[here.scenario]] if alone else ds.definition.values:
                reduction = ds.cell_reduction.sel(kind=kind, definition=definition)
                rows.append(
                    {
                        "cell": here.cell,
                        "scenario": here.scenario,
                        "definition": definition,
                        "kind": kind,
                        "reduction_%": 100.0 * float(reduction),
                        "published_low_%": 100.0 * band.get("low", float("nan")),
                        "published_high_%": 100.0 * band.get("high", float("nan")),
                    }
                )
    return pd.DataFrame(rows)


def caption(frame: pd.DataFrame, fitted: bool) -> str:
    """The caption of what is drawn; `fitted` where the cards in use were fitted to the published cells."""
    text = (
        "How much thinner the electrodes got, mean over all cathodes or anodes of a cell, after release and "
        "disassembly"
    )
    text += ", by both definitions of thickness" if frame["definition"].nunique() > 1 else ""
    text += " and every reading of the baseline." if frame["scenario"].nunique() > 1 else "."
    with_bands = frame["published_low_%"].notna()
    if fitted and (with_bands & (frame["scenario"] == declared()["scenario"])).any():
        text += f" “{declared()['scenario']}”, {_WORDS[declared()['definition']]}, was fitted."
    return text


def draw(frame: pd.DataFrame) -> Figure:
    """One panel for each kind of electrode, one line for each cell."""
    cells = list(dict.fromkeys(frame["cell"]))
    figure = style.new(1.5 + 0.26 * len(cells))
    kinds = [kind for kind in KINDS if kind in set(frame["kind"])]
    series = list(dict.fromkeys(zip(frame["scenario"], frame["definition"], strict=True)))
    handles: list[Line2D | Patch] = []
    for position, kind in enumerate(kinds, 1):
        axes = figure.add_subplot(1, len(kinds), position)
        of_kind = frame[frame["kind"] == kind]
        low, high = of_kind["published_low_%"].min(), of_kind["published_high_%"].max()
        if np.isfinite(low):
            axes.axvspan(low, high, color=style.BAND, linewidth=0, zorder=0)
        for number, (scenario, definition) in enumerate(series):
            marker, filled, colour = _LOOKS[number % len(_LOOKS)]
            one = of_kind[(of_kind["scenario"] == scenario) & (of_kind["definition"] == definition)]
            line = axes.plot(
                one["reduction_%"],
                [cells.index(cell) for cell in one["cell"]],
                marker,
                color=colour,
                markerfacecolor=colour if filled else "white",
                label=f"“{scenario}”, {_WORDS[definition]}" if scenario else _WORDS[definition],
            )
            if position == 1:
                handles += line
        axes.set_title(f"{kind}s")
        axes.set_yticks(range(len(cells)), cells if position == 1 else [])
        axes.set_ylim(len(cells) - 0.5, -0.5)
        axes.set_xlim(0.0, 55.0)
        axes.set_xlabel("thinner after pressing (% of the unpressed thickness)")
        style.light_grid(axes, "both")
    if frame["published_low_%"].notna().any():
        handles.append(Patch(color=style.BAND, label="published"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
