"""The last millimetres to the edge: pressure on the coatings, what pouch and bag carry, what yields."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

REACH = 5e-3  # [m] from the edge of the shortest electrode inwards
LAST = 0.1e-3  # [m] left out of extremes: at a sharp edge they depend on the cell size of the mesh
NOTICED = 0.02  # of the compaction: a coating that is off by more is counted as touched by the edge


def read(ds: xr.Dataset, stack: Any) -> xr.Dataset:
    """Readings near the edge of a section's dataset; empty for a column, which has none.

    from_edge (x)
        Distance of the stations inwards from the edge of the shortest electrode [m]; beyond it negative.
    edge_pressure (kind, bound), edge_porosity (kind, bound)
        Lowest and highest on the coatings of a kind in the last 5 mm, under pressure ("held") and taken out;
        the last 0.1 mm left out.
    edge_touched (kind)
        How far from the edge a coating is off its middle by more than 2 % of its compaction [m].
    skin_force_centre, skin_force_top, skin_force_edge (state)
        Membrane force of pouch and bag above the fluid's pressure [N/m], tension positive: on the top face at
        the centre; there in the last 5 mm and down the edge, where it is largest either way.
    skin_share_top, skin_share_edge (state)
        The latter two over what the fluid pushes on half the height of the edge, and on the last 5 mm of the
        face.
    """
    if ds.sizes["x"] == 1 or not stack.electrodes:
        return xr.Dataset()
    edge = min(stack.layers[electrode.foil].half_width for electrode in stack.electrodes)
    from_edge = (edge - ds.x).assign_attrs(
        units="m", long_name="distance inwards from the shortest electrode"
    )
    out = xr.Dataset(coords={"from_edge": from_edge})
    near = (from_edge <= REACH) & (from_edge >= LAST)
    kinds = [kind for kind in ("cathode", "anode") if any(e.kind == kind for e in stack.electrodes)]
    pressure: list[list[float]] = []
    porosity: list[list[float]] = []
    touched: list[float] = []
    for kind in kinds:
        layers = [layer for e in stack.electrodes if e.kind == kind for layer in e.coatings]
        of_kind = ds.isel(layer=layers)
        for rows, profile in (
            (pressure, of_kind.axial_pressure_profile.sel(state="held")),
            (porosity, of_kind.porosity_profile.sel(state="disassembled")),
        ):
            inside = profile.where(near)
            rows.append([float(inside.min()), float(inside.max())])
        touched.append(_touched(of_kind.thickness_profile, from_edge))
    dims = ("kind", "bound")
    out = out.assign_coords(bound=["low", "high"], kind=kinds).assign(
        edge_pressure=(dims, pressure, _named("Pa", "pressure on the coatings in the last 5 mm, held")),
        edge_porosity=(dims, porosity, _named("1", "porosity of the coatings in the last 5 mm, taken out")),
        edge_touched=("kind", touched, _named("m", "distance from the edge beyond which it is not felt")),
    )
    return out.merge(_carried(ds, edge)) if "skin" in ds.dims else out


def _touched(thickness: xr.DataArray, from_edge: xr.DataArray) -> float:
    """How far the edge is felt in the thickness of coatings taken out [m]."""
    before, after = (thickness.sel(state=state) for state in ("unpressed", "disassembled"))
    ratio = (after / before).values
    off = np.abs(ratio - ratio[:, :1]) > NOTICED * (1.0 - ratio[:, :1])
    return float(np.where(off, from_edge.values, 0.0).max())


def _carried(ds: xr.Dataset, edge: float) -> xr.Dataset:
    force = ds.skin_force.sum("sheet", skipna=False).transpose("state", "skin").values
    part = ds.skin_part.values
    near = (part == "top") & (ds.skin_x.values >= edge - REACH)
    centre = ds.isel(x=0)
    height = centre.thickness_profile.where(ds.role != "fixture", 0.0).sum("layer", skipna=False)
    pressure = centre.axial_pressure_profile.mean("layer").values
    pressure[~ds.state.isin(["loaded", "held"]).values] = np.nan  # no push, no share of it
    top = _largest(force[:, near])
    carried = {
        "skin_force_centre": (force[:, 0], "N/m", "pouch and bag, centre of the top face"),
        "skin_force_top": (top, "N/m", "pouch and bag, last 5 mm of the top face"),
        "skin_share_top": (
            top / (0.5 * pressure * height.values),
            "1",
            "of the fluid's push on half the edge",
        ),
    }
    if (down := part == "edge").any():
        beside = _largest(force[:, down])
        carried["skin_force_edge"] = (beside, "N/m", "pouch and bag, down the edge")
        words = "of the fluid's push on the last 5 mm of a face"
        carried["skin_share_edge"] = (beside / (pressure * REACH), "1", words)
    return xr.Dataset({name: ("state", v, _named(unit, words)) for name, (v, unit, words) in carried.items()})


def _largest(force: np.ndarray) -> np.ndarray:
    """The value of largest size over the last axis, with its sign."""
    most, least = force.max(axis=-1), force.min(axis=-1)
    return np.where(np.abs(most) >= np.abs(least), most, least)


def _named(unit: str, meaning: str) -> dict[str, str]:
    return {"units": unit, "long_name": meaning}
