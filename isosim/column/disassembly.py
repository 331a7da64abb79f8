"""Disassembly, theory (21): each electrode alone, flat, with no net force in plane and none through it."""

from __future__ import annotations

import numba
import numpy as np

from isosim.errors import SolverError

from .compiling import compiled, threaded
from .pile import FREE_BOTH, balance_pile
from .sheet import Load, Sheets, evaluate

DURATION = 60.0  # s; viscous layers relax a little while the electrode is taken out
SMALLEST_STEP = 1.0 / 64.0


def relax(
    F: np.ndarray, state: np.ndarray, thickness: np.ndarray, parameters: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let lines of points through an electrode relax, theory (21).

    The held stresses are let go along a ramp: in one step where that works, in smaller ones where not.

    Parameters
    ----------
    F : (lines, points, 3, 3)
        Deformation gradients before.
    state : (lines, points, N_STATE)
        States before.
    thickness : (points,)
        Unpressed thickness each point stands for, in any unit.
    parameters : (points, N_PARAMETERS)
        Constants at the temperature of disassembly.

    Returns
    -------
    F (lines, points, 3, 3)
        Before, turned so that the sheets lie flat, and then stretched by diag(l_x, l_y, l_z of each point),
        with l_x and l_y common to a line.
    state (lines, points, N_STATE)

    Raises
    ------
    SolverError
        When a line finds no balance.
    """
    F = np.asarray(F, float)
    lines, points = F.shape[:2]
    weight = np.asarray(thickness, float) / np.sum(thickness)
    base = _flat(F)
    plane, z = np.zeros((lines, 2)), np.zeros((lines, points))
    new_state = np.array(state, float)
    found = np.empty(lines, np.bool_)
    _relax_lines(plane, z, new_state, weight, base, np.ascontiguousarray(parameters, float), found)
    if not found.all():
        raise SolverError(f"disassembly: {np.count_nonzero(~found)} of {lines} lines found no balance")
    x, y = np.exp(plane[:, :1]), np.exp(plane[:, 1:])
    new_F = np.zeros((lines, points, 3, 3))
    new_F[..., 0, 0] = base[..., 0] * x
    new_F[..., 0, 2] = base[..., 3] * x
    new_F[..., 1, 1] = base[..., 1] * y
    new_F[..., 2, 2] = base[..., 2] * np.exp(z)
    return new_F, new_state


def _flat(F: np.ndarray) -> np.ndarray:
    """Deformation gradients turned about y so that the sheet lies flat: xx, yy, zz, xz (..., 4)."""
    xx, xz, zx, zz = F[..., 0, 0], F[..., 0, 2], F[..., 2, 0], F[..., 2, 2]
    along = np.hypot(xx, zx)
    square, shear = (xx * zz - xz * zx) / along, (xx * xz + zx * zz) / along
    return np.stack([along, F[..., 1, 1], square, shear], axis=-1)


@threaded
def _relax_lines(plane, z, state, weight, base, parameters, found):
    for k in numba.prange(plane.shape[0]):
        found[k] = _relax(plane[k], z[k], state[k], weight, base[k], parameters)


@compiled
def _relax(plane, z, state, weight, base, parameters):
    """Relax one line in place; False when there is no balance."""
    n = z.size
    s = Sheets(
        weight, base, parameters, state, z, np.zeros((n, 3)), z.copy(), np.zeros((n, 2)), np.zeros((n, 3)),
        state.copy(), np.empty((3, 3)), np.zeros(1, np.int64),
    )  # fmt: skip
    at = np.empty(2)
    for i in range(n):
        if not evaluate(plane[0], plane[1], z[i], i, 1e-6 * DURATION, s):
            return False
    first = s.stress.copy()
    done = 0.0
    step = 1.0
    while done < 1.0:
        load = Load(0.0, 0.0, DURATION * step)
        s.held[:] = (1.0 - done - step) * first
        s.z[:] = z
        s.slope[:] = 0.0
        x, y, balanced, _ = balance_pile(FREE_BOTH, plane[0], plane[1], load, s, at)
        if balanced:
            done += step
            plane[0] = x
            plane[1] = y
            z[:] = s.z
            state[:] = s.new_state
            step = min(step, 1.0 - done)
        else:
            step *= 0.5
            if step < SMALLEST_STEP:
                return False
    return True
