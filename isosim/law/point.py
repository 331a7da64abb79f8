"""One material point: deformation gradient in, first Piola-Kirchhoff stress and new state out."""

from __future__ import annotations

from typing import Any, NamedTuple

from .dense import dense
from .lanes import any_of, compiled, exp, inlined, select, sqrt
from .porous import INVALID, porous
from .row import DENSE
from .strain import exponential, logarithm, twist
from .tensor import (
    determinant,
    inverse,
    push_forward,
    square,
    symmetric_determinant,
    symmetric_product,
    times_transposed,
    trace,
)

HUGE = 1e300
COMPONENT = (0, 5, 4, 5, 1, 3, 4, 3, 2)  # where the item of a full 3x3 tensor is in Voigt order


class Slope(NamedTuple):
    """What the tangent of a step is built from; see `moduli`."""

    back: Any  # F^-1
    tau: Any  # Kirchhoff stress
    second: Any  # second Piola-Kirchhoff stress F^-1 P
    d: Any  # deviator of the trial elastic strain, its square, half the trace of that, determinant
    d2: Any
    j2: Any
    j3: Any
    n: Any  # direction of flow per deviator
    s: Any  # twice the shear modulus left
    f0: Any
    f1: Any
    k0: Any
    k1: Any


class Step(NamedTuple):
    """Stress and state after a step."""

    stress: Any  # P, 9 row-major
    state: Any  # 9
    status: Any
    slope: Slope


class Tangent(NamedTuple):
    """The moduli of a step, with what pulls them back to dP/dF."""

    moduli: Any  # 6 rows of 6: c_ijkl of theory (16), indices in Voigt order
    back: Any  # F^-1
    second: Any  # second Piola-Kirchhoff stress


@inlined
def response(ev, eq, u, u_hist, eqps, dt, m):
    """Answer of porous or dense points to trial strains; all lanes have one law."""
    if m.law == DENSE:
        return dense(ev, eq, u, u_hist, eqps, dt, m)
    return porous(ev, eq, u, u_hist, eqps, dt, m)


@inlined
def step(F, state, dt, m):
    """Advance points; F and state are 9-tuples."""
    J = determinant(F)
    total = 0.0
    for k in range(9):
        total += F[k] + state[k]
    valid = (J > 0.0) & (J < HUGE) & (abs(total) < HUGE) & (dt > 0.0) & (dt < HUGE)
    ev, d, positive = logarithm(push_forward(F, state[:6]))
    t = m.thermal_strain
    d2 = square(d)
    j2 = 0.5 * trace(d2)
    j3 = symmetric_determinant(d)
    eq = sqrt((4.0 / 3.0) * j2 + 1e-40)
    r = response(ev + 3.0 * t, eq, state[6], state[7], state[8], dt, m)
    e = ev + 3.0 * t - r.v

    # Kirchhoff stress: Mandel stress per unloaded volume times the change of that volume
    back = inverse(F)
    grown = J * exp(e)
    s = 2.0 * grown * r.shear
    p = grown * r.p
    tau = (s * d[0] - p, s * d[1] - p, s * d[2] - p, s * d[3], s * d[4], s * d[5])
    stress = times_transposed(tau, back)
    c0, c1, c2, c3, c4, c5 = state[:6]
    if any_of(r.flows):  # an elastic step leaves Cp as it was
        new = push_forward(back, exponential(2.0 * r.keep, d, d2, j2, j3))
        scale = exp(2.0 * t - (2.0 / 3.0) * e)
        c0 = select(r.flows, scale * new[0], c0)
        c1 = select(r.flows, scale * new[1], c1)
        c2 = select(r.flows, scale * new[2], c2)
        c3 = select(r.flows, scale * new[3], c3)
        c4 = select(r.flows, scale * new[4], c4)
        c5 = select(r.flows, scale * new[5], c5)
    q = 3.0 * r.shear * eq
    slope = Slope(
        back,
        tau,
        symmetric_product(back, stress),
        d,
        d2,
        j2,
        j3,
        (2.0 / 3.0) / eq,
        s,
        grown * (r.p_v - (2.0 / 3.0) * r.shear - r.v_v * r.p),
        grown * (r.v_v * q - r.q_v),
        grown * (r.v_q * r.p - r.p_q),
        grown * (r.q_q - 3.0 * r.shear - r.v_q * q),
    )
    return Step(
        stress,
        (c0, c1, c2, c3, c4, c5, r.u, r.u_hist, r.eqps),
        select(valid & positive, r.status, INVALID),
        slope,
    )


@inlined
def moduli(a):
    """Spatial moduli c of a step, theory (16): d(P) F^T = c : sym l + l tau, with l = dF F^-1.

    c : x = 2 s [x + K^T g(t) K x] - tau x - x tau + (f0 1 + f1 n)(1 : x) + (k0 1 + k1 n)(n : x), where K x is
    the axial vector of d x - x d and the tensor g(t) of `twist` makes the first part theory (16)'s
    atanh(y)/y for every pair of principal directions at once.
    """
    n0, n1, n2, n3, n4, n5 = (
        a.n * a.d[0],
        a.n * a.d[1],
        a.n * a.d[2],
        a.n * a.d[3],
        a.n * a.d[4],
        a.n * a.d[5],
    )
    d0, d1, d2, d3, d4, d5 = a.d
    s, f0, f1, k0, k1 = a.s, a.f0, a.f1, a.k0, a.k1
    g = twist(a.d, a.d2, a.j2, a.j3)
    w = 2.0 * s
    g0, g1, g2, g3, g4, g5 = w * g[0], w * g[1], w * g[2], w * g[3], w * g[4], w * g[5]
    # columns of K for xx yy zz and half of those for yz xz xy; rows yz zx xy
    h3 = 0.5 * d3
    h4 = 0.5 * d4
    h5 = 0.5 * d5
    m3 = 0.5 * (d1 - d2)
    m4 = 0.5 * (d2 - d0)
    m5 = 0.5 * (d0 - d1)
    # columns of g K
    ay, az = g1 * d4 - g3 * d5, g3 * d4 - g2 * d5
    bx, by, bz = g4 * d5 - g0 * d3, g3 * d5 - g5 * d3, g2 * d5 - g4 * d3
    cx, cy, cz = g0 * d3 - g5 * d4, g5 * d3 - g1 * d4, g4 * d3 - g3 * d4
    ux, uy, uz = g0 * m3 - g5 * h5 + g4 * h4, g5 * m3 - g1 * h5 + g3 * h4, g4 * m3 - g3 * h5 + g2 * h4
    vx, vy, vz = g0 * h5 + g5 * m4 - g4 * h3, g5 * h5 + g1 * m4 - g3 * h3, g4 * h5 + g3 * m4 - g2 * h3
    wx, wy, wz = g5 * h3 - g0 * h4 + g4 * m5, g1 * h3 - g5 * h4 + g3 * m5, g3 * h3 - g4 * h4 + g2 * m5
    t0, t1, t2, t3, t4, t5 = a.tau
    half = 0.5 * s
    s00 = s - 2.0 * t0 + d4 * ay - d5 * az
    s11 = s - 2.0 * t1 + d5 * bz - d3 * bx
    s22 = s - 2.0 * t2 + d3 * cx - d4 * cy
    s01 = d4 * by - d5 * bz
    s02 = d4 * cy - d5 * cz
    s12 = d5 * cz - d3 * cx
    s03 = d4 * uy - d5 * uz
    s04 = d4 * vy - d5 * vz - t4
    s05 = d4 * wy - d5 * wz - t5
    s13 = d5 * uz - d3 * ux - t3
    s14 = d5 * vz - d3 * vx
    s15 = d5 * wz - d3 * wx - t5
    s23 = d3 * ux - d4 * uy - t3
    s24 = d3 * vx - d4 * vy - t4
    s25 = d3 * wx - d4 * wy
    s33 = half - 0.5 * (t1 + t2) + m3 * ux - h5 * uy + h4 * uz
    s44 = half - 0.5 * (t0 + t2) + h5 * vx + m4 * vy - h3 * vz
    s55 = half - 0.5 * (t0 + t1) + h3 * wy - h4 * wx + m5 * wz
    s34 = m3 * vx - h5 * vy + h4 * vz - 0.5 * t5
    s35 = m3 * wx - h5 * wy + h4 * wz - 0.5 * t4
    s45 = h5 * wx + m4 * wy - h3 * wz - 0.5 * t3

    n = (n0, n1, n2, n3, n4, n5)
    return (
        _row((s00, s01, s02, s03, s04, s05), f0 + f1 * n0, k0 + k1 * n0, n),
        _row((s01, s11, s12, s13, s14, s15), f0 + f1 * n1, k0 + k1 * n1, n),
        _row((s02, s12, s22, s23, s24, s25), f0 + f1 * n2, k0 + k1 * n2, n),
        _row((s03, s13, s23, s33, s34, s35), f1 * n3, k1 * n3, n),
        _row((s04, s14, s24, s34, s44, s45), f1 * n4, k1 * n4, n),
        _row((s05, s15, s25, s35, s45, s55), f1 * n5, k1 * n5, n),
    )


@inlined
def _row(s, y, z, n):
    """A row s of the symmetric part of the moduli, with y 1 + z n added."""
    return (
        s[0] + y + z * n[0],
        s[1] + y + z * n[1],
        s[2] + y + z * n[2],
        s[3] + z * n[3],
        s[4] + z * n[4],
        s[5] + z * n[5],
    )


@inlined
def tangent(a):
    """The tangent of a step."""
    return Tangent(moduli(a), a.back, a.second)


@compiled
def point(F, state, dt, m):
    """Advance one point with its tangent; F and state are 9-tuples. A `Step` and its `Tangent`."""
    a = step(F, state, dt, m)
    return a, tangent(a.slope)


@inlined
def stress_change(p, k, L):
    """dP/dF_kL of the tangent p: 9 values, row-major."""
    return _pulled_back(p.moduli, p, k, L)


@inlined
def stress_gradient(p, k, L):
    """dP_kL/dF of the tangent p: 9 values, row-major."""
    a, b, c, d, e, f = p.moduli
    transposed = (
        (a[0], b[0], c[0], d[0], e[0], f[0]),
        (a[1], b[1], c[1], d[1], e[1], f[1]),
        (a[2], b[2], c[2], d[2], e[2], f[2]),
        (a[3], b[3], c[3], d[3], e[3], f[3]),
        (a[4], b[4], c[4], d[4], e[4], f[4]),
        (a[5], b[5], c[5], d[5], e[5], f[5]),
    )
    return _pulled_back(transposed, p, k, L)


@inlined
def _pulled_back(c, p, k, L):
    """Theory (16) for P = tau F^-T; c are the moduli, or their transpose."""
    back = p.back
    x, y, z = back[3 * L], back[3 * L + 1], back[3 * L + 2]
    i, j, n = COMPONENT[3 * k], COMPONENT[3 * k + 1], COMPONENT[3 * k + 2]
    w = (
        c[0][i] * x + c[0][j] * y + c[0][n] * z,
        c[1][i] * x + c[1][j] * y + c[1][n] * z,
        c[2][i] * x + c[2][j] * y + c[2][n] * z,
        c[3][i] * x + c[3][j] * y + c[3][n] * z,
        c[4][i] * x + c[4][j] * y + c[4][n] * z,
        c[5][i] * x + c[5][j] * y + c[5][n] * z,
    )
    a = times_transposed(w, back)
    s = (p.second[COMPONENT[3 * L]], p.second[COMPONENT[3 * L + 1]], p.second[COMPONENT[3 * L + 2]])
    if k == 0:
        return (a[0] + s[0], a[1] + s[1], a[2] + s[2], a[3], a[4], a[5], a[6], a[7], a[8])
    if k == 1:
        return (a[0], a[1], a[2], a[3] + s[0], a[4] + s[1], a[5] + s[2], a[6], a[7], a[8])
    return (a[0], a[1], a[2], a[3], a[4], a[5], a[6] + s[0], a[7] + s[1], a[8] + s[2])
