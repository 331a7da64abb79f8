"""A whole case file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from isosim import materials
from isosim.case.body import LayerTable, StackTable
from isosim.case.fields import Log
from isosim.errors import InputError
from isosim.materials import Material
from isosim.recipe import FACES, NEEDED_PRESSURE, NEEDED_RAMP, PRESSURES, ROOM, Recipe, face_problems
from isosim.stack.stack import EDGE_FILLS, EdgeFill, Stack
from isosim.tables import NAMING, Count, Fault, Length, Name, Quantity, Table, Temperature, fault

UNDRAINED = (
    "a wet cell that is sealed cannot let its electrolyte out: the liquid in its pores carries the pressure "
    "and they do not close, which this dry model does not describe"
)


def _faces(value: Any) -> Any:
    if value == "all":
        return value
    if isinstance(value, list) and all(isinstance(face, str) for face in value):
        for problem in face_problems(value):
            raise fault(value, problem.needed, problem.hint)
        return tuple(value)
    raise fault(value, "'all', or a list of 'top', 'bottom', 'edge'")


Pressure = Annotated[float, Quantity("Pa", least=PRESSURES[0], most=PRESSURES[1], bounds=NEEDED_PRESSURE)]
Ramp = Annotated[float, Quantity("s", above=0.0, bounds=NEEDED_RAMP)]
Hold = Annotated[float, Quantity("s", least=0.0, bounds="a time of zero or more")]


class RecipeTable(Table):
    """What the press does: pressure and times, or a log."""

    pressure: Pressure | None = None
    temperature: Temperature | None = Field(None, description="25 degC when left out")
    ramp: Ramp | None = Field(None, description="120 s when left out")
    hold: Hold | None = Field(None, description="5 min when left out")
    release: Ramp | None = Field(None, description="120 s when left out")
    faces: Annotated[
        Any,
        BeforeValidator(_faces),
        WithJsonSchema(
            {"anyOf": [{"const": "all"}, {"type": "array", "items": {"enum": list(FACES)}, "minItems": 1}]}
        ),
    ] = "all"
    log: Log | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, object]) -> Iterator[Fault]:
        if "log" not in keys and "pressure" not in keys:
            yield Fault("pressure", "nothing", "a pressure such as '120 MPa', or a log")
        if "log" in keys:
            for key in ("pressure", "ramp", "hold", "release"):
                if key in keys:
                    yield Fault(key, "a value beside log", "one of them", "the log says it already")

    def value_faults(self) -> Iterator[Fault]:
        if self.log and self.temperature is not None and self.log.temperature is not None:
            yield Fault("temperature", "a value and a column of the log", "one of them")
            return
        try:
            self.build()
        except InputError as error:
            for problem in error.problems:
                yield Fault(problem.where, problem.got, problem.needed, problem.hint)

    def build(self) -> Recipe:
        """The recipe."""
        temperature = ROOM if self.temperature is None else self.temperature
        if self.log:
            log = self.log if self.log.temperature is not None else self.log.at(temperature)
            return Recipe.from_log(log, self.faces)
        assert self.pressure is not None  # key_faults lets no other through
        times = {
            name: value for name in ("ramp", "hold", "release") if (value := getattr(self, name)) is not None
        }
        return Recipe(self.pressure, temperature, faces=self.faces, **times)


class SectionTable(Table):
    """The mesh of the fidelities "section" and "axisymmetric"."""

    columns: Count = 24
    edge_cell: Length | None = Field(None, description="the mean row height when left out")


class SolidTable(Table):
    """The mesh of the fidelity "solid"."""

    columns: Count = 8
    edge_cell: Length | None = Field(None, description="0.25 mm when left out")


class ModelTable(Table):
    """How it is computed."""

    fidelity: Literal["column", "section", "axisymmetric", "solid"] = "section"
    lateral: Literal["free", "one direction", "confined"] = "free"
    refine: Count = Field(1, description="divides every step into that many")
    section: SectionTable = Field(default_factory=SectionTable)
    solid: SolidTable = Field(default_factory=SolidTable)

    def value_faults(self) -> Iterator[Fault]:
        if self.fidelity == "axisymmetric" and self.lateral == "one direction":
            yield Fault("lateral", "'one direction'", "'free' or 'confined'", "a disc is alike all round")


class CaseTable(Table):
    """A case file, `schema_version` 1."""

    schema_version: Literal[1] = Field(description="1")
    name: Name = Field("", description=NAMING)
    title: str = ""
    scenario: str = ""
    assumptions: list[str] = Field(default_factory=list)
    electrolyte: bool = False
    edge_fill: EdgeFill | None = Field(None, description="what fills the space beside short layers")
    stack: StackTable | None = None
    layer: list[LayerTable] | None = None
    recipe: RecipeTable = Field(description="a table [recipe]")
    model: ModelTable = Field(default_factory=ModelTable)

    @classmethod
    def key_faults(cls, keys: Mapping[str, object]) -> Iterator[Fault]:
        if ("stack" in keys) == ("layer" in keys):
            got = "both" if "stack" in keys else "neither"
            yield Fault("", got, "either [stack] (a dummy cell) or [[layer]] (any body, layer by layer)")
        if keys.get("electrolyte") is True:
            yield Fault("electrolyte", "true", "a dry cell", UNDRAINED)

    def value_faults(self) -> Iterator[Fault]:
        try:
            self.build()
        except InputError as error:
            for problem in error.problems:
                yield Fault(problem.where, problem.got, problem.needed, problem.hint)
            return
        yield from self._edge_faults()

    def _edge_faults(self) -> Iterator[Fault]:
        """Faces that a stepped outline does not have: the fluid presses all of it, and nothing else does."""
        if self.stack is None or self.model.fidelity == "column":  # the middle of the cell has no outline
            return
        draped = self.stack.pouch_edge is not None and self.stack.pouch_edge.shape == "draped"
        stepped = "a draped pouch" if draped else "a fixture" if self.stack.fixture else ""
        if stepped and self.recipe.faces != "all":
            hint = "or pouch_edge = 'none'" if draped else "the fluid is all around it"
            yield Fault("recipe.faces", f"some faces, with {stepped}", "'all'", hint)
        if stepped and self.model.lateral == "confined":
            hint = "or pouch_edge = 'conformal'" if draped else ""
            yield Fault("model.lateral", f"'confined', with {stepped}", "'free' or 'one direction'", hint)

    def build(self) -> Stack:
        """The stack."""
        if self.stack is not None:
            layers = self.stack.layers()
            known = {material.name: material for material in self.stack.materials()}
        else:
            built = [table.build() for table in self.layer or []]
            layers = tuple(layer for layer, _ in built)
            known = {layer.material: _renamed(material, layer.material) for layer, material in built}
        if self.edge_fill:
            filling = materials.load(EDGE_FILLS[self.edge_fill])
            known[filling.name] = filling
        if self.stack is None:
            return Stack(layers, known, self.edge_fill)
        edge, fixture = self.stack.pouch_edge, self.stack.fixture
        return Stack(
            layers,
            known,
            self.edge_fill,
            edge.build() if edge else None,
            fixture.frame() if fixture else None,
        )


def _renamed(material: Material, name: str) -> Material:
    return dataclasses.replace(material, name=name)
