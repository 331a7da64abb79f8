"""The coatings' thickness against pressure through the whole cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from isosim.measure.cell import KINDS
from isosim.report.describe import label
from isosim.report.figures import style

CAPTION = (
    "Thickness of the coatings through load, hold and release, mean over the cathodes or anodes of a "
    "cell; the mark at zero pressure is the electrode taken out."
)
_PHASES: dict[str, Any] = {"load": "-", "hold": ":", "release": "--"}


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Mean coating thickness of each kind of electrode [% of unpressed] at every step, then disassembled."""
    rows = []
    for ds in datasets:
        here = label(ds)
        for kind in ds.kind.values:
            numbers = ds.electrode_number.values[ds.electrode_kind.values == kind]
            coatings = np.flatnonzero(
                np.isin(ds.layer_electrode.values, numbers) & (ds.role.values == "coating")
            )
            thickness = ds.thickness.isel(layer=coatings).sum("layer").values
            common = {"cell": here.cell, "condition": here.condition, "kind": kind}
            rows += [
                {
                    **common,
                    "phase": str(phase),
                    "time_s": float(time),
                    "pressure_MPa": float(pressure) / 1e6,
                    "thickness_%": 100.0 * float(value / thickness[0]),
                }
                for phase, time, pressure, value in zip(
                    ds.phase.values, ds.time.values, ds.pressure.values, thickness, strict=True
                )
            ]
            left = 100.0 * (1.0 - float(ds.cell_reduction.sel(kind=kind, definition="coating")))
            rows.append({**common, "phase": "disassembled", "pressure_MPa": 0.0, "thickness_%": left})
    return pd.DataFrame(rows)


def draw(frame: pd.DataFrame) -> Figure:
    """One panel for each kind of electrode; cells of one condition share a colour."""
    figure = style.new(3.3)
    looks = style.conditions(frame["condition"])
    kinds = [kind for kind in KINDS if kind in set(frame["kind"])]
    for position, kind in enumerate(kinds, 1):
        axes = figure.add_subplot(1, len(kinds), position)
        for _, cycle in frame[frame["kind"] == kind].groupby("cell", sort=False):
            colour, marker = looks[cycle["condition"].iloc[0]]
            phase = cycle["phase"].to_numpy()
            for name, line in _PHASES.items():
                steps = np.flatnonzero(phase == name)
                if len(steps):
                    part = cycle.iloc[np.r_[steps[0] - 1, steps]]
                    axes.plot(part["pressure_MPa"], part["thickness_%"], line, color=colour, linewidth=1.0)
            end = cycle[phase == "disassembled"]
            axes.plot(end["pressure_MPa"], end["thickness_%"], marker, color=colour, clip_on=False, zorder=5)
        axes.set_title(f"{kind} coatings")
        axes.set_xlim(left=0.0)
        axes.set_ylim(top=100.0)
        axes.set_xlabel("pressure (MPa)")
        if position == 1:
            axes.set_ylabel("thickness (% of unpressed)")
        style.light_grid(axes, "both")
    handles = [
        Line2D([], [], color=colour, marker=marker, label=name) for name, (colour, marker) in looks.items()
    ]
    handles += [
        Line2D([], [], color=style.QUIET, linestyle=line, label=name) for name, line in _PHASES.items()
    ]
    handles.append(Line2D([], [], color=style.QUIET, marker="o", linestyle="", label="disassembled"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure
