"""The return map by brackets alone, theory (13): slow, and certain for caps that diverge at phi_m.

For a given u the second equation has a root theta(u) because the stress shrinks and the yield height does
not as theta grows. Put into the first, it changes sign between u_n and u -> -inf (compaction) or the
porosity at which the stiffness vanishes (dilation). Bisection closes both, Newton steps polish.
"""

from __future__ import annotations

from .balance import balance
from .lanes import compiled, inlined, log, sqrt

INNER = 200
OUTER = 400
POLISH = 6
TOLERANCE = 1e-13
ACCEPTED = 1e-10  # where rounding leaves no more: beside caps of 1e10 Pa and beyond


@compiled
def _at(u, theta, ev, eq, old, dt, m):
    """`balance`, compiled once for all its uses here."""
    return balance(u, theta, ev, eq, old, dt, m)


@inlined
def newton_step(b):
    """The changes of u and theta that bring both equations to zero, to first order."""
    i = 1.0 / (b.c_u * b.s_t - b.c_t * b.s_u)
    return -(b.s_t * b.compaction - b.c_t * b.surface) * i, -(b.c_u * b.surface - b.s_u * b.compaction) * i


@inlined
def solved(b, theta, dtheta, tolerance):
    """Whether both equations hold, and the next Newton step would not change the plastic strain theta r.

    Near the floor a residual of 1e-13 may be as large as the porosity left, which decides the cap. A theta
    that the next step would double or take away belongs to a root with a negative multiplier.
    """
    return (
        (abs(b.compaction.real) <= tolerance)
        & (abs(b.surface.real) <= tolerance)
        & (abs((dtheta * b.r).real) <= tolerance)
        & (abs(dtheta.real) < theta.real)
    )


@compiled
def _on_surface(u, ev, eq, old, dt, m):
    """theta(u) of the second equation, zero inside the surface, and the first equation there."""
    b = _at(u, 0.0, ev, eq, old, dt, m)
    if b.surface <= 0.0:
        return 0.0, b.v
    low = 0.0
    high = 1.0 / b.shear
    for _ in range(INNER):
        b = _at(u, high, ev, eq, old, dt, m)
        if b.surface <= 0.0:
            break
        low = high
        high *= 8.0
    theta = high
    for _ in range(INNER):
        step = theta - b.surface / b.s_t
        if not (low < step < high):
            step = sqrt(low * high) if low > 0.0 else 1e-3 * high
        if abs(step - theta) <= 1e-15 * theta:
            break
        theta = step
        b = _at(u, theta, ev, eq, old, dt, m)
        if b.surface > 0.0:
            low = theta
        else:
            high = theta
    return theta, b.compaction


@compiled
def _bracket(compacts, ev, eq, old, dt, m):
    """u values with a positive (left) and a negative (right) first equation."""
    left = old.u
    right = old.u
    step = 0.05
    if compacts:
        for _ in range(OUTER):
            left -= step
            _, residual = _on_surface(left, ev, eq, old, dt, m)
            if residual > 0.0:
                break
            right = left
            step *= 1.5
    else:
        limit = log((1.0 / m.softening if m.softening > 1.0 else 1.0) - m.floor)
        for _ in range(OUTER):
            right = min(left + step, 0.5 * (left + limit))
            _, residual = _on_surface(right, ev, eq, old, dt, m)
            if residual < 0.0:
                break
            left = right
            step *= 1.5
    return left, right


@compiled
def bracketed(ev, eq, old, dt, m):
    """u, theta and whether they solve the return map, for a trial state outside the yield surface."""
    _, residual = _on_surface(old.u, ev, eq, old, dt, m)
    left, right = _bracket(residual < 0.0, ev, eq, old, dt, m)
    u = 0.5 * (left + right)
    theta = 0.0
    for _ in range(OUTER):
        u = 0.5 * (left + right)
        theta, residual = _on_surface(u, ev, eq, old, dt, m)
        if residual > 0.0:
            left = u
        else:
            right = u
        if abs(right - left) <= 4e-16 * abs(u):
            break
    found = False
    polished_u = u
    polished_theta = theta
    for _ in range(POLISH):
        b = _at(polished_u, polished_theta, ev, eq, old, dt, m)
        du, dtheta = newton_step(b)
        if solved(b, polished_theta, dtheta, ACCEPTED):
            u = polished_u
            theta = polished_theta
            found = True
        if solved(b, polished_theta, dtheta, TOLERANCE):
            break
        polished_u += du
        polished_theta += dtheta
    return u, theta, found
