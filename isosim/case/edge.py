"""What lies around the edge of a dummy cell: pouch and bag, interfaces that slip, fixtures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from isosim.case.fields import Card, Switch
from isosim.materials import Material
from isosim.stack.generator import Plate, Sheet
from isosim.stack.pouch_edge import Frame, PouchEdge, Shape
from isosim.tables import Count, Fault, Length, LengthOrZero, Table

DRAPE = {"run": 1e-3, "clearance": 0.1e-3, "flange": 3e-3}  # [m], where a drape does not say
INTERFACES = ("bag", "pouch", "plate")
OF_KIND = {"plate": ("thickness", "half_width", "faces", "elements"), "frame": ("width", "gap")}
NEEDED = {"plate": ("thickness", "half_width"), "frame": ("width",)}


class PouchEdgeTable(Table):
    """How pouch and bag close around the edge."""

    shape: Shape
    run: Length | None = Field(None, description="how far a drape runs outwards on its way down; 1 mm")
    clearance: Length | None = Field(None, description="where a drape turns down, beyond the widest layer")
    flange: Length | None = Field(None, description="length of the sealed flange; 3 mm")

    @classmethod
    def key_faults(cls, keys: Mapping[str, object]) -> Iterator[Fault]:
        if keys.get("shape") == "conformal":
            for key in DRAPE:
                if key in keys:
                    yield Fault(key, "a value", "nothing", "only a drape has it")

    def build(self) -> PouchEdge:
        """The pouch's edge."""
        if self.shape == "conformal":
            return PouchEdge("conformal")
        lengths = {
            key: default if (own := getattr(self, key)) is None else own for key, default in DRAPE.items()
        }
        return PouchEdge("draped", **lengths)


class SlipTable(Table):
    """The interfaces that slip, each with the card of its slip film."""

    bag: Annotated[Card | None, Switch("slip_film")] = Field(None, description="between bag and pouch")
    pouch: Annotated[Card | None, Switch("slip_film")] = Field(None, description="between pouch and stack")
    plate: Annotated[Card | None, Switch("slip_film")] = Field(
        None, description="between a plate and the cell"
    )

    def value_faults(self) -> Iterator[Fault]:
        for name, card in self.cards():
            if card.card is None or card.card.slip is None or card.card.thickness is None:
                yield Fault(name, card.name, "a card with [slip] and [thickness]", "slip_film is one")

    def cards(self) -> Iterator[tuple[str, Material]]:
        """Every interface that slips, and its material."""
        for name in INTERFACES:
            if (card := getattr(self, name)) is not None:
                yield name, card

    def build(self) -> dict[str, Sheet]:
        """The slip films by interface."""
        sheets = {}
        for name, material in self.cards():
            assert material.card and material.card.thickness  # value_faults lets no other through
            sheets[name] = Sheet(material.name, material.card.thickness.si)
        return sheets


class FixtureTable(Table):
    """A rigid plate on the faces, or a rigid frame beside the cell."""

    kind: Literal["plate", "frame"]
    material: Card = Field(default="steel", validate_default=True, description="the name of a card")
    thickness: Length | None = Field(None, description="of a plate")
    half_width: Length | None = Field(None, description="of a plate")
    faces: list[Literal["top", "bottom"]] = Field(default=["top", "bottom"], min_length=1)
    elements: Count = Field(2, description="through the thickness of a plate")
    width: Length | None = Field(None, description="of a frame")
    gap: LengthOrZero = Field(
        0.0, description="between the widest layer and a frame", json_schema_extra={"default": "0 mm"}
    )

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        kind = keys.get("kind")
        if kind not in OF_KIND:
            return
        for key in NEEDED[kind]:
            if key not in keys:
                yield Fault(key, "nothing", f"a length: a {kind} has one")
        for key in sorted(
            keys.keys() & {key for own in OF_KIND.values() for key in own} - set(OF_KIND[kind])
        ):
            yield Fault(key, "a value", f"nothing: a {kind} has none")

    def value_faults(self) -> Iterator[Fault]:
        if self.material.kind != "dense":
            yield Fault("material", f"{self.material.name}, which is porous", "a dense material")

    def plate(self) -> Plate | None:
        """The plate, if it is one."""
        if self.kind != "plate":
            return None
        assert self.thickness is not None and self.half_width is not None  # key_faults
        sheet = Sheet(self.material.name, self.thickness, elements=self.elements)
        return Plate(sheet, self.half_width, tuple(self.faces))

    def frame(self) -> Frame | None:
        """The frame, if it is one."""
        if self.kind != "frame":
            return None
        assert self.width is not None  # key_faults
        return Frame(self.material.name, self.width)

    @property
    def beside(self) -> float:
        """How far pouch and bag reach beyond the widest layer, over a frame [m]."""
        return self.gap + self.width if self.kind == "frame" and self.width else 0.0
