"""The law in principal directions: trial logarithmic strains in, Mandel stresses and their moduli out."""

from __future__ import annotations

from typing import Any, NamedTuple

from .dense import dense
from .lanes import compiled, exp, sqrt
from .porous import porous
from .row import DENSE


class Principal(NamedTuple):
    """Stresses, elastic strains, new state and (volume change of the unloaded body) x moduli."""

    stress: Any  # 3 Mandel stresses, tension positive
    strain: Any  # 3 elastic logarithmic strains
    volume: Any  # exp(tr elastic strain) = Je
    u: Any
    u_hist: Any
    eqps: Any
    moduli: Any  # 9: a_AB / Jp = dSigma_A/deps_B - Sigma_A dv/deps_B, theory (15)
    shear: Any  # G / (1 + 3 G theta)
    status: Any


@compiled
def principal(e1, e2, e3, u, u_hist, eqps, dt, m):
    """Advance one point by its trial elastic strains (thermal strain taken off)."""
    ev = -(e1 + e2 + e3)
    third = ev / 3.0
    d1 = e1 + third
    d2 = e2 + third
    d3 = e3 + third
    eq = sqrt((2.0 / 3.0) * (d1 * d1 + d2 * d2 + d3 * d3) + 1e-40)
    if m.law == DENSE:
        r = dense(ev, eq, u, u_hist, eqps, dt, m)
    else:
        r = porous(ev, eq, u, u_hist, eqps, dt, m)
    two_g = 2.0 * r.shear
    s1 = two_g * d1 - r.p
    s2 = two_g * d2 - r.p
    s3 = two_g * d3 - r.p
    e = ev - r.v
    mean = -e / 3.0

    n1 = (2.0 / 3.0) * d1 / eq
    n2 = (2.0 / 3.0) * d2 / eq
    n3 = (2.0 / 3.0) * d3 / eq
    # dSigma_A/deps_B - Sigma_A dv/deps_B = two_g (delta - 1/3) + f_A + N_B k_A
    base = r.p_v - two_g / 3.0
    bend = r.q_q - 1.5 * two_g
    f1 = base - n1 * r.q_v + s1 * r.v_v
    f2 = base - n2 * r.q_v + s2 * r.v_v
    f3 = base - n3 * r.q_v + s3 * r.v_v
    k1 = n1 * bend - r.p_q - s1 * r.v_q
    k2 = n2 * bend - r.p_q - s2 * r.v_q
    k3 = n3 * bend - r.p_q - s3 * r.v_q
    return Principal(
        (s1, s2, s3),
        (mean + r.keep * d1, mean + r.keep * d2, mean + r.keep * d3),
        exp(-e),
        r.u,
        r.u_hist,
        r.eqps,
        (
            f1 + n1 * k1 + two_g, f1 + n2 * k1, f1 + n3 * k1,
            f2 + n1 * k2, f2 + n2 * k2 + two_g, f2 + n3 * k2,
            f3 + n1 * k3, f3 + n2 * k3, f3 + n3 * k3 + two_g,
        ),
        r.shear,
        r.status,
    )  # fmt: skip
