"""The pressure film: what each film plane of the dummy stack records and how grey it comes out.

A film records the largest pressure it has seen. Its colour follows the fraction of microcapsules that have
burst; grey is lighter (larger) where the pressure was lower. The response is an assumed one within the
known range (`film_response.toml`): orders of planes are meaningful, grey values by themselves are not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr

from isosim import units
from isosim.measure.zones import Zones, mean, std


@cache
def card() -> dict[str, Any]:
    """The film's card: value, unit, source and confidence of each number of the response."""
    return tomllib.loads((files(__package__) / "film_response.toml").read_text("utf-8"))


def value(name: str) -> float:
    """One number of the film's card in SI units."""
    entry = card()[name]
    if entry["unit"] == "1":
        return float(entry["value"])
    dimension = "K" if entry["unit"] == "degC" else "Pa"
    return units.parse(f"{entry['value']} {entry['unit']}", dimension)


def grey(pressure: Any) -> Any:
    """Grey value 0 (black) to 255 (white) of a film that has seen `pressure` [Pa].

    Optical density D = D0 + (D1 - D0) Phi(ln(p/p50)/s), grey = 255 10^(-gamma D).
    """
    with np.errstate(divide="ignore"):
        burst = ndtr(np.log(np.maximum(pressure, 0.0) / value("pressure_half")) / value("spread"))
    density = value("density_clear") + (value("density_full") - value("density_clear")) * burst
    return 255.0 * 10.0 ** (-value("grey_exponent") * density)


def read(ds: xr.Dataset, planes: Sequence[int], zones: Zones) -> xr.Dataset:
    """Readings per film plane, from the top. Pressures in Pa, positive in compression.

    `planes` are the indices of the films among the layers (`Stack.film_planes`).

    `film_saturated` where the interior is beyond the film's range, `film_faint` where it is below it;
    `film_valid` is false when the film was outside its temperature window under pressure.
    """
    recorded = ds.axial_pressure_profile.isel(layer=list(planes)).max("state").rename(layer="plane")
    recorded = recorded.drop_vars(
        ["plane", "role", "material", "layer_electrode", "half_width", "half_length"], errors="ignore"
    )
    interior = mean(recorded, ds.x_area, zones.interior)
    edge = mean(recorded, ds.x_area, zones.edge)
    shade = xr.apply_ufunc(grey, recorded)
    valid, reason = _valid(ds)
    accuracy = {"accuracy": value("accuracy"), "range": [value("range_low"), value("range_high")]}
    electrode = ds.layer_electrode.values
    above = [electrode[:plane].max(initial=0) for plane in planes]
    return xr.Dataset(
        {
            "film_pressure_profile": _named(recorded, "Pa", "largest pressure recorded", **accuracy),
            "film_pressure": _named(interior, "Pa", "recorded pressure, interior mean", **accuracy),
            "film_pressure_std": _named(
                std(recorded, ds.x_area, zones.interior), "Pa", "spread of the recorded pressure, interior"
            ),
            "film_edge_pressure": _named(edge, "Pa", "recorded pressure, mean of the edge zone"),
            "film_edge_minimum": _named(
                recorded.where(zones.edge).min("x"), "Pa", "smallest recorded pressure in the edge zone"
            ),
            "film_grey": _named(
                mean(shade, ds.x_area, zones.interior),
                "1",
                "grey value 0-255, interior mean; lighter = larger = less pressure",
                noise="one sigma of 10 % of the pressure, not added",
            ),
            "film_edge_grey": _named(mean(shade, ds.x_area, zones.edge), "1", "grey value, edge zone"),
            "film_saturated": _named(interior > value("range_high"), "1", "above the film's range"),
            "film_faint": _named(interior < value("range_low"), "1", "below the film's range"),
            "film_valid": _named(
                xr.full_like(interior, valid, dtype=bool), "1", "within the temperature window", reason=reason
            ),
        },
        coords={"electrode_above": ("plane", np.array(above, np.int32))},
    )


def _valid(ds: xr.Dataset) -> tuple[bool, str]:
    under_pressure = ds.temperature.where(ds.pressure > 0.0)
    coldest, hottest = float(under_pressure.min()), float(under_pressure.max())
    low, high = value("temperature_low"), value("temperature_high")
    if low <= coldest and hottest <= high:
        return True, ""
    cold, hot = (f"{kelvin - 273.15:.0f}" for kelvin in (coldest, hottest))
    return False, (
        f"pressed {f'at {hot}' if cold == hot else f'between {cold} and {hot}'} degC; "
        f"the film's response is known from {low - 273.15:.0f} to {high - 273.15:.0f} degC only"
    )


def _named(array: xr.DataArray, unit: str, meaning: str, **attrs: Any) -> xr.DataArray:
    return array.assign_attrs({"units": unit, "long_name": meaning, **attrs})
