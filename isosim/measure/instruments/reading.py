"""What an instrument says about a pressed cell: a number, an interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

Verdict = Literal["predicted", "bounded", "declined"]

_NUMBERS = {
    "value": "after pressing and disassembly",
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "unpressed": "the same before pressing",
}
_WORDS = ("instrument", "quantity", "subject", "unit", "verdict", "model", "source", "limits")


@dataclass(frozen=True)
class Reading:
    """One reading of one instrument.

    Parameters
    ----------
    instrument, quantity, subject
        What reads, what is read, and of what: "cathode", "anode", "film 1", "cell".
    unit
        Of all numbers, as a laboratory writes it.
    verdict
        "predicted": value and interval; "bounded": an interval or one end of it, no best value;
        "declined": no number, `limits` gives the reason.
    model, source
        The relation used and where its constants come from.
    limits
        What the reading does not know; of a declined one the reason.
    value, low, high, unpressed
        The interval is that of the relation's constants, not of the compaction (that is `isosim.data`'s
        and the sweep's business). None where there is no number.

    Raises
    ------
    ValueError
        When the numbers do not fit the verdict.
    """

    instrument: str
    quantity: str
    subject: str
    unit: str
    verdict: Verdict
    model: str
    source: str
    limits: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unpressed: float | None = None

    def __post_init__(self) -> None:
        ends = [self.low is not None, self.high is not None]
        fits = {
            "predicted": self.value is not None,
            "bounded": self.value is None and any(ends),
            "declined": self.value is None and not any(ends),
        }
        if not fits[self.verdict]:
            raise ValueError(f"{self.instrument}, {self.quantity}: numbers do not fit {self.verdict!r}")
        if self.value is not None and all(ends) and not self.low <= self.value <= self.high:  # type: ignore[operator]
            raise ValueError(f"{self.quantity}: value {self.value} outside {self.low} to {self.high}")


def to_dataset(readings: Sequence[Reading]) -> xr.Dataset:
    """The readings along the dimension `reading`: numbers `reading_value` and so on, words as coordinates."""
    numbers = {
        f"reading_{name}": (
            "reading",
            np.array([getattr(r, name) for r in readings], float),
            {"units": "see the coordinate reading_unit", "long_name": meaning},
        )
        for name, meaning in _NUMBERS.items()
    }
    words = {f"reading_{name}": ("reading", [getattr(r, name) for r in readings]) for name in _WORDS}
    return xr.Dataset(numbers, words)


def from_dataset(ds: xr.Dataset) -> list[Reading]:
    """The readings of a measured dataset, as `to_dataset` wrote them."""
    rows = ds.sizes.get("reading", 0)
    found = []
    for row in range(rows):
        words = {name: str(ds[f"reading_{name}"].values[row]) for name in _WORDS}
        numbers = {name: float(ds[f"reading_{name}"].values[row]) for name in _NUMBERS}
        found.append(
            Reading(**words, **{name: None if np.isnan(x) else x for name, x in numbers.items()})  # type: ignore[arg-type]
        )
    return found
