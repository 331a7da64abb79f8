"""Fills the caches of compiled code, so that isosim runs later without compiler, network or root."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

from isosim.case import load
from isosim.pressing import press

SMALL = {"recipe.pressure": "1 MPa", "recipe.hold": "1 s", "model.section.columns": 4}


def run(tell: Callable[[str], None]) -> None:
    """Press the smallest cell in every way that compiles code of its own.

    numba compiles the law and keeps it where `NUMBA_CACHE_DIR` says, dolfinx the forms of a section and
    keeps them below `XDG_CACHE_HOME`; `isosim doctor` shows both folders. Without dolfinx only the law is
    compiled.

    Parameters
    ----------
    tell
        Given one line before each press.
    """
    for title, changes in _variants():
        tell(f"warmup: {title}")
        press(load("120RT-2", {**SMALL, **changes}))
    if find_spec("dolfinx") is None:
        tell("warmup: no section, because there is no dolfinx (isosim doctor)")


def _variants() -> Iterator[tuple[str, dict[str, Any]]]:
    """Title and changes: the forms of a section differ by kinematics and pressed faces."""
    yield "column", {"model.fidelity": "column"}
    if find_spec("dolfinx") is None:
        return
    for lateral in ("free", "one direction"):
        for faces in ("all", ["top"], ["top", "edge"], ["top", "bottom"]):
            title = f"section, lateral {lateral}, faces {faces if faces == 'all' else ' and '.join(faces)}"
            changes = {"model.fidelity": "section", "model.lateral": lateral, "recipe.faces": faces}
            yield title, changes
