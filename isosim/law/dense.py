"""The dense branch: J2 plasticity with linear hardening, theory (6), and Norton-Perzyna overstress (10)."""

from __future__ import annotations

from .lanes import compiled, exp, log, smaller
from .porous import FAST, Response

ITERATIONS = 60


@compiled
def _multiplier(excess, stiffness, dt, m):
    """Plastic strain increment g of excess = stiffness g + s0 (g / (dt e0))^(1/n), and its derivative.

    Solved for the overstress S; excess - S - A S^n is concave, so Newton from the right never overshoots.
    """
    if not m.overstress > 0.0:
        return excess / stiffness, 1.0 / stiffness + 0.0 * excess
    n = 1.0 / m.exponent
    a = stiffness * dt * m.rate
    s = smaller(excess, m.overstress * exp(log(excess / a) / n))
    grown = excess
    for _ in range(ITERATIONS):
        grown = a * exp(n * log(s / m.overstress))
        step = (excess - s - grown) / (1.0 + n * grown / s)
        s = s + step
        if abs(step.real) <= 1e-15 * s.real:
            break
    return grown / stiffness, n * grown / (s + n * grown) / stiffness


@compiled
def dense(ev, eq, u, u_hist, eqps, dt, m):
    """Advance a dense point by trial strains ev (compaction) and eq."""
    zero = 0.0 * ev
    three_g = 3.0 * m.shear
    trial = three_g * eq
    excess = trial - m.yield_stress - m.hardening * eqps
    keep = zero + 1.0
    g = zero
    q_q = zero + three_g
    if excess.real > 0.0:
        g, slope = _multiplier(excess, three_g + m.hardening, dt, m)
        keep = 1.0 - three_g * g / trial
        q_q = three_g * (1.0 - three_g * slope)
    return Response(
        m.bulk * ev, m.shear * keep, keep, zero, u + zero, u_hist + zero, eqps + g,
        m.bulk + zero, zero, zero, q_q, zero, zero, FAST,
    )  # fmt: skip
