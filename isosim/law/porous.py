"""The porous branch: elastic, or the return map of theory (11)-(13) with the scalars of its tangent (15)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .balance import balance, before
from .fallback import TOLERANCE, bracketed, solved
from .lanes import compiled, exp, larger, log, select, smaller, sqrt

ITERATIONS = 25

FAST, FALLBACK, INVALID, UNSOLVED = 0, 1, -1, -2


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
    status: Any


@compiled
def start(b, dt, m):
    """First guess of theta from the trial state b = balance(u_n, 0), theory (12)."""
    flow = b.mobility * b.x
    r2 = b.q * b.q + flow * b.x
    r = sqrt(r2)
    height = (1.0 - b.surface) * r
    excess = r - height
    theta = excess * r2 / (height * (3.0 * b.shear * b.q * b.q + flow * flow * b.p_v))
    if m.overstress > 0.0:
        explicit = dt * m.rate * exp(log(excess / m.overstress) / m.exponent) / r
        theta = smaller(explicit, theta)
    return theta


@compiled
def newton(b, u, theta):
    """One safeguarded Newton step: u moves by at most 2 up, 2 + |u|/2 down; theta stays positive."""
    i = 1.0 / (b.c_u * b.s_t - b.c_t * b.s_u)
    du = -(b.s_t * b.compaction - b.c_t * b.surface) * i
    dt = -(b.c_u * b.surface - b.s_u * b.compaction) * i
    du = larger(smaller(du, 0.0 * du + 2.0), 0.0 * du - 2.0 - 0.5 * abs(u.real))
    shrunk = theta * exp(larger(dt / theta, 0.0 * dt - 3.0))
    return u + du, select(dt.real < -0.7 * theta.real, shrunk, theta + dt)


@compiled
def plausible(b, u, ev, eq, m):
    """Whether a root is the physical one: stiffness left, and no more plastic than trial strain, roughly.

    Far out in dilation and at elastic strains near one the equations have other roots; Newton meets them
    about once in 1e5 wild states.
    """
    stiff = (m.floor + exp(u)).real * m.softening < 1.0 and b.driving_e.real > 0.0
    return stiff and (b.v * b.v).real <= 4.0 * (ev * ev + 3.0 * eq * eq).real


@compiled
def porous(ev, eq, u_n, u_hist, eqps, dt, m):
    """Advance a porous point by trial strains; see `Response`."""
    old = before(u_n, u_hist, m)
    b = balance(u_n, 0.0 * ev, ev, eq, old, dt, m)
    if not b.surface.real > TOLERANCE:
        status = FAST if b.driving_e.real > 0.0 else UNSOLVED
        return Response(
            b.p, b.shear, b.keep, 0.0 * ev, u_n + 0.0 * ev, u_hist + 0.0 * ev, eqps + 0.0 * ev,
            b.p_v, 0.0 * ev, 0.0 * ev, 3.0 * b.shear, 0.0 * ev, 0.0 * ev, status,
        )  # fmt: skip
    status = UNSOLVED
    u = u_n + 0.0 * ev
    theta = start(b, dt, m)
    for _ in range(ITERATIONS):
        b = balance(u, theta, ev, eq, old, dt, m)
        if solved(b, TOLERANCE):
            status = FAST
            break
        u, theta = newton(b, u, theta)
    if status != FAST or not plausible(b, u, ev, eq, m):
        u, theta, found = bracketed(ev, eq, old, dt, m)
        b = balance(u, theta, ev, eq, old, dt, m)
        status = FALLBACK if found and plausible(b, u, ev, eq, m) else UNSOLVED
    i = 1.0 / (b.c_u * b.s_t - b.c_t * b.s_u)
    u_v = -(b.s_t * b.c_v - b.c_t * b.s_v) * i
    u_q = -(b.s_t * b.c_q - b.c_t * b.s_q) * i
    t_v = -(b.c_u * b.s_v - b.s_u * b.c_v) * i
    t_q = -(b.c_u * b.s_q - b.s_u * b.c_q) * i
    return Response(
        b.p, b.shear, b.keep, b.v, u, smaller(u, u_hist + 0.0 * ev), eqps + theta * b.q,
        b.p_v + b.p_u * u_v, b.p_u * u_q, b.q_u * u_v + b.q_t * t_v, b.q_q + b.q_u * u_q + b.q_t * t_q,
        b.v_u * u_v, b.v_u * u_q, status,
    )  # fmt: skip
