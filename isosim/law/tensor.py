"""3x3 tensors as tuples, row-major (xx, xy, xz, yx, ...); symmetric ones in Voigt order xx yy zz yz xz xy."""

from __future__ import annotations

from .lanes import compiled, log, select, sqrt

SWEEPS = 12
TINY = 1e-300


@compiled
def determinant(F):
    return (
        F[0] * (F[4] * F[8] - F[5] * F[7])
        + F[1] * (F[5] * F[6] - F[3] * F[8])
        + F[2] * (F[3] * F[7] - F[4] * F[6])
    )


@compiled
def inverse(F):
    i = 1.0 / determinant(F)
    return (
        (F[4] * F[8] - F[5] * F[7]) * i,
        (F[2] * F[7] - F[1] * F[8]) * i,
        (F[1] * F[5] - F[2] * F[4]) * i,
        (F[5] * F[6] - F[3] * F[8]) * i,
        (F[0] * F[8] - F[2] * F[6]) * i,
        (F[2] * F[3] - F[0] * F[5]) * i,
        (F[3] * F[7] - F[4] * F[6]) * i,
        (F[1] * F[6] - F[0] * F[7]) * i,
        (F[0] * F[4] - F[1] * F[3]) * i,
    )


@compiled
def push_forward(F, C):
    """F C F^T of a symmetric C, in Voigt order."""
    r = (
        F[0] * C[0] + F[1] * C[5] + F[2] * C[4],
        F[0] * C[5] + F[1] * C[1] + F[2] * C[3],
        F[0] * C[4] + F[1] * C[3] + F[2] * C[2],
    )
    s = (
        F[3] * C[0] + F[4] * C[5] + F[5] * C[4],
        F[3] * C[5] + F[4] * C[1] + F[5] * C[3],
        F[3] * C[4] + F[4] * C[3] + F[5] * C[2],
    )
    t = (
        F[6] * C[0] + F[7] * C[5] + F[8] * C[4],
        F[6] * C[5] + F[7] * C[1] + F[8] * C[3],
        F[6] * C[4] + F[7] * C[3] + F[8] * C[2],
    )
    return (
        r[0] * F[0] + r[1] * F[1] + r[2] * F[2],
        s[0] * F[3] + s[1] * F[4] + s[2] * F[5],
        t[0] * F[6] + t[1] * F[7] + t[2] * F[8],
        s[0] * F[6] + s[1] * F[7] + s[2] * F[8],
        r[0] * F[6] + r[1] * F[7] + r[2] * F[8],
        r[0] * F[3] + r[1] * F[4] + r[2] * F[5],
    )


@compiled
def apply(F, n):
    """F n."""
    return (
        F[0] * n[0] + F[1] * n[1] + F[2] * n[2],
        F[3] * n[0] + F[4] * n[1] + F[5] * n[2],
        F[6] * n[0] + F[7] * n[1] + F[8] * n[2],
    )


@compiled
def _rotate(app, aqq, apq, arp, arq, p, q):
    """One Jacobi rotation in the plane (p, q) that makes a_pq zero; r is the third axis."""
    d = aqq - app
    two = 2.0 * apq
    t = two / (abs(d) + sqrt(d * d + two * two) + TINY)
    t = select(d < 0.0, -t, t)
    c = 1.0 / sqrt(1.0 + t * t)
    s = t * c
    return (
        app - t * apq,
        aqq + t * apq,
        c * arp - s * arq,
        s * arp + c * arq,
        (c * p[0] - s * q[0], c * p[1] - s * q[1], c * p[2] - s * q[2]),
        (s * p[0] + c * q[0], s * p[1] + c * q[1], s * p[2] + c * q[2]),
    )


@compiled
def eigen(b):
    """Eigenvalues (3) and orthonormal eigenvectors (3 tuples) of a symmetric tensor; cyclic Jacobi."""
    xx, yy, zz, yz, xz, xy = b
    zero = 0.0 * xx
    one = zero + 1.0
    n1 = (one, zero, zero)
    n2 = (zero, one, zero)
    n3 = (zero, zero, one)
    for _ in range(SWEEPS):
        trace = xx + yy + zz
        if not (yz * yz + xz * xz + xy * xy > 1e-34 * trace * trace):
            break
        xx, yy, xz, yz, n1, n2 = _rotate(xx, yy, xy, xz, yz, n1, n2)
        xy = zero
        xx, zz, xy, yz, n1, n3 = _rotate(xx, zz, xz, xy, yz, n1, n3)
        xz = zero
        yy, zz, xy, xz, n2, n3 = _rotate(yy, zz, yz, xy, xz, n2, n3)
        yz = zero
    return (xx, yy, zz), (n1, n2, n3)


@compiled
def log_slope(a, b):
    """(a+b)/2 * (ln a - ln b)/(a-b), which is atanh(y)/y with y = (a-b)/(a+b); regular at a = b."""
    y = (a - b) / (a + b)
    s = y * y
    series = 1.0 + s * (
        1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13 + s / 15)))))
    )
    small = s < 2.5e-3
    far = select(small, 0.0 * y + 0.5, y)
    return select(small, series, 0.5 * log((1.0 + far) / (1.0 - far)) / far)
