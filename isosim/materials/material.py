"""A material: a law with the story behind its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from isosim import law, units
from isosim.errors import Problem
from isosim.materials.card import Card, Thermal, Viscosity
from isosim.materials.slip import SlipFilm

KNOWN_AROUND = 5.0  # K beyond the temperatures of a card that its factors are trusted for


@dataclass(frozen=True)
class Material:
    """What a layer is made of.

    law is an `isosim.law.Porous` or `isosim.law.Dense`; solid_density [kg/m3] is None where no composition
    is known; card is None for a body given by constants in a case file.
    """

    name: str
    kind: Literal["porous", "dense"]
    title: str
    law: law.Porous | law.Dense
    solid_density: float | None = None
    card: Card | None = None
    assumptions: tuple[str, ...] = ()

    def porosity_problems(self, porosity: float, where: str) -> Iterator[Problem]:
        """What is wrong with giving a layer of this material this initial porosity."""
        low, high = self.porosity_limits()
        if high == 0.0:
            yield Problem(where, f"{porosity:g}", "nothing", f"{self.name} is dense and has no pores")
        elif not low < porosity < high:
            yield Problem(
                where, f"{porosity:.4g}", f"more than {low:g} and less than {high:g}", f"for {self.name}"
            )

    def porosity_limits(self) -> tuple[float, float]:
        """Porosities between which (both exclusive) the law is defined; (0, 0) for a dense material."""
        if not isinstance(self.law, law.Porous):
            return 0.0, 0.0
        return self.law.floor, min(1.0, self.law.stiffness_porosity)

    def between(self, coldest: float, hottest: float) -> Material:
        """The material used between two temperatures [K]: where its card does not reach, it assumes so."""
        thermal = self.card.thermal if self.card else None
        if thermal is None or thermal.temperature is None:
            return self
        known = sorted((thermal.reference_temperature, thermal.temperature))
        if known[0] - KNOWN_AROUND <= coldest and hottest <= known[1] + KNOWN_AROUND:
            return self
        low, high = (f"{units.convert(kelvin, 'degC'):.4g}" for kelvin in known)
        beyond = " and ".join(
            units.show(kelvin, "degC")
            for kelvin in dict.fromkeys((coldest, hottest))
            if not known[0] - KNOWN_AROUND <= kelvin <= known[1] + KNOWN_AROUND
        )
        text = f"extrapolated: used at {beyond}, known at {low} and {high} degC"
        return replace(self, assumptions=(*self.assumptions, text))


def from_card(name: str, card: Card) -> Material:
    """Build a material from a validated card."""
    bulk, shear = card.elastic.moduli()
    thermal = _thermal(card.thermal) if card.thermal else law.Thermal()
    viscosity = _viscosity(card.viscosity) if card.viscosity else None
    assumptions = list(card.assumptions)
    if card.thermal is None or card.thermal.expansion is None:
        assumptions.append("thermal expansion is not known and taken as zero")
    built: law.Porous | law.Dense
    if card.cap and card.surface:
        optional = {
            key: value.si
            for key in ("matrix_strength", "cohesion", "tension_ratio")
            if (value := getattr(card.surface, key)) is not None
        }
        if card.elastic.constant:
            optional["stiffness_porosity"] = math.inf
        elif card.elastic.stiffness_porosity:
            optional["stiffness_porosity"] = card.elastic.stiffness_porosity.si
        built = law.Porous(
            bulk_modulus=bulk,
            shear_modulus=shear,
            reference_porosity=card.cap.reference_porosity.si,
            cap=card.cap.build(),
            friction=card.surface.friction.si,
            viscosity=viscosity,
            thermal=thermal,
            **optional,
        )
    elif card.slip:
        built = SlipFilm(
            bulk_modulus=bulk,
            shear_modulus=shear,
            yield_stress=0.0,
            hardening=card.slip.hardening.si,
            thermal=thermal,
            friction=card.slip.friction.si,
            adhesion=card.slip.adhesion.si,
        ).under(0.0)
    else:
        strength = card.plastic.yield_stress.si if card.plastic else math.inf
        hardening = card.plastic.hardening.si if card.plastic else 0.0
        built = law.Dense(
            bulk_modulus=bulk,
            shear_modulus=shear,
            yield_stress=strength,
            hardening=hardening,
            viscosity=viscosity,
            thermal=thermal,
        )
    return Material(
        name,
        "porous" if card.cap else "dense",
        card.title,
        built,
        solid_density([(c.fraction.si, c.density.si) for c in card.composition]),
        card,
        tuple(assumptions),
    )


def solid_density(components: list[tuple[float, float]]) -> float | None:
    """Density of a solid mixture [kg/m3] from mass fractions and true densities; None without components."""
    return 1.0 / sum(fraction / density for fraction, density in components) if components else None


def _viscosity(part: Viscosity) -> law.Viscosity:
    return law.Viscosity(part.stress.si, part.exponent.si, part.rate.si, part.activation_energy.si)


def _logarithm(value: Any) -> Any:
    """Of a number, or of an array of cases."""
    return math.log(value) if isinstance(value, float) else np.log(value)


def _thermal(part: Thermal) -> law.Thermal:
    rates = {
        key: -_logarithm(factor.si) / (part.temperature - part.reference_temperature)
        for key in ("strength", "bulk", "shear")
        if part.temperature is not None and (factor := getattr(part, key)) is not None
    }
    expansion = part.expansion.si if part.expansion else 0.0
    return law.Thermal(part.reference_temperature, expansion=expansion, **rates)
