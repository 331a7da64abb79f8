"""3x3 tensors as tuples, row-major (xx, xy, xz, yx, ...); symmetric ones in Voigt order xx yy zz yz xz xy."""

from __future__ import annotations

from .lanes import any_of, compiled, inlined, select, sqrt

SWEEPS = 12
TINY = 1e-300


@inlined
def determinant(F):
    return (
        F[0] * (F[4] * F[8] - F[5] * F[7])
        + F[1] * (F[5] * F[6] - F[3] * F[8])
        + F[2] * (F[3] * F[7] - F[4] * F[6])
    )


@inlined
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


@inlined
def times_transposed(C, F):
    """C F^T of a symmetric C, row-major."""
    xx, yy, zz, yz, xz, xy = C
    return (
        xx * F[0] + xy * F[1] + xz * F[2],
        xx * F[3] + xy * F[4] + xz * F[5],
        xx * F[6] + xy * F[7] + xz * F[8],
        xy * F[0] + yy * F[1] + yz * F[2],
        xy * F[3] + yy * F[4] + yz * F[5],
        xy * F[6] + yy * F[7] + yz * F[8],
        xz * F[0] + yz * F[1] + zz * F[2],
        xz * F[3] + yz * F[4] + zz * F[5],
        xz * F[6] + yz * F[7] + zz * F[8],
    )


@inlined
def symmetric_product(F, G):
    """F G in Voigt order, where it is symmetric."""
    return (
        F[0] * G[0] + F[1] * G[3] + F[2] * G[6],
        F[3] * G[1] + F[4] * G[4] + F[5] * G[7],
        F[6] * G[2] + F[7] * G[5] + F[8] * G[8],
        F[3] * G[2] + F[4] * G[5] + F[5] * G[8],
        F[0] * G[2] + F[1] * G[5] + F[2] * G[8],
        F[0] * G[1] + F[1] * G[4] + F[2] * G[7],
    )


@inlined
def push_forward(F, C):
    """F C F^T of a symmetric C, in Voigt order."""
    return symmetric_product(F, times_transposed(C, F))


@inlined
def trace(a):
    """Trace of a symmetric tensor."""
    return a[0] + a[1] + a[2]


@inlined
def square(a):
    """a a of a symmetric tensor."""
    xx, yy, zz, yz, xz, xy = a
    return (
        xx * xx + xy * xy + xz * xz,
        xy * xy + yy * yy + yz * yz,
        xz * xz + yz * yz + zz * zz,
        xy * xz + yy * yz + yz * zz,
        xx * xz + xy * yz + xz * zz,
        xx * xy + xy * yy + xz * yz,
    )


@inlined
def symmetric_determinant(a):
    xx, yy, zz, yz, xz, xy = a
    return xx * (yy * zz - yz * yz) + xy * (xz * yz - xy * zz) + xz * (xy * yz - yy * xz)


@inlined
def quadratic(h0, h1, h2, a, a2):
    """h0 1 + h1 a + h2 a2 of symmetric tensors, a2 usually the square of a."""
    return (
        h0 + h1 * a[0] + h2 * a2[0],
        h0 + h1 * a[1] + h2 * a2[1],
        h0 + h1 * a[2] + h2 * a2[2],
        h1 * a[3] + h2 * a2[3],
        h1 * a[4] + h2 * a2[4],
        h1 * a[5] + h2 * a2[5],
    )


@compiled
def assembled(values, axes):
    """The symmetric tensor with these eigenvalues and axes."""
    f, g, h = values
    x, y, z = axes
    return (
        f * x[0] * x[0] + g * y[0] * y[0] + h * z[0] * z[0],
        f * x[1] * x[1] + g * y[1] * y[1] + h * z[1] * z[1],
        f * x[2] * x[2] + g * y[2] * y[2] + h * z[2] * z[2],
        f * x[1] * x[2] + g * y[1] * y[2] + h * z[1] * z[2],
        f * x[0] * x[2] + g * y[0] * y[2] + h * z[0] * z[2],
        f * x[0] * x[1] + g * y[0] * y[1] + h * z[0] * z[1],
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
        size = xx * xx + yy * yy + zz * zz
        if not any_of(yz * yz + xz * xz + xy * xy > 1e-34 * size):
            break
        xx, yy, xz, yz, n1, n2 = _rotate(xx, yy, xy, xz, yz, n1, n2)
        xy = zero
        xx, zz, xy, yz, n1, n3 = _rotate(xx, zz, xz, xy, yz, n1, n3)
        xz = zero
        yy, zz, xy, xz, n2, n3 = _rotate(yy, zz, yz, xy, xz, n2, n3)
        yz = zero
    return (xx, yy, zz), (n1, n2, n3)
