"""The law over arrays of points: blocks of lanes, every block of one material, threads over blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np

from .lanes import (
    UNIT,
    any_of,
    compiled,
    gather,
    gather_nine,
    inlined,
    lane,
    load,
    lower,
    ones,
    prefetch,
    scatter,
    select,
    store,
    threaded,
    upper,
    width,
)
from .parameters import Dense, Porous
from .point import step, stress_gradient, tangent
from .porous import UNSOLVED
from .row import read

GROUP = 8  # items that a block puts to an output row at once
TANGENT = 81  # items of dP/dF
SHARES = 8  # parts of the work per thread
PLANS_KEPT = 4


class Plan(NamedTuple):
    """Which points go together into blocks of lanes."""

    order: np.ndarray  # (blocks * lanes,) points, sorted by material; a last point fills up its block
    rows: np.ndarray  # (blocks,) the material of each block


@inlined
def _deformation(F, order, i, places, unit):
    """The full deformation gradient; components without a position are those of the identity."""
    if places.full:
        return gather_nine(F, order, i, unit)
    position = places.of_component
    one = ones(unit)
    zero = 0.0 * one
    return (
        gather(F, order, i, position[0], unit) if position[0] >= 0 else one,
        gather(F, order, i, position[1], unit) if position[1] >= 0 else zero,
        gather(F, order, i, position[2], unit) if position[2] >= 0 else zero,
        gather(F, order, i, position[3], unit) if position[3] >= 0 else zero,
        gather(F, order, i, position[4], unit) if position[4] >= 0 else one,
        gather(F, order, i, position[5], unit) if position[5] >= 0 else zero,
        gather(F, order, i, position[6], unit) if position[6] >= 0 else zero,
        gather(F, order, i, position[7], unit) if position[7] >= 0 else zero,
        gather(F, order, i, position[8], unit) if position[8] >= 0 else one,
    )


@inlined
def _keep(values, scratch, k):
    """Put nine values of the block aside as lanes 9k to 9k + 8."""
    w = width(values[0])
    for j in range(9):
        store(scratch, (9 * k + j) * w, values[j])


@inlined
def _hand_over(array, order, i, scratch, where, full, one):
    """Put lanes of what was kept to the rows of the output array: all, or `where`, brought together first."""
    w = width(one)
    first = 0
    if not full:
        first = TANGENT
        for k in range(where.size):
            store(scratch, (first + k) * w, load(scratch, where[k] * w, one))
    done = 0
    while done + GROUP <= where.size:
        k = first + done
        scatter(
            array, order, i, done,
            (
                load(scratch, k * w, one), load(scratch, (k + 1) * w, one),
                load(scratch, (k + 2) * w, one), load(scratch, (k + 3) * w, one),
                load(scratch, (k + 4) * w, one), load(scratch, (k + 5) * w, one),
                load(scratch, (k + 6) * w, one), load(scratch, (k + 7) * w, one),
            ),
        )  # fmt: skip
        done += GROUP
    while done < where.size:
        scatter(array, order, i, done, (load(scratch, (first + done) * w, one),))
        done += 1


@inlined
def _tangent_row(p, k, L, A, order, i, places, scratch):
    """Put dP_kL/dF of the block aside, if that component is asked for.

    Its place in A is called into the cache meanwhile: the tangents of a mesh do not fit there.
    """
    at, count = places.of_component[3 * k + L], places.stress.size
    if at >= 0:
        prefetch(A, order, i, at * count, p.back[0])
        _keep(stress_gradient(p, k, L), scratch, 3 * k + L)


@compiled
def _hand_over_tangent(slope, A, order, i, places, scratch):
    """Compute the tangents of half a block and put them to their rows.

    Half a block, because so many values of a whole one do not find room in the registers.
    """
    p = tangent(slope)
    _tangent_row(p, 0, 0, A, order, i, places, scratch)
    _tangent_row(p, 0, 1, A, order, i, places, scratch)
    _tangent_row(p, 0, 2, A, order, i, places, scratch)
    _tangent_row(p, 1, 0, A, order, i, places, scratch)
    _tangent_row(p, 1, 1, A, order, i, places, scratch)
    _tangent_row(p, 1, 2, A, order, i, places, scratch)
    _tangent_row(p, 2, 0, A, order, i, places, scratch)
    _tangent_row(p, 2, 1, A, order, i, places, scratch)
    _tangent_row(p, 2, 2, A, order, i, places, scratch)
    _hand_over(A, order, i, scratch, places.tangent, places.full, p.back[0])


class Places(NamedTuple):
    """Where a component is in the caller's rows, and where an output item is in what a block keeps."""

    of_component: np.ndarray  # (9,), -1 for those not asked for
    stress: np.ndarray
    tangent: np.ndarray
    full: bool  # all nine components in their order


@inlined
def _block(unit, order, i, m, F, state, dt, places, scratch, P, A, new_state, status):
    """Advance the points order[i], order[i + 1], ... of one material."""
    one = ones(unit)
    f = _deformation(F, order, i, places, unit)
    a = step(f, gather_nine(state, order, i, unit), dt, m)
    total = 0.0 * one
    for k in range(9):
        total += a.stress[k] + a.state[k]
    result = select((a.status < 0.0) | (abs(total) < np.inf), a.status, UNSOLVED)
    failed = result < 0.0
    for k in range(width(one)):
        status[order[i + k]] = lane(result, k)

    scatter(new_state, order, i, 0, a.state)
    if places.full:
        scatter(P, order, i, 0, a.stress)
    else:
        _keep(a.stress, scratch, 0)
        _hand_over(P, order, i, scratch, places.stress, False, one)
    if A is not None:  # decided when compiled: what only the tangent needs would crowd the registers
        _hand_over_tangent(lower(a.slope), A, order, i, places, scratch)
        if width(one) > 1:
            _hand_over_tangent(upper(a.slope), A, order, i + width(one) // 2, places, scratch)
    if any_of(failed):
        for k in range(width(one)):
            if lane(failed, k):
                new_state[order[i + k]] = np.nan
                P[order[i + k]] = np.nan
                if A is not None:
                    A[order[i + k]] = np.nan


@threaded
def _advance(unit, shares, order, rows, F, state, parameters, dt, places, P, A, new_state, status):
    lanes = order.size // max(rows.size, 1)
    for share in numba.prange(shares):
        scratch = np.empty(2 * TANGENT * lanes)
        for block in range(share * rows.size // shares, (share + 1) * rows.size // shares):
            m = read(parameters, rows[block])
            _block(
                unit, order, block * lanes, m, F, state, dt, places, scratch, P, A, new_state, status
            )  # fmt: skip


def _plan(material: np.ndarray, lanes: int) -> Plan:
    """Blocks of `lanes` points of one material."""
    points = np.argsort(material, kind="stable")
    kinds, counts = np.unique(material, return_counts=True)
    blocks = -(-counts // lanes)
    place = np.arange(blocks.sum() * lanes) - np.repeat(np.cumsum(blocks) - blocks, blocks * lanes) * lanes
    last = np.repeat(counts - 1, blocks * lanes)
    start = np.repeat(np.cumsum(counts) - counts, blocks * lanes)
    return Plan(points[start + np.minimum(place, last)], np.repeat(kinds, blocks))


_recent: list[tuple[int, np.ndarray, Plan]] = []


def _planned(material: np.ndarray, lanes: int) -> Plan:
    """The plan of these materials; the last few are kept, because meshes call again and again."""
    for wide, known, plan in _recent:
        if wide == lanes and np.array_equal(known, material):
            return plan
    plan = _plan(material, lanes)
    _recent.insert(0, (lanes, material.copy(), plan))
    del _recent[PLANS_KEPT:]
    return plan


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
    components = np.asarray(components, np.int64)
    m = len(components)
    given = {"P": P, "A": A, "new_state": new_state, "status": status}
    for name, array in given.items():
        kind = np.int8 if name == "status" else np.float64
        if array.dtype != kind or not array.flags.c_contiguous:
            raise ValueError(f"{name}: needed a C-contiguous array of {kind.__name__}, got {array.dtype}")
    position = np.full(9, -1, np.int64)
    position[components] = np.arange(m)
    pairs = 9 * components[:, None] + components[None, :]
    places = Places(position, components, pairs.ravel(), np.array_equal(components, np.arange(9)))
    plan = _planned(np.asarray(material), len(UNIT) if isinstance(UNIT, tuple) else 1)
    _advance(
        UNIT,
        min(len(plan.rows), SHARES * numba.get_num_threads()),
        plan.order,
        plan.rows,
        np.ascontiguousarray(F, float),
        np.ascontiguousarray(state, float),
        np.ascontiguousarray(parameters, float),
        float(dt),
        places,
        P,
        A.reshape(len(A), m * m) if len(A) else None,
        new_state,
        status,
    )


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
