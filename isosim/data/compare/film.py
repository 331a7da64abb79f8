"""Pressure films: pressures as read, or scans with a step wedge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator

from isosim.data import measured
from isosim.data.compare.comparison import Comparison, compared
from isosim.data.measured import Quantity, Table
from isosim.errors import InputError, Problem

WHAT = "pressure films, by the number of their plane from the top"
MARKS = ("plane", "image")
QUANTITIES = {
    "pressure": measured.PRESSURE,
    "sigma_pressure": replace(measured.THICKNESS, unit="Pa", example="sigma_pressure_MPa"),
}
WEDGE = {
    "grey": Quantity("", "grey", low=0.0, high=65535.0, needed="a grey value of the scan"),
    "pressure": measured.PRESSURE,
}
MARGIN = 0.1  # of a scan left out on every side: cut edges and tape


def compare(table: Table, cell: str, ds: xr.Dataset, rows: Sequence[int]) -> Iterator[Comparison]:
    """Mean recorded pressure of each plane; of a scan also how much of it the wedge does not reach.

    The error is the film's stated accuracy where the file has no sigma_pressure.
    """
    for row in rows:
        plane = _plane(table, ds, row)
        image = table.texts.get("image", [""] * len(table))[row]
        remark, judged = "", True
        if image:
            pressure, outside = scan(Path(table.source).parent, image, _wedge(table, row))
            if outside > 0.0:
                remark = (
                    f"{100.0 * outside:.0f} % of the scan is beyond the wedge, its pressure is a bound there"
                )
                judged = outside <= 0.5
        else:
            pressure = float(table.get("pressure")[row])
            if np.isnan(pressure):
                continue
        sigma = float(table.get("sigma_pressure")[row])
        if np.isnan(sigma):
            sigma = float(ds.film_pressure.attrs["accuracy"]) * pressure
        if not bool(ds.film_valid.values[plane]):
            remark, judged = str(ds.film_valid.attrs["reason"]), False
        average = pressure / 1e6, sigma / 1e6, 1
        predicted = float(ds.film_pressure.values[plane]) / 1e6
        yield compared(cell, "film pressure", f"plane {plane + 1}", "MPa", average, predicted, remark, judged)


def scan(folder: Path, image: str, wedge: str) -> tuple[float, float]:
    """Mean pressure [Pa] of a scanned film, and the share of it whose grey the step wedge does not hold.

    The wedge is a table of grey and pressure_MPa of films scanned in the same way; between its steps grey is
    interpolated monotonically. Beyond them the nearest step is taken.

    Raises
    ------
    InputError
        A file that is no image or no wedge: fewer than three steps, or grey that does not fall or rise
        throughout with pressure.
    """
    from PIL import Image

    try:
        with Image.open(folder / image) as opened:
            grey = np.asarray(
                opened if opened.mode in ("L", "I;16", "I", "F") else opened.convert("L"), float
            )
    except (OSError, ValueError):
        raise InputError(Problem("image", image, "an image that can be read, such as PNG or TIFF")) from None
    top, left = (int(MARGIN * size) for size in grey.shape)
    grey = grey[top : grey.shape[0] - top or None, left : grey.shape[1] - left or None]
    steps = measured.read(folder / wedge, WEDGE)
    order = np.argsort(steps.get("pressure"))
    pressure, shade = steps.get("pressure")[order], steps.get("grey")[order]
    way = np.sign(np.diff(shade))
    filled = np.isfinite([pressure, shade]).all()
    if len(shade) < 3 or not filled or abs(way.sum()) != len(way):
        got = f"{len(shade)} steps"
        needed = "three or more, grey rising or falling throughout with pressure"
        raise InputError(Problem("step wedge", got, needed), steps.source)
    curve = PchipInterpolator(shade[:: int(way[0])], pressure[:: int(way[0])])
    inside = np.clip(grey, shade.min(), shade.max())
    return float(curve(inside).mean()), float((inside != grey).mean())


def _wedge(table: Table, row: int) -> str:
    wedge = table.texts.get("wedge", [""] * len(table))[row]
    if not wedge:
        raise InputError(
            Problem(
                f"row {table.lines[row]} of wedge",
                "nothing beside an image",
                "the step wedge: a file with the columns grey and pressure_MPa",
                "grey alone is no pressure",
            ),
            table.source,
        )
    return wedge


def _plane(table: Table, ds: xr.Dataset, row: int) -> int:
    """Index of the plane of a row."""
    text = table.texts.get("plane", [""] * len(table))[row]
    if not text.isdigit() or not 1 <= int(text) <= ds.sizes["plane"]:
        needed = f"the number of a film from the top, 1 to {ds.sizes['plane']}"
        if not ds.sizes["plane"]:
            needed = "a result with pressure films"
        raise InputError(Problem(f"row {table.lines[row]} of plane", repr(text), needed), table.source)
    return int(text) - 1
