"""Published statements about pressed cells, kept as facts with their source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def dixit2024() -> dict[str, Any]:
    """Bands, orderings and observations of Dixit et al. 2024 (reductions and porosities as fractions)."""
    return tomllib.loads((files(__package__) / "dixit2024.toml").read_text("utf-8"))


def declared() -> dict[str, Any]:
    """The reading of the baseline that is judged: its scenario and its definition of thickness."""
    return next(reading for reading in dixit2024()["reading"] if reading["declared"])
