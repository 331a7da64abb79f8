"""Intervals of the headline numbers: from columns, laid around what the report shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from isosim.report.describe import label
from isosim.sweep import readings
from isosim.uncertainty.intervals import HEADLINES, Headline, Uncertainty
from isosim.uncertainty.output import to_measure
from isosim.uncertainty.reported import Found

STRAIN = HEADLINES[-1]  # shown as contraction


@dataclass(frozen=True)
class Interval:
    """A headline number in % with its interval: of the cards, and widened by what another law would say."""

    quantity: str
    value: float
    cards_low: float
    cards_high: float
    both_low: float
    both_high: float

    @property
    def cards(self) -> str:
        """The interval of the cards as text."""
        return self._text(self.cards_low, self.cards_high)

    @property
    def both(self) -> str:
        """The widened interval as text."""
        return self._text(self.both_low, self.both_high)

    def _text(self, low: float, high: float) -> str:
        places = 1 if abs(self.value) >= 5.0 else 2
        return f"{low:.{places}f}–{high:.{places}f}"


def of(ds: xr.Dataset, found: Uncertainty) -> dict[str, Interval]:
    """Intervals by the names of `isosim.sweep.readings`, "contraction" in place of the in-plane strain.

    The column's distance between its own number and the ends is laid around the number of the dataset.
    """
    shown = readings.of_case(ds)
    return {
        "contraction" if one.name == STRAIN else one.name: _around(float(shown[one.name][0]), one)
        for one in found.headlines
    }


def _around(value: float, one: Headline) -> Interval:
    ends = [value + end - one.nominal for end in (one.low, one.high, *one.both)]
    if one.name == STRAIN:
        value, *ends = (1.0 - float(np.exp(strain)) for strain in (value, *ends))
        ends = [ends[1], ends[0], ends[3], ends[2]]
    elif one.name.startswith("porosity"):
        ends = [max(end, 0.0) for end in ends]
    words = "in-plane contraction, held" if one.name == STRAIN else readings.meaning(one.name)[1]
    return Interval(words, *(100.0 * number for number in (value, *ends)))


def data(datasets: Sequence[xr.Dataset], found: Found) -> pd.DataFrame:
    """One row for each headline number of each cell, in %."""
    rows = [
        {**asdict(label(ds)), "name": name, **asdict(one)}
        for ds in datasets
        if not isinstance(own := found[label(ds).cell], str)
        for name, one in of(ds, own).items()
    ]
    named = {key: f"{key}_%" for key in ("value", "cards_low", "cards_high", "both_low", "both_high")}
    return pd.DataFrame(rows).rename(columns=named)


def statements(datasets: Sequence[xr.Dataset], found: Found) -> Iterator[str]:
    """What the intervals are, what is not in them, and why some cells have none."""
    own = {label(ds).cell: found[label(ds).cell] for ds in datasets}
    known = [one for one in own.values() if not isinstance(one, str)]
    if known:
        yield _meaning(known)
    reasons: dict[str, list[str]] = {}
    for cell, reason in own.items():
        if isinstance(reason, str):
            reasons.setdefault(reason, []).append(cell)
    for reason, cells in reasons.items():
        yield f"No intervals for {', '.join(cells)}: {reason}"


def _meaning(known: Sequence[Uncertainty]) -> str:
    draws, laws = known[0].presses, sorted({len(one.laws) for one in known})
    failed = sum(one.failed for one in known)
    text = (
        "Small print below a number: where it lies in 90 % of "
        f"{draws} draws from the ranges of the cards, and below that the same widened by what another "
        "compaction law would say"
    )
    if laws == [0]:
        text += ", which is nothing here: no other law could be fitted"
    else:
        many = f"{laws[0]} to {laws[-1]}" if len(laws) > 1 else str(laws[0])
        text += f" ({many} laws through what the cards say at 120 or 414 MPa; no probability belongs to that)"
    text += (
        ". Both come from columns and are laid around the number. Not in them: values without a range, and "
        "the errors of the model itself (layers bonded, no creep after the release)."
    )
    if failed:
        text += f" {failed} draws found no balance and are left out."
    return f"{text} Moved most by: {_moved(known[0])} ({known[0].case})."


def _moved(one: Uncertainty) -> str:
    kinds: Mapping[str, Any] = {
        h.name.split("_")[1]: to_measure(one, h.name, 2)
        for h in one.headlines
        if h.name.startswith("reduction") and h.name.endswith("coating")
    }
    return "; ".join(f"{kind}s by {' and '.join(names)}" for kind, names in kinds.items())
