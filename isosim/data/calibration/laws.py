"""The compaction laws that can be fitted: parameters, physical bounds, and what is held fixed.

Bounds are those of the law's physics and wide: a fit that ends at one says that the data do not know the
parameter. All parameters are positive and fitted as logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """A fitted number: its name on a card, its SI unit there, its bounds in SI."""

    name: str
    unit: str
    low: float
    high: float

    def text(self, value: float) -> Any:
        """The value as a card writes it."""
        if self.unit == "Pa":
            return f"{value / 1e6:.6g} MPa"
        if self.unit == "1/Pa":
            return f"{value * 1e6:.6g} 1/MPa"
        return float(f"{value:.6g}")


@dataclass(frozen=True)
class FitLaw:
    """A law by the name users know, the cap of `isosim.law` it is, and its formula for people."""

    name: str
    cap: str
    formula: str
    parameters: tuple[Parameter, ...]
    fixed: dict[str, tuple[Any, str]]  # name on the card: value, reason


P0 = Parameter("p0", "Pa", 1e3, 1e9)
HARDENING = Parameter("hardening", "Pa", 1e5, 1e11)
LOCKING = ("1 MPa", "assumed small: it keeps the cap finite-valued up to full density only")
YIELDS_AT_ONCE = ("0.1 MPa", "assumed: the law starts at zero pressure, about that of the air is taken")

LAWS = {
    law.name: law
    for law in (
        FitLaw("heckel", "Heckel", "p = p0 + H ln(phi0/phi)", (P0, HARDENING), {}),
        FitLaw(
            "meyer",
            "Heckel",
            "p = p0 + H ln((phi0 - phi_m)/(phi - phi_m))",
            (P0, HARDENING, Parameter("minimum_porosity", "", 1e-4, 1.0)),
            {},
        ),
        FitLaw(
            "kawakita",
            "Kawakita",
            "C = a b p/(1 + b p), C the volume lost",
            (Parameter("a", "", 1e-3, 0.999), Parameter("b", "1/Pa", 1e-12, 1e-4)),
            {"p0": YIELDS_AT_ONCE, "locking": LOCKING},
        ),
        FitLaw(
            "power",
            "Power",
            "p = p0 (D/D0)^m",
            (P0, Parameter("exponent", "", 0.1, 1e3)),
            {"locking": LOCKING},
        ),
        FitLaw(
            "camclay",
            "CamClay",
            "ln(D/D0) = (lambda - kappa)/(1 + e0) ln(p/p0)",
            (P0, Parameter("compression", "", 1e-3, 10.0)),
            {
                "swelling": (
                    0.0,
                    "only lambda - kappa can be told from compaction",
                ),
                "locking": LOCKING,
            },
        ),
        FitLaw(
            "log",
            "Log",
            "e = N - lambda ln(p/MPa), e = phi/(1 - phi)",
            (Parameter("intercept", "", 1e-2, 20.0), Parameter("slope", "", 1e-3, 10.0)),
            {"unit_pressure": ("1 MPa", "the unit of pressure of the fit"), "locking": LOCKING},
        ),
    )
}
SAME_CURVE = {"camclay": "power"}  # its p(D) is a power law: the same curve in other parameters
COMPARED = tuple(name for name in LAWS if name not in SAME_CURVE)
