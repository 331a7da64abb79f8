"""Whole presses of blocks of cases: all steps of the schedule, then disassembly; threaded over blocks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from isosim.law.lanes import UNIT, ones, width
from isosim.law.row import N_PARAMETERS

from .compiling import compiled, threaded
from .many_block import N_STATE, N_WORK, STRETCH, Pile, Plane, Step, U, get, put
from .many_pile import advance
from .pile import FREE_ALIKE, FREE_BOTH, FREE_X

MEMBERS = 3  # of an electrode: a foil and at most two coatings


class Batch(NamedTuple):
    """What is pressed: presses alike but for numbers. B blocks of W cases, L sheets of K kinds."""

    free: Any  # HELD, FREE_X or FREE_ALIKE
    laws: Any  # (K,) law of each kind
    kind: Any  # (L,) kind of each sheet
    parameters: Any  # (B, temperatures * K * N_PARAMETERS, W)
    weight: Any  # (B, L, W) unpressed thickness of all layers that the sheet stands for
    u: Any  # (B, L, W) unpressed
    temperature: Any  # (S,) which of the temperatures each step ends at; the last is that of disassembly
    record: Any  # (R,) steps at whose ends records are taken
    dt: Any  # (B, S, W)
    pressure: Any  # (B, S, W)
    guess: Any  # (B, S, W) share of the last step's increments to start a step from
    edge: Any  # (B, 1, W) chi
    members: Any  # (E, MEMBERS) sheets of each electrode, its foil last, -1 where there are less
    member_weight: Any  # (B, E * MEMBERS, W) unpressed thickness of those layers
    relaxation: Any  # duration of disassembly [s]


class Records(NamedTuple):
    """What comes out: R records of all sheets, then those of the disassembled electrodes."""

    stretch: Any  # (B, R * L + E * MEMBERS, W) logarithmic, through the thickness
    u: Any  # (B, R * L + E * MEMBERS, W)
    plane: Any  # (B, (R + E) * 2, W) logarithmic in-plane stretches
    failed: Any  # (B, 1, W) 1 where no balance was found, at any step
    rescued: Any  # (B, 1, W) number of steps taken on the safe road


@compiled
def _unpressed(batch, b, n):
    """State and work space of all sheets of block b."""
    w = width(ones(UNIT))
    state = np.zeros((n * N_STATE, w))
    for i in range(n):
        put(state, i * N_STATE + U, get(batch.u[b], i, UNIT))
        put(state, i * N_STATE + U + 1, get(batch.u[b], i, UNIT))
    return state, np.zeros((n * N_WORK, w))


@compiled
def _constants_at(batch, b, temperature):
    size = batch.laws.size * N_PARAMETERS
    return batch.parameters[b, temperature * size : (temperature + 1) * size]


@compiled
def _march(batch, b, state, work, out):
    """All steps of block b: the plane at their end, which lanes failed, and how many steps were rescued."""
    n = batch.kind.size
    zero = 0.0 * get(batch.edge[b], 0, UNIT)
    plane = Plane(zero, zero)
    change = Plane(zero, zero)
    failed = zero
    rescued = zero
    for k in range(batch.temperature.size):
        pile = Pile(
            UNIT, n, batch.laws, batch.kind,
            _constants_at(batch, b, batch.temperature[k]), batch.weight[b], state, work,
        )  # fmt: skip
        pressure = get(batch.pressure[b], k, UNIT)
        edge = pressure * get(batch.edge[b], 0, UNIT)
        dt = get(batch.dt[b], k, UNIT)
        step = Step(batch.free, pressure, edge, dt, get(batch.guess[b], k, UNIT))
        end, failed, rescued = advance(pile, plane, change, step, failed, rescued)
        change = Plane(end.x - plane.x, end.y - plane.y)
        plane = end
        for r in range(batch.record.size):
            if batch.record[r] == k:
                put(out.plane[b], 2 * r, plane.x)
                put(out.plane[b], 2 * r + 1, plane.y)
                for i in range(n):
                    put(out.stretch[b], r * n + i, get(state, i * N_STATE + STRETCH, UNIT))
                    put(out.u[b], r * n + i, get(state, i * N_STATE + U, UNIT))
    return plane, failed, rescued


@compiled
def _disassemble(batch, b, e, state, plane, failed, rescued, out):
    """Electrode e of block b alone, without load."""
    w = width(ones(UNIT))
    own_state = np.zeros((MEMBERS * N_STATE, w))
    weight = np.zeros((MEMBERS, w))
    kind = np.zeros(MEMBERS, np.int64)
    n = 0
    for member in range(MEMBERS):
        i = batch.members[e, member]
        if i >= 0:
            kind[n] = batch.kind[i]
            put(weight, n, get(batch.member_weight[b], e * MEMBERS + member, UNIT))
            for k in range(N_STATE):
                put(own_state, n * N_STATE + k, get(state, i * N_STATE + k, UNIT))
            n += 1
    pile = Pile(
        UNIT, n, batch.laws, kind,
        _constants_at(batch, b, batch.temperature[-1]), weight, own_state, np.zeros((MEMBERS * N_WORK, w)),
    )  # fmt: skip
    zero = 0.0 * plane.x
    free = FREE_BOTH if batch.free == FREE_X else FREE_ALIKE
    step = Step(free, zero, zero, zero + batch.relaxation, zero)
    end, failed, rescued = advance(pile, plane, Plane(zero, zero), step, failed, rescued)
    records = batch.record.size
    first = records * batch.kind.size + e * MEMBERS
    put(out.plane[b], 2 * (records + e), end.x)
    put(out.plane[b], 2 * (records + e) + 1, end.y)
    for i in range(n):
        put(out.stretch[b], first + i, get(own_state, i * N_STATE + STRETCH, UNIT))
        put(out.u[b], first + i, get(own_state, i * N_STATE + U, UNIT))
    return failed, rescued


@compiled
def _press_block(batch, b, out):
    state, work = _unpressed(batch, b, batch.kind.size)
    plane, failed, rescued = _march(batch, b, state, work, out)
    for e in range(batch.members.shape[0]):
        failed, rescued = _disassemble(batch, b, e, state, plane, failed, rescued, out)
    put(out.failed[b], 0, failed)
    put(out.rescued[b], 0, rescued)


@threaded
def press_blocks(batch, out):
    """Press all blocks of a `Batch` into `Records`."""
    for b in numba.prange(batch.u.shape[0]):
        _press_block(batch, b, out)
