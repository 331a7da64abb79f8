"""The constants of one material at one temperature, as the kernel reads them."""

from __future__ import annotations

from typing import NamedTuple

from .lanes import compiled

DENSE, HECKEL, LOG, KAWAKITA, POWER = range(5)


class Row(NamedTuple):
    """One row of the parameter array; SI units. Temperature factors are already applied."""

    law: float  # DENSE or the number of the cap law
    bulk: float  # Ks of theory (5)
    shear: float  # Gs
    softening: float  # 1/phiE; 0 for constant moduli
    energy: float  # 1 when the free energy drives compaction, theory (5); else 0
    initial_pressure: float  # pressure at F = 1 of pressure-proportional elasticity; 0 for linear
    swelling: float  # kappa* of pressure-proportional elasticity
    floor: float  # phi_m
    reference: float  # u_r = ln(phi_r - phi_m)
    cap_pressure: float  # the constants of the cap laws: see cap.py
    cap_slope: float
    cap_x: float
    cap_y: float
    locking: float
    cohesion: float  # p_t0
    tension_ratio: float  # zeta
    friction: float  # 1/M0^2
    saturation: float  # 1/sigma_m^2
    overstress: float  # s0; 0 when independent of rate
    exponent: float  # 1/n
    rate: float  # e0(T)
    yield_stress: float  # dense
    hardening: float  # dense
    thermal_strain: float  # alpha (T - T_ref)


N_PARAMETERS = len(Row._fields)


@compiled
def read(parameters, k):
    """Row k of the parameter array (n, N_PARAMETERS)."""
    p = parameters
    return Row(
        p[k, 0],
        p[k, 1],
        p[k, 2],
        p[k, 3],
        p[k, 4],
        p[k, 5],
        p[k, 6],
        p[k, 7],
        p[k, 8],
        p[k, 9],
        p[k, 10],
        p[k, 11],
        p[k, 12],
        p[k, 13],
        p[k, 14],
        p[k, 15],
        p[k, 16],
        p[k, 17],
        p[k, 18],
        p[k, 19],
        p[k, 20],
        p[k, 21],
        p[k, 22],
        p[k, 23],
    )
