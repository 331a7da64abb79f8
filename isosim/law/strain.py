"""Logarithmic strain without eigenvalues, theory (17): the three isotropic functions the law needs.

A function of a symmetric tensor a is h0 1 + h1 a + h2 a^2. Its three numbers follow from its power series by
Horner's rule with a^3 put back through the invariants of a (Cayley and Hamilton), so that a term costs a few
products and neither eigenvalues nor a limit for equal ones are needed. Deviators beyond `NEAR`, an equivalent
strain of 13 % in one step, go through eigenvectors.
"""

from __future__ import annotations

import math

from .lanes import any_of, compiled, exp, inlined, log, no, select, sqrt
from .tensor import assembled, eigen, quadratic, square, symmetric_determinant, trace

NEAR = 0.0125  # half the square of the largest deviator that the series below serve to rounding
ATANH = tuple(1.0 / (2 * k + 1) for k in range(10))
EXP = tuple(1.0 / math.factorial(k) for k in range(12))
COTH = (1 / 3, -1 / 45, 2 / 945, -1 / 4725, 2 / 93555, -1382 / 638512875, 4 / 18243225)
TINY = 1e-300


@inlined
def logarithm(b):
    """Compaction -tr e and deviator of e = 1/2 ln b, and where b is positive definite."""
    mean = trace(b) / 3.0
    i = 1.0 / mean
    a = ((b[0] - mean) * i, (b[1] - mean) * i, (b[2] - mean) * i, b[3] * i, b[4] * i, b[5] * i)
    a2 = square(a)
    j2 = 0.5 * trace(a2)
    j3 = symmetric_determinant(a)
    near = (mean > 0.0) & (j2 < 4.0 * NEAR)
    if any_of(no(near)):
        return _spectral_logarithm(b)
    compaction = -0.5 * log(mean * mean * mean * (1.0 - j2 + j3))

    # ln(b / mean) = 2 artanh z with z = (b - mean)(b + mean)^-1, and z^3 = i1 z^2 - i2 z + i3
    d = 1.0 / (8.0 - 2.0 * j2 + j3)
    z = quadratic(j3 * d, 4.0 * d, -2.0 * d, a, a2)
    z2 = square(z)
    i1 = trace(z)
    i2 = 0.5 * (i1 * i1 - trace(z2))
    i3 = j3 * d
    i13 = i1 * i3
    i123 = i3 - i1 * i2
    i11 = i1 * i1 - i2
    h0 = 0.0 * j2 + ATANH[9]
    h1 = 0.0 * j2
    h2 = 0.0 * j2
    for k in range(8, -1, -1):
        h0, h1, h2 = ATANH[k] + h1 * i3 + h2 * i13, h2 * i123 - h1 * i2, h0 + h1 * i1 + h2 * i11
    h1, h2 = h0 - h2 * i2, h1 + h2 * i1
    h0 = -(h1 * i1 + h2 * trace(z2)) / 3.0
    return compaction, quadratic(h0, h1, h2, z, z2), near


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
    if any_of(no(f * f * j2 < 4.0 * NEAR)):
        values, axes = eigen(d)
        return assembled((exp(f * values[0]), exp(f * values[1]), exp(f * values[2])), axes)
    s2 = f * f * j2
    s3 = f * f * f * j3
    h0 = 0.0 * f + EXP[11]
    h1 = 0.0 * f
    h2 = 0.0 * f
    for k in range(10, -1, -1):
        h0, h1, h2 = EXP[k] + h2 * s3, h0 + h2 * s2, h1
    return quadratic(h0, f * h1, f * f * h2, d, d2)


@inlined
def twist(d, d2, j2, j3):
    """g(t) = (sqrt(t) coth(sqrt(t)) - 1)/t of t = 4 j2 1 - 3 d^2, whose eigenvalues are (d_A - d_B)^2."""
    if any_of(no(j2 < NEAR)):
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
