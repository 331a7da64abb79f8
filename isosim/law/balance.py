"""The two equations of the return map of the porous law, theory (11), with all derivatives.

Unknowns u = ln(phi - phi_m) and theta = (plastic multiplier)/r. The first equation says that the change
of solid fraction is the plastic compaction, the second that the stress lies on the (over)yield surface.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .cap import jammed_cap
from .elastic import pressure, stiffness_factor
from .lanes import any_of, exp, inlined, log, log1p, sqrt

TINY = 1e-300


class Before(NamedTuple):
    """The porous state at the start of a step."""

    u: Any
    u_hist: Any
    gap: Any  # phi - phi_m
    share: Any  # gap / (1 - phi)


@inlined
def before(u, u_hist, m):
    """The state before a step, from its logarithmic variables."""
    gap = exp(u)
    return Before(u, u_hist, gap, gap / (1.0 - m.floor - gap))


class Balance(NamedTuple):
    """Residuals, Jacobian and what the tangent needs; _u, _t, _v, _q: derivative by u, theta, ev, eq."""

    compaction: Any  # R1
    surface: Any  # R2
    c_u: Any
    c_t: Any
    s_u: Any
    s_t: Any
    c_v: Any
    c_q: Any
    s_v: Any
    s_q: Any
    v: Any  # plastic compaction of the step
    v_u: Any
    p: Any  # Mandel pressure
    p_u: Any
    p_v: Any
    q: Any
    q_u: Any
    q_t: Any
    q_q: Any
    shear: Any  # G / (1 + 3 G theta)
    keep: Any  # 1 / (1 + 3 G theta), the elastic share of the deviator
    x: Any  # driving pressure minus the centre of the ellipse
    r: Any  # sqrt(q^2 + M^2 x^2)
    mobility: Any  # M^2
    driving_e: Any  # dp*/de at fixed porosity; positive where the elastic law is used as meant
    porosity: Any


@inlined
def balance(u, theta, ev, eq, old, dt, m):
    """Evaluate the equations at (u, theta) for the trial strains ev (compaction) and eq."""
    growth = exp(u - old.u)
    v = log1p(old.share * (1.0 - growth))
    return _balance(u, theta, growth, v, ev, eq, old, dt, m)


@inlined
def trial(ev, eq, old, dt, m):
    """The balance of a step without plastic strain."""
    return _balance(old.u + 0.0 * ev, 0.0 * ev, 1.0, 0.0 * ev, ev, eq, old, dt, m)


@inlined
def _balance(u, theta, growth, v, ev, eq, old, dt, m):
    gap = old.gap * growth
    porosity = m.floor + gap
    solid = 1.0 - porosity
    e = ev - v
    h, h1, h2 = stiffness_factor(porosity, m)
    h_u = h1 * gap
    p, bulk, p_at_e, bulk_u, bulk_e = pressure(e, h, h_u, m)
    shear = m.shear * h
    shear_u = m.shear * h_u

    cap, cap_u = jammed_cap(u, old.u_hist, m)
    centre = 0.5 * ((1.0 - m.tension_ratio) * cap - m.cohesion)
    centre_u = 0.5 * (1.0 - m.tension_ratio) * cap_u
    radius = 0.5 * ((1.0 + m.tension_ratio) * cap + m.cohesion)
    radius_u = 0.5 * (1.0 + m.tension_ratio) * cap_u

    # one division for four reciprocals: a division takes as long as a dozen products
    softer = 1.0 + 3.0 * shear * theta
    friction = m.friction + radius * radius * m.saturation  # 1/M^2
    stiffer = friction + theta * bulk
    one = 1.0 / (solid * softer * friction * stiffer)
    first = one * friction * stiffer
    second = one * solid * softer
    v_u = -gap * first * softer
    keep = first * solid
    mobility = second * stiffer
    i = second * friction * friction

    mobility_u = -2.0 * mobility * mobility * radius * radius_u * m.saturation
    slope = sqrt(mobility)
    height = radius * slope
    height_u = radius_u * slope * (1.0 - radius * radius * m.saturation * mobility)

    strain = eq * keep
    q = 3.0 * shear * strain
    q_u = 3.0 * strain * keep * shear_u
    q_t = -3.0 * shear * keep * q
    q_q = 3.0 * shear * keep

    # driving pressure p* = p + psi + (1 - phi) dpsi/dphi = p + k w
    k = m.energy * (h + solid * h1)
    k_u = m.energy * solid * h2 * gap
    w = 0.5 * m.bulk * e * e + 1.5 * m.shear * strain * strain
    w_u = -m.bulk * e * v_u - 3.0 * m.shear * strain * q_u * theta
    w_t = 3.0 * m.shear * strain * strain * -q_q
    w_q = 3.0 * m.shear * strain * keep

    # x = p* - centre with the compaction theta M^2 x of this very step eliminated
    y = p + bulk * v + k * w - centre
    y_u = p_at_e + (bulk_u - bulk_e * v_u) * v + k_u * w + k * w_u - centre_u
    y_v = bulk + bulk_e * v + k * m.bulk * e
    x = y * i
    x_u = (y_u - x * theta * (mobility_u * bulk + mobility * (bulk_u - bulk_e * v_u))) * i
    x_t = (k * w_t - x * mobility * bulk) * i
    x_v = (y_v - x * theta * mobility * bulk_e) * i
    x_q = k * w_q * i

    flow = mobility * x
    r = sqrt(q * q + flow * x + TINY)
    ir = 1.0 / r
    r_u = (q * q_u + 0.5 * mobility_u * x * x + flow * x_u) * ir
    r_t = (q * q_t + flow * x_t) * ir
    r_v = flow * x_v * ir
    r_q = (q * q_q + flow * x_q) * ir

    surface = 1.0 - height * ir
    level = height * ir * ir
    s_u = level * r_u - height_u * ir
    s_t = level * r_t
    if any_of(m.overstress > 0.0):  # where it is zero, so is what this gives
        multiplier = theta * r + TINY
        over = m.overstress * exp(m.exponent * (log(multiplier) - log(dt * m.rate))) * ir
        over_g = over * m.exponent / multiplier
        surface -= over
        s_u += (over * ir - over_g * theta) * r_u
        s_t += over * ir * r_t - over_g * (r + theta * r_t)
        level += over * ir - over_g * theta
    return Balance(
        v - theta * flow,
        surface,
        v_u - theta * (mobility_u * x + mobility * x_u),
        -mobility * (x + theta * x_t),
        s_u,
        s_t,
        -theta * mobility * x_v,
        -theta * mobility * x_q,
        level * r_v,
        level * r_q,
        v,
        v_u,
        p,
        p_at_e - bulk * v_u,
        bulk,
        q,
        q_u,
        q_t,
        q_q,
        shear * keep,
        keep,
        x,
        r,
        mobility,
        bulk + k * m.bulk * e,
        porosity,
    )
