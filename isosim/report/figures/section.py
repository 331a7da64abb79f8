"""The pressed section: layers where they lie, porosity in colour, before (left) and after (right)."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from isosim.report.figures import style

CAPTION = (
    "Section of cell {cell}, from its centre to the edge and mirrored: unpressed on the left, released "
    "on the right, rebuilt from the thickness and in-plane strain of each layer at each station. Colour"
    " is porosity; layers without pores are grey. Beside a short layer its last thickness is left free. The"
    " height is exaggerated as the axes say."
)
DENSE = {
    "foil": "#9a9a9a",
    "film": "#f0f0f0",
    "pouch": "#cbcbcb",
    "bag": "#e0e0e0",
    "slip": "#bbbbbb",
    "fixture": "#777777",
    "other": "#d6d6d6",
}
SIDES = {"unpressed": -1.0, "released": 1.0}


def data(ds: xr.Dataset) -> pd.DataFrame:
    """Every layer at every station: where it lies and how porous it is, unpressed and released.

    x from the centre [mm]; z from mid-height [um], up. A layer's length is that of its own stations
    with their in-plane strain; its height at a station is the sum of the thicknesses below it there, where a
    layer that does not reach so far counts with the thickness of its last station.
    """
    frames = []
    for state in SIDES:
        at = ds.sel(state=state)
        thickness = at.thickness_profile.transpose("layer", "x").values
        reach = np.isfinite(thickness)
        last = np.maximum.accumulate(np.where(reach, np.arange(reach.shape[1]), 0), axis=1)
        filled = np.take_along_axis(thickness, last, axis=1)
        below = filled[::-1].cumsum(axis=0)[::-1] - filled
        below -= 0.5 * filled.sum(axis=0)
        strain = at.strain_x_profile.transpose("layer", "x").values
        inner_edge = ds.x_width.values.cumsum() - ds.x_width.values
        width = np.clip(ds.half_width.values[:, None] - inner_edge, 0.0, ds.x_width.values)
        length = width * np.exp(np.where(reach, strain, 0.0))
        outer = length.cumsum(axis=1)
        layer = np.nonzero(reach)[0]
        frames.append(
            pd.DataFrame(
                {
                    "state": state,
                    "layer": ds.layer.values[layer],
                    "role": ds.role.values[layer],
                    "x_inner_mm": 1e3 * (outer - length)[reach],
                    "x_outer_mm": 1e3 * outer[reach],
                    "z_bottom_um": 1e6 * below[reach],
                    "z_top_um": 1e6 * (below + filled)[reach],
                    "porosity_%": 100.0 * at.porosity_profile.transpose("layer", "x").values[reach],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def draw(frame: pd.DataFrame) -> Figure:
    """The section mirrored at the centre, unpressed left and released right; beside it the released edge."""
    figure = style.new(3.4)
    reach, height = float(frame["x_outer_mm"].max()), float(frame["z_top_um"].max())
    has_edge = frame["x_inner_mm"].nunique() > 1
    whole, *rest = figure.subplots(
        1, 2 if has_edge else 1, width_ratios=(2.0, 1.0)[: 1 + has_edge], squeeze=False
    )[0]
    scale = Normalize(0.0, 5.0 * np.ceil(frame["porosity_%"].max() / 5.0))
    for axes in (whole, *rest):
        axes.add_collection(_layers(frame, scale))
        axes.set_ylim(-1.06 * height, 1.25 * height)
        axes.set_xlabel("distance from the centre (mm)")
    whole.set_xlim(-1.04 * reach, 1.04 * reach)
    whole.axvline(0.0, color="black", linewidth=0.8)
    whole.text(-0.5 * reach, 1.1 * height, "unpressed", ha="center")
    whole.text(0.5 * reach, 1.1 * height, "pressed and released", ha="center")
    ticks = [tick for tick in whole.get_xticks() if abs(tick) <= 1.04 * reach]
    whole.set_xticks(ticks, [f"{abs(tick):g}" for tick in ticks])
    for axes in rest:
        released = frame["state"] == "released"
        edge = float(frame["x_outer_mm"][released].max())
        axes.set_xlim(edge - 2e-3 * height, edge + 1e-4 * height)
        axes.text(edge - 1e-3 * height, 1.1 * height, "its edge", ha="center")
        axes.set_yticklabels([])
    bar = figure.colorbar(
        matplotlib.cm.ScalarMappable(scale, "viridis"), ax=(whole, *rest), pad=0.01, aspect=30
    )
    bar.set_label("porosity (%)")
    bar.outline.set_visible(False)  # type: ignore[operator]
    dense = frame["role"][frame["porosity_%"] == 0.0]
    handles = [Patch(color=grey, label=role) for role, grey in DENSE.items() if (dense == role).any()]
    figure.legend(handles=handles, loc="outside lower center", ncols=max(1, len(handles)))
    whole.set_ylabel("height (µm)")
    figure.draw_without_rendering()  # the layout decides the scales
    whole.set_ylabel(f"height (µm), drawn {_exaggeration(whole):.2g} times too high")
    for axes in rest:
        factor = f"{_exaggeration(axes):.2g}"
        axes.set_xlabel(
            "the edge (mm), " + ("to scale" if factor == "1" else f"height {factor} times too high")
        )
    return figure


def _layers(frame: pd.DataFrame, scale: Normalize) -> PolyCollection:
    side = frame["state"].map(SIDES).to_numpy()
    x0, x1 = side * frame["x_inner_mm"], side * frame["x_outer_mm"]
    z0, z1 = frame["z_bottom_um"], frame["z_top_um"]
    corners = np.stack([np.stack(pair, -1) for pair in ((x0, z0), (x1, z0), (x1, z1), (x0, z1))], axis=1)
    porosity = frame["porosity_%"].to_numpy()
    colours = matplotlib.colormaps["viridis"](scale(porosity))
    for role, grey in DENSE.items():
        colours[(frame["role"] == role).to_numpy() & (porosity == 0.0)] = matplotlib.colors.to_rgba(grey)
    return PolyCollection(
        list(corners), facecolors=colours, edgecolors="face", linewidths=0.05, rasterized=True
    )


def _exaggeration(axes: Axes) -> float:
    """How much larger a length is drawn upwards (um) than across (mm)."""
    box = axes.get_window_extent()
    (x0, x1), (z0, z1) = axes.get_xlim(), axes.get_ylim()
    return (box.height / (1e-3 * (z1 - z0))) / (box.width / (x1 - x0))
