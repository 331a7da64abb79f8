"""The law over arrays of points."""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np

from .lanes import compiled, threaded
from .parameters import Dense, Porous
from .point import point, stress_change, valid
from .porous import INVALID, UNSOLVED
from .row import read


@compiled
def _gather(F, i, position):
    """The full deformation gradient of point i; components without a position are those of the identity."""
    return (
        F[i, position[0]] if position[0] >= 0 else 1.0,
        F[i, position[1]] if position[1] >= 0 else 0.0,
        F[i, position[2]] if position[2] >= 0 else 0.0,
        F[i, position[3]] if position[3] >= 0 else 0.0,
        F[i, position[4]] if position[4] >= 0 else 1.0,
        F[i, position[5]] if position[5] >= 0 else 0.0,
        F[i, position[6]] if position[6] >= 0 else 0.0,
        F[i, position[7]] if position[7] >= 0 else 0.0,
        F[i, position[8]] if position[8] >= 0 else 1.0,
    )


@threaded
def _advance(F, state, material, parameters, dt, components, position, P, A, new_state, status):
    for i in numba.prange(F.shape[0]):
        f = _gather(F, i, position)
        s = (
            state[i, 0], state[i, 1], state[i, 2], state[i, 3], state[i, 4],
            state[i, 5], state[i, 6], state[i, 7], state[i, 8],
        )  # fmt: skip
        m = read(parameters, material[i])
        status[i] = INVALID
        if valid(f, s, dt, m):
            p = point(f, s, dt, m)
            status[i] = p.status
            total = 0.0
            for k in range(9):
                new_state[i, k] = p.state[k]
                total += p.state[k] + p.stress[k]
            if not np.isfinite(total):
                status[i] = min(p.status, UNSOLVED)
            for j in range(components.size):
                P[i, j] = p.stress[components[j]]
            if A.shape[0] > 0:
                for j in range(components.size):
                    change = stress_change(p, components[j] // 3, components[j] % 3)
                    for k in range(components.size):
                        A[i, k, j] = change[components[k]]
        if status[i] < 0:
            new_state[i] = np.nan
            P[i] = np.nan
            if A.shape[0] > 0:
                A[i] = np.nan


def advance_into(
    F: np.ndarray,
    state: np.ndarray,
    material: np.ndarray,
    parameters: np.ndarray,
    dt: float,
    components: np.ndarray,
    P: np.ndarray,
    A: np.ndarray,
    new_state: np.ndarray,
    status: np.ndarray,
) -> None:
    """Advance n points by one time step, into arrays that the caller owns; threaded over points.

    Parameters
    ----------
    F : (n, m) float64
        The listed components of the deformation gradient, 1 at rest on the diagonal; the others are those
        of the identity.
    state : (n, N_STATE) float64
        State at the start of the step.
    material : (n,) integers
        Row of `parameters` for each point.
    parameters : (materials, N_PARAMETERS) float64
        Constants at the temperature at the end of the step (`Porous.at`, `Dense.at`).
    dt : float
        Length of the step [s].
    components : (m,) int64
        Flat indices of the components, e.g. `PLANE`.
    P, A, new_state, status
        Outputs: first Piola-Kirchhoff stress (n, m) [Pa]; consistent dP/dF (n, m, m), or an array of length
        zero for none; new state (n, N_STATE); status (n,) int8: 0 done, 1 done by the bracketed fallback,
        -1 input not finite, det F <= 0, dt <= 0 or porosity outside the law's range, -2 no solution found.
        The outputs of a failed point are NaN.
    """
    position = np.full(9, -1, np.int64)
    position[components] = np.arange(len(components))
    _advance(F, state, material, parameters, float(dt), components, position, P, A, new_state, status)


def advance(
    F: np.ndarray,
    state: np.ndarray,
    dt: float,
    T: float,
    laws: Sequence[Porous | Dense],
    material: np.ndarray | None = None,
    components: Sequence[int] = tuple(range(9)),
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Advance n points by one time step.

    Parameters are those of `advance_into`, with `laws` a sequence of `Porous` or `Dense`, `T` the
    temperature at the end of the step [K] and `material` (n,) the index into `laws` (default: the first).

    Returns
    -------
    P (n, m) [Pa], A (n, m, m) [Pa], new state (n, N_STATE), status (n,) int8.

    Raises
    ------
    ValueError
        When shapes do not fit or a material index is out of range.
    """
    F = np.ascontiguousarray(F, float)
    state = np.ascontiguousarray(state, float)
    listed = np.array(components, np.int64)
    n, m = len(F), len(listed)
    material = np.zeros(n, np.int64) if material is None else np.ascontiguousarray(material, np.int64)
    if F.shape != (n, m) or state.shape != (n, 9) or material.shape != (n,):
        raise ValueError(
            f"shapes F {F.shape}, state {state.shape}, material {material.shape} do not fit {n} points of "
            f"{m} components: needed ({n}, {m}), ({n}, 9), ({n},)"
        )
    if n and not (0 <= material.min() and material.max() < len(laws)):
        raise ValueError(f"material indices {material.min()}..{material.max()}: there are {len(laws)} laws")
    parameters = np.stack([law.at(T) for law in laws])
    P, A, new, status = np.empty((n, m)), np.empty((n, m, m)), np.empty((n, 9)), np.empty(n, np.int8)
    advance_into(F, state, material, parameters, dt, listed, P, A, new, status)
    return P, A, new, status
