"""Layers from the top downwards, and the electrodes they form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise, takewhile
from typing import Literal, NamedTuple

from isosim.errors import InputError, Problem
from isosim.materials import Material
from isosim.stack.layer import Kind, Layer
from isosim.stack.pouch_edge import Frame, PouchEdge, cover_problems

EdgeFill = Literal["open gap", "frame"]
EDGE_FILLS: dict[str, str] = {"open gap": "open_gap", "frame": "frame"}  # the card of each filling
FILL, SKIN, FRAME = -1, -2, -3  # "layers" of cells beside the layers: edge filling, pouch and bag, frame
SAME_FOOTPRINT = 1e-6  # footprints nearer than this [m] would leave slivers in the mesh


class Electrode(NamedTuple):
    """A foil and its one or two coatings, as indices into the layers of the stack."""

    number: int
    kind: Kind
    coatings: tuple[int, ...]
    foil: int


@dataclass(frozen=True)
class Stack:
    """What is pressed.

    Parameters
    ----------
    layers
        From the top downwards.
    materials
        Every material by the name that the layers (and the edge filling, by its card's name) use.
    edge_fill
        What fills the space beside layers that do not reach the edge, under a drape and up to a frame: needed
        where there is such space and only then.
    pouch_edge
        How pouch and bag close around the edge; None where they end with the widest layer.
    frame
        A rigid block beside the cell.

    Raises
    ------
    InputError
        Empty stack, repeated or unlike names, a porosity that the material cannot have, electrodes that are
        not one foil with its coatings side by side, half-widths that differ by less than 1 um, an edge
        filling that is missing or without effect, fixtures that lie within the cell or in the way of the
        pouch. All problems at once.
    """

    layers: tuple[Layer, ...]
    materials: Mapping[str, Material]
    edge_fill: EdgeFill | None = None
    pouch_edge: PouchEdge | None = None
    frame: Frame | None = None

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise InputError(problems, "stack")

    @property
    def width(self) -> float:
        """Half-width of the cell: of its widest layer, fixtures left out [m]."""
        return max(layer.half_width for layer in self.layers if layer.role != "fixture")

    @property
    def height(self) -> float:
        """Unpressed height [m]."""
        return sum(layer.thickness for layer in self.layers)

    @property
    def footprints(self) -> tuple[float, ...]:
        """The distinct half-widths [m], ascending."""
        return tuple(sorted({layer.half_width for layer in self.layers}))

    @property
    def lengths(self) -> tuple[float, ...]:
        """The distinct half-lengths [m], ascending."""
        return tuple(sorted({layer.extent[1] for layer in self.layers}))

    @property
    def covers(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Layers of pouch and bag (and where they slip) on top and bottom, from the inside outwards."""
        return self._cover(range(len(self.layers))), self._cover(range(len(self.layers) - 1, -1, -1))

    @property
    def frame_starts(self) -> float | None:
        """Where the frame begins [m]; the covers reach over it."""
        return self.width - self.frame.width if self.frame else None

    def _cover(self, inwards: range) -> tuple[int, ...]:
        cell = (i for i in inwards if self.layers[i].role != "fixture")
        return tuple(takewhile(lambda i: self.layers[i].role in ("bag", "pouch", "slip"), cell))[::-1]

    @property
    def fill_material(self) -> str | None:
        """Name of the edge filling's material."""
        return EDGE_FILLS[self.edge_fill] if self.edge_fill else None

    @property
    def material_names(self) -> tuple[str, ...]:
        """Materials in the order of their first layer from the top, the edge filling last."""
        names = dict.fromkeys(layer.material for layer in self.layers)
        if self.frame:
            names[self.frame.material] = None
        if self.fill_material:
            names[self.fill_material] = None
        return tuple(names)

    @cached_property
    def electrodes(self) -> tuple[Electrode, ...]:
        """The electrodes from the top downwards."""
        return tuple(
            Electrode(
                number,
                self.layers[members[0]].kind,  # type: ignore[arg-type]  # a Layer has both or neither
                tuple(i for i in members if self.layers[i].role == "coating"),
                next(i for i in members if self.layers[i].role == "foil"),
            )
            for number, members in self._electrode_members().items()
        )

    @cached_property
    def film_planes(self) -> tuple[int, ...]:
        """Indices of the pressure films, those outside the outermost electrodes left out.

        In a cell of N electrodes, entry k - 1 is the film between electrodes k and k + 1 from the top.
        """
        of_electrodes = [i for i, layer in enumerate(self.layers) if layer.electrode is not None]
        first, last = (of_electrodes[0], of_electrodes[-1]) if of_electrodes else (0, len(self.layers))
        return tuple(i for i, layer in enumerate(self.layers) if layer.role == "film" and first <= i <= last)

    def _electrode_members(self) -> dict[int, list[int]]:
        members: dict[int, list[int]] = {}
        for i, layer in enumerate(self.layers):
            if layer.electrode is not None:
                members.setdefault(layer.electrode, []).append(i)
        return members

    def _problems(self) -> Iterator[Problem]:
        if not self.layers:
            yield Problem("layers", "none", "at least one")
            return
        for name, count in Counter(layer.name for layer in self.layers).items():
            if count > 1:
                yield Problem(
                    f"layer {name!r}", f"the name {count} times", "a name of its own for each layer"
                )
        for layer in self.layers:
            if layer.material not in self.materials:
                known = ", ".join(self.materials)
                yield Problem(f"layer {layer.name!r}, material", layer.material, f"one of {known}")
            elif layer.porosity is not None:
                yield from self.materials[layer.material].porosity_problems(
                    layer.porosity, f"layer {layer.name!r}, porosity"
                )
        yield from self._electrode_problems()
        yield from self._footprint_problems()

    def _electrode_problems(self) -> Iterator[Problem]:
        members = self._electrode_members()
        if list(members) != list(range(1, len(members) + 1)):
            got = ", ".join(str(number) for number in members)
            yield Problem("electrodes", got, "numbers 1, 2, 3 ... from the top downwards")
        for number, indices in members.items():
            layers = [self.layers[i] for i in indices]
            where = f"electrode {number}"
            if indices != list(range(indices[0], indices[0] + len(indices))):
                yield Problem(where, "other layers in between", "its coatings and foil side by side")
            roles = Counter(layer.role for layer in layers)
            if roles["foil"] != 1 or not 1 <= roles["coating"] <= 2 or set(roles) != {"foil", "coating"}:
                got = ", ".join(f"{count} {role}" for role, count in roles.items())
                yield Problem(where, got, "one foil and one or two coatings")
            elif roles["coating"] == 2 and layers[1].role != "foil":
                yield Problem(where, "both coatings on one side", "one coating on each side of the foil")
            if len({layer.kind for layer in layers}) > 1:
                yield Problem(where, "cathode and anode layers", "layers of one kind")

    def _fixture_problems(self) -> Iterator[Problem]:
        roles = ["fixture" if layer.role == "fixture" else "cell" for layer in self.layers]
        runs = [role for role, _ in groupby(roles)]
        if runs.count("cell") != 1:
            yield Problem(
                "fixture", "between layers of the cell, or nothing else", "outside, above or below it"
            )
            return
        if self.frame and self.frame.material not in self.materials:
            yield Problem("frame, material", self.frame.material, f"one of {', '.join(self.materials)}")
        if not self.pouch_edge:
            return
        top, bottom = self.covers
        yield from cover_problems(*([self._sheet(i) for i in cover] for cover in (top, bottom)))
        if any(layer.role == "fixture" and layer.half_width > self.width for layer in self.layers):
            yield Problem("fixture", "wider than the cell", "a plate that leaves room for the pouch's edge")
        if self.pouch_edge.shape == "draped":
            if self.frame:
                yield Problem("frame", "beside a draped pouch", "pouch_edge = 'conformal', or no frame")
            if sum(layer.elements for layer in self.layers) - 2 * len(top) < 2:
                yield Problem("pouch_edge", "one row between the covers", "two: they meet at mid-height")

    def _sheet(self, index: int) -> tuple[str, float, int]:
        layer = self.layers[index]
        return layer.material, layer.thickness, layer.elements

    @property
    def _has_space(self) -> bool:
        """Whether there is space beside layers that something has to fill."""
        inside = {layer.half_width for layer in self.layers if layer.role != "fixture"}
        if self.frame:
            inside = {width for width in inside if width < self.width} | {self.width - self.frame.width}
        return len(inside) > 1 or (self.pouch_edge is not None and self.pouch_edge.shape == "draped")

    def _footprint_problems(self) -> Iterator[Problem]:
        yield from self._fixture_problems()
        square = self.lengths == self.footprints  # said once
        for what, extents in (("width", self.footprints), ("length", () if square else self.lengths)):
            for narrow, wide in pairwise(extents):
                if wide - narrow < SAME_FOOTPRINT:
                    got, needed = (
                        f"{narrow:.9g} m and {wide:.9g} m",
                        f"equal half-{what}s or 1 um between them",
                    )
                    yield Problem(f"half_{what}", got, needed)
        longer = {round(layer.extent[1] - layer.half_width, 9) for layer in self.layers}
        space = self._has_space or (len(longer) > 1 and len(self.lengths) > 1)
        if space and self.edge_fill is None:
            unlike = len(self.footprints) > 1 or len(self.lengths) > 1
            why = "while half-widths or half-lengths differ" if unlike else "under a draped pouch"
            yield Problem(
                "edge_fill",
                f"nothing, {why}",
                "'open gap' or 'frame'",
                "what fills the space beside the short layers; numbers near the edge depend on it",
            )
        if not space and self.edge_fill is not None:
            yield Problem(
                "edge_fill",
                repr(self.edge_fill),
                "nothing, all layers end flush",
                "without effect: leave it out",
            )
        if self.fill_material and self.fill_material not in self.materials:
            yield Problem("edge_fill", f"no material {self.fill_material!r}", "its card among the materials")
