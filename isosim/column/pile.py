"""A pile of sheets that share their in-plane stretches, theory (19).

A free axis takes the stretch at which the tensions of the sheets, weighted by thickness, cancel; the others
keep the stretch they are given.
"""

from __future__ import annotations

import numpy as np

from .compiling import compiled
from .root import UNBOUNDED, next_trial
from .sheet import TOLERANCE, Sheets, Tension, balance_sheet

HELD, FREE_X, FREE_ALIKE, FREE_BOTH = range(4)  # no axis free; x; x and y with one strain; x and y

CLIP = 5e-3
ITERATIONS = 60
NEWTON_ITERATIONS = 30
NARROW = 1e-15


@compiled
def _tension(x, y, at, load, s):
    """Mean tension of the pile at (x, y), every sheet in balance; `at` is where the sheets were last."""
    n_x = n_y = xx = xy = yx = yy = scale = 0.0
    count = 0
    for i in range(s.weight.size):
        s.z[i] += s.slope[i, 0] * (x - at[0]) + s.slope[i, 1] * (y - at[1])
    at[0] = x
    at[1] = y
    for i in range(s.weight.size):
        t = balance_sheet(i, x, y, load, s)
        count += t.evaluations
        if not t.found:
            return Tension(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, count)
        w = s.weight[i]
        n_x += w * t.x
        n_y += w * t.y
        xx += w * t.xx
        xy += w * t.xy
        yx += w * t.yx
        yy += w * t.yy
        scale += w * t.scale
    return Tension(n_x, n_y, xx, xy, yx, yy, scale, True, count)


@compiled
def _balance_along(a, b, x, y, at, load, s):
    """Move (x, y) along (a, b) until the tension along it vanishes: x, y, the tension there."""
    low = -UNBOUNDED
    high = UNBOUNDED
    moved = 0.0
    good = 0.0
    count = 0
    for _ in range(ITERATIONS):
        t = _tension(x + a * moved, y + b * moved, at, load, s)
        count += t.evaluations
        if not t.found:
            s.z[:] = s.rest
            moved = 0.5 * (moved + good)
            continue
        good = moved
        value = a * t.x + b * t.y
        if abs(value) <= TOLERANCE * t.scale or high - low < NARROW:
            return x + a * moved, y + b * moved, t, count
        slope = a * (a * t.xx + b * t.xy) + b * (a * t.yx + b * t.yy)
        moved, low, high = next_trial(moved, value, slope, low, high, CLIP)
    return x, y, Tension(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, count), count


@compiled
def _newton_both(x, y, at, load, s):
    """Tension zero along x and along y by Newton's method; not found where its steps do not shrink."""
    count = 0
    last = UNBOUNDED
    t = Tension(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, count)
    for _ in range(NEWTON_ITERATIONS):
        t = _tension(x, y, at, load, s)
        count += t.evaluations
        if not t.found:
            break
        if abs(t.x) <= TOLERANCE * t.scale and abs(t.y) <= TOLERANCE * t.scale:
            return x, y, t, count
        determinant = t.xx * t.yy - t.xy * t.yx
        dx = -(t.yy * t.x - t.xy * t.y) / determinant
        dy = -(t.xx * t.y - t.yx * t.x) / determinant
        size = max(abs(dx), abs(dy))
        if not size < 0.9 * last:
            break
        last = size
        x += dx * min(1.0, CLIP / size)
        y += dy * min(1.0, CLIP / size)
    return x, y, Tension(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, count), count


@compiled
def _balance_both(x, y, at, load, s):
    """Tension zero along x and along y: Newton; failing that, for every x the y that balances, bracketed."""
    x_newton, y_newton, t, newton_count = _newton_both(x, y, at, load, s)
    if t.found:
        return x_newton, y_newton, t, newton_count
    at[0] = x
    at[1] = y
    s.z[:] = s.rest
    s.slope[:] = 0.0
    x, y, t, count = _bracketed_both(x, y, at, load, s)
    return x, y, t, newton_count + count


@compiled
def _bracketed_both(x, y, at, load, s):
    """Tension zero along x and along y: for every x the y that balances, inside a bracket for x."""
    low = -UNBOUNDED
    high = UNBOUNDED
    good = x
    count = 0
    for _ in range(ITERATIONS):
        _, y_balanced, t, evaluations = _balance_along(0.0, 1.0, x, y, at, load, s)
        count += evaluations
        if not t.found:
            x = 0.5 * (x + good)
            continue
        good = x
        y = y_balanced
        if abs(t.x) <= TOLERANCE * t.scale or high - low < NARROW:
            return x, y, t, count
        y_x = -t.yx / t.yy
        trial, low, high = next_trial(x, t.x, t.xx + t.xy * y_x, low, high, CLIP)
        y += y_x * (trial - x)
        x = trial
    return x, y, Tension(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, count), count


@compiled
def balance_pile(free, x, y, at, load, s):
    """Bring one pile into balance from the stretches `at`: x, y, the tension there and the evaluations."""
    if free == HELD:
        t = _tension(x, y, at, load, s)
        return x, y, t, t.evaluations
    if free == FREE_BOTH:
        return _balance_both(x, y, at, load, s)
    return _balance_along(1.0, 1.0 if free == FREE_ALIKE else 0.0, x, y, at, load, s)


@compiled
def balance_piles(
    free,
    load,
    weight,
    base,
    parameters,
    state,
    held,
    plane,
    z,
    stress,
    new_state,
    found,
    evaluations,
    fallbacks,
):
    """Bring piles of like sheets into balance at the end of a step.

    Parameters
    ----------
    free : int
        HELD, FREE_X, FREE_ALIKE or FREE_BOTH.
    load : Load
    weight (sheets,), parameters (sheets, N_PARAMETERS)
        See `Sheets`.
    base (piles, sheets, 6), state (piles, sheets, N_STATE), held (piles, sheets, 3)
        See `Sheets`.
    plane (piles, 2), z (piles, sheets)
        Logarithmic stretches: in at the start (held axes: at the end), out at the end.
    stress (piles, sheets, 3), new_state (piles, sheets, N_STATE)
        Kirchhoff stresses [Pa] and states at the end.
    found (piles,) bool, evaluations (piles,) int64, fallbacks (piles, 1) int64
        Whether balance was found (if not, all outputs of the pile are without meaning), and how often the law
        was evaluated and took its fallback, added to what is there.
    """
    n = weight.size
    for k in range(plane.shape[0]):
        s = Sheets(
            weight,
            base[k],
            parameters,
            state[k],
            z[k].copy(),
            held[k],
            z[k],
            np.zeros((n, 2)),
            stress[k],
            new_state[k],
            np.empty((3, 3)),
            fallbacks[k],
        )
        x, y, t, count = balance_pile(free, plane[k, 0], plane[k, 1], plane[k].copy(), load, s)
        plane[k, 0] = x
        plane[k, 1] = y
        found[k] = t.found
        evaluations[k] += count
