"""The last millimetres to the edge: pressure and porosity of the coatings, and what the pouch carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from isosim.measure.edge import LAST, REACH
from isosim.report.describe import label
from isosim.report.figures import style

CAPTION = (
    "The last {reach:g} mm of cell {cell}, {filling}. Pressure under load and porosity after disassembly of "
    "the coatings in the outermost and the middle electrodes; shaded: the last 0.1 mm, where they depend on "
    "the mesh and may leave the panel. Right: the membrane force of pouch and bag above the fluid's "
    "pressure, tension positive, along the skin from the top face over the edge (dotted line)."
)
LINES = {
    "held": ("pressure_MPa", "axial_pressure_profile", 1e-6),
    "disassembled": ("porosity_%", "porosity_profile", 1e2),
}


def shown(datasets: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """The tallest of the cells with an edge, and those that differ from it in the filling only."""
    with_edge = [ds for ds in datasets if "edge_pressure" in ds]
    if not with_edge:
        return []
    tallest = max(with_edge, key=lambda ds: label(ds).electrodes)
    alike = lambda ds: (*astuple(label(ds))[1:], ds.attrs["pouch_edge"], list(ds.layer.values))  # noqa: E731
    same = {ds.attrs["edge_fill"]: ds for ds in reversed(with_edge) if alike(ds) == alike(tallest)}
    return [tallest, *(ds for filling, ds in same.items() if filling != tallest.attrs["edge_fill"])]


def caption(datasets: Sequence[xr.Dataset]) -> str:
    """What the figure shows."""
    fillings = dict.fromkeys(ds.attrs["edge_fill"] for ds in datasets if ds.attrs["edge_fill"])
    words = (
        "filling " + " and ".join(f"“{name}”" for name in fillings) if fillings else "flush: nothing to fill"
    )
    return CAPTION.format(reach=1e3 * REACH, cell=label(datasets[0]).cell, filling=words)


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Profiles of one cell under one or more fillings.

    `quantity` "pressure_MPa" and "porosity_%": of the coating `layer` at `from_edge_mm` of its own edge.
    "membrane_kN/m": along the skin, `from_edge_mm` along the path inwards of where it turns down.
    """
    frames = []
    for ds in datasets:
        for frame in (*_profiles(ds), *_membrane(ds)):
            frames.append(frame.assign(filling=ds.attrs["edge_fill"] or "none", cell=label(ds).cell))
    return pd.concat(frames, ignore_index=True)


def _profiles(ds: xr.Dataset) -> Iterator[pd.DataFrame]:
    coatings = np.flatnonzero(ds.role == "coating")
    numbers = ds.layer_electrode.values[coatings]
    count = int(numbers.max())
    middle = (count // 2 | 1, count // 2 + count // 2 % 2)  # a cathode, an anode
    for number in sorted({1, *middle, count}):
        layer = int(coatings[numbers == number][0])
        edge = float(ds.half_width[layer])
        for state, (quantity, name, factor) in LINES.items():
            profile = ds[name].sel(state=state).isel(layer=layer).dropna("x")
            frame = pd.DataFrame(
                {"from_edge_mm": 1e3 * (edge - profile.x.values), "value": factor * profile.values}
            )
            electrode = str(ds.electrode_kind.values[number - 1])
            frame = frame[frame["from_edge_mm"] <= 1e3 * REACH]
            yield frame.assign(quantity=quantity, layer=str(ds.layer.values[layer]), kind=electrode)


def _membrane(ds: xr.Dataset) -> Iterator[pd.DataFrame]:
    if "skin" not in ds.dims:
        return
    step = np.hypot(np.diff(ds.skin_x), np.diff(ds.skin_z))
    path = np.concatenate([[0.0], np.cumsum(step)])
    top = (ds.skin_part == "top").values
    turn = path[top][-1]
    force = ds.skin_force.sel(state="held").sum("sheet").values
    inside = path >= turn - REACH
    frame = pd.DataFrame({"from_edge_mm": 1e3 * (turn - path[inside]), "value": 1e-3 * force[inside]})
    yield frame.assign(quantity="membrane_kN/m", layer="pouch and bag", kind="skin")


def draw(frame: pd.DataFrame) -> Figure:
    """Pressure, porosity, membrane force; colour tells the electrode, dashes the second filling."""
    figure = style.new(3.4)
    panels = [
        name for name in ("pressure_MPa", "porosity_%", "membrane_kN/m") if (frame["quantity"] == name).any()
    ]
    all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, quantity in zip(all_axes, panels, strict=True):
        _panel(axes, frame[frame["quantity"] == quantity])
    titles = {
        "pressure_MPa": ("pressure, held (MPa)", "distance from its edge (mm)"),
        "porosity_%": ("porosity, taken out (%)", "distance from its edge (mm)"),
        "membrane_kN/m": ("pouch and bag (kN/m)", "path to where they turn down (mm)"),
    }
    for axes, quantity in zip(all_axes, panels, strict=True):
        axes.set_ylabel(titles[quantity][0])
        axes.set_xlabel(titles[quantity][1])
        axes.invert_xaxis()
        style.light_grid(axes, "both")
        if quantity == "membrane_kN/m":
            axes.axvline(0.0, color=style.QUIET, linestyle=":")
            axes.axhline(0.0, color=style.QUIET, linewidth=0.7)
        else:
            axes.axvspan(0.0, 1e3 * LAST, color=style.BAND, linewidth=0, zorder=0)
            shown = frame["value"][(frame["quantity"] == quantity) & (frame["from_edge_mm"] >= 1e3 * LAST)]
            spare = 0.1 * max(np.ptp(shown), 1.0)
            axes.set_ylim(shown.min() - spare, shown.max() + spare)
    handles, names = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


def _panel(axes: Axes, frame: pd.DataFrame) -> None:
    fillings = list(dict.fromkeys(frame["filling"]))
    layers = list(dict.fromkeys(frame["layer"]))
    for (layer, filling), line in frame.groupby(["layer", "filling"], sort=False):
        name = str(layer) if len(fillings) == 1 else f"{layer}, {filling}"
        axes.plot(
            line["from_edge_mm"],
            line["value"],
            color=style.COLOURS[layers.index(layer) % len(style.COLOURS)],
            linestyle=("-", "--")[fillings.index(filling) % 2],
            label=name,
        )
