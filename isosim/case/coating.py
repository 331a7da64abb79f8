"""A coating as people have it, and the rest of it computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field

from isosim import units
from isosim.case.fields import Card
from isosim.materials.material import solid_density
from isosim.tables import AreaDensity, Count, Density, Fault, Fraction, Length, Table, WholeFraction

STATED = ("porosity", "press_density", "thickness")


@dataclass(frozen=True)
class Coating:
    """One side of an electrode: loading [kg/m2], densities [kg/m3], porosity, thickness [m]."""

    material: str
    loading: float
    solid_density: float
    porosity: float
    stated: str  # which of STATED was given; the others follow

    @property
    def thickness(self) -> float:
        """Of the coating [m]."""
        return self.loading / (self.solid_density * (1.0 - self.porosity))

    @property
    def density(self) -> float:
        """Of the coating with its pores [kg/m3]."""
        return self.solid_density * (1.0 - self.porosity)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """What, how much, and whether it was given or computed."""
        yield "loading per side", units.show(self.loading, "mg/cm^2"), "given"
        yield "density of the solid", units.show(self.solid_density, "g/cm^3"), "from the composition"
        values = (
            ("porosity", "porosity", f"{self.porosity:.4g}"),
            ("press_density", "density of the coating", units.show(self.density, "g/cm^3")),
            ("thickness", "thickness of the coating", units.show(self.thickness, "um")),
        )
        for key, what, value in values:
            yield what, value, "given" if key == self.stated else "computed"


class ComponentTable(Table):
    """One solid of a coating."""

    name: str
    fraction: WholeFraction = Field(description="its mass fraction")
    density: Density = Field(description="its true density")


def _scenario_may_say(schema: dict[str, Any]) -> None:
    schema["required"].remove("material")


class CoatingTable(Table):
    """A coating by its composition, its loading, and one of porosity, press density and thickness."""

    model_config = ConfigDict(json_schema_extra=_scenario_may_say)

    material: Card = Field(description="the name of a card, where no scenario says it")
    loading: AreaDensity = Field(description="the coating's mass per area of one side, as '11.4 mg/cm^2'")
    composition: list[ComponentTable] | None = Field(None, description="that of the card when left out")
    porosity: Fraction | None = None
    press_density: Density | None = Field(None, description="of the coating with its pores")
    thickness: Length | None = Field(None, description="of the coating of one side, without foil")
    elements: Count = 1

    @classmethod
    def key_faults(cls, keys: Mapping[str, object]) -> Iterator[Fault]:
        given = [key for key in STATED if key in keys]
        if len(given) != 1:
            hint = "loading and composition give the others"
            yield Fault(
                "", " and ".join(given) or "none of them", f"exactly one of {', '.join(STATED)}", hint
            )

    def value_faults(self) -> Iterator[Fault]:
        if self.material.kind != "porous":
            yield Fault("material", f"{self.material.name}, which is dense", "a porous material")
        elif self._solid_density is None:
            yield Fault("composition", "nothing", "the components", f"card {self.material.name} has none")
        elif (
            self.composition is not None
            and abs(total := sum(c.fraction for c in self.composition) - 1.0) > 1e-3
        ):
            yield Fault("composition", f"mass fractions that add up to {1.0 + total:.4g}", "1")
        else:
            yield from self._porosity_faults()

    def build(self) -> Coating:
        """The coating with what follows from what is given."""
        solid = self._solid_density
        assert solid is not None  # value_faults lets no other through
        if self.porosity is not None:
            porosity = self.porosity
        elif self.press_density is not None:
            porosity = 1.0 - self.press_density / solid
        else:
            assert self.thickness is not None
            porosity = 1.0 - self.loading / (solid * self.thickness)
        stated = next(key for key in STATED if getattr(self, key) is not None)
        return Coating(self.material.name, self.loading, solid, porosity, stated)

    @property
    def _solid_density(self) -> float | None:
        if self.composition is None:
            return self.material.solid_density
        return solid_density([(c.fraction, c.density) for c in self.composition])

    def _porosity_faults(self) -> Iterator[Fault]:
        coating = self.build()
        for problem in self.material.porosity_problems(coating.porosity, ""):
            if coating.stated == "porosity":
                yield Fault("porosity", problem.got, problem.needed, problem.hint)
            else:
                got = f"a porosity of {problem.got} with this loading and a solid of "
                got += units.show(coating.solid_density, "g/cm^3")
                yield Fault(coating.stated, got, f"a porosity of {problem.needed}", problem.hint)
