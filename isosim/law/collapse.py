"""The kernel of `pores`: tiles of points, a loop of fixed length over the points of a tile innermost.

The compiler turns those loops into SIMD lanes. Rows of the tile are bins, columns points; L counts halvings,
so that bins shrink by 2^(-w L).
"""

from __future__ import annotations

import math

import numba
import numpy as np

from .lanes import compiled, threaded
from .porous import INVALID, UNSOLVED

POINTS = 64  # of a tile: 32 bins of them take 16 KB, half of the first-level cache
PASSES = 200
CURVED = 8  # passes that use the second order; those after it are plain Newton, whose convergence is proven
LITTLE = 0.125  # halvings for which a shorter polynomial is as exact
DONE = 5e-6  # halvings that a parabola applies exactly

_HALVINGS = 1.0 / math.log(2.0)
_ROUND = 1.5 * 2.0**52  # adding it leaves the nearest integer in the last bits
_C = tuple(math.log(2.0) ** k / math.factorial(k) for k in range(13))  # Taylor series of 2^x


@compiled
def power(x):
    """2^x for |x| < 1000 to 2 ulp, no call, no branch: x = n + f, Taylor in f, n added to the exponent."""
    shifted = x + _ROUND
    f = x - (shifted - _ROUND)
    y = f * f
    even = (((((_C[12] * y + _C[10]) * y + _C[8]) * y + _C[6]) * y + _C[4]) * y + _C[2]) * y + _C[0]
    odd = ((((_C[11] * y + _C[9]) * y + _C[7]) * y + _C[5]) * y + _C[3]) * y + _C[1]
    bits = np.float64(even + f * odd).view(np.int64) + (np.float64(shifted).view(np.int64) << 52)
    return np.int64(bits).view(np.float64)


@compiled
def _collapse(tile, weights, step):
    for j in range(weights.size):
        w = weights[j]
        for k in range(POINTS):
            tile[j, k] *= power(max(-w * step[k], -1000.0))


@compiled
def _collapse_little(tile, weights, step):
    for j in range(weights.size):
        w = weights[j]
        for k in range(POINTS):
            x = -w * step[k]
            y = x * x
            even = (((_C[8] * y + _C[6]) * y + _C[4]) * y + _C[2]) * y + _C[0]
            odd = (((_C[9] * y + _C[7]) * y + _C[5]) * y + _C[3]) * y + _C[1]
            tile[j, k] *= even + x * odd


@compiled
def _close(tile, weights, s0, s1, s2, target, step):
    """The last step: a parabola in place of 2^x, with the root of the same parabola of the sum."""
    for k in range(POINTS):
        d = (s0[k] - target[k]) / s1[k]
        step[k] = d * (1.0 + 0.5 * d * s2[k] / s1[k])
    for j in range(weights.size):
        w = weights[j]
        for k in range(POINTS):
            x = w * step[k]
            tile[j, k] *= 1.0 - x + 0.5 * x * x


@compiled
def _sum(tile, weights, s0, s1, s2):
    """Sums of e, w e, w^2 e over the bins, four bins at a time."""
    for k in range(POINTS):
        s0[k] = 0.0
        s1[k] = 0.0
        s2[k] = 0.0
    for j in range(0, weights.size, 4):
        a, b, c, d = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        for k in range(POINTS):
            p, q, r, s = tile[j, k], tile[j + 1, k], tile[j + 2, k], tile[j + 3, k]
            s0[k] += (p + q) + (r + s)
            p *= a
            q *= b
            r *= c
            s *= d
            s1[k] += (p + q) + (r + s)
            s2[k] += (a * p + b * q) + (c * r + d * s)


@compiled
def _smallest(tile, least):
    """`least` or the smallest of the bins, whichever is less."""
    for j in range(0, tile.shape[0], 4):
        for k in range(POINTS):
            p, q, r, s = tile[j, k], tile[j + 1, k], tile[j + 2, k], tile[j + 3, k]
            least[k] = min(least[k], min(min(p, q), min(r, s)))


@compiled
def _step(s0, s1, s2, target, curved):
    """The step in L that brings the sum s0 to the target.

    Newton for ln s0 = ln target, convex and falling in L: from any start the first step ends left of the root
    and the others approach it from there. `curved` = 1 adds the second order, except to far steps, which
    could pass the root by more than the way back allows: no bin grows by more than 2^64 in a pass. The series
    of the logarithm falls short far from the root, which only shortens steps.
    """
    z = (s0 - target) / (s0 + target)
    y = z * z
    logarithm = 2.0 * z * (1.0 + y * (1.0 / 3.0 + y * (0.2 + y * (1.0 / 7.0 + y * (1.0 / 9.0)))))
    newton = logarithm * s0 / s1
    bend = 0.5 * curved * (s2 / s1 - s1 / s0) * newton
    step = newton * (1.0 + min(max(bend, -0.5), 1.0)) if abs(newton) < 8.0 else newton
    return max(step * _HALVINGS, -64.0)


@compiled
def _load(bins, porosity, cracks, first, size, tile, target, least):
    """Points into the columns of the tile, the cracks on top of the last bin; zeros beyond the points."""
    count = bins.shape[1]
    for k in range(size):
        for j in range(count):
            tile[j, k] = bins[first + k, j]
    tile[:, size:] = 0.0
    for k in range(size):
        target[k] = porosity[first + k] / (1.0 - porosity[first + k])
    least[:] = 0.0
    if cracks.size:
        for k in range(size):
            least[k] = min(0.0, cracks[first + k])
            tile[count - 1, k] += cracks[first + k]


@compiled
def _check(s0, s1, s2, target, least, tile, size, status):
    """Set the status, and put a column at rest in place of what cannot be advanced."""
    bad = POINTS - size
    for k in range(size):
        good = (
            (s0[k] > 0.0) & (s0[k] < 1e100) & (target[k] > 1e-100) & (target[k] < 1e100) & (least[k] >= 0.0)
        )
        status[k] = 0 if good else INVALID
        bad += 0 if good else 1
    if bad > 0:
        for k in range(POINTS):
            if k >= size or status[k] < 0:
                tile[:, k] = 0.0
                tile[0, k] = 1.0
                s0[k] = s1[k] = s2[k] = target[k] = 1.0


@threaded
def _advance(bins, weights, porosity, cracks, new_bins, status, chunks):
    n, count = bins.shape
    rows = (count + 3) // 4 * 4
    w = np.zeros(rows)
    w[:count] = weights
    tiles = (n + POINTS - 1) // POINTS
    scratch = np.zeros((chunks, rows + 6, POINTS))
    for chunk in numba.prange(chunks):
        tile, rest = scratch[chunk, :rows], scratch[chunk, rows:]
        s0, s1, s2, target, step, least = rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]
        for index in range(chunk * tiles // chunks, (chunk + 1) * tiles // chunks):
            first = index * POINTS
            size = min(POINTS, n - first)
            state = status[first : first + size]
            _load(bins, porosity, cracks, first, size, tile, target, least)
            _sum(tile, w, s0, s1, s2)
            _smallest(tile, least)
            _check(s0, s1, s2, target, least, tile, size, state)
            for trial in range(PASSES):
                curved = 1.0 if trial < CURVED else 0.0
                for k in range(POINTS):
                    step[k] = _step(s0[k], s1[k], s2[k], target[k], curved)
                busy, far = 0, 0
                for k in range(POINTS):
                    busy += 1 if abs(step[k]) > DONE else 0
                    far += 1 if abs(step[k]) > LITTLE else 0
                if busy == 0:
                    break
                if far > 0:
                    _collapse(tile, w, step)
                else:
                    _collapse_little(tile, w, step)
                _sum(tile, w, s0, s1, s2)
            for k in range(size):
                state[k] = state[k] if abs(step[k]) <= DONE else UNSOLVED
            _close(tile, w, s0, s1, s2, target, step)
            for k in range(size):
                for j in range(count):
                    new_bins[first + k, j] = tile[j, k]
            for k in range(size):
                if state[k] < 0:
                    new_bins[first + k] = np.nan


def advance(bins, weights, porosity, cracks, new_bins, status):
    """See `pores.advance_into`."""
    _advance(bins, weights, porosity, cracks, new_bins, status, numba.get_num_threads())
