"""The dense branch: J2 plasticity with linear hardening, theory (6), and Norton-Perzyna overstress (10)."""

from __future__ import annotations

from .lanes import any_of, compiled, exp, inlined, log, select, smaller
from .porous import FAST, Response

ITERATIONS = 60


@inlined
def _multiplier(excess, stiffness, dt, m):
    """Plastic strain increment g of excess = stiffness g + s0 (g / (dt e0))^(1/n), and its derivative.

    Solved for the overstress S; excess - S - A S^n is concave, so Newton from the right never overshoots.
    """
    g = excess / stiffness
    slope = 1.0 / stiffness + 0.0 * excess
    viscous = (m.overstress > 0.0) & (excess.real > 0.0)
    if any_of(viscous):
        n = 1.0 / m.exponent
        a = stiffness * dt * m.rate
        s = smaller(excess, m.overstress * exp(log(excess / a) / n))
        grown = excess
        active = viscous
        for _ in range(ITERATIONS):
            grown = a * exp(n * log(s / m.overstress))
            step = (excess - s - grown) / (1.0 + n * grown / s)
            s = select(active, s + step, s)
            active = active & (abs(step.real) > 1e-15 * s.real)
            if not any_of(active):
                break
        g = select(viscous, grown / stiffness, g)
        slope = select(viscous, n * grown / (s + n * grown) / stiffness, slope)
    return g, slope


@compiled
def dense(ev, eq, u, u_hist, eqps, dt, m):
    """Advance dense points by trial strains ev (compaction) and eq."""
    zero = 0.0 * ev
    three_g = 3.0 * m.shear
    trial = three_g * eq
    excess = trial - m.yield_stress - m.hardening * eqps
    keep = zero + 1.0
    g = zero
    q_q = zero + three_g
    yields = excess.real > 0.0
    if any_of(yields):
        g, slope = _multiplier(excess, three_g + m.hardening, dt, m)
        g = select(yields, g, zero)
        keep = select(yields, 1.0 - three_g * g / trial, keep)
        q_q = select(yields, three_g * (1.0 - three_g * slope), q_q)
    return Response(
        m.bulk * ev, m.shear * keep, keep, zero, u + zero, u_hist + zero, eqps + g,
        m.bulk + zero, zero, zero, q_q, zero, zero, yields, 0.0 * ev.real + FAST,
    )  # fmt: skip
