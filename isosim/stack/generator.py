"""The layers of an N-electrode dummy cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from isosim.stack.layer import Kind, Layer, Role

Face = Literal["top", "bottom"]
Films = Literal["between", "outer too", "none"]


@dataclass(frozen=True)
class Sheet:
    """A material and a thickness [m], not yet in a stack."""

    material: str
    thickness: float
    porosity: float | None = None
    elements: int = 1


@dataclass(frozen=True)
class CoatedFoil:
    """An electrode, not yet in a stack; the coating is that of one side."""

    coating: Sheet
    foil: Sheet


@dataclass(frozen=True)
class Plate:
    """A rigid plate on one or both faces, with a half-width of its own [m]."""

    sheet: Sheet
    half_width: float
    faces: tuple[Face, ...] = ("top", "bottom")


@dataclass(frozen=True)
class DummyCell:
    """A cell of N electrodes without electrolyte, as pressed by Dixit et al. 2024.

    The electrodes alternate cathode, anode from the top. With one-sided coatings the two of a pair face each
    other across separator and film, and the foils of neighbouring pairs do too. The film lies between the
    separator and the anode.

    Parameters
    ----------
    electrodes
        N, even.
    cathode, anode
        Their coating (of one side) and foil.
    separator, film
        One of each between neighbouring electrodes.
    pouch
        Sub-layers of the laminate by name, from the outside inwards; empty for none.
    bag
        One layer for all bags on a face; None for none.
    sides
        Coated sides of each foil.
    films
        "between" electrodes only, "outer too" (against the pouch as well) or "none".
    half_width
        Of the cathodes [m].
    anode_overhang, separator_overhang, film_overhang
        How far those reach beyond the cathodes all round [m]; pouch and bag are as wide as the widest.
    half_length
        Of the cathodes [m]; None for a square.
    beside
        How much farther pouch and bag reach, over a frame and the gap up to it [m].
    slip
        Films that stand for interfaces with friction, by where they are: "bag" between bag and pouch, "pouch"
        between pouch and stack, "plate" between a plate and the cell.
    plate
        A plate outside the bag, and the faces on which there is one.
    """

    electrodes: int
    cathode: CoatedFoil
    anode: CoatedFoil
    separator: Sheet
    film: Sheet
    pouch: dict[str, Sheet]
    bag: Sheet | None
    sides: Literal[1, 2] = 1
    films: Films = "between"
    half_width: float = 25e-3
    anode_overhang: float = 0.0
    separator_overhang: float = 0.0
    film_overhang: float = 0.0
    half_length: float | None = None
    beside: float = 0.0
    slip: Mapping[str, Sheet] = field(default_factory=dict)
    plate: Plate | None = None

    def layers(self) -> tuple[Layer, ...]:
        """From the top downwards, (2 + sides - 1) N + 2 (N - 1) + 8 of them with all sheets in."""
        layers = tuple(self._layers())
        if self.half_length is None:
            return layers
        longer = self.half_length - self.half_width
        return tuple(replace(layer, half_length=layer.half_width + longer) for layer in layers)

    def _layers(self) -> Iterator[Layer]:
        yield from self._cover("top")
        if self.films == "outer too":
            yield self._film("top")
        for number in range(1, self.electrodes + 1):
            yield from self._electrode(number)
            if number < self.electrodes:
                between = [self._separator(number)]
                if self.films != "none":
                    between.append(self._film(str(number)))
                anode_is_below = number % 2 == 1
                yield from between if anode_is_below else reversed(between)
        if self.films == "outer too":
            yield self._film("bottom")
        yield from self._cover("bottom")

    def _electrode(self, number: int) -> Iterator[Layer]:
        kind: Kind = "cathode" if number % 2 else "anode"
        design, width = (
            (self.cathode, self.half_width)
            if kind == "cathode"
            else (self.anode, self._reach(self.anode_overhang))
        )
        name = f"{kind} {number}"

        def layer(role: Literal["coating", "foil"], sheet: Sheet, where: str = "") -> Layer:
            return Layer(
                f"{name} {role}{where}",
                role,
                sheet.material,
                sheet.thickness,
                width,
                sheet.porosity,
                number,
                sheet.elements,
                kind,
            )

        foil = layer("foil", design.foil)
        if self.sides == 2:
            yield from (layer("coating", design.coating, " top"), foil)
            yield layer("coating", design.coating, " bottom")
        else:
            coating = layer("coating", design.coating)
            yield from (foil, coating) if kind == "cathode" else (coating, foil)

    def _separator(self, number: int) -> Layer:
        width = self._reach(self.separator_overhang)
        return self._sheet(f"separator {number}", "separator", self.separator, width)

    def _film(self, where: str) -> Layer:
        return self._sheet(f"film {where}", "film", self.film, self._reach(self.film_overhang))

    def _cover(self, face: Face) -> Iterator[Layer]:
        overhang = [self.anode_overhang, self.separator_overhang]
        if self.films != "none":
            overhang.append(self.film_overhang)
        width = self._reach(max(overhang) + self.beside)
        sheet = lambda name, role, of: self._sheet(f"{name} {face}", role, of, width)  # noqa: E731
        cover = [sheet("bag", "bag", self.bag)] if self.bag else []
        cover += [sheet("slip bag", "slip", self.slip["bag"])] if "bag" in self.slip else []
        cover += [sheet(f"pouch {name}", "pouch", of) for name, of in self.pouch.items()]
        cover += [sheet("slip pouch", "slip", self.slip["pouch"])] if "pouch" in self.slip else []
        layers = [*self._plate(face), *cover]
        yield from layers if face == "top" else reversed(layers)

    def _plate(self, face: Face) -> Iterator[Layer]:
        if self.plate and face in self.plate.faces:
            width = self.plate.half_width
            yield self._sheet(f"plate {face}", "fixture", self.plate.sheet, width)
            if "plate" in self.slip:
                yield self._sheet(f"slip plate {face}", "fixture", self.slip["plate"], width)

    def _reach(self, beyond: float) -> float:
        """Half-width of what ends this far beyond the cathodes; 25 mm and 2 mm are a plate's 27 mm."""
        return round(self.half_width + beyond, 12)

    @staticmethod
    def _sheet(name: str, role: Role, sheet: Sheet, width: float) -> Layer:
        return Layer(
            name, role, sheet.material, sheet.thickness, width, sheet.porosity, elements=sheet.elements
        )
