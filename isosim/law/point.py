"""One material point: deformation gradient in, first Piola-Kirchhoff stress and new state out."""

from __future__ import annotations

from typing import Any, NamedTuple

from .lanes import compiled, exp, log
from .porous import INVALID
from .principal import principal
from .tensor import apply, determinant, eigen, inverse, log_slope, push_forward


class Point(NamedTuple):
    """Stress, state and the frame in which the tangent is built."""

    stress: Any  # P, 9 row-major
    state: Any  # 9
    status: Any
    n: Any  # 3 principal directions of the trial elastic stretch
    back: Any  # 3 vectors F^-1 n
    tau: Any  # 3 principal Kirchhoff stresses
    moduli: Any  # 9: dtau_A/deps_B
    g01: Any  # shear moduli of theory (16)
    g02: Any
    g12: Any


@compiled
def valid(F, state, dt, m):
    """Whether the point can be advanced at all."""
    J = determinant(F)
    total = 0.0
    for k in range(9):
        total += abs(F[k]) + abs(state[k])
    solid = 1.0 - m.floor - exp(state[6])
    porosity_fits = m.law == 0.0 or (solid > 0.0 and (1.0 - solid) * m.softening < 1.0)
    return total < 1e300 and 0.0 < J < 1e300 and 0.0 < dt < 1e300 and porosity_fits


@compiled
def point(F, state, dt, m):
    """Advance one valid point; F and state are 9-tuples. See `Point`."""
    J = determinant(F)
    values, n = eigen(push_forward(F, (state[0], state[1], state[2], state[3], state[4], state[5])))
    l0, l1, l2 = values
    t = m.thermal_strain
    positive = l0 > 0.0 and l1 > 0.0 and l2 > 0.0
    e0 = 0.5 * log(l0) - t if positive else 0.0
    e1 = 0.5 * log(l1) - t if positive else 0.0
    e2 = 0.5 * log(l2) - t if positive else 0.0
    r = principal(e0, e1, e2, state[6], state[7], state[8], dt, m)
    status = r.status if positive else INVALID

    # Kirchhoff stress: Mandel stress per unloaded volume times the change of that volume
    grown = J / r.volume
    t0 = r.stress[0] * grown
    t1 = r.stress[1] * grown
    t2 = r.stress[2] * grown
    i = inverse(F)
    a = apply(i, n[0])
    b = apply(i, n[1])
    c = apply(i, n[2])
    q0 = exp(2.0 * (r.strain[0] + t))
    q1 = exp(2.0 * (r.strain[1] + t))
    q2 = exp(2.0 * (r.strain[2] + t))
    x, y, z = n
    s = grown * r.shear
    return Point(
        (
            t0 * x[0] * a[0] + t1 * y[0] * b[0] + t2 * z[0] * c[0],
            t0 * x[0] * a[1] + t1 * y[0] * b[1] + t2 * z[0] * c[1],
            t0 * x[0] * a[2] + t1 * y[0] * b[2] + t2 * z[0] * c[2],
            t0 * x[1] * a[0] + t1 * y[1] * b[0] + t2 * z[1] * c[0],
            t0 * x[1] * a[1] + t1 * y[1] * b[1] + t2 * z[1] * c[1],
            t0 * x[1] * a[2] + t1 * y[1] * b[2] + t2 * z[1] * c[2],
            t0 * x[2] * a[0] + t1 * y[2] * b[0] + t2 * z[2] * c[0],
            t0 * x[2] * a[1] + t1 * y[2] * b[1] + t2 * z[2] * c[1],
            t0 * x[2] * a[2] + t1 * y[2] * b[2] + t2 * z[2] * c[2],
        ),
        (
            q0 * a[0] * a[0] + q1 * b[0] * b[0] + q2 * c[0] * c[0],
            q0 * a[1] * a[1] + q1 * b[1] * b[1] + q2 * c[1] * c[1],
            q0 * a[2] * a[2] + q1 * b[2] * b[2] + q2 * c[2] * c[2],
            q0 * a[1] * a[2] + q1 * b[1] * b[2] + q2 * c[1] * c[2],
            q0 * a[0] * a[2] + q1 * b[0] * b[2] + q2 * c[0] * c[2],
            q0 * a[0] * a[1] + q1 * b[0] * b[1] + q2 * c[0] * c[1],
            r.u,
            r.u_hist,
            r.eqps,
        ),
        status,
        n,
        (a, b, c),
        (t0, t1, t2),
        (
            grown * r.moduli[0],
            grown * r.moduli[1],
            grown * r.moduli[2],
            grown * r.moduli[3],
            grown * r.moduli[4],
            grown * r.moduli[5],
            grown * r.moduli[6],
            grown * r.moduli[7],
            grown * r.moduli[8],
        ),
        s * log_slope(l0, l1) - 0.5 * (t0 + t1),
        s * log_slope(l0, l2) - 0.5 * (t0 + t2),
        s * log_slope(l1, l2) - 0.5 * (t1 + t2),
    )


@compiled
def stress_change(p, k, L):
    """dP/dF_kL of the point p: 9 values, row-major. Theory (16) pulled back, P = tau F^-T.

    In the principal frame the rate l = dF F^-1 changes P F^T by c : l + l tau.
    """
    x = p.n[0][k]
    y = p.n[1][k]
    z = p.n[2][k]
    a = p.back[0][L]
    b = p.back[1][L]
    c = p.back[2][L]
    t0, t1, t2 = p.tau
    m = p.moduli
    l0 = x * a
    l1 = y * b
    l2 = z * c
    w00 = (m[0] - t0) * l0 + m[1] * l1 + m[2] * l2
    w11 = m[3] * l0 + (m[4] - t1) * l1 + m[5] * l2
    w22 = m[6] * l0 + m[7] * l1 + (m[8] - t2) * l2
    xb = x * b
    ya = y * a
    xc = x * c
    za = z * a
    yc = y * c
    zb = z * b
    g = p.g01 * (xb + ya)
    w01 = g + xb * t1
    w10 = g + ya * t0
    g = p.g02 * (xc + za)
    w02 = g + xc * t2
    w20 = g + za * t0
    g = p.g12 * (yc + zb)
    w12 = g + yc * t2
    w21 = g + zb * t1
    n0, n1, n2 = p.n
    b0, b1, b2 = p.back
    r0 = (
        w00 * b0[0] + w01 * b1[0] + w02 * b2[0],
        w00 * b0[1] + w01 * b1[1] + w02 * b2[1],
        w00 * b0[2] + w01 * b1[2] + w02 * b2[2],
    )
    r1 = (
        w10 * b0[0] + w11 * b1[0] + w12 * b2[0],
        w10 * b0[1] + w11 * b1[1] + w12 * b2[1],
        w10 * b0[2] + w11 * b1[2] + w12 * b2[2],
    )
    r2 = (
        w20 * b0[0] + w21 * b1[0] + w22 * b2[0],
        w20 * b0[1] + w21 * b1[1] + w22 * b2[1],
        w20 * b0[2] + w21 * b1[2] + w22 * b2[2],
    )
    return (
        n0[0] * r0[0] + n1[0] * r1[0] + n2[0] * r2[0],
        n0[0] * r0[1] + n1[0] * r1[1] + n2[0] * r2[1],
        n0[0] * r0[2] + n1[0] * r1[2] + n2[0] * r2[2],
        n0[1] * r0[0] + n1[1] * r1[0] + n2[1] * r2[0],
        n0[1] * r0[1] + n1[1] * r1[1] + n2[1] * r2[1],
        n0[1] * r0[2] + n1[1] * r1[2] + n2[1] * r2[2],
        n0[2] * r0[0] + n1[2] * r1[0] + n2[2] * r2[0],
        n0[2] * r0[1] + n1[2] * r1[1] + n2[2] * r2[1],
        n0[2] * r0[2] + n1[2] * r1[2] + n2[2] * r2[2],
    )
