"""A pile of sheets with common in-plane stretches, one step at a time, for many cases at once.

All unknowns of all sheets and the in-plane stretches are corrected together by Newton's method. The sheets
hang together by the stretches alone, so that the linear system is solved sheet by sheet with one or two
equations left over: no tension along a free axis. Confined sheets do not hang together at all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from isosim.law.balance import before
from isosim.law.dense import dense
from isosim.law.elastic import stiffness_factor
from isosim.law.lanes import exp, larger, log1p, select, smaller
from isosim.law.row import DENSE, Row

from .many_lanes import compiled, every, get, put
from .many_sheet import Correction, Iterate, Sheet, iterate_dense, iterate_porous, trial
from .pile import FREE_ALIKE, FREE_BOTH, HELD

ITERATIONS = 16
SMALL_STRETCH = 1e-9  # corrections after which the next would be lost in rounding, as Newton's are squared
SMALL_SHARE = 1e-6  # of theta, and of u, which is a logarithm
CLIP = 0.06
CLIP_PLANE = 5e-3
FARTHEST_GUESS = 4.0  # times the last step

# rows of a sheet in the state of a pile; plastic strains are logarithmic
PLASTIC_X, PLASTIC_Y, PLASTIC_Z, U, U_HIST, EQPS, STRETCH = range(7)
N_STATE = 7
# rows of a sheet in the work space of a pile: iterate, corrections, last increments
ITERATE, FIXED, BY_X, BY_Y, LAST = range(0, 15, 3)
N_WORK = 15


class Pile(NamedTuple):
    """Sheets, and where their constants are."""

    n: Any
    laws: Any  # (kinds,) the law of each kind, the same in all lanes
    overstress: Any  # (kinds,) the same in all lanes; 0 independent of rate
    initial_pressure: Any  # (kinds,) of pressure-proportional elasticity, the same in all lanes; 0 for linear
    kind: Any  # (n,)
    parameters: Any  # (kinds * N_PARAMETERS, W) at the temperature of the step
    weight: Any  # (n, W)
    state: Any  # (n * N_STATE, W)
    work: Any  # (n * N_WORK, W)


class Plane(NamedTuple):
    """In-plane stretches."""

    x: Any
    y: Any


class Step(NamedTuple):
    """What a step imposes."""

    free: Any  # HELD, FREE_X, FREE_ALIKE, FREE_BOTH
    pressure: Any
    edge: Any  # chi P
    dt: Any
    guess: Any  # share of the last step's increments to start from


@compiled
def _constants(pile, i):
    """The constants of sheet i; what decides on a branch is common to all lanes."""
    k = pile.kind[i]
    p = pile.parameters
    j = k * 24
    return Row(
        pile.laws[k], get(p, j + 1), get(p, j + 2), get(p, j + 3), get(p, j + 4), pile.initial_pressure[k],
        get(p, j + 6), get(p, j + 7), get(p, j + 8), get(p, j + 9), get(p, j + 10), get(p, j + 11),
        get(p, j + 12), get(p, j + 13), get(p, j + 14), get(p, j + 15), get(p, j + 16), get(p, j + 17),
        pile.overstress[k], get(p, j + 19), get(p, j + 20), get(p, j + 21), get(p, j + 22), get(p, j + 23),
    )  # fmt: skip


@compiled
def _sheet(pile, i, step, m):
    j = i * N_STATE
    t = m.thermal_strain
    return Sheet(
        get(pile.state, j + PLASTIC_X) + t,
        get(pile.state, j + PLASTIC_Y) + t,
        get(pile.state, j + PLASTIC_Z) + t,
        get(pile.state, j + EQPS),
        get(pile.weight, i),
        step.pressure,
        step.edge,
        step.dt,
    )


@compiled
def _read(a, j):
    return Iterate(get(a, j), get(a, j + 1), get(a, j + 2))


@compiled
def _write(a, j, w):
    put(a, j, w.u)
    put(a, j + 1, w.theta)
    put(a, j + 2, w.z)


@compiled
def _correction(pile, i, plane, step):
    """The correction of sheet i at its iterate."""
    m = _constants(pile, i)
    s = _sheet(pile, i, step, m)
    w = _read(pile.work, i * N_WORK + ITERATE)
    if m.law == DENSE:
        return iterate_dense(w, plane.x, plane.y, s, m)
    j = i * N_STATE
    old = before(get(pile.state, j + U), get(pile.state, j + U_HIST), m)
    return iterate_porous(w, plane.x, plane.y, old, s, m)


@compiled
def _apply(pile, i, dx, dy):
    """Correct sheet i, its z and theta kept in bounds; the size of the correction, 1 where it is small."""
    j = i * N_WORK
    w = _read(pile.work, j + ITERATE)
    a = _read(pile.work, j + FIXED)
    b = _read(pile.work, j + BY_X)
    c = _read(pile.work, j + BY_Y)
    du = a.u + b.u * dx + c.u * dy
    dt = a.theta + b.theta * dx + c.theta * dy
    dz = a.z + b.z * dx + c.z * dy
    u = w.u + larger(smaller(du, 0.0 * du + 2.0), -2.0 - 0.5 * abs(w.u))
    theta = w.theta + dt
    z = w.z + larger(smaller(dz, 0.0 * dz + CLIP), 0.0 * dz - CLIP)
    unloads = (theta <= 0.0) & (w.theta > 0.0)
    start = get(pile.state, i * N_STATE + U)
    _write(
        pile.work,
        j + ITERATE,
        Iterate(select(unloads, start, u), select(unloads, 0.0 * theta, theta), z),
    )
    of_theta = select(theta > 0.0, abs(dt) / (abs(theta) + 1e-300), select(unloads, 0.0 * dt + 1e9, 0.0 * dt))
    return abs(du) / SMALL_SHARE + of_theta / SMALL_SHARE + abs(dz) / SMALL_STRETCH


@compiled
def _in_plane(step, xx, xy, yx, yy, x, y):
    """Changes of the in-plane stretches that take the tensions x and y off, clipped."""
    zero = 0.0 * x
    if step.free == HELD:
        return zero, zero
    if step.free == FREE_ALIKE:
        dx = -(x + y) / (xx + xy + yx + yy)
        dy = dx
    elif step.free == FREE_BOTH:
        i = 1.0 / (xx * yy - xy * yx)
        dx = (xy * y - yy * x) * i
        dy = (yx * x - xx * y) * i
    else:
        dx = -x / xx
        dy = zero
    limit = zero + CLIP_PLANE
    return larger(smaller(dx, limit), -limit), larger(smaller(dy, limit), -limit)


@compiled
def _converge(first, last, pile, plane, step, failed):
    """Newton's method for the sheets first..last-1; the plane found, and failed where it was not."""
    zero = 0.0 * plane.x
    x = plane.x
    y = plane.y
    done = failed > 0.0
    for _ in range(ITERATIONS):
        t_x = t_y = xx = xy = yx = yy = changed = zero
        sound = zero <= 0.0
        for i in range(first, last):
            c = _correction(pile, i, Plane(x, y), step)
            j = i * N_WORK
            _write(pile.work, j + FIXED, c.fixed)
            _write(pile.work, j + BY_X, c.by_x)
            _write(pile.work, j + BY_Y, c.by_y)
            t_x = t_x + c.pull.x
            t_y = t_y + c.pull.y
            xx = xx + c.pull.xx
            xy = xy + c.pull.xy
            yx = yx + c.pull.yx
            yy = yy + c.pull.yy
            changed = changed + c.error
            sound = sound & c.sound
        dx, dy = _in_plane(step, xx, xy, yx, yy, t_x, t_y)
        size = (abs(dx) + abs(dy)) / SMALL_STRETCH + 1e9 * changed
        x = x + dx
        y = y + dy
        for i in range(first, last):
            size = larger(_apply(pile, i, dx, dy), size)
        small = size <= 1.0
        done = (small & sound) | (failed > 0.0)
        if every(small | (failed > 0.0)):
            break
    return Plane(x, y), select(done, failed, zero + 1.0)


@compiled
def _guess(pile, step):
    """Where the sheets start: the last step's increments once more, times the guess."""
    for i in range(pile.n):
        j = i * N_WORK
        k = i * N_STATE
        last = _read(pile.work, j + LAST)
        g = step.guess
        plastic = (last.theta * g) > 0.0
        u = get(pile.state, k + U)
        w = Iterate(
            select(plastic, u + g * last.u, u),
            select(plastic, g * last.theta, 0.0 * u),
            get(pile.state, k + STRETCH) + g * last.z,
        )
        _write(pile.work, j + ITERATE, w)


@compiled
def _commit(pile, i, plane, step):
    """Make the iterate of sheet i its state."""
    m = _constants(pile, i)
    s = _sheet(pile, i, step, m)
    j = i * N_STATE
    w = _read(pile.work, i * N_WORK + ITERATE)
    t = trial(plane.x, plane.y, w.z, s)
    u = get(pile.state, j + U)
    if m.law == DENSE:
        d = dense(t.ev, t.eq, u, u, s.eqps, s.dt, m)
        keep = d.keep
        eqps = d.eqps
        e = t.ev
    else:
        old = before(u, u, m)
        growth = exp(w.u - u)
        h, _, _ = stiffness_factor(m.floor + old.gap * growth, m)
        keep = 1.0 / (1.0 + 3.0 * m.shear * h * w.theta)
        eqps = s.eqps + w.theta * 3.0 * m.shear * h * t.eq * keep
        e = t.ev - log1p(old.gap * (1.0 - growth) / old.solid)
    mean = -e / 3.0 + m.thermal_strain
    put(pile.state, j + PLASTIC_X, plane.x - (mean + keep * t.dx))
    put(pile.state, j + PLASTIC_Y, plane.y - (mean + keep * t.dy))
    put(pile.state, j + PLASTIC_Z, w.z - (mean + keep * t.dz))
    put(pile.state, j + U, w.u)
    put(pile.state, j + U_HIST, smaller(w.u, get(pile.state, j + U_HIST)))
    put(pile.state, j + EQPS, eqps)
    _write(
        pile.work,
        i * N_WORK + LAST,
        Iterate(w.u - u, w.theta, w.z - get(pile.state, j + STRETCH)),
    )
    put(pile.state, j + STRETCH, w.z)


@compiled
def advance(pile, plane, change, step, failed):
    """One step of the pile from `plane`; `change` is what it did in the last step.

    Returns the new plane, and `failed` set to 1 where no balance was found; the state of such lanes is
    without meaning.
    """
    _guess(pile, step)
    begin = Plane(plane.x + step.guess * change.x, plane.y + step.guess * change.y)
    if step.free == HELD:
        begin = plane
        for i in range(pile.n):
            _, failed = _converge(i, i + 1, pile, plane, step, failed)
        end = plane
    else:
        end, failed = _converge(0, pile.n, pile, begin, step, failed)
    for i in range(pile.n):
        _commit(pile, i, end, step)
    return end, failed
