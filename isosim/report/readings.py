"""The instruments' readings as a table of all cells, and as lines of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import xarray as xr

from isosim.measure.instruments import Reading, from_dataset
from isosim.report.describe import label

NOT_SHOWN = "film"  # has a figure of its own; all planes are in readings.csv


@dataclass(frozen=True)
class Shown:
    """A value and its interval as text; a bound alone is the text."""

    text: str = ""
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """A quantity over the cells; `note` is its model and limits, or why it is declined."""

    subject: str
    quantity: str
    unit: str
    verdict: str
    unpressed: str
    values: list[Shown]
    note: str


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each reading of each cell."""
    rows = [{**asdict(label(ds)), **asdict(reading)} for ds in datasets for reading in from_dataset(ds)]
    return pd.DataFrame(rows)


def lines(datasets: Sequence[xr.Dataset]) -> list[Line]:
    """One line for each quantity that is read on electrodes and foils, a value for each cell."""
    cells = [
        {(r.subject, r.quantity): r for r in from_dataset(ds) if r.instrument != NOT_SHOWN} for ds in datasets
    ]
    keys = dict.fromkeys(key for cell in cells for key in cell)
    return [_line([cell.get(key) for cell in cells]) for key in keys]


def _line(readings: Sequence[Reading | None]) -> Line:
    given = [reading for reading in readings if reading is not None]
    first = given[0]
    verdicts = " or ".join(dict.fromkeys(reading.verdict for reading in given))
    reasons = "; ".join(dict.fromkeys(r.limits for r in given if r.verdict == "declined"))
    shown = [r for r in given if r.verdict != "declined"]
    note = f"{shown[0].model}. {_sentence(shown[0].limits)}" if shown else ""
    if reasons:
        note = f"{note} Declined: {reasons}.".strip()
    before = next((r.unpressed for r in given if r.unpressed is not None), None)
    return Line(
        first.subject,
        first.quantity,
        "" if first.unit == "1" else first.unit,
        verdicts,
        "" if before is None else f"{before:.3g}",
        [Shown() if reading is None else _shown(reading) for reading in readings],
        note,
    )


def _shown(reading: Reading) -> Shown:
    if reading.verdict == "declined":
        return Shown("–")
    low, high = (None if end is None else f"{end:.3g}" for end in (reading.low, reading.high))
    if reading.value is not None:
        return Shown(f"{reading.value:.3g}", f"{low}–{high}" if low and high else "")
    if low is None:
        return Shown(f"< {high}")
    return Shown(f"> {low}" if high is None else f"{low}–{high}")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
