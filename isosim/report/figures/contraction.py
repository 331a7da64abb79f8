"""How much the cells shrink in plane: nobody has measured it yet, and a ruler can."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from isosim.report.describe import label
from isosim.report.figures import style

CAPTION = (
    "In-plane contraction: a prediction that a ruler can refute. Nothing of it was fitted, and the "
    "paper reports none. Mark two lines on each electrode before stacking, and measure their distance "
    "again after disassembly; part of what the press holds is elastic and gone at release. Shaded: too "
    "little for a ruler of half-millimetre marks, but not for a calliper."
)
_RULER = 0.25  # mm, half a mark
_DISASSEMBLED = {"cathode": ("o", "cathode, taken out"), "anode": ("s", "anode, taken out")}


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Contraction along and across the cut [%] at every step; that of the electrodes after disassembly.

    `width_mm` is the unpressed width of the electrodes, `shorter_mm` what they lose of it.
    """
    rows = []
    for ds in datasets:
        here = label(ds)
        width = 2e3 * float(ds.half_width.where(ds.layer_electrode > 0).min())
        common = {"cell": here.cell, "condition": here.condition, "width_mm": width}
        for phase, pressure, along, across in zip(
            ds.phase.values,
            ds.pressure.values,
            ds.lateral_strain_x.values,
            ds.lateral_strain_y.values,
            strict=True,
        ):
            rows.append(
                {
                    **common,
                    "what": "cell",
                    "phase": str(phase),
                    "pressure_MPa": float(pressure) / 1e6,
                    "along_%": -100.0 * float(along),
                    "across_%": -100.0 * float(across),
                }
            )
        foil = ds.sel(state="disassembled")
        for kind in ds.kind.values:
            of_kind = foil.isel(electrode=ds.electrode_kind.values == kind)
            along = -100.0 * float(of_kind.foil_strain_x.mean())
            across = -100.0 * float(of_kind.foil_strain_y.mean())
            shorter = width * float(ds.electrode_contraction.sel(kind=kind))
            rows.append(
                {
                    **common,
                    "what": str(kind),
                    "phase": "disassembled",
                    "pressure_MPa": here.pressure_MPa,
                    "along_%": along,
                    "across_%": across,
                    "shorter_mm": shorter,
                }
            )
    return pd.DataFrame(rows)


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
    axes.axhline(0.0, color=style.QUIET, linewidth=0.7)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("pressure (MPa)")
    axes.set_ylabel("in-plane contraction (log strain, %)")
    axes.set_title("in the press: — along the cut, ··· across it")
    style.light_grid(axes, "both")
    ruler = figure.add_subplot(grid[1])
    handles = []
    for kind, (marker, words) in _DISASSEMBLED.items():
        one = frame[frame["what"] == kind]
        colours = [looks[condition][0] for condition in one["condition"]]
        places = [cells.index(cell) + (-0.13 if kind == "cathode" else 0.13) for cell in one["cell"]]
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
    ruler.set_xlim(left=min(0.0, float(frame["shorter_mm"].min())) - 0.03)
    ruler.set_yticks(range(len(cells)), cells)
    ruler.set_ylim(len(cells) - 0.5, -0.5)
    ruler.set_xlabel("narrower by (mm)")
    ruler.set_title(f"electrodes {frame['width_mm'].iloc[0]:.3g} mm wide, after disassembly")
    style.light_grid(ruler, "both")
    lines = [Line2D([], [], color=colour, label=name) for name, (colour, _) in looks.items()]
    figure.legend(handles=lines + handles, loc="outside lower center", ncols=5)
    return figure
