"""Logarithmic strain without eigenvalues, theory (17): the three isotropic functions the law needs.

A function of a symmetric tensor a is h0 1 + h1 a + h2 a^2. Its three numbers follow from its power series by
Horner's rule with a^3 put back through the invariants of a (Cayley and Hamilton), so that a term costs a few
products and neither eigenvalues nor a limit for equal ones are needed. Deviators beyond `NEAR`, an equivalent
strain of 13 % in one step, go through eigenvectors; those within `CLOSE`, 1.6 %, need half as many terms.
"""

from __future__ import annotations

import math
from fractions import Fraction

from .lanes import any_of, compiled, exp, inlined, log, no, select, sqrt
from .series import economised
from .tensor import assembled, eigen, quadratic, square, symmetric_determinant, trace

NEAR = (
    0.05  # half the square of the largest deviator of b or of an exponent that the series serve to rounding
)
CLOSE = NEAR / 64.0
FAR_END, CLOSE_END = (math.sqrt(4.0 / 3.0 * half_square) for half_square in (NEAR, CLOSE))  # its eigenvalue
_LOG = [Fraction((-1) ** k, 2 * (k + 1)) for k in range(30)]  # ln(1 + x)/(2 x)
_EXP = [Fraction(1, math.factorial(k)) for k in range(20)]
_COTH = [Fraction(*pair) for pair in (
    (1, 3), (-1, 45), (2, 945), (-1, 4725), (2, 93555), (-1382, 638512875), (4, 18243225),
)]  # fmt: skip
LOG, LOG_CLOSE = economised(_LOG, 18, FAR_END), economised(_LOG, 9, CLOSE_END)
EXP, EXP_CLOSE = economised(_EXP, 11, FAR_END), economised(_EXP, 8, CLOSE_END)
COTH = economised(_COTH, 7, NEAR)  # (sqrt(t) coth(sqrt(t)) - 1)/t
TINY = 1e-300


@inlined
def _numbers(series, j2, j3):
    """h0, h1, h2 of the sum of series[k] a^k for a deviator a, with a^3 = j2 a + j3."""
    h0 = 0.0 * j2 + series[-1]
    h1 = 0.0 * j2
    h2 = 0.0 * j2
    for k in range(len(series) - 2, -1, -1):
        h0, h1, h2 = series[k] + h2 * j3, h0 + h2 * j2, h1
    return h0, h1, h2


@inlined
def logarithm(b):
    """Compaction -tr e and deviator of e = 1/2 ln b, and where b is positive definite."""
    mean = (1.0 / 3.0) * trace(b)
    i = 1.0 / mean
    a = ((b[0] - mean) * i, (b[1] - mean) * i, (b[2] - mean) * i, b[3] * i, b[4] * i, b[5] * i)
    a2 = square(a)
    j2 = 0.5 * trace(a2)
    j3 = symmetric_determinant(a)
    near = (mean > 0.0) & (j2 < NEAR)
    if any_of(no(near)):
        return _spectral_logarithm(b)
    compaction = -0.5 * log(mean * mean * mean * (1.0 - j2 + j3))
    if any_of(no(j2 < CLOSE)):
        h0, h1, h2 = _numbers(LOG, j2, j3)
    else:
        h0, h1, h2 = _numbers(LOG_CLOSE, j2, j3)
    # 1/2 ln(1 + a) = h0 a + h1 a^2 + h2 a^3, less its trace
    return compaction, quadratic(-(2.0 / 3.0) * h1 * j2, h0 + h2 * j2, h1, a, a2), near


@compiled
def _spectral_logarithm(b):
    values, axes = eigen(b)
    l0, l1, l2 = values
    positive = (l0 > 0.0) & (l1 > 0.0) & (l2 > 0.0)
    e0 = 0.5 * log(select(positive, l0, 1.0))
    e1 = 0.5 * log(select(positive, l1, 1.0))
    e2 = 0.5 * log(select(positive, l2, 1.0))
    third = (e0 + e1 + e2) / 3.0
    return -3.0 * third, assembled((e0 - third, e1 - third, e2 - third), axes), positive


@inlined
def exponential(f, d, d2, j2, j3):
    """exp(f d) of a deviator d; j2 and j3 are half the trace of its square d2 and its determinant."""
    s2 = f * f * j2
    s3 = f * f * f * j3
    if any_of(no(s2 < NEAR)):
        values, axes = eigen(d)
        return assembled((exp(f * values[0]), exp(f * values[1]), exp(f * values[2])), axes)
    if any_of(no(s2 < CLOSE)):
        h0, h1, h2 = _numbers(EXP, s2, s3)
    else:
        h0, h1, h2 = _numbers(EXP_CLOSE, s2, s3)
    return quadratic(h0, f * h1, f * f * h2, d, d2)


@inlined
def twist(d, d2, j2, j3):
    """g(t) = (sqrt(t) coth(sqrt(t)) - 1)/t of t = 4 j2 1 - 3 d^2, whose eigenvalues are (d_A - d_B)^2."""
    if any_of(no(4.0 * j2 < NEAR)):
        values, axes = eigen(d)
        d0, d1, d2 = values
        return assembled((_coth_factor(d1 - d2), _coth_factor(d0 - d2), _coth_factor(d0 - d1)), axes)
    h0 = 0.0 * j2 + COTH[6]
    h1 = 0.0 * j2
    h2 = 0.0 * j2
    for k in range(5, -1, -1):
        h0, h1, h2 = COTH[k] + 4.0 * j2 * h0 - 3.0 * j3 * h1, j2 * h1 - 3.0 * j3 * h2, j2 * h2 - 3.0 * h0
    return quadratic(h0, h1, h2, d, d2)


@inlined
def _coth_factor(difference):
    """(x coth x - 1)/x^2; the series where the difference of two nearly equal numbers would be left."""
    x2 = difference * difference
    small = x2 < 0.01
    x = sqrt(select(small, 1.0, x2))
    falling = exp(-2.0 * x)
    far = (x * (1.0 + falling) / (1.0 - falling) - 1.0) / (x * x)
    series = 0.0 * x2 + COTH[6]
    for k in range(5, -1, -1):
        series = COTH[k] + x2 * series
    return select(small, series, far)
