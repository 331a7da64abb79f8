"""Laws whose constants differ from case to case, by the names of card values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np

from isosim.law import Dense, Porous
from isosim.materials import Material
from isosim.materials.card import Reads, Value
from isosim.materials.material import from_card
from isosim.tables import Table

SECTIONS = ("elastic", "cap", "surface", "viscosity", "plastic", "thermal")  # of a card, that make its law


def constants(material: Material) -> dict[str, float]:
    """The constants of a material that can vary, by name, in SI.

    Values of its card such as "cap.hardening"; of its law where it has no card.
    """
    if material.card is None:
        return dict(_of_law(material.law, ""))
    return {name: value.si for name, value in material.card.values() if name.partition(".")[0] in SECTIONS}


def within_bounds(material: Material, name: str, values: np.ndarray) -> np.ndarray:
    """Which of the values a card would accept; all that are numbers for a material without one."""
    if material.card is None:
        return ~np.isnan(values)
    section, _, key = name.rpartition(".")
    table = getattr(material.card, section)
    quantity = _quantity(type(table).model_fields[key])
    return (
        (values > quantity.above)
        & (values >= quantity.least)
        & (values < quantity.below)
        & (values <= quantity.most)
    )


def law_of(material: Material, changes: Mapping[str, Any]) -> Porous | Dense:
    """The law of a material with some of its `constants` changed, to numbers or to arrays of cases.

    Raises
    ------
    ValueError
        When the law cannot have one of the values, in any case.
    """
    if not changes:
        return material.law
    if material.card is None:
        return _replaced(material.law, changes)
    return from_card(material.name, _replaced(material.card, changes)).law


def acceptable(build: Callable[[np.ndarray], Any], cases: np.ndarray) -> np.ndarray:
    """The cases for which `build` raises no ValueError, found by halving."""
    if not cases.size:
        return cases
    try:
        build(cases)
    except ValueError:
        if cases.size == 1:
            return cases[:0]
        middle = cases.size // 2
        return np.concatenate([acceptable(build, cases[:middle]), acceptable(build, cases[middle:])])
    return cases


def _of_law(part: Any, prefix: str) -> Any:
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if dataclasses.is_dataclass(value):
            yield from _of_law(value, f"{prefix}{field.name}.")
        elif value is not None:
            yield prefix + field.name, value


def _replaced(part: Any, changes: Mapping[str, Any]) -> Any:
    """A card, a law or a part of one with the values at dotted names replaced."""
    own: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        head, _, rest = name.partition(".")
        if rest:
            nested.setdefault(head, {})[rest] = value
        else:
            old = getattr(part, head)
            own[head] = dataclasses.replace(old, si=value) if isinstance(old, Value) else value
    for head, deeper in nested.items():
        own[head] = _replaced(getattr(part, head), deeper)
    return part.model_copy(update=own) if isinstance(part, Table) else dataclasses.replace(part, **own)


def _quantity(field: Any) -> Any:
    """The quantity that a field of a card reads."""
    found = [item for item in field.metadata if isinstance(item, Reads)]
    for option in get_args(field.annotation):
        found += [item for item in getattr(option, "__metadata__", ()) if isinstance(item, Reads)]
    return found[0].quantity
