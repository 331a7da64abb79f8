"""The cap laws a card can choose, theory (7). Pressures in Pa; hydrostatic unless refitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from .row import HECKEL, KAWAKITA, LOG, POWER


class Constants(TypedDict):
    """The part of a parameter row that a cap law fills."""

    law: float
    cap_pressure: float
    cap_slope: float
    cap_x: float
    cap_y: float
    locking: float


@dataclass(frozen=True)
class Heckel:
    """p_c = p0 + hardening ln((phi_r - phi_m)/(phi - phi_m)): Heckel 1961; Meyer 2017 when phi_m > 0."""

    p0: float
    hardening: float
    minimum_porosity: float = 0.0

    def floor(self, reference_porosity: float) -> float:
        return self.minimum_porosity

    def constants(self, reference_porosity: float, strength: float) -> Constants:
        return Constants(
            law=HECKEL,
            cap_pressure=self.p0 * strength,
            cap_slope=self.hardening * strength,
            cap_x=0.0,
            cap_y=0.0,
            locking=0.0,
        )


@dataclass(frozen=True)
class Log:
    """Void ratio e = intercept - slope ln(p_c / unit_pressure), plus locking ln(phi_r/phi)."""

    intercept: float
    slope: float
    locking: float  # Pa
    unit_pressure: float = 1e6

    def floor(self, reference_porosity: float) -> float:
        return 0.0

    def constants(self, reference_porosity: float, strength: float) -> Constants:
        return Constants(
            law=LOG,
            cap_pressure=self.unit_pressure * strength,
            cap_slope=0.0,
            cap_x=self.intercept,
            cap_y=1.0 / self.slope,
            locking=self.locking * strength,
        )


@dataclass(frozen=True)
class Kawakita:
    """Volume reduction C = 1 - D_r/D = a b p/(1 + b p), plus p0 and locking ln(phi_r/phi).

    Kawakita & Luedde 1971. It starts at zero pressure, hence p0 > 0. It diverges at the porosity
    1 - D_r/(1 - a), which is its floor, or stays finite at full density when a > phi_r.
    """

    a: float
    b: float  # 1/Pa
    p0: float  # Pa
    locking: float  # Pa

    def floor(self, reference_porosity: float) -> float:
        return np.maximum(0.0, 1.0 - (1.0 - reference_porosity) / (1.0 - self.a))

    def constants(self, reference_porosity: float, strength: float) -> Constants:
        solid = 1.0 - reference_porosity
        return Constants(
            law=KAWAKITA,
            cap_pressure=self.p0 * strength,
            cap_slope=strength / self.b,
            cap_x=1.0 - self.a,
            cap_y=np.maximum(0.0, solid - (1.0 - self.a)),
            locking=self.locking * strength,
        )


@dataclass(frozen=True)
class Power:
    """p_c = p0 (D/D_r)^exponent, plus locking ln(phi_r/phi)."""

    p0: float
    exponent: float
    locking: float  # Pa

    def floor(self, reference_porosity: float) -> float:
        return 0.0

    def constants(self, reference_porosity: float, strength: float) -> Constants:
        return Constants(
            law=POWER,
            cap_pressure=self.p0 * strength,
            cap_slope=self.exponent,
            cap_x=1.0 / (1.0 - reference_porosity),
            cap_y=0.0,
            locking=self.locking * strength,
        )


@dataclass(frozen=True)
class CamClay:
    """p_c = p0 exp((1 + e_r) v/(compression - swelling)) with v the logarithmic plastic compaction.

    Roscoe & Burland 1968, with the void ratio e_r = phi_r/(1 - phi_r) of the reference held fixed as in
    small strain; v = ln(D/D_r) makes it a power law. Plus locking ln(phi_r/phi).
    """

    p0: float
    compression: float  # lambda
    swelling: float  # kappa
    locking: float  # Pa

    def floor(self, reference_porosity: float) -> float:
        return 0.0

    def constants(self, reference_porosity: float, strength: float) -> Constants:
        exponent = 1.0 / ((1.0 - reference_porosity) * (self.compression - self.swelling))
        return Power(self.p0, exponent, self.locking).constants(reference_porosity, strength)


Cap = Heckel | Log | Kawakita | Power | CamClay
