"""Interior and edge zone of the electrodes, and means over either."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Zones:
    """Masks over the stations `x` (bool) and the width of the edge zone [m]."""

    width: float
    interior: xr.DataArray
    edge: xr.DataArray


def split(ds: xr.Dataset, width: float | None = None) -> Zones:
    """Split the stations at `width` inside the edge of the narrowest electrode (layer, if there is none).

    By default the zone is as wide as the unpressed stack is high, fixtures left out (the distance over which
    the edge is felt, Saint-Venant), but never more than half of the electrodes' half-width. What lies beyond
    that edge, as the overhang of a film, is in neither zone.
    """
    belongs = ds.layer_electrode > 0
    of_electrodes = ds.half_width.where(belongs) if belongs.any() else ds.half_width
    footprint = float(of_electrodes.min())
    if width is None:
        height = float(ds.thickness.isel(step=0).where(ds.role != "fixture").sum())
        width = min(height, 0.5 * footprint)
    if not 0.0 <= width < footprint:
        raise ValueError(f"edge_zone {width:g} m, needed 0 up to the electrodes' half-width {footprint:g} m")
    interior, inside = ds.x <= footprint - width, ds.x <= footprint
    if "y" in ds.coords and "y" not in ds.dims:  # the whole footprint of a solid
        length = float((ds.half_length.where(belongs) if belongs.any() else ds.half_length).min())
        interior, inside = interior & (ds.y <= length - width), inside & (ds.y <= length)
    return Zones(width, interior, inside & ~interior)


def whole(ds: xr.Dataset) -> xr.Dataset:
    """The dataset with all stations of a solid's footprint as one dimension `x`: its maps as profiles.

    Datasets without maps come back as they are.
    """
    if "y" not in ds.dims:
        return ds
    profiles = {}
    for name in (str(name) for name in ds if str(name).endswith("_map")):
        array = ds[name].transpose("state", "layer", "y", "x")
        flat = array.values.reshape(*array.shape[:2], -1)
        profiles[name.replace("_map", "_profile")] = (("state", "layer", "x"), flat, array.attrs)
    y, x = (place.ravel() for place in np.meshgrid(ds.y, ds.x, indexing="ij"))
    area = np.outer(ds.y_width, ds.x_width).ravel()
    coords = {"x": x, "y": ("x", y), "x_area": ("x", area, {"units": "m2"})}
    return ds.drop_dims(["x", "y"]).assign(profiles).assign_coords(coords)


def mean(profile: xr.DataArray, area: xr.DataArray, where: xr.DataArray | None = None) -> xr.DataArray:
    """Mean of a profile over the stations it reaches, by their footprint; NaN where it reaches none."""
    weights = area if where is None else area.where(where, 0.0)
    return profile.weighted(weights).mean("x")


def std(profile: xr.DataArray, area: xr.DataArray, where: xr.DataArray) -> xr.DataArray:
    """Standard deviation of a profile over the stations in `where`, by their footprint."""
    return profile.weighted(area.where(where, 0.0)).std("x")
