"""A step of one case among many on the safe road: `pile.balance_pile`, where everything is bracketed."""

from __future__ import annotations

import numpy as np

from isosim.law.row import N_PARAMETERS
from isosim.law.state import EQPS as LAW_EQPS
from isosim.law.state import N_STATE as LAW_STATE
from isosim.law.state import U_HIST as LAW_U_HIST
from isosim.law.state import U as LAW_U

from .compiling import compiled
from .many_block import (
    EQPS,
    LAST,
    N_STATE,
    N_WORK,
    PLASTIC_X,
    PLASTIC_Y,
    PLASTIC_Z,
    STRETCH,
    U_HIST,
    U,
)
from .pile import balance_pile
from .sheet import Load, Sheets


@compiled
def rescue(pile, old, k, plane, step):
    """Take the step of lane k from the state `old` and the plane.

    Returns whether balance was found, and the new plane; only then the state of the lane is replaced.
    """
    n = pile.n
    state = np.zeros((n, LAW_STATE))
    parameters = np.empty((n, N_PARAMETERS))
    base = np.zeros((n, 6))
    base[:, :3] = 1.0
    rest = np.empty(n)
    weight = np.empty(n)
    total = 0.0
    for i in range(n):
        j = i * N_STATE
        state[i, 0] = np.exp(-2.0 * old[j + PLASTIC_X, k])
        state[i, 1] = np.exp(-2.0 * old[j + PLASTIC_Y, k])
        state[i, 2] = np.exp(-2.0 * old[j + PLASTIC_Z, k])
        state[i, LAW_U] = old[j + U, k]
        state[i, LAW_U_HIST] = old[j + U_HIST, k]
        state[i, LAW_EQPS] = old[j + EQPS, k]
        rest[i] = old[j + STRETCH, k]
        weight[i] = pile.weight[i, k]
        total += weight[i]
        first = pile.kind[i] * N_PARAMETERS
        for c in range(N_PARAMETERS):
            parameters[i, c] = pile.parameters[first + c, k]
    weight /= total
    new_state = np.empty((n, LAW_STATE))
    sheets = Sheets(
        weight,
        base,
        parameters,
        state,
        rest,
        np.zeros((n, 3)),
        rest.copy(),
        np.zeros((n, 2)),
        np.empty((n, 3)),
        new_state,
        np.empty((3, 3)),
        np.zeros(1, np.int64),
    )
    share = step.edge / step.pressure if step.pressure > 0.0 else 0.0
    at = np.array([plane.x, plane.y])
    x, y, t, _ = balance_pile(step.free, plane.x, plane.y, at, Load(step.pressure, share, step.dt), sheets)
    if not t.found:
        return False, x, y
    for i in range(n):
        j = i * N_STATE
        pile.state[j + PLASTIC_X, k] = -0.5 * np.log(new_state[i, 0])
        pile.state[j + PLASTIC_Y, k] = -0.5 * np.log(new_state[i, 1])
        pile.state[j + PLASTIC_Z, k] = -0.5 * np.log(new_state[i, 2])
        pile.state[j + U, k] = new_state[i, LAW_U]
        pile.state[j + U_HIST, k] = new_state[i, LAW_U_HIST]
        pile.state[j + EQPS, k] = new_state[i, LAW_EQPS]
        pile.state[j + STRETCH, k] = sheets.z[i]
        pile.work[i * N_WORK + LAST, k] = new_state[i, LAW_U] - old[j + U, k]
        pile.work[i * N_WORK + LAST + 1, k] = 0.0
        pile.work[i * N_WORK + LAST + 2, k] = sheets.z[i] - rest[i]
    return True, x, y
