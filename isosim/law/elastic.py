"""Elastic moduli and pressure, theory (4)-(5)."""

from __future__ import annotations

from .lanes import any_of, exp, inlined, select


@inlined
def stiffness_factor(porosity, m):
    """h = (1 - phi/phiE)^2 of K = Ks h, G = Gs h, with its first and second derivative by phi."""
    s = 1.0 - porosity * m.softening
    return s * s, -2.0 * m.softening * s, 2.0 * m.softening * m.softening


@inlined
def pressure(e, h, h_u, m):
    """Mandel pressure p and bulk modulus K = dp/de at the elastic compaction e, with dp/du, dK/du, dK/de.

    Linear: p = Ks h e. Pressure-proportional: p = p_i exp(e / kappa*), K = p / kappa*.
    """
    bulk = m.bulk * h + 0.0 * e
    bulk_u = m.bulk * h_u + 0.0 * e
    bulk_e = 0.0 * e
    p = bulk * e
    p_u = bulk_u * e
    proportional = m.initial_pressure > 0.0
    if any_of(proportional):
        p_i = m.initial_pressure * exp(e / m.swelling)
        p = select(proportional, p_i, p)
        p_u = select(proportional, 0.0 * e, p_u)
        bulk = select(proportional, p_i / m.swelling, bulk)
        bulk_u = select(proportional, 0.0 * e, bulk_u)
        bulk_e = select(proportional, bulk / m.swelling, bulk_e)
    return p, bulk, p_u, bulk_u, bulk_e
