"""What can be stated of a coating, and how a table states it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from isosim import units
from isosim.data import measured
from isosim.data.measured import Quantity


@dataclass(frozen=True)
class Statement:
    """A kind of statement: coefficients (5,) of the unknowns, and how it is written.

    `pores` marks a fraction v that enters as ln(1 - v); any other enters as ln v.
    """

    words: str
    unit: str
    shown: str
    coefficients: tuple[int, ...]
    pores: bool = False

    def logarithm(self, value: float) -> float:
        """Of the value in SI."""
        return float(np.log(1.0 - value if self.pores else value))

    def value(self, logarithm: float) -> float:
        """The value in SI."""
        return float(1.0 - np.exp(logarithm) if self.pores else np.exp(logarithm))

    def text(self, value: float) -> str:
        """The value with its unit, three digits."""
        if self.pores:
            return f"{100.0 * value:.3g} %"
        return f"{units.convert(value, self.shown):.3g} {self.shown}"


STATEMENTS = {
    "thickness0": Statement("unpressed thickness", "m", "um", (1, 0, 0, 0, 0)),
    "porosity0": Statement("unpressed porosity", "", "", (0, 1, 0, 0, 0), True),
    "density0": Statement("unpressed density", "kg/m^3", "g/cm^3", (0, 1, 0, 1, 0)),
    "thickness": Statement("thickness", "m", "um", (1, 1, -1, 0, 1)),
    "porosity": Statement("porosity", "", "", (0, 0, 1, 0, 0), True),
    "density": Statement("density of the coating", "kg/m^3", "g/cm^3", (0, 0, 1, 1, 0)),
    "reduction": Statement("reduction of thickness", "", "", (0, 1, -1, 0, 1), True),
    "loading": Statement("loading", "kg/m^2", "mg/cm^2", (1, 1, 0, 1, 1)),
    "solid_density": Statement("density of the solid", "kg/m^3", "g/cm^3", (0, 0, 0, 1, 0)),
}


SOLID = Statement("solid kept", "", "", (0, 0, 0, 0, 1))
_EXAMPLES = {"m": "um", "": "", "kg/m^3": "g/cm3", "kg/m^2": "mg/cm2"}


def _quantities() -> dict[str, Quantity]:
    found = {}
    for name, statement in STATEMENTS.items():
        unit = f"_{_EXAMPLES[statement.unit]}" if statement.unit else ""
        kind = measured.POROSITY if statement.pores else measured.THICKNESS
        found[name] = replace(kind, unit=statement.unit, example=name + unit)
        found[f"sigma_{name}"] = replace(measured.SIGMA, unit=statement.unit, example=f"sigma_{name}{unit}")
    found["sigma"] = measured.SIGMA
    found["foil"] = measured.Quantity("m", "foil_um", low=0.0, needed="zero or more")
    found["areal_mass"] = replace(found["loading"], example="areal_mass_mg/cm2")
    found["pressure"] = measured.PRESSURE
    found["temperature"] = measured.TEMPERATURE
    found["hold"] = measured.Quantity("s", "hold_min", low=0.0, needed="zero or more")
    return found


@dataclass(frozen=True)
class Stated:
    """One statement of a row: its logarithm, the standard deviation of that, and the side it bounds.

    `side` is 0 for a value, -1 where the value is at most this, 1 where it is at least this.
    """

    name: str
    value: float
    sigma: float
    side: int = 0

    @property
    def kind(self) -> Statement:
        """What is stated."""
        return STATEMENTS[self.name]

    @property
    def logarithm(self) -> float:
        """What the balance is linear in."""
        return self.kind.logarithm(self.value)

    @property
    def log_sigma(self) -> float:
        """Standard deviation of `logarithm`."""
        return self.sigma / (1.0 - self.value if self.kind.pores else self.value)

    @property
    def log_side(self) -> int:
        """The side that `logarithm` bounds."""
        return -self.side if self.kind.pores else self.side

    def __str__(self) -> str:
        sign = {0: "", -1: "at most ", 1: "at least "}[self.side]
        return f"{self.kind.words} {sign}{self.kind.text(self.value)}"


QUANTITIES = _quantities()
