"""The pressure film between electrodes: what a scan of it would show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from isosim.measure import film
from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, sources

_MODEL = "largest pressure borne, film response of docs/instruments.md"
_GREY = "orders of planes count, grey values by themselves do not: the response is assumed"


def read(ds: xr.Dataset) -> Iterator[Reading]:
    """Interior pressure [MPa], grey value (0-255) and smallest pressure at the edge of every film plane."""
    accuracy, high = film.value("accuracy"), film.value("range_high")
    source = film.card()["accuracy"]["source"]
    resolution = constant("film", "resolution")
    for plane in range(ds.sizes.get("plane", 0)):
        here = ds.isel(plane=plane)
        subject = f"film {plane + 1}"
        if not bool(here.film_valid):
            reason = ds.film_valid.attrs["reason"]
            for quantity, unit in _QUANTITIES:
                yield Reading("film", quantity, subject, unit, "declined", _MODEL, source, reason)
            continue
        smallest = _resolved_minimum(here, resolution.value)
        for (quantity, unit), pressure in zip(_QUANTITIES[:2], (here.film_pressure, smallest), strict=True):
            yield _pressure(quantity, subject, unit, float(pressure), accuracy, high, source)
        if bool(here.film_saturated):
            darkest = float(film.grey(np.array(high)))
            yield Reading(
                "film",
                _QUANTITIES[2][0],
                subject,
                "0-255",
                "bounded",
                _MODEL,
                source,
                _SATURATED,
                high=darkest,
            )
            continue
        grey = float(here.film_grey)
        pressure = float(here.film_pressure)
        ends = film.grey(np.array([pressure * (1.0 + accuracy), pressure * (1.0 - accuracy)]))
        yield Reading(
            "film",
            _QUANTITIES[2][0],
            subject,
            "0-255",
            "predicted",
            _MODEL,
            sources(resolution),
            _GREY,
            grey,
            min(grey, float(ends[0])),
            max(grey, float(ends[1])),
            float(film.grey(np.array(0.0))),
        )


_QUANTITIES = (
    ("pressure, interior", "MPa"),
    ("pressure, smallest near the edge", "MPa"),
    ("grey value, interior", "0-255"),
)
_SATURATED = "saturated: all that is known is that the pressure was above the film's range"


def _pressure(
    quantity: str, subject: str, unit: str, pressure: float, accuracy: float, top: float, source: str
) -> Reading:
    if pressure > top:
        return Reading("film", quantity, subject, unit, "bounded", _MODEL, source, _SATURATED, low=top / 1e6)
    if pressure < film.value("range_low"):
        faint = "below the film's range: it stays almost white"
        return Reading(
            "film",
            quantity,
            subject,
            unit,
            "bounded",
            _MODEL,
            source,
            faint,
            high=film.value("range_low") / 1e6,
        )
    value, spread = pressure / 1e6, accuracy * pressure / 1e6
    return Reading(
        "film",
        quantity,
        subject,
        unit,
        "predicted",
        _MODEL,
        source,
        _GREY,
        value,
        value - spread,
        value + spread,
        0.0,
    )


def _resolved_minimum(ds: xr.Dataset, resolution: float) -> float:
    """Smallest running mean [Pa] over one resolution of the film, where electrodes lie above and below it."""
    belongs = ds.layer_electrode > 0
    footprint = float((ds.half_width.where(belongs) if belongs.any() else ds.half_width).min())
    inside = (ds.x <= footprint).values & np.isfinite(ds.film_pressure_profile.values)
    pressure, width = ds.film_pressure_profile.values[inside], ds.x_width.values[inside]
    ends = np.concatenate([[0.0], np.cumsum(width)])
    force = np.concatenate([[0.0], np.cumsum(width * pressure)])
    span = min(resolution, ends[-1])
    starts = np.clip(ends, None, ends[-1] - span)
    return float((np.interp(starts + span, ends, force) - np.interp(starts, ends, force)).min() / span)
