"""A material card: every value with its unit, source, provenance and confidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from isosim import law
from isosim.tables import Fault, Quantity, Table, Temperature

PROVENANCE = {
    "R": "read on a public page or in an abstract",
    "D": "read in a third-party digest of the paper, not in the paper (second-hand)",
    "S": "the founding paper, Dixit et al. 2024",
    "C": "calculated or fitted here",
    "M": "from memory of the literature, unverified",
    "A": "an assumption of this project",
}
CAP_LAWS = ("Heckel", "Log", "Kawakita", "Power", "CamClay")


@dataclass(frozen=True)
class Value:
    """A value of a card: `si` and the range in SI, `text` and `range` as the card writes them."""

    si: float
    low: float | None
    high: float | None
    text: str
    range: str
    source: str
    provenance: str
    confidence: str


class Entry(Table):
    """How a card writes a value."""

    value: Any = Field(description="a number with its unit")
    range: list[Any] | None = None
    source: str
    provenance: Literal["R", "D", "S", "C", "M", "A"]
    confidence: Literal["H", "M", "L"]


@dataclass(frozen=True)
class Reads:
    """Marks a `Value` that the card writes as an `Entry` of a quantity."""

    quantity: Quantity

    def read(self, entry: Entry) -> Value:
        """The entry in SI; its range must hold the value."""
        si = self.quantity.read(entry.value)
        low, high, words = None, None, ""
        if entry.range is not None:
            bounds = [self.quantity.read(bound) for bound in entry.range]
            if len(bounds) != 2 or not bounds[0] <= si <= bounds[1]:
                context = {
                    "got": f"range {entry.range}",
                    "needed": "[low, high] around the value",
                    "hint": "",
                }
                raise PydanticCustomError("isosim", "needed {needed}", context)
            (low, high), words = bounds, f"{entry.range[0]} to {entry.range[1]}"
        text = str(entry.value)
        return Value(si, low, high, text, words, entry.source, entry.provenance, entry.confidence)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.read, handler.generate_schema(Entry))


_ABOVE_ZERO: dict[str, Any] = {"above": 0.0, "bounds": "a value above zero"}
_ZERO_OR_MORE: dict[str, Any] = {"least": 0.0, "bounds": "zero or more"}
Length = Annotated[Value, Reads(Quantity("m", **_ABOVE_ZERO))]
Density = Annotated[Value, Reads(Quantity("kg/m^3", **_ABOVE_ZERO))]
Stress = Annotated[Value, Reads(Quantity("Pa", **_ABOVE_ZERO))]
StressOrZero = Annotated[Value, Reads(Quantity("Pa", **_ZERO_OR_MORE))]
Number = Annotated[Value, Reads(Quantity("", **_ABOVE_ZERO))]
NumberOrZero = Annotated[Value, Reads(Quantity("", **_ZERO_OR_MORE))]
Fraction = Annotated[Value, Reads(Quantity("", above=0.0, below=1.0, bounds="a fraction between 0 and 1"))]
PoissonRatio = Annotated[Value, Reads(Quantity("", above=-1.0, below=0.5, bounds="between -1 and 0.5"))]
PerPressure = Annotated[Value, Reads(Quantity("1/Pa", **_ABOVE_ZERO))]
PerTime = Annotated[Value, Reads(Quantity("1/s", **_ABOVE_ZERO))]
PerKelvin = Annotated[Value, Reads(Quantity("1/K"))]
MolarEnergy = Annotated[Value, Reads(Quantity("J/mol", **_ZERO_OR_MORE))]


class Component(Table):
    """One solid of a coating."""

    name: str
    fraction: Fraction
    density: Density


class Elastic(Table):
    """K and G, or E and nu; of the solid where the material is porous."""

    bulk_modulus: Stress | None = None
    shear_modulus: Stress | None = None
    young_modulus: Stress | None = None
    poisson_ratio: PoissonRatio | None = None
    stiffness_porosity: Number | None = None
    constant: bool = Field(False, description="true for moduli that do not depend on porosity")

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        yield from moduli_faults(keys)
        if keys.get("constant") and "stiffness_porosity" in keys:
            yield Fault("constant", "true beside stiffness_porosity", "one of them")

    def moduli(self) -> tuple[float, float]:
        """K and G [Pa]."""
        if self.bulk_modulus and self.shear_modulus:
            return self.bulk_modulus.si, self.shear_modulus.si
        assert self.young_modulus and self.poisson_ratio  # key_faults lets nothing else through
        return bulk_and_shear(self.young_modulus.si, self.poisson_ratio.si)


class Cap(Table):
    """A cap law of `isosim.law` by its name, with that law's parameters."""

    law: Literal["Heckel", "Log", "Kawakita", "Power", "CamClay"]
    reference_porosity: Fraction
    p0: Stress | None = None
    hardening: StressOrZero | None = None
    minimum_porosity: NumberOrZero | None = None
    intercept: Number | None = None
    slope: Number | None = None
    unit_pressure: Stress | None = None
    a: Fraction | None = None
    b: PerPressure | None = None
    exponent: Number | None = None
    compression: Number | None = None
    swelling: NumberOrZero | None = None
    locking: Stress | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        if keys.get("law") not in CAP_LAWS:
            return
        fields = dataclasses.fields(getattr(law, keys["law"]))
        for key in cls.model_fields.keys() & keys.keys() - {"law", "reference_porosity"}:
            if key not in {field.name for field in fields}:
                yield Fault(key, "a value", f"nothing: {keys['law']} has no such parameter")
        for field in fields:
            if field.default is dataclasses.MISSING and field.name not in keys:
                yield Fault(field.name, "nothing", f"a value: {keys['law']} needs it")

    def build(self) -> Any:
        """The cap of `isosim.law`."""
        parameters = {
            field.name: value.si
            for field in dataclasses.fields(getattr(law, self.law))
            if (value := getattr(self, field.name)) is not None
        }
        return getattr(law, self.law)(**parameters)


class Surface(Table):
    """The yield surface of a porous material apart from its cap."""

    friction: Number
    matrix_strength: Stress | None = None
    cohesion: StressOrZero | None = None
    tension_ratio: NumberOrZero | None = None


class Viscosity(Table):
    """The overstress law."""

    stress: Stress
    exponent: Number
    rate: PerTime
    activation_energy: MolarEnergy


class Plastic(Table):
    """The yield of a dense material; a material without it stays elastic, one that yields at zero creeps."""

    yield_stress: StressOrZero
    hardening: StressOrZero


class Slip(Table):
    """Sliding of an interface that a film stands for."""

    friction: Number
    adhesion: Stress
    hardening: StressOrZero


class Thermal(Table):
    """Factors on strength and moduli at a temperature, and thermal expansion."""

    reference_temperature: Temperature
    temperature: Temperature | None = Field(None, description="where the factors hold")
    strength: Number | None = None
    bulk: Number | None = None
    shear: Number | None = None
    expansion: PerKelvin | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        factors = keys.keys() & {"strength", "bulk", "shear"}
        if factors and "temperature" not in keys:
            yield Fault("temperature", "nothing", "the temperature at which the factors hold")
        if "temperature" in keys and not factors:
            yield Fault("temperature", "a value", "nothing: there are no factors to hold there")

    def value_faults(self) -> Iterator[Fault]:
        if self.temperature == self.reference_temperature:
            yield Fault("temperature", "the reference temperature", "another one")


class Card(Table):
    """A whole card."""

    schema_version: Literal[1]
    title: str
    numerical: bool = Field(False, description="true for a numerical device that is no material")
    assumptions: list[str] = Field(default_factory=list)
    thickness: Length | None = None
    composition: list[Component] = Field(default_factory=list)
    elastic: Elastic
    cap: Cap | None = None
    surface: Surface | None = None
    viscosity: Viscosity | None = None
    plastic: Plastic | None = None
    slip: Slip | None = None
    thermal: Thermal | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        if ("cap" in keys) != ("surface" in keys):
            missing = "surface" if "cap" in keys else "cap"
            yield Fault(missing, "nothing", "a table: a porous material has both [cap] and [surface]")
        if "cap" in keys and "plastic" in keys:
            yield Fault("plastic", "a table", "nothing: a porous material yields by its cap and surface")
        if "slip" in keys and (other := sorted(keys.keys() & {"cap", "plastic", "viscosity", "thermal"})):
            yield Fault("slip", f"a table beside {', '.join(other)}", "elastic constants alone beside it")
        if "viscosity" in keys and not keys.keys() & {"cap", "plastic"}:
            yield Fault("viscosity", "a table", "nothing: a material that does not yield does not creep")

    def value_faults(self) -> Iterator[Fault]:
        if self.composition:
            total = sum(component.fraction.si for component in self.composition)
            if abs(total - 1.0) > 1e-6:
                yield Fault("composition", f"fractions that add up to {total:g}", "1")
        if self.plastic and not self.plastic.yield_stress.si and self.viscosity is None:
            yield Fault("plastic.yield_stress", "zero without [viscosity]", "more, or a material that creeps")
        if self.cap is None and (self.elastic.stiffness_porosity or self.elastic.constant):
            yield Fault("elastic", "a dependence on porosity", "nothing: a dense material has no pores")

    def values(self) -> Iterator[tuple[str, Value]]:
        """Every value of the card with its dotted name."""
        yield from _values(self, "")


def moduli_faults(keys: Mapping[str, Any]) -> Iterator[Fault]:
    """The fault, if any, of giving neither exactly K and G nor exactly E and nu, in the words of a card."""
    given = keys.keys() & {"bulk_modulus", "shear_modulus", "young_modulus", "poisson_ratio"}
    if given not in ({"bulk_modulus", "shear_modulus"}, {"young_modulus", "poisson_ratio"}):
        needed = "bulk_modulus and shear_modulus, or young_modulus and poisson_ratio"
        yield Fault("", ", ".join(sorted(given)) or "no modulus", needed)


def bulk_and_shear(young: float, poisson: float) -> tuple[float, float]:
    """K and G [Pa] from E [Pa] and nu."""
    return young / (3.0 * (1.0 - 2.0 * poisson)), young / (2.0 * (1.0 + poisson))


def _values(table: Table, prefix: str) -> Iterator[tuple[str, Value]]:
    for name in type(table).model_fields:
        part = getattr(table, name)
        if isinstance(part, Value):
            yield prefix + name, part
        elif isinstance(part, Table):
            yield from _values(part, f"{prefix}{name}.")
        elif isinstance(part, list):
            for item in part:
                if isinstance(item, Component):
                    yield from _values(item, f"{prefix}{item.name}.")
