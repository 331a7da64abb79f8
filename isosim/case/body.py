"""What is pressed: the tables [stack] and [[layer]]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from isosim import units
from isosim.case.coating import CoatingTable
from isosim.case.edge import FixtureTable, PouchEdgeTable, SlipTable
from isosim.case.fields import Card, CardOrBody, Switch, Word
from isosim.materials import Material
from isosim.stack.generator import CoatedFoil, DummyCell, Films, Plate, Sheet
from isosim.stack.layer import Layer, Role
from isosim.tables import NAMING, Count, Fault, Fraction, Length, LengthOrZero, Name, Table


class SheetTable(Table):
    """A material and its thickness, by default that of its card."""

    material: Card = Field(description="the name of a card")
    thickness: Length | None = None
    porosity: Fraction | None = None
    elements: Count = 1

    def value_faults(self) -> Iterator[Fault]:
        if self.thickness is None and _card_thickness(self.material) is None:
            yield Fault("thickness", "nothing", "a length", f"card {self.material.name} has none")
        if self.porosity is not None:
            for problem in self.material.porosity_problems(self.porosity, "porosity"):
                yield Fault("porosity", problem.got, problem.needed, problem.hint)

    def build(self) -> Sheet:
        """The sheet."""
        thickness = self.thickness or _card_thickness(self.material)
        assert thickness is not None  # value_faults lets no other through
        return Sheet(self.material.name, thickness, self.porosity, self.elements)


class PouchTable(SheetTable):
    """One sub-layer of the pouch laminate."""

    name: Name = Field(description=NAMING)


class ElectrodeTable(CoatingTable):
    """A coating and its foil."""

    foil: SheetTable


class CathodeTable(ElectrodeTable):
    """A cathode; aluminium foil by default."""

    foil: SheetTable = Field(default_factory=lambda: _sheet("al_foil"))


class AnodeTable(ElectrodeTable):
    """An anode; copper foil by default."""

    foil: SheetTable = Field(default_factory=lambda: _sheet("cu_foil"))


class OverhangTable(Table):
    """How far layers reach beyond the cathodes."""

    anode: LengthOrZero = Field(0.0, json_schema_extra={"default": "0 mm"})
    separator: LengthOrZero = Field(0.0, json_schema_extra={"default": "0 mm"})
    film: LengthOrZero = Field(0.0, json_schema_extra={"default": "0 mm"})


def _sheet(material: str) -> SheetTable:
    return SheetTable.model_validate({"material": material})


USUAL_OVERHANG = {"anode": "1 mm", "separator": "2 mm", "film": "1 mm"}
POUCH = [
    {"name": "nylon", "material": "nylon"},
    {"name": "aluminium", "material": "pouch_al"},
    {"name": "polypropylene", "material": "cpp"},
]


class StackTable(Table):
    """A dummy cell by the generator `isosim.stack.generator.DummyCell`."""

    electrodes: int = Field(ge=2, le=200, multiple_of=2, description="an even number from 2 to 200")
    cathode: CathodeTable
    anode: AnodeTable
    sides: Literal[1, 2] = 1
    films: Films = "between"
    half_width: Length = Field(25e-3, description="of the cathodes", json_schema_extra={"default": "25 mm"})
    half_length: Length | None = Field(
        None, description="of the cathodes across the cut, for a solid; half_width (a square) when left out"
    )
    overhang: Annotated[OverhangTable | None, Switch(USUAL_OVERHANG)] = Field(
        None,
        description="false is flush, true the usual 1 mm of anode and film, 2 mm of separator",
        json_schema_extra={"default": False},
    )
    separator: SheetTable = Field(default_factory=lambda: _sheet("celgard2325"))
    film: SheetTable = Field(default_factory=lambda: _sheet("pressure_film"))
    pouch: Annotated[list[PouchTable] | None, Switch(POUCH)] = Field(
        default_factory=lambda: [PouchTable.model_validate(part) for part in POUCH],
        description="sub-layers from the outside inwards; true is nylon, aluminium, polypropylene",
        json_schema_extra={"default": True},
    )
    bag: Annotated[SheetTable | None, Switch({"material": "bag"})] = Field(
        default_factory=lambda: _sheet("bag"),
        description="one sheet for all bags on a face",
        json_schema_extra={"default": True},
    )
    pouch_edge: Annotated[PouchEdgeTable | None, Word("shape")] = Field(
        None,
        description="'none', 'conformal', 'draped', or a table with the lengths of a drape",
        json_schema_extra={"default": "none"},
    )
    slip: SlipTable = Field(
        default_factory=SlipTable, description="interfaces that slip; all others are tied"
    )
    fixture: FixtureTable | None = Field(None, description="a rigid plate or frame")

    @classmethod
    def key_faults(cls, keys: Mapping[str, object]) -> Iterator[Fault]:
        if keys.get("films") == "none":
            overhang = keys.get("overhang")
            for key, table in (("film", keys), ("overhang.film", overhang)):
                if isinstance(table, Mapping) and "film" in table:
                    yield Fault(key, "a value", "nothing", "with films = 'none' it has no effect")

    def value_faults(self) -> Iterator[Fault]:
        if self.pouch is not None and len({part.name for part in self.pouch}) < len(self.pouch):
            yield Fault("pouch", "a name twice", "a name of its own for each sub-layer")
        there = {"bag": self.bag and self.pouch, "pouch": self.pouch or self.bag, "plate": self._plate}
        for name, _ in self.slip.cards():
            if not there[name]:
                yield Fault(f"slip.{name}", "a value", "nothing: there is no such interface")

    @property
    def _plate(self) -> Plate | None:
        return self.fixture.plate() if self.fixture else None

    def beyond_the_middle(self) -> Iterator[str]:
        """Keys in use that the middle of the cell does not feel."""
        there = {
            "overhang": self.overhang,
            "pouch_edge": self.pouch_edge,
            "slip": any(self.slip.cards()),
            "fixture": self.fixture and not self._plate,
        }
        yield from (key for key, value in there.items() if value)

    def layers(self) -> tuple[Layer, ...]:
        """The layers from the top downwards."""
        overhang = self.overhang or OverhangTable()
        return DummyCell(
            electrodes=self.electrodes,
            cathode=_coated_foil(self.cathode),
            anode=_coated_foil(self.anode),
            separator=self.separator.build(),
            film=self.film.build(),
            pouch={part.name: part.build() for part in self.pouch or []},
            bag=self.bag.build() if self.bag else None,
            sides=self.sides,
            films=self.films,
            half_width=self.half_width,
            anode_overhang=overhang.anode,
            separator_overhang=overhang.separator,
            film_overhang=overhang.film,
            half_length=self.half_length,
            beside=self.fixture.beside if self.fixture else 0.0,
            slip=self.slip.build(),
            plate=self._plate,
        ).layers()

    def materials(self) -> Iterator[Material]:
        """Every material of the cell."""
        sheets = [self.cathode.foil, self.anode.foil, self.separator, *(self.pouch or [])]
        sheets += [self.film] if self.films != "none" else []
        sheets += [self.bag] if self.bag else []
        yield from (self.cathode.material, self.anode.material)
        yield from (material for _, material in self.slip.cards())
        yield from [self.fixture.material] if self.fixture else []
        yield from (sheet.material for sheet in sheets)

    def assumptions(self) -> Iterator[str]:
        """What the paper leaves open and how it is settled here, each with its alternative."""
        one = self.sides == 1
        yield (
            f"coatings are on {'one side' if one else 'both sides'} of each foil"
            f" (alternative: sides = {2 if one else 1})"
        )
        if self.films == "none":
            yield "there are no pressure films (alternatives: films = 'between', 'outer too')"
        else:
            yield "each film lies between the separator and the anode, also where foils face each other"
            yield "the first film is the one between electrodes 1 and 2 from the top"
            other = "outer too" if self.films == "between" else "between"
            where = "between electrodes only" if self.films == "between" else "between electrodes and outside"
            yield f"films lie {where} (alternatives: films = '{other}', 'none')"
            if self.films == "outer too":
                yield "the films outside the outermost electrodes are pressed with the rest and not read"
        yield f"half-width of the cathodes {units.show(self.half_width, 'mm')} (key half_width)"
        if self.overhang is None:
            yield "all layers end flush (alternative: overhang = true, or a table)"
        else:
            reach = ", ".join(
                f"{name}s by {units.show(getattr(self.overhang, name), 'mm')}"
                for name in ("anode", "separator", "film")
            )
            yield f"beyond the cathodes reach {reach} (key overhang; false is flush)"
        yield "pouch and bag as their cards say, on both faces (keys pouch and bag; false leaves them out)"
        yield from self._edge_assumptions()
        for kind, table in (("cathode", self.cathode), ("anode", self.anode)):
            thickness = units.show(table.foil.build().thickness, "um")
            yield f"{kind} foil {thickness} thick (key {kind}.foil)"

    def _edge_assumptions(self) -> Iterator[str]:
        if self.pouch_edge is None:
            yield "pouch and bag end with the widest layer (alternatives: pouch_edge = 'conformal', 'draped')"
        elif self.pouch_edge.shape == "conformal":
            yield "pouch and bag are a skin down the edge that joins both faces (alternative: 'draped')"
        else:
            yield "pouch and bag come down on a straight line to a flange at mid-height, sealed before"
        slips = " and ".join(name for name, _ in self.slip.cards())
        if slips:
            yield f"friction at the interface {slips} acts as if the contact pressure were the fluid's"
        yield "no tabs, no one-sided pouch cup, no electrode out of line"
        if self.fixture:
            yield f"the {self.fixture.kind} is bonded to what it touches" + (
                "" if self._plate is None or self.slip.plate else " (key slip.plate)"
            )


class LayerTable(Table):
    """One layer of any body."""

    name: Name = Field(description=NAMING)
    material: CardOrBody = Field(description="the name of a card, or constants { E = ..., nu = ... }")
    thickness: Length = Field(description="a length such as '25 um'")
    half_width: Length = Field(description="a length such as '25 mm'")
    half_length: Length | None = Field(
        None, description="across the cut, for a solid; half_width when left out"
    )
    porosity: Fraction | None = None
    elements: Count = 1
    role: Role = "other"
    electrode: Count | None = Field(None, description="its number from the top, from 1")
    kind: Literal["cathode", "anode"] | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, object]) -> Iterator[Fault]:
        for key, other in (("electrode", "kind"), ("kind", "electrode")):
            if key in keys and other not in keys:
                yield Fault(other, "nothing", f"a value beside {key}")

    def value_faults(self) -> Iterator[Fault]:
        if self.porosity is not None:
            for problem in self.material.porosity_problems(self.porosity, "porosity"):
                yield Fault("porosity", problem.got, problem.needed, problem.hint)

    def build(self) -> tuple[Layer, Material]:
        """The layer and its material, which is named after the layer when it is given by constants."""
        name = self.material.name if self.material.card else f"{self.name} (constants)"
        layer = Layer(
            self.name,
            self.role,
            name,
            self.thickness,
            self.half_width,
            self.porosity,
            self.electrode,
            self.elements,
            self.kind,
            self.half_length,
        )
        return layer, self.material


def _card_thickness(material: Material) -> float | None:
    value = material.card.thickness if material.card else None
    return value.si if value else None


def _coated_foil(table: ElectrodeTable) -> CoatedFoil:
    coating = table.build()
    sheet = Sheet(coating.material, coating.thickness, coating.porosity, table.elements)
    return CoatedFoil(sheet, table.foil.build())
