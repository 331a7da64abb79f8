"""Damage of active particles: the broken fraction of their volume, which never heals, and its cracks.

A particle of diameter d under the stress s breaks with the probability of Weibull,

    1 - exp[-(s / s_c(d))^k],   s_c(d) = s_2 (d / d_2)^-b,

and carries the stress s = C P under the pressure P through the thickness of the coating. C is log-normal over
the particles: most are shielded, few stand in force chains. docs/pores.md tells what the constants rest on.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from .pores import checked_table, lognormal_table

NMC = Path(__file__).with_name("nmc_particles.toml")

_CLASSES = 24  # of a log-normal particle size
_PRESSURE = np.linspace(math.log(1e2), math.log(1e12), 1500)  # ln(Pa) at which Weibull plots are tabulated
_LOAD = np.linspace(-25.0, 15.0, 3000)  # the same in ln(stress per strength)
_NORMAL = np.linspace(-8.5, 8.5, 851)  # nodes of the trapezoidal rule over ln C


@dataclass(frozen=True)
class Damage:
    """Active particles and their strength; SI units.

    Raises
    ------
    ValueError
        When diameters are not positive and ascending, a share is negative, or a constant out of range.
    """

    diameter: Sequence[float]  # m, ascending
    share: Sequence[float]  # of the particle volume, in any unit: divided by their sum
    strength: float  # s_2 [Pa]
    strength_diameter: float  # d_2 [m]
    strength_exponent: float  # b
    modulus: float  # k
    stress_factor: float  # median of C
    stress_spread: float  # standard deviation of ln C; 0: all particles carry the same stress
    crack_void: float  # pore volume per broken particle volume
    active_fraction: float  # particle volume per solid volume

    def __post_init__(self) -> None:
        diameter, share = checked_table("diameter", self.diameter, self.share)
        for name in ("strength", "strength_diameter", "modulus", "stress_factor"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name}: got {getattr(self, name)}, needed a number above zero")
        for name in ("strength_exponent", "stress_spread", "crack_void"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}: got {getattr(self, name)}, needed zero or more")
        if not 0.0 < self.active_fraction <= 1.0:
            raise ValueError(f"active_fraction: got {self.active_fraction}, needed above 0, at most 1")
        object.__setattr__(self, "diameter", tuple(diameter))
        object.__setattr__(self, "share", tuple(share))

    @classmethod
    def read(
        cls,
        path: Path = NMC,
        diameter: Sequence[float] | None = None,
        share: Sequence[float] | None = None,
    ) -> Damage:
        """Constants from a file like nmc_particles.toml; a table of sizes replaces its log-normal.

        Raises ValueError when the file lacks a constant or only one column of the table is given.
        """
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))

        def constant(group: str, name: str) -> float:
            try:
                return float(document[group][name]["value"])
            except (KeyError, TypeError, ValueError):
                raise ValueError(f'{path}: needed a number at "{group}.{name}.value"') from None

        if (diameter is None) != (share is None):
            raise ValueError("diameter, share: got one column of the table, needed both or none")
        if diameter is None or share is None:
            diameter, share = lognormal_table(
                constant("diameter", "median"), constant("diameter", "spread"), _CLASSES
            )
        return cls(
            diameter,
            share,
            strength=constant("strength", "value"),
            strength_diameter=constant("strength", "diameter"),
            strength_exponent=constant("strength", "exponent"),
            modulus=constant("strength", "modulus"),
            stress_factor=constant("stress", "factor"),
            stress_spread=constant("stress", "spread"),
            crack_void=constant("cracks", "void"),
            active_fraction=constant("cracks", "active_fraction"),
        )

    def strengths(self) -> np.ndarray:
        """Strength (sizes,) [Pa]: the stress that breaks 63 % of the particles of each size."""
        return self.strength * (np.array(self.diameter) / self.strength_diameter) ** -self.strength_exponent

    def broken_by_size(self, pressure: np.ndarray | float) -> np.ndarray:
        """Broken fraction (..., sizes) of each size once the pressure (...) [Pa] was reached."""
        p = np.asarray(pressure, float)[..., None]
        return _fraction(p * self.stress_factor / self.strengths(), _LOAD, self._plot_of_one_size)

    def broken(self, pressure: np.ndarray | float) -> np.ndarray:
        """Broken fraction (...) of the particle volume once the pressure (...) was reached."""
        return _fraction(np.asarray(pressure, float), _PRESSURE, self._plot)

    @cached_property
    def _plot_of_one_size(self) -> np.ndarray:
        """Weibull plot over the median stress per strength: the law above, averaged over C."""
        if self.stress_spread == 0.0:
            return self.modulus * _LOAD
        density = np.exp(-0.5 * _NORMAL**2)
        broken = np.zeros(_LOAD.shape)
        for node, weight in zip(_NORMAL, density / density.sum(), strict=True):
            hazard = np.exp(np.minimum(self.modulus * (_LOAD + self.stress_spread * node), 100.0))
            broken -= weight * np.expm1(-hazard)
        return _plotted(broken)

    @cached_property
    def _plot(self) -> np.ndarray:
        """Weibull plot of all sizes over the pressure."""
        return _plotted(self.broken_by_size(np.exp(_PRESSURE)) @ np.array(self.share))

    def advance(self, pressure: np.ndarray, damage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """New damage (...) in [0, 1], and void ratio (...) of the cracks opened, for `pores.advance`.

        `pressure` (...) is the stress through the thickness at the end of the step [Pa, compression > 0].
        Damage does not heal and does not grow under a pressure already borne. NaN in, NaN out.
        """
        new = np.maximum(damage, self.broken(pressure))
        return new, self.crack_void * self.active_fraction * (new - damage)


def _plotted(broken: np.ndarray) -> np.ndarray:
    """ln of the hazard -ln(1 - broken), in which a Weibull law is a straight line."""
    return np.log(-np.log1p(-np.clip(broken, 1e-300, 1.0 - 1e-16)))


def _fraction(load: np.ndarray, grid: np.ndarray, plot: np.ndarray) -> np.ndarray:
    """Broken fraction from a Weibull plot over ln(load); 0 without load, NaN for NaN."""
    with np.errstate(divide="ignore"):
        hazard = np.exp(np.interp(np.log(np.fmax(load, 0.0)), grid, plot))
    return np.where(np.isnan(load), np.nan, np.where(load > 0.0, -np.expm1(-hazard), 0.0))
