"""A pile of sheets with common in-plane stretches, one step at a time, for many cases at once.

All unknowns of all sheets and the in-plane stretches are corrected together by Newton's method. The sheets
hang together by the stretches alone, so that the linear system is solved sheet by sheet with one or two
equations left over: no tension along a free axis. Confined sheets do not hang together at all.
"""

from __future__ import annotations

from isosim.law.balance import before
from isosim.law.dense import dense
from isosim.law.elastic import stiffness_factor
from isosim.law.lanes import (
    any_of,
    exp,
    lane,
    larger,
    log1p,
    no,
    select,
    smaller,
    width,
    with_lane,
)
from isosim.law.row import DENSE, N_PARAMETERS, Row

from .compiling import compiled, inlined
from .many_block import (
    BY_X,
    BY_Y,
    EQPS,
    FIXED,
    ITERATE,
    LAST,
    N_STATE,
    N_WORK,
    PLASTIC_X,
    PLASTIC_Y,
    PLASTIC_Z,
    STRETCH,
    U_HIST,
    WAY,
    Plane,
    U,
    get,
    put,
)
from .many_rescue import rescue
from .many_sheet import Iterate, Pull, Sheet, add, iterate_dense, iterate_porous, trial
from .pile import FREE_ALIKE, FREE_BOTH, HELD

ITERATIONS = 24
TRUSTED = 6  # iterations after which Newton's method should have its direction
SMALL_STRETCH = 1e-9  # corrections after which the next would be lost in rounding, as Newton's are squared
SMALL_SHARE = 1e-6  # of theta, and of u, which is a logarithm
LEAST_GUESS = 1e-15  # 1/Pa; from less, Newton's method takes long to a larger theta where there is viscosity
FARTHEST_GUESS = 2.0  # of u
CLIP = 0.06
CLIP_PLANE = 1e-3


@inlined
def _constants(pile, i):
    """The constants of sheet i; its law is common to all lanes."""
    k = pile.kind[i]
    j = k * N_PARAMETERS
    a = pile.parameters
    c = pile.unit
    return Row(
        pile.laws[k], get(a, j + 1, c), get(a, j + 2, c), get(a, j + 3, c), get(a, j + 4, c),
        get(a, j + 5, c), get(a, j + 6, c), get(a, j + 7, c), get(a, j + 8, c), get(a, j + 9, c),
        get(a, j + 10, c), get(a, j + 11, c), get(a, j + 12, c), get(a, j + 13, c), get(a, j + 14, c),
        get(a, j + 15, c), get(a, j + 16, c), get(a, j + 17, c), get(a, j + 18, c), get(a, j + 19, c),
        get(a, j + 20, c), get(a, j + 21, c), get(a, j + 22, c), get(a, j + 23, c),
    )  # fmt: skip


@inlined
def _sheet(pile, i, step, m):
    j = i * N_STATE
    t = m.thermal_strain
    return Sheet(
        get(pile.state, j + PLASTIC_X, pile.unit) + t,
        get(pile.state, j + PLASTIC_Y, pile.unit) + t,
        get(pile.state, j + PLASTIC_Z, pile.unit) + t,
        get(pile.state, j + EQPS, pile.unit),
        get(pile.weight, i, pile.unit),
        step.pressure,
        step.edge,
        step.dt,
    )


@inlined
def _read(pile, j):
    a = pile.work
    return Iterate(get(a, j, pile.unit), get(a, j + 1, pile.unit), get(a, j + 2, pile.unit))


@inlined
def _write(a, j, w):
    put(a, j, w.u)
    put(a, j + 1, w.theta)
    put(a, j + 2, w.z)


@compiled
def _correction(pile, i, plane, step):
    """The correction of sheet i at its iterate."""
    m = _constants(pile, i)
    s = _sheet(pile, i, step, m)
    w = _read(pile, i * N_WORK + ITERATE)
    if m.law == DENSE:
        return iterate_dense(w, plane.x, plane.y, s, m)
    j = i * N_STATE
    old = before(get(pile.state, j + U, pile.unit), get(pile.state, j + U_HIST, pile.unit), m)
    return iterate_porous(w, plane.x, plane.y, old, s, m)


@inlined
def _apply(pile, i, dx, dy, done):
    """Correct sheet i but where it is done; the size of the correction, 1 where it is small.

    u stops where the cap has a kink, which is where dilation begins, and does not leave it against the flow.
    A theta below zero means that the sheet is elastic after all.
    """
    j = i * N_WORK
    w = _read(pile, j + ITERATE)
    a = _read(pile, j + FIXED)
    b = _read(pile, j + BY_X)
    c = _read(pile, j + BY_Y)
    zero = 0.0 * dx
    du = select(done, zero, a.u + b.u * dx + c.u * dy)
    dt = select(done, zero, a.theta + b.theta * dx + c.theta * dy)
    dz = select(done, zero, a.z + b.z * dx + c.z * dy)
    moved = larger(smaller(du, zero + 2.0), -2.0 - 0.5 * abs(w.u))
    share = select(abs(du) > abs(moved), moved / du, zero + 1.0)
    u = w.u + moved
    theta = w.theta + share * dt
    z = w.z + larger(smaller(share * dz, zero + CLIP), zero - CLIP)
    start = get(pile.state, i * N_STATE + U, pile.unit)
    compacts = get(pile.work, j + WAY, pile.unit) > 0.0
    kink = get(pile.state, i * N_STATE + U_HIST, pile.unit)
    up = (u > kink) & ((w.u < kink) | (compacts & (w.u <= kink)))
    down = (u < kink) & ((w.u > kink) | (no(compacts) & (w.u >= kink)))
    u = select(up | down, kink, u)
    elastic = theta <= 0.0
    _write(
        pile.work,
        j + ITERATE,
        Iterate(select(elastic, start, u), select(elastic, 0.0 * dt, theta), z),
    )
    du = select(elastic, 0.0 * du, du)
    return abs(du) / SMALL_SHARE + abs(dt) / (SMALL_SHARE * abs(theta) + 1e-300) + abs(dz) / SMALL_STRETCH


@inlined
def _in_plane(free, t):
    """Changes of the in-plane stretches that take the tensions of t off."""
    zero = 0.0 * t.x
    if free == HELD:
        return zero, zero
    if free == FREE_ALIKE:
        dx = -(t.x + t.y) / (t.xx + t.xy + t.yx + t.yy)
        return dx, dx
    if free == FREE_BOTH:
        i = 1.0 / (t.xx * t.yy - t.xy * t.yx)
        return (t.xy * t.y - t.yy * t.x) * i, (t.yx * t.x - t.xx * t.y) * i
    return -t.x / t.xx, zero


@inlined
def _bounded(iteration, dx, last, limit):
    """dx within a limit that late changes of direction lower to half the last step.

    Where sheets yield in turn Newton's method alone may go back and forth for ever.
    """
    if iteration >= TRUSTED:
        limit = select(dx * last < 0.0, smaller(limit, 0.5 * abs(last)), limit)
    return larger(smaller(dx, limit), -limit), limit


@compiled
def _converge(first, last, pile, plane, step, failed):
    """Newton's method for the sheets first..last-1; the plane found, and failed where it was not."""
    zero = 0.0 * plane.x
    x = plane.x
    y = plane.y
    dx = zero
    dy = zero
    limit_x = zero + CLIP_PLANE
    limit_y = limit_x
    done = failed > 0.0
    for iteration in range(ITERATIONS):
        t = Pull(zero, zero, zero, zero, zero, zero)
        sound = zero <= 0.0
        for i in range(first, last):
            c = _correction(pile, i, Plane(x, y), step)
            j = i * N_WORK
            _write(pile.work, j + FIXED, c.fixed)
            _write(pile.work, j + BY_X, c.by_x)
            _write(pile.work, j + BY_Y, c.by_y)
            put(pile.work, j + WAY, c.way)
            t = add(t, c.pull)
            sound = sound & c.sound
        step_x, step_y = _in_plane(step.free, t)
        dx, limit_x = _bounded(iteration, step_x, dx, limit_x)
        dy, limit_y = _bounded(iteration, step_y, dy, limit_y)
        dx = select(done, zero, dx)
        dy = select(done, zero, dy)
        x = x + dx
        y = y + dy
        size = (abs(step_x) + abs(step_y)) / SMALL_STRETCH  # not of the bounded step, which may be small
        for i in range(first, last):
            size = size + _apply(pile, i, dx, dy, done)
        done = done | ((size <= 1.0) & sound)
        if not any_of(no(done)):
            break
    return Plane(x, y), select(done, failed, zero + 1.0)


@compiled
def _guess(pile, step):
    """Where the sheets start: the last step's increments once more, times the guess."""
    for i in range(pile.n):
        j = i * N_WORK
        k = i * N_STATE
        last = _read(pile, j + LAST)
        g = step.guess
        plastic = (last.theta * g > LEAST_GUESS) & (abs(g * last.u) < FARTHEST_GUESS)
        u = get(pile.state, k + U, pile.unit)
        w = Iterate(
            select(plastic, u + g * last.u, u),
            select(plastic, g * last.theta, 0.0 * u),
            get(pile.state, k + STRETCH, pile.unit) + g * last.z,
        )
        _write(pile.work, j + ITERATE, w)


@compiled
def _commit(pile, i, plane, step):
    """Make the iterate of sheet i its state."""
    m = _constants(pile, i)
    s = _sheet(pile, i, step, m)
    j = i * N_STATE
    w = _read(pile, i * N_WORK + ITERATE)
    t = trial(plane.x, plane.y, w.z, s)
    u = get(pile.state, j + U, pile.unit)
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
        e = t.ev - log1p(old.share * (1.0 - growth))
    mean = -e / 3.0 + m.thermal_strain
    put(pile.state, j + PLASTIC_X, plane.x - (mean + keep * t.dx))
    put(pile.state, j + PLASTIC_Y, plane.y - (mean + keep * t.dy))
    put(pile.state, j + PLASTIC_Z, w.z - (mean + keep * t.dz))
    put(pile.state, j + U, w.u)
    put(pile.state, j + U_HIST, smaller(w.u, get(pile.state, j + U_HIST, pile.unit)))
    put(pile.state, j + EQPS, eqps)
    _write(
        pile.work,
        i * N_WORK + LAST,
        Iterate(w.u - u, w.theta, w.z - get(pile.state, j + STRETCH, pile.unit)),
    )
    put(pile.state, j + STRETCH, w.z)


@compiled
def advance(pile, plane, change, step, failed, rescued):
    """One step of the pile from `plane`; `change` is what it did in the last step.

    Returns the new plane, `failed` set to 1 where no balance was found, and `rescued`, which counts the
    steps taken on the safe road. The state of a lane that failed is without meaning.
    """
    _guess(pile, step)
    before = failed
    end = plane
    if step.free == HELD:
        for i in range(pile.n):
            _, failed = _converge(i, i + 1, pile, plane, step, failed)
    else:
        start = Plane(plane.x + step.guess * change.x, plane.y + step.guess * change.y)
        end, failed = _converge(0, pile.n, pile, start, step, failed)
    lost = (failed > 0.0) & (before <= 0.0)
    if not any_of(lost):
        for i in range(pile.n):
            _commit(pile, i, end, step)
        return end, failed, rescued
    old = pile.state.copy()
    for i in range(pile.n):
        _commit(pile, i, end, step)
    x, y = end
    for k in range(width(failed)):
        if lane(lost, k):
            found, one_x, one_y = rescue(pile, old, k, lane(plane, k), lane(step, k))
            if found:
                x = with_lane(x, k, one_x)
                y = with_lane(y, k, one_y)
                failed = with_lane(failed, k, 0.0)
                rescued = with_lane(rescued, k, lane(rescued, k) + 1.0)
    return Plane(x, y), failed, rescued
