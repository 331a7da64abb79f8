"""Intervals for a report: a modest sample, from columns whatever the fidelity, in a second or two a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isosim.case import Case
from isosim.errors import IsosimError
from isosim.uncertainty import intervals, laws
from isosim.uncertainty.intervals import LEVEL, SEED, Uncertainty
from isosim.uncertainty.laws import Alternatives

DRAWS = 1024

Found = Mapping[str, Uncertainty | str]  # by case; the reason where there are no intervals


def of_cases(cases: Sequence[Case]) -> Found:
    """The uncertainty of each case as a column, or why there is none."""
    known: dict[tuple[str, ...], Alternatives] = {}
    found: dict[str, Uncertainty | str] = {}
    for case in cases:
        try:
            found[case.name] = intervals.of_draws(case, DRAWS, laws.shared(case, known))
        except IsosimError as error:
            found[case.name] = " ".join(str(error).split())
    return found


def summary(found: Found) -> dict[str, Any]:
    """For the manifest: how the intervals of each case were sampled, or why there are none."""
    return {name: {"none": one} if isinstance(one, str) else _sampling(one) for name, one in found.items()}


def _sampling(one: Uncertainty) -> dict[str, Any]:
    return {
        "model": one.fidelity,
        "design": "Latin hypercube over the ranges of the cards, evenly and independently distributed",
        "draws": one.presses,
        "seed": SEED,
        "failed": one.failed,
        "level": LEVEL,
        "varied": [value.name for value in one.inputs],
        "laws": list(one.laws),
        "laws_left_out": list(one.refused),
    }
