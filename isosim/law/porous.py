"""The porous branch: elastic, or the return map of theory (11)-(13) with the scalars of its tangent (15)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .balance import balance, before, trial
from .fallback import TOLERANCE, bracketed, newton_step, solved
from .lanes import any_of, compiled, exp, inlined, lane, larger, log, no, select, smaller, width, with_lane

ITERATIONS = 25

FAST, FALLBACK, INVALID, UNSOLVED = 0.0, 1.0, -1.0, -2.0


class Response(NamedTuple):
    """Answer of a point to the trial strains ev (compaction) and eq. Suffix _v, _q: derivative by ev, eq."""

    p: Any  # Mandel pressure
    shear: Any  # deviatoric Mandel stress = 2 shear * dev(trial strain)
    keep: Any  # elastic share of the trial deviator
    v: Any  # plastic compaction of the step, -ln of the change of Jp
    u: Any
    u_hist: Any
    eqps: Any
    p_v: Any
    p_q: Any
    q_v: Any
    q_q: Any
    v_v: Any
    v_q: Any
    flows: Any  # where there was plastic strain
    status: Any


@inlined
def start(b, u, dt, m):
    """First guess of u and theta from the trial state b at u, theory (12): return at constant cap.

    It moves u under pressure only: in dilation a step too far leads to a root that is not the physical one.
    With viscosity theta shrinks by the share of the overstress it would bring about, or is the explicit one
    where that is nearly all.
    """
    flow = b.mobility * b.x
    height = (1.0 - b.surface) * b.r
    excess = b.r - height
    theta = excess * b.r * b.r / (height * (3.0 * b.shear * b.q * b.q + flow * flow * b.p_v))
    viscous = m.overstress > 0.0
    if any_of(viscous):
        over = m.overstress * exp(m.exponent * (log(theta * height) - log(dt * m.rate)))
        share = over / excess
        slowed = (1.0 - share) * height / (height + over)
        crawls = share.real > 0.8
        if any_of(crawls):
            slowed = select(crawls, smaller(exp(-log(share) / m.exponent), 0.0 * share + 0.2), slowed)
        theta = select(viscous, theta * slowed, theta)
    du = theta * flow / ((1.0 + theta * b.mobility * b.p_v) * b.v_u)
    du = select(b.p.real > 0.0, larger(smaller(du, 0.0 * du), 0.0 * du - 1.0), 0.0 * du)
    return u + du, theta


@inlined
def moved(u, theta, du, dtheta, compacts, old):
    """A safeguarded Newton step: u moves by at most 2 up, 2 + |u|/2 down; theta stays positive.

    Compaction does not raise u. From above, u stops where the cap has its kink: there is no slope beyond it
    to tell how far the cap rises.
    """
    du = larger(smaller(du, 0.0 * du + 2.0), 0.0 * du - 2.0 - 0.5 * abs(u.real))
    falls = dtheta.real < -0.7 * theta.real
    new = theta + dtheta
    if any_of(falls):
        ratio = larger(dtheta / theta, 0.0 * dtheta - 3.0)
        new = select(falls, theta / (1.0 - ratio + 0.5 * ratio * ratio), new)
    end = u + du
    end = select(compacts & (end.real > old.u.real), old.u + 0.0 * u, end)
    end = select((u.real > old.u_hist.real) & (end.real < old.u_hist.real), old.u_hist + 0.0 * u, end)
    return end, new


@inlined
def stiff(b, m):
    """Whether the layer has stiffness left, and its driving pressure grows with the compaction."""
    return (b.porosity.real * m.softening < 1.0) & (b.driving_e.real > 0.0)


@inlined
def plausible(b, ev, eq, m):
    """Whether Newton's method found the root that the brackets would: if not, they decide.

    Far out in dilation and at elastic strains near one the equations have other roots. Newton meets them
    about once in 1e5 wild states: with more plastic than trial strain, roughly, or with compaction under
    tension, driven by the energy of a shear that should have dilated the layer long before.
    """
    modest = (b.v * b.v).real <= 4.0 * (ev * ev + 3.0 * eq * eq).real
    torn = (b.v.real > 0.0) & (b.p.real < -0.5 * m.cohesion)
    return stiff(b, m) & modest & no(torn)


@compiled
def rescued(lost, u, theta, ev, eq, old, dt, m):
    """u and theta with the lanes that are lost done by brackets, one by one, and where that succeeded."""
    found = lost
    for i in range(width(ev)):
        if lane(lost, i):
            one_u, one_theta, one_found = bracketed(
                lane(ev, i), lane(eq, i), lane(old, i), lane(dt, i), lane(m, i)
            )
            u = with_lane(u, i, one_u)
            theta = with_lane(theta, i, one_theta)
            found = with_lane(found, i, one_found)
    return u, theta, found


@compiled
def porous(ev, eq, u_n, u_hist, eqps, dt, m):
    """Advance porous points by trial strains; see `Response`."""
    zero = 0.0 * ev
    u = u_n + zero
    theta = zero
    old = before(u_n, u_hist, m)
    b = trial(ev, eq, old, dt, m)
    fits = (b.porosity.real < 1.0) & (b.porosity.real * m.softening < 1.0)
    yields = fits & (b.surface.real > TOLERANCE)
    status = select(yields | (b.driving_e.real > 0.0), 0.0 * ev.real + FAST, 0.0 * ev.real + UNSOLVED)
    status = select(fits, status, INVALID)
    if any_of(yields):
        first_u, first_theta = start(b, u, dt, m)
        u = select(yields, first_u, u)
        theta = select(yields, first_theta, theta)
        active = yields
        for _ in range(ITERATIONS):
            b = balance(u, theta, ev, eq, old, dt, m)
            du, dtheta = newton_step(b)
            active = active & no(solved(b, theta, dtheta, TOLERANCE))
            if not any_of(active):
                break
            new_u, new_theta = moved(u, theta, du, dtheta, b.x.real > 0.0, old)
            u = select(active, new_u, u)
            theta = select(active, new_theta, theta)
        lost = active | (yields & no(plausible(b, ev, eq, m)))
        if any_of(lost):
            u, theta, found = rescued(lost, u, theta, ev, eq, old, dt, m)
            b = balance(u, theta, ev, eq, old, dt, m)
            found = found & stiff(b, m)
            status = select(lost, select(found, status + FALLBACK, status + UNSOLVED), status)
    i = select(yields, 1.0 / (b.c_u * b.s_t - b.c_t * b.s_u), zero)
    u_v = -(b.s_t * b.c_v - b.c_t * b.s_v) * i
    u_q = -(b.s_t * b.c_q - b.c_t * b.s_q) * i
    t_v = -(b.c_u * b.s_v - b.s_u * b.c_v) * i
    t_q = -(b.c_u * b.s_q - b.s_u * b.c_q) * i
    return Response(
        b.p, b.shear, b.keep, b.v, u, smaller(u, u_hist + zero), eqps + theta * b.q,
        b.p_v + b.p_u * u_v, b.p_u * u_q, b.q_u * u_v + b.q_t * t_v, b.q_q + b.q_u * u_q + b.q_t * t_q,
        b.v_u * u_v, b.v_u * u_q, yields, status,
    )  # fmt: skip
