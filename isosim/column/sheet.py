"""One sheet: a material point stretched along x, y and z, in balance through the thickness."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from isosim.law.point import point, stress_change
from isosim.law.row import read

from .compiling import compiled
from .root import UNBOUNDED, next_trial

CLIP = 0.06
ITERATIONS = 80
TOLERANCE = 1e-10  # of the stresses involved
STRESS_UNIT = 1e6  # Pa; the least stress that tolerances refer to


class Load(NamedTuple):
    """What a step imposes on every sheet."""

    pressure: Any  # of the fluid [Pa]
    edge: Any  # chi, its share on the edges
    dt: Any  # s


class Sheets(NamedTuple):
    """The sheets of a pile. Stretches are logarithmic, stresses Kirchhoff.

    A sheet may have a deformation of its own before the common stretches are applied: its `base`, with the
    sheet lying flat.
    """

    weight: Any  # (n,) share of the unpressed thickness
    base: Any  # (n, 6) xx, yy, zz, xz, xy, yz of its deformation gradient at x = y = z = 0
    parameters: Any  # (n, N_PARAMETERS)
    state: Any  # (n, N_STATE) at the start of the step
    rest: Any  # (n,) z at the start of the step
    held: Any  # (n, 3) stress that something else than the fluid imposes; zero but in disassembly
    z: Any  # (n,) stretch through the thickness
    slope: Any  # (n, 2) dz/dx, dz/dy at balance
    stress: Any  # (n, 3)
    new_state: Any  # (n, N_STATE)
    moduli: Any  # (3, 3) dstress_a/dstretch_b, overwritten by every evaluation
    fallbacks: Any  # (1,) how often the law took its bracketed fallback


class Tension(NamedTuple):
    """In-plane stresses of a sheet in balance, fluid on the edges and held stress taken off, and slopes."""

    x: Any
    y: Any
    xx: Any
    xy: Any
    yx: Any
    yy: Any
    scale: Any
    found: Any
    evaluations: Any


@compiled
def _evaluate(x, y, z, i, dt, s):
    """Put stress, moduli and new state of sheet i into `s`; False when there is no answer."""
    b = s.base[i]
    xx, yy, zz = b[0] * np.exp(x), b[1] * np.exp(y), b[2] * np.exp(z)
    xz, xy, yz = b[3] * np.exp(x), b[4] * np.exp(x), b[5] * np.exp(y)
    F = (xx, xy, xz, 0.0, yy, yz, 0.0, 0.0, zz)
    old = s.state
    state = (
        old[i, 0], old[i, 1], old[i, 2], old[i, 3], old[i, 4], old[i, 5], old[i, 6], old[i, 7], old[i, 8],
    )  # fmt: skip
    p, tangent = point(F, state, dt, read(s.parameters, i))
    if p.status < 0:
        return False
    s.fallbacks[0] += p.status
    for k in range(9):
        s.new_state[i, k] = p.state[k]
    s.stress[i, 0] = p.stress[0] * xx + p.stress[1] * xy + p.stress[2] * xz
    s.stress[i, 1] = p.stress[4] * yy + p.stress[5] * yz
    s.stress[i, 2] = p.stress[8] * zz
    for j, k, f, column in (
        (0, 0, xx, 0), (0, 1, xy, 0), (0, 2, xz, 0), (1, 1, yy, 1), (1, 2, yz, 1), (2, 2, zz, 2),
    ):  # fmt: skip
        if j == k:
            s.moduli[:, column] = 0.0
        if f != 0.0:
            change = stress_change(tangent, j, k)
            s.moduli[0, column] += f * (change[0] * xx + change[1] * xy + change[2] * xz)
            s.moduli[1, column] += f * (change[4] * yy + change[5] * yz)
            s.moduli[2, column] += f * change[8] * zz
    total = 0.0
    for a in range(3):
        s.moduli[a, a] += s.stress[i, a]
        total += s.moduli[a, 0] + s.moduli[a, 1] + s.moduli[a, 2]
    return np.isfinite(total)


@compiled
def balance_sheet(i, x, y, load, s):
    """Find the z of sheet i, from s.z[i], at which its stress balances the fluid through the thickness."""
    t, held, c = s.stress[i], s.held[i], s.moduli
    volume = s.base[i, 0] * s.base[i, 1] * s.base[i, 2]
    low = -UNBOUNDED
    high = UNBOUNDED
    good = s.rest[i]
    z = s.z[i]
    for count in range(1, ITERATIONS + 1):
        if not _evaluate(x, y, z, i, load.dt, s):
            z = 0.5 * (z + good)
            continue
        good = z
        fluid = load.pressure * volume * np.exp(x + y + z)
        scale = abs(t[0]) + abs(t[1]) + abs(t[2]) + fluid + STRESS_UNIT
        residual = t[2] + fluid - held[2]
        slope = c[2, 2] + fluid
        trial, low, high = next_trial(z, residual, slope, low, high, CLIP)
        stuck = trial == z and abs(residual) <= 1e4 * TOLERANCE * scale
        if abs(residual) <= TOLERANCE * scale or stuck:
            e = load.edge * fluid
            z_x = -(c[2, 0] + fluid) / slope
            z_y = -(c[2, 1] + fluid) / slope
            s.z[i] = z
            s.slope[i, 0] = z_x
            s.slope[i, 1] = z_y
            return Tension(
                t[0] + e - held[0],
                t[1] + e - held[1],
                c[0, 0] + e + (c[0, 2] + e) * z_x,
                c[0, 1] + e + (c[0, 2] + e) * z_y,
                c[1, 0] + e + (c[1, 2] + e) * z_x,
                c[1, 1] + e + (c[1, 2] + e) * z_y,
                scale,
                True,
                count,
            )
        z = trial
    return Tension(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, ITERATIONS)
