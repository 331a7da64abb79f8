"""Published statements about pressed cells, kept as facts with their source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from isosim.case import Case, load_set, scenarios


@cache
def dixit2024() -> dict[str, Any]:
    """Bands, orderings and observations of Dixit et al. 2024 (reductions and porosities as fractions)."""
    return tomllib.loads((files(__package__) / "dixit2024.toml").read_text("utf-8"))


def declared() -> dict[str, Any]:
    """The reading of the baseline that is judged: its scenario and its definition of thickness."""
    return next(reading for reading in dixit2024()["reading"] if reading["declared"])


def is_published(case: Case) -> bool:
    """Whether a case is one of the cells of Dixit et al. 2024 as they come with the package.

    What is pressed and how must be the same, under the same name and scenario; how it is computed need not.
    A case of one's own is not published, whatever it is called.
    """
    names = {cell["name"] for cell in dixit2024()["cell"]}
    if case.name not in names or case.scenario not in scenarios():
        return False
    shipped = next(own for own in load_set("dixit2024", case.scenario) if own.name == case.name)
    return _pressed(case) == _pressed(shipped)


def _pressed(case: Case) -> dict[str, Any]:
    """All that the answer depends on but the numerical model."""
    content = case.to_dict()
    content["case"].pop("model", None)
    return content
