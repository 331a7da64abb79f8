"""One Newton iteration of one sheet under a given pressure, for many cases at once.

The stress through the thickness is known, the strain is not. Unknowns of a sheet are u, theta and its stretch
z through the thickness, solved together: the two equations of the return map (11) and

    R3 = Sigma_z + P exp(-e) = 0,    e the elastic compaction,

which is sigma_z = -P divided by J/Je. There is no iteration inside. The in-plane stretches x and y are given;
how the solution changes with them comes out beside the correction, so that the pile can correct both at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from isosim.law.balance import balance
from isosim.law.dense import dense
from isosim.law.lanes import any_of, exp, select, sqrt
from isosim.law.porous import plausible, start

from .compiling import compiled, inlined

YIELDED = 1e-13  # of the surface equation, as in the law
NUDGE = 1e-9  # takes u to the side of dilation, where the cap does not soften


class Sheet(NamedTuple):
    """A sheet of the pile at the start of a step, and the load on it."""

    x: Any  # plastic and thermal logarithmic strains: elastic strain = stretch - these
    y: Any
    z: Any
    eqps: Any
    weight: Any  # unpressed thickness, in any unit
    pressure: Any  # P
    edge: Any  # chi P
    dt: Any


class Iterate(NamedTuple):
    """Unknowns of a sheet."""

    u: Any
    theta: Any  # 0 where elastic
    z: Any


class Pull(NamedTuple):
    """In-plane tension of a sheet times weight and exp(-x-y) at the corrected iterate, and its slopes."""

    x: Any
    y: Any
    xx: Any
    xy: Any
    yx: Any
    yy: Any


class Correction(NamedTuple):
    """Changes of the unknowns: at fixed x and y, and per change of x and of y."""

    fixed: Any  # Iterate
    by_x: Any  # Iterate
    by_y: Any  # Iterate
    pull: Any  # Pull
    way: Any  # 1 where the sheet compacts, -1 where it dilates
    sound: Any  # whether the iterate may be a solution, if the corrections vanish


class Strain(NamedTuple):
    """Trial elastic strains of a sheet."""

    ev: Any
    eq: Any
    dx: Any  # deviator
    dy: Any
    dz: Any


@inlined
def add(a, b):
    """The pull of two sheets."""
    return Pull(a.x + b.x, a.y + b.y, a.xx + b.xx, a.xy + b.xy, a.yx + b.yx, a.yy + b.yy)


@inlined
def trial(x, y, z, s):
    """Trial strains of the sheet stretched to (x, y, z)."""
    ex = x - s.x
    ey = y - s.y
    ez = z - s.z
    ev = -(ex + ey + ez)
    third = ev / 3.0
    dx = ex + third
    dy = ey + third
    dz = ez + third
    return Strain(ev, sqrt((2.0 / 3.0) * (dx * dx + dy * dy + dz * dz) + 1e-40), dx, dy, dz)


@compiled
def iterate_porous(w, x, y, old, s, m):
    """One iteration of a porous sheet from the iterate w."""
    t = trial(x, y, w.z, s)
    zero = 0.0 * t.ev
    b = balance(w.u, w.theta, t.ev, t.eq, old, s.dt, m)
    yields = (w.theta <= 0.0) & (b.surface > YIELDED)
    u = w.u
    theta = w.theta
    if any_of(yields):
        first_u, first_theta = start(b, u, s.dt, m)
        first_u = select(b.x < 0.0, first_u + NUDGE, first_u)
        u = select(yields, first_u, u)
        theta = select(yields, first_theta, theta)
        b = balance(u, theta, t.ev, t.eq, old, s.dt, m)
    plastic = theta > 0.0
    n = (2.0 / 3.0) / t.eq
    nx = n * t.dx
    ny = n * t.dy
    nz = n * t.dz
    e = t.ev - b.v
    spread = exp(e)
    fluid = s.pressure / spread
    square = b.p_v + (4.0 / 3.0) * b.shear
    cross = b.p_v - (2.0 / 3.0) * b.shear

    # the equations by z, by x and by y
    c_z = b.c_q * nz - b.c_v
    c_x = b.c_q * nx - b.c_v
    c_y = b.c_q * ny - b.c_v
    s_z = b.s_q * nz - b.s_v
    s_x = b.s_q * nx - b.s_v
    s_y = b.s_q * ny - b.s_v
    r = nz * b.q - b.p + fluid
    r_u = nz * b.q_u - b.p_u + fluid * b.v_u
    r_t = nz * b.q_t
    r_x = cross + fluid
    a = 1.0 / (square + fluid)

    # z eliminated; no plastic unknowns where elastic
    cz = c_z * a
    sz = s_z * a
    c_u = b.c_u - cz * r_u
    c_t = b.c_t - cz * r_t
    s_u = b.s_u - sz * r_u
    s_t = b.s_t - sz * r_t
    i = select(plastic, 1.0 / (c_u * s_t - c_t * s_u), zero)
    c_0 = b.compaction - cz * r
    s_0 = b.surface - sz * r
    c_x = c_x - cz * r_x
    s_x = s_x - sz * r_x
    c_y = c_y - cz * r_x
    s_y = s_y - sz * r_x
    u_0 = (c_t * s_0 - s_t * c_0) * i
    t_0 = (s_u * c_0 - c_u * s_0) * i
    shy = yields & (theta + t_0 <= 0.0)  # it does yield, but less than the first guess
    u_0 = select(shy, zero, u_0)
    t_0 = select(shy, -0.95 * theta, t_0)
    u_x = (c_t * s_x - s_t * c_x) * i
    t_x = (s_u * c_x - c_u * s_x) * i
    u_y = (c_t * s_y - s_t * c_y) * i
    t_y = (s_u * c_y - c_u * s_y) * i
    z_0 = -a * (r + r_u * u_0 + r_t * t_0)
    z_x = -a * (r_x + r_u * u_x + r_t * t_x)
    z_y = -a * (r_x + r_u * u_y + r_t * t_y)

    # tension = g (Sigma + chi P / spread) with g = weight exp(z) spread
    stress_x = nx * b.q - b.p
    stress_y = ny * b.q - b.p
    g = s.weight * exp(w.z) * spread
    edge = s.edge / spread
    pull_x = stress_x + edge
    pull_y = stress_y + edge
    x_u = nx * b.q_u - b.p_u - stress_x * b.v_u
    x_t = nx * b.q_t
    y_u = ny * b.q_u - b.p_u - stress_y * b.v_u
    y_t = ny * b.q_t
    x_z = cross + edge
    y_z = cross + edge
    pull = Pull(
        g * (pull_x + x_u * u_0 + x_t * t_0 + x_z * z_0),
        g * (pull_y + y_u * u_0 + y_t * t_0 + y_z * z_0),
        g * (square - stress_x + x_u * u_x + x_t * t_x + x_z * z_x),
        g * (cross - stress_x + x_u * u_y + x_t * t_y + x_z * z_y),
        g * (cross - stress_y + y_u * u_x + y_t * t_x + y_z * z_x),
        g * (square - stress_y + y_u * u_y + y_t * t_y + y_z * z_y),
    )
    return Correction(
        Iterate(u - w.u + u_0, theta - w.theta + t_0, z_0),
        Iterate(u_x, t_x, z_x),
        Iterate(u_y, t_y, z_y),
        pull,
        select(b.x > 0.0, zero + 1.0, zero - 1.0),
        plausible(b, t.ev, t.eq, m),
    )


@compiled
def iterate_dense(w, x, y, s, m):
    """One iteration of a dense sheet; its return map is closed, so that z is the only unknown."""
    t = trial(x, y, w.z, s)
    zero = 0.0 * t.ev
    d = dense(t.ev, t.eq, zero, zero, s.eqps, s.dt, m)
    n = (2.0 / 3.0) / t.eq
    nx = n * t.dx
    ny = n * t.dy
    nz = n * t.dz
    two_g = 2.0 * d.shear
    bend = d.q_q - 1.5 * two_g
    base = d.p_v - two_g / 3.0
    spread = exp(t.ev)
    fluid = s.pressure / spread
    edge = s.edge / spread
    stress_x = two_g * t.dx - d.p
    stress_y = two_g * t.dy - d.p
    xz = base + nx * nz * bend
    yz = base + ny * nz * bend
    a = 1.0 / (base + two_g + nz * nz * bend + fluid)
    z_0 = -a * (two_g * t.dz - d.p + fluid)
    z_x = -a * (xz + fluid)
    z_y = -a * (yz + fluid)
    xy = base + nx * ny * bend
    g = s.weight * exp(w.z) * spread
    pull = Pull(
        g * (stress_x + edge + (xz + edge) * z_0),
        g * (stress_y + edge + (yz + edge) * z_0),
        g * (base + two_g + nx * nx * bend - stress_x + (xz + edge) * z_x),
        g * (xy - stress_x + (xz + edge) * z_y),
        g * (xy - stress_y + (yz + edge) * z_x),
        g * (base + two_g + ny * ny * bend - stress_y + (yz + edge) * z_y),
    )
    return Correction(
        Iterate(zero, zero, z_0), Iterate(zero, zero, z_x), Iterate(zero, zero, z_y), pull, zero, d.p_v > 0.0
    )
