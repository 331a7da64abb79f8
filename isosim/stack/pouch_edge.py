"""What lies around the edge of a cell: pouch and bag that come down over it, a frame beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from isosim.errors import InputError, Problem

Shape = Literal["conformal", "draped"]


@dataclass(frozen=True)
class PouchEdge:
    """How pouch and bag close around the edge.

    Parameters
    ----------
    shape
        "conformal": a skin down the edge that joins the covers of both faces. "draped": both covers come down
        over the step to a flange at mid-height, where they are sealed to each other.
    run, clearance, flange
        Of a drape [m]: how far it runs outwards on its way down, how far beyond the widest layer it turns
        down, length of the flange.
    """

    shape: Shape
    run: float = 0.0
    clearance: float = 0.0
    flange: float = 0.0

    def __post_init__(self) -> None:
        drape = (("run", self.run), ("clearance", self.clearance), ("flange", self.flange))
        if self.shape == "conformal":
            problems = [
                Problem(f"pouch_edge, {key}", f"{value:g} m", "nothing: only a drape has it")
                for key, value in drape
                if value
            ]
        else:
            problems = [
                Problem(f"pouch_edge, {key}", f"{value:g} m", "a length above zero")
                for key, value in drape
                if not value > 0.0
            ]
        if problems:
            raise InputError(problems)


@dataclass(frozen=True)
class Frame:
    """A block of `material` beside the cell, as high as what lies between the covers.

    `width` [m] of the block; it ends with the covers, which lie over it.
    """

    material: str
    width: float


@dataclass(frozen=True)
class SkinPath:
    """Pouch and bag cut into steps, from the centre of the top face along the skin and down the edge.

    A step is the cells across the skin between two of its cross-sections. Per cell, shape (k,): `cell` its
    number, `step`, `sheet` (counted from the inside) and `turn`, the side of the cell where the step begins
    (0 below, 1 right, 2 above, 3 left, as the cell's edges are counted). Per step, shape (s,): `x` and `z` of
    the middle of its inner face [m], `part` ("top", "edge" or "flange"). `sheets` are named from the inside.
    """

    cell: np.ndarray
    step: np.ndarray
    sheet: np.ndarray
    turn: np.ndarray
    x: np.ndarray
    z: np.ndarray
    part: np.ndarray
    sheets: tuple[str, ...]


def cover_problems(
    top: list[tuple[str, float, int]], bottom: list[tuple[str, float, int]]
) -> Iterator[Problem]:
    """What keeps covers (material, thickness, elements; from the inside) from closing around an edge."""
    if not top or not bottom:
        yield Problem("pouch_edge", "no pouch and no bag", "layers that can come down over the edge")
    elif top != bottom:
        yield Problem("pouch_edge", "unlike covers on both faces", "the same layers on both")
