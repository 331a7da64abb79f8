"""Disassembly, theory (21): each electrode alone, flat, with no net force in plane and none through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isosim.errors import SolverError
from isosim.law import FULL, advance_into

from .pile import FREE_BOTH, balance_piles
from .sheet import Load

DURATION = 60.0  # s; viscous layers relax a little while the electrode is taken out
INSTANT = 1e-6  # of it: too short to creep
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
        with l_x and l_y common to a line; shears stay as they were.
    state (lines, points, N_STATE)

    Raises
    ------
    SolverError
        When a line finds no balance.
    """
    F = np.asarray(F, float)
    lines = _Lines(
        weight=np.asarray(thickness, float) / np.sum(thickness),
        parameters=np.ascontiguousarray(parameters, float),
        base=_flat(F),
        state=np.array(state, float),
        plane=np.zeros((len(F), 2)),
        z=np.zeros(F.shape[:2]),
    )
    lines.let_go(np.arange(len(F)), lines.stress(), 0.0, 1.0)
    return lines.deformation(), lines.state


@dataclass
class _Lines:
    """Lines of sheets on their way to rest; see `sheet.Sheets`."""

    weight: np.ndarray  # (points,)
    parameters: np.ndarray  # (points, N_PARAMETERS)
    base: np.ndarray  # (lines, points, 6)
    state: np.ndarray  # (lines, points, N_STATE)
    plane: np.ndarray  # (lines, 2)
    z: np.ndarray  # (lines, points)

    def deformation(self) -> np.ndarray:
        """Deformation gradients (lines, points, 3, 3)."""
        x, y = np.exp(self.plane[:, :1]), np.exp(self.plane[:, 1:])
        F = np.zeros((*self.z.shape, 3, 3))
        F[..., 0, 0] = self.base[..., 0] * x
        F[..., 0, 1] = self.base[..., 4] * x
        F[..., 0, 2] = self.base[..., 3] * x
        F[..., 1, 1] = self.base[..., 1] * y
        F[..., 1, 2] = self.base[..., 5] * y
        F[..., 2, 2] = self.base[..., 2] * np.exp(self.z)
        return F

    def stress(self) -> np.ndarray:
        """Kirchhoff stresses along x, y and z at once, before any creep; shape (lines, points, 3)."""
        xx, yy, zz, xz, xy, yz = self.base.reshape(-1, 6).T
        n, zero = len(xx), np.zeros(len(xx))
        P, status = np.empty((n, 9)), np.empty(n, np.int8)
        state = self.state.reshape(n, -1)
        advance_into(
            np.column_stack([xx, xy, xz, zero, yy, yz, zero, zero, zz]),
            state,
            np.tile(np.arange(len(self.weight)), len(self.z)),
            self.parameters,
            INSTANT * DURATION,
            np.array(FULL),
            P,
            np.empty((0, 9, 9)),
            np.empty_like(state),
            status,
        )
        if (failed := np.count_nonzero(status < 0)) > 0:
            raise SolverError(f"disassembly: the law fails at {failed} of {n} points")
        tau_x = P[:, 0] * xx + P[:, 1] * xy + P[:, 2] * xz
        tau = np.stack([tau_x, P[:, 4] * yy + P[:, 5] * yz, P[:, 8] * zz], axis=-1)
        return tau.reshape(*self.z.shape, 3)

    def let_go(self, lines: np.ndarray, held: np.ndarray, begin: float, end: float) -> None:
        """Let go of the held stresses from the fraction `begin` to `end`, by halves where one step fails."""
        plane, z, state = self.plane[lines], self.z[lines], self.state[lines]
        stress, new_state = np.empty_like(held[lines]), np.empty_like(state)
        found = np.empty(len(lines), np.bool_)
        evaluations, fallbacks = np.zeros(len(lines), np.int64), np.zeros((len(lines), 1), np.int64)
        balance_piles(
            FREE_BOTH,
            Load(0.0, 0.0, DURATION * (end - begin)),
            self.weight,
            self.base[lines],
            self.parameters,
            state,
            (1.0 - end) * held[lines],
            plane,
            z,
            stress,
            new_state,
            found,
            evaluations,
            fallbacks,
        )
        done, left = lines[found], lines[~found]
        self.plane[done], self.z[done], self.state[done] = plane[found], z[found], new_state[found]
        if left.size:
            if end - begin <= SMALLEST_STEP:
                raise SolverError(f"disassembly: {left.size} lines find no balance")
            middle = 0.5 * (begin + end)
            self.let_go(left, held, begin, middle)
            self.let_go(left, held, middle, end)


def _flat(F: np.ndarray) -> np.ndarray:
    """Deformation gradients turned to let the sheet lie flat, x along x: xx, yy, zz, xz, xy, yz (..., 6)."""
    a, b, c = F[..., 0], F[..., 1], F[..., 2]  # what has become of unit lines along x, y, z

    def dot(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.sum(u * v, axis=-1)

    def unit(u: np.ndarray) -> np.ndarray:
        return u / np.linalg.norm(u, axis=-1, keepdims=True)

    t_x, normal = unit(a), unit(np.cross(a, b))
    t_y = np.cross(normal, t_x)
    return np.stack(
        [dot(t_x, a), dot(t_y, b), dot(normal, c), dot(t_x, c), dot(t_x, b), dot(t_y, c)], axis=-1
    )
