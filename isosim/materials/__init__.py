"""Material cards: data with sources, read into laws."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from isosim.errors import InputError, Problem
from isosim.materials.card import PROVENANCE, Card
from isosim.materials.material import Material, from_card
from isosim.tables import nearest, read_toml, validate

__all__ = ["Material", "document", "load", "names", "show", "table"]

_CARDS = Path(str(resources.files(__package__))) / "cards"


def names() -> tuple[str, ...]:
    """The cards that come with the package."""
    return tuple(sorted(path.stem for path in _CARDS.glob("*.toml")))


def load(name: str, folder: Path | None = None) -> Material:
    """Read a card of the package by its name, or a card of one's own by its path ending in ".toml".

    A relative path starts from `folder` (the working directory when None).

    Raises
    ------
    InputError
        No such card, or all that is wrong in it.
    """
    path = _path(name, folder)
    return _read(name, path) if name.endswith(".toml") else _built_in(name)


def document(name: str, folder: Path | None = None) -> dict[str, Any]:
    """The TOML of a card as it is written, named as in `load`; InputError when there is none."""
    return read_toml(_path(name, folder))


def table() -> list[dict[str, str]]:
    """One row for each card: its name, kind, title, and how many values of which confidence."""
    rows = []
    for name in names():
        material = load(name)
        assert material.card is not None
        counts = Counter(value.confidence for _, value in material.card.values())
        rows.append(
            {
                "name": name,
                "kind": "numerical device" if material.card.numerical else material.kind,
                "title": material.title,
                "confidence": ", ".join(f"{counts[level]} {level}" for level in "HML" if counts[level]),
            }
        )
    return rows


def show(name: str) -> list[dict[str, str]]:
    """One row for each value of a card: quantity, value, range, confidence, provenance, source."""
    card = load(name).card
    assert card is not None
    return [
        {
            "quantity": quantity,
            "value": value.text,
            "range": value.range,
            "confidence": value.confidence,
            "provenance": PROVENANCE[value.provenance],
            "source": value.source,
        }
        for quantity, value in card.values()
    ]


def _path(name: str, folder: Path | None) -> Path:
    if name.endswith(".toml"):
        return (folder or Path()) / name
    if name not in names():
        known = ", ".join(names())
        raise InputError(
            Problem(
                "material", repr(name), f"one of {known}, or a path ending in .toml", nearest(name, names())
            )
        )
    return _CARDS / f"{name}.toml"


@lru_cache(maxsize=64)
def _built_in(name: str) -> Material:
    return _read(name, _CARDS / f"{name}.toml")


def _read(name: str, path: Path) -> Material:
    card = validate(Card, read_toml(path), f"card {name}")
    try:
        return from_card(name, card)
    except ValueError as error:
        raise InputError(f"card {name}: {error}") from None
