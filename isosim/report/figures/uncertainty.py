"""Intervals of the headline numbers, and the tornado of what moves them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.report.figures import style
from isosim.uncertainty import output
from isosim.uncertainty.intervals import Uncertainty

BARS = 12  # inputs of a tornado
SHOWN = (
    "reduction_cathode_coating",
    "reduction_anode_coating",
    "porosity_cathode_disassembled",
    "porosity_anode_disassembled",
)


def words(name: str) -> str:
    """A reading for people."""
    what, kind, definition = (*name.split("_"), "", "")[:3]
    if what == "reduction":
        return f"{kind} thinner, {definition.replace('with', 'with foil')} (%)"
    return f"{kind} porosity left (%)" if what == "porosity" else name.replace("_", " ")


def intervals(table: pd.DataFrame) -> Figure:
    """Each cell's nominal value, the interval of the cards, and beyond it what another law would say."""
    cells = list(dict.fromkeys(table.case))
    figure = style.new(1.3 + 0.5 * len(cells))
    panels = figure.subplots(2, 2, sharey=True).ravel()
    for axes, name in zip(panels, SHOWN, strict=True):
        own = table[table.name == name]
        for row in own.itertuples():
            y = cells.index(row.case)
            axes.plot([100 * row.both_low, 100 * row.both_high], [y, y], color=style.BAND, lw=7)
            axes.plot([100 * row.low, 100 * row.high], [y, y], color=style.COLOURS[0], lw=2.5)
            axes.plot(100 * row.nominal, y, "o", color=style.COLOURS[2], ms=4)
        axes.set_title(words(name))
        axes.set_yticks(range(len(cells)), cells)
        axes.set_ylim(len(cells) - 0.5, -0.5)
        style.light_grid(axes, "x")
    handles = [
        panels[0].plot([], [], "o", color=style.COLOURS[2], ms=4)[0],
        panels[0].plot([], [], color=style.COLOURS[0], lw=2.5)[0],
        panels[0].plot([], [], color=style.BAND, lw=7)[0],
    ]
    labels = ["cards as they are", "90 % over the ranges of the cards", "and with another compaction law"]
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def tornado(one: Uncertainty) -> Figure:
    """One input at a time at either end of its range: what to measure next, the largest first."""
    frame = output.influence(one)
    names = [name for name in SHOWN[:2] if (frame.reading == name).any()]
    figure = style.new(0.9 + 0.26 * BARS)
    for axes, name in zip(np.ravel(figure.subplots(1, len(names))), names, strict=True):
        own = frame[frame.reading == name].nlargest(BARS, "swing")
        place = np.arange(len(own))
        for column, colour, label in (
            ("at_low", style.COLOURS[0], "low end of its range"),
            ("at_high", style.COLOURS[1], "high end"),
        ):
            change = 100.0 * (own[column] - own.nominal)
            axes.barh(place, change, 0.7, color=colour, label=label)
        axes.axvline(0.0, color=style.COLOURS[2], lw=0.8)
        axes.set_yticks(place, own.input, fontsize=7)
        axes.invert_yaxis()
        axes.set_xlabel("change (points)")
        axes.set_title(f"{one.case}: {words(name)}")
        style.light_grid(axes, "x")
    axes.legend(loc="lower right")
    return figure
