"""How much the cells shrink in plane, and how far the ranges of the cards move that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from isosim.report.describe import label, published
from isosim.report.figures import style
from isosim.report.sensitivity import shifts

_NO_BAND = (float("nan"), float("nan"))
_RULER = 0.25  # mm, half a mark
_BAR: dict[str, Any] = {"linewidth": 3.0, "alpha": 0.35}
_DISASSEMBLED = {"cathode": ("o", "cathode, taken out"), "anode": ("s", "anode, taken out")}


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Contraction along and across the cut [%] at every step; that of the electrodes after disassembly.

    `width_mm` is the unpressed width of the electrodes, `shorter_mm` what they lose of it. `low` and `high`,
    for published cells: see `isosim.report.sensitivity`; those of the cell are at the end of the hold.
    """
    rows = []
    for ds in datasets:
        here = label(ds)
        width = 2e3 * float(ds.half_width.where(ds.layer_electrode > 0).min())
        common = {"cell": here.cell, "condition": here.condition, "width_mm": width}
        band = shifts(here.cell, here.scenario, ds.attrs["lateral"]) if published(ds) else {}
        pressure = ds.pressure.values / 1e6
        along, across = (-100.0 * np.expm1(ds[f"lateral_strain_{axis}"].values) for axis in "xy")
        held = np.flatnonzero(ds.phase.isin(["load", "hold"]))[-1]
        low, high = (100.0 * end for end in band.get("cell", _NO_BAND))
        for step, phase in enumerate(ds.phase.values):
            row = {
                **common,
                "what": "cell",
                "phase": str(phase),
                "pressure_MPa": pressure[step],
                "along_%": along[step],
                "across_%": across[step],
            }
            if step == held:
                row |= {"along_low_%": along[step] + low, "along_high_%": along[step] + high}
            rows.append(row)
        foil = ds.sel(state="disassembled")
        for kind in ds.kind.values:
            of_kind = foil.isel(electrode=ds.electrode_kind.values == kind)
            shorter = width * float(ds.electrode_contraction.sel(kind=kind))
            low, high = (width * end for end in band.get(str(kind), _NO_BAND))
            rows.append(
                {
                    **common,
                    "what": str(kind),
                    "phase": "disassembled",
                    "pressure_MPa": here.pressure_MPa,
                    "along_%": -100.0 * float(np.expm1(of_kind.foil_strain_x).mean()),
                    "across_%": -100.0 * float(np.expm1(of_kind.foil_strain_y).mean()),
                    "shorter_mm": shorter,
                    "shorter_low_mm": shorter + low,
                    "shorter_high_mm": shorter + high,
                }
            )
    return pd.DataFrame(rows)


def caption(frame: pd.DataFrame, fitted: bool) -> str:
    """The caption of what is drawn; `fitted` where the cards in use were fitted to published cells."""
    text = "In-plane contraction, 1 - exp(log strain). No measured value of it was used"
    text += ", but the coatings were fitted in a column free to shrink" if fitted else ""
    text += (
        "; the constants of film, bag and pouch are assumed, and the layers are bonded. A measurement would "
        "test all of that together. "
    )
    if frame["shorter_low_mm"].notna().any():
        text += (
            "Bars: one value at a time over its range on the card (bulk modulus of film and bag, friction of "
            "the coatings, yield stress of the foils), pressed as a column and not fitted again; they are no "
            "bound. "
        )
    return text + (
        "To measure it, mark two lines on each electrode before stacking, and find their distance again "
        "after disassembly; part of what the press holds is elastic and gone at release. Shaded: too little "
        "for a ruler of half-millimetre marks, but not for a calliper."
    )


def draw(frame: pd.DataFrame) -> Figure:
    """Left: the cell through the cycle. Right: what a ruler finds on the electrodes taken out."""
    cells = list(dict.fromkeys(frame["cell"]))
    figure = style.new(3.5)
    grid = figure.add_gridspec(1, 2, width_ratios=(1.4, 1.0))
    looks = style.conditions(frame["condition"])
    axes = figure.add_subplot(grid[0])
    for _, cycle in frame[frame["what"] == "cell"].groupby("cell", sort=False):
        colour, _ = looks[cycle["condition"].iloc[0]]
        axes.plot(cycle["pressure_MPa"], cycle["along_%"], color=colour, linewidth=1.0)
        axes.plot(cycle["pressure_MPa"], cycle["across_%"], color=colour, linewidth=1.0, linestyle=":")
        axes.vlines(cycle["pressure_MPa"], cycle["along_low_%"], cycle["along_high_%"], color=colour, **_BAR)
    axes.axhline(0.0, color=style.QUIET, linewidth=0.7)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("pressure (MPa)")
    axes.set_ylabel("in-plane contraction (%)")
    axes.set_title("in the press: — along the cut, ··· across it")
    style.light_grid(axes, "both")
    ruler = figure.add_subplot(grid[1])
    handles = []
    for kind, (marker, words) in _DISASSEMBLED.items():
        one = frame[frame["what"] == kind]
        colours = [looks[condition][0] for condition in one["condition"]]
        places = [cells.index(cell) + (-0.13 if kind == "cathode" else 0.13) for cell in one["cell"]]
        ruler.hlines(places, one["shorter_low_mm"], one["shorter_high_mm"], color=colours, **_BAR)
        faces = colours if kind == "cathode" else "white"
        ruler.scatter(one["shorter_mm"], places, c=faces, marker=marker, s=22, edgecolors=colours, zorder=3)
        handles.append(
            Line2D(
                [],
                [],
                color=style.QUIET,
                marker=marker,
                linestyle="",
                label=words,
                markerfacecolor=style.QUIET if kind == "cathode" else "white",
            )
        )
    ruler.axvspan(-_RULER, _RULER, color=style.BAND, linewidth=0, zorder=0)
    ruler.axvline(0.0, color=style.QUIET, linewidth=0.7)
    ruler.set_xlim(left=min(0.0, float(frame[["shorter_mm", "shorter_low_mm"]].min(axis=None))) - 0.03)
    ruler.set_yticks(range(len(cells)), cells)
    ruler.set_ylim(len(cells) - 0.5, -0.5)
    ruler.set_xlabel("narrower by (mm)")
    ruler.set_title(f"electrodes {frame['width_mm'].iloc[0]:.3g} mm wide, after disassembly")
    style.light_grid(ruler, "both")
    lines = [Line2D([], [], color=colour, label=name) for name, (colour, _) in looks.items()]
    figure.legend(handles=lines + handles, loc="outside lower center", ncols=5)
    return figure
