"""One material point: deformation gradient in, first Piola-Kirchhoff stress and new state out."""

from __future__ import annotations

from typing import Any, NamedTuple

from .dense import dense
from .lanes import any_of, compiled, exp, inlined, select, sqrt
from .porous import INVALID, porous
from .row import DENSE
from .strain import exponential, logarithm, twist
from .tensor import determinant, inverse, push_forward, square, symmetric_determinant, trace

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
    stress = (
        tau[0] * back[0] + tau[5] * back[1] + tau[4] * back[2],
        tau[0] * back[3] + tau[5] * back[4] + tau[4] * back[5],
        tau[0] * back[6] + tau[5] * back[7] + tau[4] * back[8],
        tau[5] * back[0] + tau[1] * back[1] + tau[3] * back[2],
        tau[5] * back[3] + tau[1] * back[4] + tau[3] * back[5],
        tau[5] * back[6] + tau[1] * back[7] + tau[3] * back[8],
        tau[4] * back[0] + tau[3] * back[1] + tau[2] * back[2],
        tau[4] * back[3] + tau[3] * back[4] + tau[2] * back[5],
        tau[4] * back[6] + tau[3] * back[7] + tau[2] * back[8],
    )
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
        (
            back[0] * stress[0] + back[1] * stress[3] + back[2] * stress[6],
            back[3] * stress[1] + back[4] * stress[4] + back[5] * stress[7],
            back[6] * stress[2] + back[7] * stress[5] + back[8] * stress[8],
            back[3] * stress[2] + back[4] * stress[5] + back[5] * stress[8],
            back[0] * stress[2] + back[1] * stress[5] + back[2] * stress[8],
            back[0] * stress[1] + back[1] * stress[4] + back[2] * stress[7],
        ),
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

    y0, y1, y2 = f0 + f1 * n0, f0 + f1 * n1, f0 + f1 * n2
    y3, y4, y5 = f1 * n3, f1 * n4, f1 * n5
    z0, z1, z2 = k0 + k1 * n0, k0 + k1 * n1, k0 + k1 * n2
    z3, z4, z5 = k1 * n3, k1 * n4, k1 * n5
    return (
        (
            s00 + y0 + z0 * n0,
            s01 + y0 + z0 * n1,
            s02 + y0 + z0 * n2,
            s03 + z0 * n3,
            s04 + z0 * n4,
            s05 + z0 * n5,
        ),
        (
            s01 + y1 + z1 * n0,
            s11 + y1 + z1 * n1,
            s12 + y1 + z1 * n2,
            s13 + z1 * n3,
            s14 + z1 * n4,
            s15 + z1 * n5,
        ),
        (
            s02 + y2 + z2 * n0,
            s12 + y2 + z2 * n1,
            s22 + y2 + z2 * n2,
            s23 + z2 * n3,
            s24 + z2 * n4,
            s25 + z2 * n5,
        ),
        (
            s03 + y3 + z3 * n0,
            s13 + y3 + z3 * n1,
            s23 + y3 + z3 * n2,
            s33 + z3 * n3,
            s34 + z3 * n4,
            s35 + z3 * n5,
        ),
        (
            s04 + y4 + z4 * n0,
            s14 + y4 + z4 * n1,
            s24 + y4 + z4 * n2,
            s34 + z4 * n3,
            s44 + z4 * n4,
            s45 + z4 * n5,
        ),
        (
            s05 + y5 + z5 * n0,
            s15 + y5 + z5 * n1,
            s25 + y5 + z5 * n2,
            s35 + z5 * n3,
            s45 + z5 * n4,
            s55 + z5 * n5,
        ),
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
    w0 = c[0][i] * x + c[0][j] * y + c[0][n] * z
    w1 = c[1][i] * x + c[1][j] * y + c[1][n] * z
    w2 = c[2][i] * x + c[2][j] * y + c[2][n] * z
    w3 = c[3][i] * x + c[3][j] * y + c[3][n] * z
    w4 = c[4][i] * x + c[4][j] * y + c[4][n] * z
    w5 = c[5][i] * x + c[5][j] * y + c[5][n] * z
    s = (p.second[COMPONENT[3 * L]], p.second[COMPONENT[3 * L + 1]], p.second[COMPONENT[3 * L + 2]])
    # the stress where the row of the tensor is that of P; adding -0 elsewhere is no operation, +0 would be
    a0, a1, a2 = select(k == 0, s[0], -0.0), select(k == 0, s[1], -0.0), select(k == 0, s[2], -0.0)
    b0, b1, b2 = select(k == 1, s[0], -0.0), select(k == 1, s[1], -0.0), select(k == 1, s[2], -0.0)
    e0, e1, e2 = select(k == 2, s[0], -0.0), select(k == 2, s[1], -0.0), select(k == 2, s[2], -0.0)
    return (
        a0 + w0 * back[0] + w5 * back[1] + w4 * back[2],
        a1 + w0 * back[3] + w5 * back[4] + w4 * back[5],
        a2 + w0 * back[6] + w5 * back[7] + w4 * back[8],
        b0 + w5 * back[0] + w1 * back[1] + w3 * back[2],
        b1 + w5 * back[3] + w1 * back[4] + w3 * back[5],
        b2 + w5 * back[6] + w1 * back[7] + w3 * back[8],
        e0 + w4 * back[0] + w3 * back[1] + w2 * back[2],
        e1 + w4 * back[3] + w3 * back[4] + w2 * back[5],
        e2 + w4 * back[6] + w3 * back[7] + w2 * back[8],
    )
