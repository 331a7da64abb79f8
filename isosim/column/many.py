"""Press thousands of columns a second: one stack, many values of its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from isosim.law.lanes import UNIT, ones, width
from isosim.law.row import N_PARAMETERS
from isosim.recipe import Recipe, Schedule
from isosim.stack import Stack

from .disassembly import DURATION
from .many_alone import press_alone
from .many_cases import Cases, Indices
from .many_plan import STAGES, Plan
from .many_press import MEMBERS, Batch, Records, press_blocks
from .many_readings import Raw, empty, label, read
from .run import LATERAL

if TYPE_CHECKING:
    from isosim.case import Case

DONE, ALONE, INVALID, UNSOLVED = 0, 1, -1, -2
LANES = int(width(ones(UNIT))) if isinstance(UNIT, float) else len(UNIT)
CHUNK = 4_000_000  # numbers kept at a time for cases under way
FEWEST_BLOCKS = 8


def press_many(
    body: Case | Stack,
    overrides: Mapping[str, Any],
    recipe: Recipe | Schedule | None = None,
    lateral: str = "free",
    edge_pressure: bool = True,
    explicit: bool = False,
    refine: int = 1,
    rescue: bool = True,
) -> xr.Dataset:
    """Press one stack many times, each time with other values.

    The same column, law and steps as `column.run`, and the readings of `isosim.measure`.

    Parameters
    ----------
    body
        A case, or a stack; only with a stack `recipe`, `lateral`, `edge_pressure` and `refine` are looked at.
    overrides
        What varies, by name, as one number for each case, in SI units: "pressure", "temperature", "ramp",
        "hold", "release"; "lateral" (words as below); "edge_pressure" (share of the pressure on the edges);
        "nmc622.cap.hardening" and the like, values of a card; "nmc622.porosity", "nmc622.thickness", of all
        layers of a material; "separator 1.thickness", of one layer. Plain numbers hold for all cases.
    recipe
        How the stack is pressed; a schedule is taken as it is.
    lateral
        "free", "one direction" or "confined", as in `column.run`.
    edge_pressure
        Whether the fluid presses on the edges.
    explicit
        Give every layer a state of its own, which changes the cost and nothing else.
    refine
        Divides the steps of a recipe, as in `Recipe.schedule`.
    rescue
        Press cases that found no balance once more by `column.run`, one by one, which takes some thousand
        times as long; otherwise they keep status -2.

    Returns
    -------
    xr.Dataset
        With the dimension `case`; see docs/press-many.md. `status` is 0 where all went well, 1 where a case
        fell back to the solver of `column.run`, -1 where it has a value that it cannot have, -2 where no
        balance was found. Readings of the last two are NaN.

    Raises
    ------
    InputError
        Names that are not there, values of the wrong type or shape.
    """
    if isinstance(body, Stack):
        if recipe is None:
            raise ValueError("a stack without a recipe: give one, or a case")
        cases = Cases(body, recipe, overrides, lateral, float(edge_pressure), refine, explicit)
    else:
        edge = float("edge" in body.recipe.pressed_faces)
        model = body.model
        cases = Cases(body.stack(), body.recipe, overrides, model.lateral, edge, model.refine, explicit)
    readings = empty(cases)
    status = np.full(cases.count, INVALID, np.int8)
    for which in _chunks(cases):
        raw, found = _press(cases, which)
        status[which] = found
        done = found >= DONE
        read(cases, which[done], Raw(*(array[done] for array in raw)), readings)
    plans, of_case = cases.plans
    for case in np.flatnonzero(status == UNSOLVED) if rescue else ():
        plan = plans[of_case[case]]
        assert plan is not None
        alone = press_alone(cases, case, plan)
        if alone is not None:
            status[case] = ALONE
            read(cases, np.array([case]), Raw(*(array[None] for array in alone)), readings)
    return label(cases, readings, status)


def _chunks(cases: Cases) -> Iterator[Indices]:
    """Cases to press at a time: alike, and no more than memory should hold."""
    plans, of_case = cases.plans
    for group in cases.groups():
        plan = plans[of_case[group[0]]]
        assert plan is not None
        materials = len(cases.stack.materials)
        numbers = len(plan.temperatures) * materials * N_PARAMETERS + 8 * len(cases.sheets) + 3 * len(plan.dt)
        size = LANES * max(FEWEST_BLOCKS, CHUNK // (numbers * LANES))
        yield from (group[k : k + size] for k in range(0, len(group), size))


def _press(cases: Cases, which: Indices) -> tuple[Raw, np.ndarray]:
    """Records of some cases, and their status."""
    plans, of_case = cases.plans
    own = [plans[k] for k in of_case[which]]
    batch = _batch(cases, which, own)
    blocks, stages, sheets, members = len(batch.u), len(STAGES), len(cases.sheets), len(cases.members)
    rows = stages * sheets + members * MEMBERS
    out = Records(
        np.zeros((blocks, rows, LANES)),
        np.zeros((blocks, rows, LANES)),
        np.zeros((blocks, 2 * (stages + members), LANES)),
        np.zeros((blocks, 1, LANES)),
        np.zeros((blocks, 1, LANES)),
    )
    press_blocks(batch, out)
    stretch, u, plane, failed, rescued = (
        a.swapaxes(1, 2).reshape(blocks * LANES, -1)[: len(which)] for a in out
    )
    finite = np.isfinite(stretch).all(1) & np.isfinite(u).all(1) & np.isfinite(plane).all(1)
    found = np.where(rescued[:, 0] > 0.0, ALONE, DONE)
    return Raw(stretch, u, plane), np.where(finite & (failed[:, 0] == 0.0), found, UNSOLVED)


def _batch(cases: Cases, which: Indices, plans: list[Plan | None]) -> Batch:
    """The kernel's input for some cases, the last of them repeated to fill the last block."""
    blocks = -(-len(which) // LANES)
    filled = np.minimum(np.arange(blocks * LANES), len(which) - 1)
    which = which[filled]

    def lanes(values: Any) -> np.ndarray:
        return np.broadcast_to(values, len(which)).reshape(blocks, LANES)

    def stacked(rows: list) -> np.ndarray:
        return np.stack([lanes(row) for row in rows], axis=1) if rows else np.zeros((blocks, 0, LANES))

    first = plans[0]
    assert first is not None
    distinct = {id(plan): plan for plan in plans}
    position = {key: k for k, key in enumerate(distinct)}
    of_plan = np.array([position[id(plan)] for plan in plans])[filled]

    def by_plan(name: str) -> np.ndarray:
        table = np.stack([getattr(plan, name) for plan in distinct.values()])
        return np.ascontiguousarray(table[of_plan].reshape(blocks, LANES, -1).swapaxes(1, 2))

    materials = list(dict.fromkeys(sheet.material for sheet in cases.sheets))
    some = {sheet.material: sheet for sheet in cases.sheets}
    laws = [cases.law(some[material], which) for material in materials]
    parameters = np.empty((blocks, len(first.temperatures), len(laws), N_PARAMETERS, LANES))
    temperatures = by_plan("temperatures")
    for t in range(len(first.temperatures)):
        T = temperatures[:, t].ravel()
        T = T[0] if (T == T[0]).all() else T
        for k, law in enumerate(laws):
            for j, value in enumerate(law.row(T)):
                parameters[:, t, k, j] = lanes(value)
    members = np.full((len(cases.members), MEMBERS), -1)
    for e, member in enumerate(cases.members):
        members[e, : len(member.sheets)] = member.sheets
    thickness = [
        cases.thickness(member.layers[i], which) if i < len(member.layers) else 0.0
        for member in cases.members
        for i in range(MEMBERS)
    ]
    return Batch(
        free=LATERAL[cases.lateral_of(which[0])],
        laws=np.array([int(law.row(first.temperatures[0]).law) for law in laws]),
        kind=np.array([materials.index(sheet.material) for sheet in cases.sheets]),
        parameters=parameters.reshape(blocks, -1, LANES),
        weight=stacked([cases.weight(sheet, which) for sheet in cases.sheets]),
        u=stacked([cases.start(sheet, which) for sheet in cases.sheets]),
        temperature=first.temperature,
        record=first.record,
        dt=by_plan("dt"),
        pressure=by_plan("pressure"),
        guess=by_plan("guess"),
        edge=stacked([cases.edge_of(which)]),
        members=members,
        member_weight=stacked(thickness),
        relaxation=DURATION,
    )
