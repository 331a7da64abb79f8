"""What a material is to the law: plain constants in SI units, and the row of numbers the kernel reads.

Every constant may be an array: a law whose constants differ from case to case. All rules then hold in every
case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .cap_laws import Cap
from .row import DENSE, Row

GAS_CONSTANT = 8.31446261815324  # J/(mol K)


@dataclass(frozen=True)
class Viscosity:
    """Perzyna-Norton overstress s0 (rate of the plastic multiplier / e0(T))^(1/n), theory (10)."""

    stress: float  # s0 [Pa]
    exponent: float  # n
    rate: float  # e0 [1/s] at the reference temperature
    activation_energy: float = 0.0  # Q [J/mol]

    def rate_at(self, T: Any, reference: float) -> float:
        """e0 at the temperature T [K]."""
        return self.rate * np.exp(self.activation_energy / GAS_CONSTANT * (1.0 / reference - 1.0 / T))


@dataclass(frozen=True)
class Thermal:
    """Temperature factors exp(-rate (T - T_ref)) of strength and moduli, theory (8), and expansion."""

    reference_temperature: float = 298.15  # K
    strength: float = 0.0  # 1/K: cap pressure, matrix strength, cohesion; yield stress and hardening
    bulk: float = 0.0  # 1/K
    shear: float = 0.0  # 1/K
    expansion: float = 0.0  # alpha [1/K], logarithmic and isotropic


ROOM = Thermal()  # what a law without thermal data has: no dependence on temperature


def _factors(thermal: Thermal, T: Any) -> tuple[Any, Any, Any, Any]:
    """Factors of strength, bulk and shear modulus, and the thermal strain, at T [K]."""
    warmer = T - thermal.reference_temperature
    rates = (thermal.strength, thermal.bulk, thermal.shear)
    strength, bulk, shear = (np.exp(-rate * warmer) for rate in rates)
    return strength, bulk, shear, thermal.expansion * warmer


def _viscous(viscosity: Viscosity | None, thermal: Thermal, T: Any) -> dict[str, float]:
    if viscosity is None:
        return {"overstress": 0.0, "exponent": 1.0, "rate": 1.0}
    rate = viscosity.rate_at(T, thermal.reference_temperature)
    return {"overstress": viscosity.stress, "exponent": 1.0 / viscosity.exponent, "rate": rate}


@dataclass(frozen=True)
class PressureProportional:
    """Elasticity p = initial_pressure exp(e / swelling), with p = initial_pressure at F = 1.

    The Cam-clay elasticity K = p / kappa* of soils, in logarithmic strain. As in the small-strain laws it
    comes from, the elastic energy does not drive compaction.
    """

    initial_pressure: float  # Pa
    swelling: float  # kappa*


@dataclass(frozen=True)
class Porous:
    """A porous layer: ellipse with a porosity-dependent cap, theory (4)-(10)."""

    bulk_modulus: float  # Ks [Pa]
    shear_modulus: float  # Gs [Pa]
    reference_porosity: float  # phi_r, where the cap law starts
    cap: Cap
    friction: float  # M0
    matrix_strength: float = math.inf  # sigma_m [Pa]
    cohesion: float = 0.0  # p_t0 [Pa]
    tension_ratio: float = 0.0  # zeta
    stiffness_porosity: float = 0.85  # phiE; inf for constant moduli
    viscosity: Viscosity | None = None
    thermal: Thermal | None = None
    elasticity: PressureProportional | None = None  # None: linear in the logarithmic strain

    def __post_init__(self) -> None:
        positive = {
            "bulk_modulus": self.bulk_modulus,
            "shear_modulus": self.shear_modulus,
            "friction": self.friction,
            "matrix_strength": self.matrix_strength,
            "stiffness_porosity": self.stiffness_porosity,
        }
        if self.elasticity is not None:
            positive["initial_pressure"] = self.elasticity.initial_pressure
            positive["swelling"] = self.elasticity.swelling
        _require_positive(positive)
        if not np.all(np.minimum(self.cohesion, self.tension_ratio) >= 0.0):
            raise ValueError(f"cohesion {self.cohesion}, tension_ratio {self.tension_ratio}: needed >= 0")
        if self.elasticity is not None and not math.isinf(self.stiffness_porosity):
            raise ValueError("pressure-proportional elasticity needs stiffness_porosity=inf")
        self._check(self.reference_porosity, "reference_porosity")

    @property
    def floor(self) -> float:
        """phi_m, the porosity that the cap law never lets the layer reach."""
        return self.cap.floor(self.reference_porosity)

    def _check(self, porosity: float, name: str) -> None:
        high = np.minimum(1.0, self.stiffness_porosity)
        if not np.all((self.floor < porosity) & (porosity < high)):
            low, top = (f"{bound:.6}" if np.ndim(bound) == 0 else bound for bound in (self.floor, high))
            raise ValueError(f"{name} {porosity}: needed between {low} and {top} (exclusive)")

    def initial_state(self, porosity: float | None = None) -> np.ndarray:
        """State (N_STATE,) of the unpressed layer; ValueError when the law does not reach the porosity."""
        u = self.initial_u(porosity)
        return np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, u, u, 0.0])

    def initial_u(self, porosity: float | None = None) -> float:
        """u = ln(phi - phi_m) of the unpressed layer; ValueError as in `initial_state`."""
        porosity = self.reference_porosity if porosity is None else porosity
        self._check(porosity, "porosity")
        return np.log(porosity - self.floor)

    def at(self, T: float) -> np.ndarray:
        """Row (N_PARAMETERS,) of the kernel at the temperature T [K]."""
        return np.array(self.row(T))

    def row(self, T: Any) -> Row:
        """The constants at the temperature T [K], which may be an array of cases."""
        strength, bulk, shear, expansion = _factors(self.thermal or ROOM, T)
        e = self.elasticity
        return Row(
            **self.cap.constants(self.reference_porosity, strength),
            bulk=self.bulk_modulus * bulk,
            shear=self.shear_modulus * shear,
            softening=1.0 / self.stiffness_porosity,
            energy=0.0 if e else 1.0,
            initial_pressure=e.initial_pressure if e else 0.0,
            swelling=e.swelling if e else 1.0,
            floor=self.floor,
            reference=np.log(self.reference_porosity - self.floor),
            cohesion=self.cohesion * strength,
            tension_ratio=self.tension_ratio,
            friction=self.friction**-2,
            saturation=(self.matrix_strength * strength) ** -2,
            **_viscous(self.viscosity, self.thermal or ROOM, T),
            yield_stress=0.0,
            hardening=0.0,
            thermal_strain=expansion,
        )


@dataclass(frozen=True)
class Dense:
    """A dense layer: J2 with linear hardening; a viscosity makes it creep, theory (6), (10)."""

    bulk_modulus: float  # K [Pa]
    shear_modulus: float  # G [Pa]
    yield_stress: float  # Pa; 0 for Norton creep
    hardening: float = 0.0  # H [Pa]
    thermal: Thermal | None = None
    viscosity: Viscosity | None = None

    def __post_init__(self) -> None:
        _require_positive({"bulk_modulus": self.bulk_modulus, "shear_modulus": self.shear_modulus})
        if not np.all(np.minimum(self.yield_stress, self.hardening) >= 0.0):
            raise ValueError(f"yield_stress {self.yield_stress}, hardening {self.hardening}: needed >= 0")

    def initial_state(self, porosity: float | None = None) -> np.ndarray:
        """State (N_STATE,) of the unpressed layer; a dense layer has no porosity."""
        if porosity is not None:
            raise ValueError(f"porosity {porosity}: a dense layer has none")
        return np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])

    def initial_u(self, porosity: float | None = None) -> float:
        """u of the unpressed layer, which has no meaning in a dense one; ValueError as in `initial_state`."""
        return self.initial_state(porosity)[6]

    def at(self, T: float) -> np.ndarray:
        """Row (N_PARAMETERS,) of the kernel at the temperature T [K]."""
        return np.array(self.row(T), float)

    def row(self, T: Any) -> Row:
        """The constants at the temperature T [K], which may be an array of cases."""
        strength, bulk, shear, expansion = _factors(self.thermal or ROOM, T)
        unused = dict.fromkeys(Row._fields, 0.0)
        used = {
            "law": DENSE,
            "bulk": self.bulk_modulus * bulk,
            "shear": self.shear_modulus * shear,
            **_viscous(self.viscosity, self.thermal or ROOM, T),
            "yield_stress": self.yield_stress * strength,
            "hardening": self.hardening * strength,
            "thermal_strain": expansion,
        }
        return Row(**{**unused, **used})


def _require_positive(values: dict[str, float]) -> None:
    for name, value in values.items():
        if not np.all(np.asarray(value) > 0.0):
            raise ValueError(f"{name} {value}: needed > 0")
