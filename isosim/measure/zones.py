"""Interior and edge zone of the electrodes, and means over either."""

from __future__ import annotations

from dataclasses import dataclass

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
    interior = ds.x <= footprint - width
    return Zones(width, interior, ~interior & (ds.x <= footprint))


def mean(profile: xr.DataArray, x_width: xr.DataArray, where: xr.DataArray | None = None) -> xr.DataArray:
    """Mean of a profile over the stations it reaches, by their width; NaN where it reaches none."""
    weights = x_width if where is None else x_width.where(where, 0.0)
    return profile.weighted(weights).mean("x")


def std(profile: xr.DataArray, x_width: xr.DataArray, where: xr.DataArray) -> xr.DataArray:
    """Standard deviation of a profile over the stations in `where`, by their width."""
    return profile.weighted(x_width.where(where, 0.0)).std("x")
