"""Constants of the instruments' relations: value, range, source and confidence of each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from isosim import units

_SI = {"um": "m", "mm": "m", "MPa": "Pa"}


@dataclass(frozen=True)
class Constant:
    """One number of `relations.toml` in SI; without a range, low and high are the value."""

    value: float
    low: float
    high: float
    source: str


@cache
def document() -> dict[str, Any]:
    """The file as it is, for reports."""
    return tomllib.loads((files(__package__) / "relations.toml").read_text("utf-8"))


@cache
def constant(instrument: str, name: str) -> Constant:
    """One constant, say `constant("adhesion", "exponent")`."""
    entry = document()[instrument][name]

    def si(number: float) -> float:
        return (
            number if entry["unit"] == "1" else float(units.to_si(number, entry["unit"], _SI[entry["unit"]]))
        )

    low, high = entry.get("range", (entry["value"], entry["value"]))
    return Constant(si(entry["value"]), si(low), si(high), f"{entry['source']} ({_basis(entry)})")


def interval(relation: Callable[..., float], *constants: Constant) -> tuple[float, float, float]:
    """Value, lowest and highest of a relation over the corners of its constants' ranges."""
    corners = [relation(*corner) for corner in product(*((c.low, c.value, c.high) for c in constants))]
    return relation(*(c.value for c in constants)), min(corners), max(corners)


def sources(*constants: Constant) -> str:
    """The sources of a reading, each once."""
    return "; ".join(dict.fromkeys(constant.source for constant in constants))


def _basis(entry: dict[str, Any]) -> str:
    return f"{entry['provenance']}, confidence {entry['confidence']}"
