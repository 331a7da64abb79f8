"""Elastic moduli and pressure, theory (4)-(5)."""

from __future__ import annotations

from .lanes import compiled, exp


@compiled
def stiffness_factor(porosity, m):
    """h = (1 - phi/phiE)^2 of K = Ks h, G = Gs h, with its first and second derivative by phi."""
    s = 1.0 - porosity * m.softening
    return s * s, -2.0 * m.softening * s, 2.0 * m.softening * m.softening


@compiled
def pressure(e, h, h_u, m):
    """Mandel pressure p and bulk modulus K = dp/de at the elastic compaction e, with dp/du, dK/du, dK/de.

    Linear: p = Ks h e. Pressure-proportional: p = p_i exp(e / kappa*), K = p / kappa*.
    """
    if m.initial_pressure > 0.0:
        p = m.initial_pressure * exp(e / m.swelling)
        bulk = p / m.swelling
        return p, bulk, 0.0 * p, 0.0 * p, bulk / m.swelling
    bulk = m.bulk * h + 0.0 * e
    bulk_u = m.bulk * h_u + 0.0 * e
    return bulk * e, bulk, bulk_u * e, bulk_u, 0.0 * e
