"""One layer of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from isosim.errors import InputError, Problem

Role = Literal["coating", "foil", "separator", "film", "pouch", "bag", "slip", "fixture", "other"]
Kind = Literal["cathode", "anode"]


@dataclass(frozen=True)
class Layer:
    """A sheet of one material, symmetric about the centre of the cell.

    Parameters
    ----------
    name
        Unique in its stack.
    role
        What the layer is for; measurements choose layers by it. "slip" is a film that stands for an interface
        with friction, "fixture" a plate outside the cell.
    material
        Name of its material in the stack.
    thickness, half_width
        Unpressed [m]; both positive.
    porosity
        Initial porosity of a porous layer; None takes the reference porosity of its law, and is the only
        choice for a dense layer.
    electrode, kind
        Number of the electrode it belongs to, from the top and from 1, and whether that is a cathode or an
        anode; None for layers that belong to none.
    elements
        Elements through the thickness.
    half_length
        Across the cut, unpressed [m], as a solid needs it; None for that of a square, the half-width.
    """

    name: str
    role: Role
    material: str
    thickness: float
    half_width: float
    porosity: float | None = None
    electrode: int | None = None
    elements: int = 1
    kind: Kind | None = None
    half_length: float | None = None

    @property
    def extent(self) -> tuple[float, float]:
        """Half-width and half-length [m]."""
        return self.half_width, self.half_width if self.half_length is None else self.half_length

    def __post_init__(self) -> None:
        problems = [
            Problem(f"layer {self.name!r}, {key}", f"{value:g} m", "a positive length")
            for key, value in (
                ("thickness", self.thickness),
                ("half_width", self.half_width),
                ("half_length", self.extent[1]),
            )
            if not 0.0 < value < float("inf")
        ]
        if self.elements < 1:
            problems.append(Problem(f"layer {self.name!r}, elements", str(self.elements), "1 or more"))
        if (self.electrode is None) != (self.kind is None):
            problems.append(
                Problem(
                    f"layer {self.name!r}",
                    f"electrode = {self.electrode}, kind = {self.kind}",
                    "both or neither",
                    "an electrode has a number and is a cathode or an anode",
                )
            )
        if problems:
            raise InputError(problems)
