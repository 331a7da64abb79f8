"""What an answer of a design rests on: assumed values of cards, and how far they move it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from isosim.column.many_laws import constants, within_bounds
from isosim.materials.card import Value
from isosim.sweep.design import Answer
from isosim.sweep.keys import Key

ASSUMED = ("A", "M")  # provenance: assumed here, from memory
USUAL = 0.1  # relative range of a value whose card gives none
FEW = 8
NOTABLE = 0.1  # change of an axis' effect, relative


@dataclass(frozen=True)
class Moved:
    """How far the ends of a value's range move a reading, and the effect of a key on it."""

    name: str  # "nmc622.cap.hardening"
    value: Value
    low: float
    high: float
    reading: str
    change: tuple[float, float]  # of the reading, at the low and at the high end
    effects: dict[str, float]  # by path: relative change of what the key does to the reading

    @property
    def size(self) -> float:
        """The larger change."""
        return float(np.nanmax(np.abs(self.change)))


def moved(answer: Answer) -> list[Moved]:
    """What each assumed value (provenance A or M, or confidence L) does to each reading that was asked for.

    The column is pressed at the answer with one value at either end of its card's range, ten per cent off
    where the card has no range, and there with each key at either end of its own.
    """
    design = answer.design
    own = {key.path for key in design.ranges}
    values = [entry for entry in _assumed(answer) if entry[0] not in own]
    if not values:
        return []
    keys = list(design.ranges)
    # rows: for no change and for both ends of every value, the answer and both ends of every key
    places: list[dict[Key, float]] = [dict(answer.values)]
    for key in keys:
        between = design.ranges[key]
        places += [{**answer.values, key: end} for end in (between.low, between.high)]
    each = len(places)
    changes: list[tuple[int, float] | None] = [None]
    for k, (_, _, low, high) in enumerate(values):
        changes += [(k, low), (k, high)]
    at = {key: np.tile([place[key] for place in places], len(changes)) for key in keys}
    overrides = {name: np.full(each * len(changes), value.si) for name, value, _, _ in values}
    for row, change in enumerate(changes):
        if change is not None:
            overrides[values[change[0]][0]][row * each : (row + 1) * each] = change[1]
    found = design.press(at, **overrides)
    result = []
    for reading in design.asked:
        table = found[reading].reshape(len(changes), each)
        effect = table[:, 2::2] - table[:, 1::2]  # (changes, keys)
        for k, (name, value, low, high) in enumerate(values):
            below, above = 1 + 2 * k, 2 + 2 * k
            change = (table[below, 0] - table[0, 0], table[above, 0] - table[0, 0])
            if np.isnan(change).all():
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                relative = np.abs(effect[[below, above]] / effect[0] - 1.0).max(axis=0)
            effects = {key.path: float(relative[i]) for i, key in enumerate(keys)}
            result.append(
                Moved(name, value, low, high, reading, (float(change[0]), float(change[1])), effects)
            )
    return sorted(result, key=lambda m: -m.size / (abs(answer.column[m.reading]) or 1.0))


def _assumed(answer: Answer) -> Iterator[tuple[str, Value, float, float]]:
    """Names, values and ends of the assumed values of all cards in the stack."""
    stack = answer.design.base.stack()
    for material in dict.fromkeys(layer.material for layer in stack.layers):
        own = stack.materials[material]
        known = constants(own)
        for name, value in own.card.values() if own.card else ():
            if name not in known or not (value.provenance in ASSUMED or value.confidence == "L"):
                continue
            spread = USUAL * abs(value.si)
            ends = np.array([
                value.si - spread if value.low is None else value.low,
                value.si + spread if value.high is None else value.high,
            ])  # fmt: skip
            if ends[0] < ends[1] and within_bounds(own, name, ends).all():
                yield f"{material}.{name}", value, float(ends[0]), float(ends[1])
