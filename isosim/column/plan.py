"""Steps through a recipe, planned by the error that they leave in the column.

The march is of first order: a step of a coarse plan that is divided into m leaves e/m of its error e in the
states that are reported. e is measured, by dividing that step alone and following the column to those states;
then sum(m) is least under sum(e/m) = tolerance for m in proportion to sqrt(e). Errors made early are often
forgotten, those of the last part of the load, of the hold and of the release are not.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from isosim.errors import SolverError
from isosim.recipe import Recipe, Schedule
from isosim.stack import Stack

from .kinds import kinds_of
from .march import Column
from .run import LATERAL

TOLERANCE = 1e-3  # of the compaction
HALVED = 2  # pieces of a coarse step when nothing is varied; the one that is varied has twice as many
FORGOTTEN = 1e-3  # of the tolerance: an effect that has fallen below it is not followed any further
SMALL = 0.1  # of the largest compaction: layers that compact less are not asked for more digits
LEAST = 1e-2  # logarithmic strain: of a press that compacts less, steps are not planned any finer
MOST = 64  # pieces of a coarse step


@dataclass(frozen=True)
class Plan:
    """Steps, and the error that they leave."""

    schedule: Schedule
    error: float  # expected in the held and the released state, of the compaction of a coating; NaN unknown


def plan(
    stack: Stack, recipe: Recipe, lateral: str = "free", edge_pressure: bool = True, refine: int = 1
) -> Plan:
    """Plan steps that leave an error of `TOLERANCE / refine` in the thickness of the coatings.

    That is the error of the held and of the released state, relative to the largest compaction of each kind
    of coating (of every layer, where there are no electrodes). No step is larger than those of
    `recipe.schedule()`; where the column finds no balance along those, they are the answer.

    Parameters
    ----------
    stack, recipe, lateral, edge_pressure
        As for `isosim.column.run`.
    refine
        Divides every planned step into that many, for convergence studies.
    """
    coarse = recipe.schedule()
    try:
        errors = _errors(_Follower(stack, coarse, lateral, edge_pressure))
    except SolverError:
        return Plan(recipe.schedule(refine=refine), np.nan)
    root = np.sqrt(errors)
    pieces = np.clip(np.rint(root * root.sum() / TOLERANCE), 1, MOST).astype(int)
    return Plan(coarse.divided(refine * pieces), float((errors / pieces).sum()) / refine)


class _Follower:
    """Marches the column over coarse steps, each in some pieces."""

    def __init__(self, stack: Stack, schedule: Schedule, lateral: str, edge_pressure: bool):
        kinds = kinds_of(stack)
        layers = [i for electrode in stack.electrodes for i in electrode.coatings]
        self.watched = np.unique(kinds.of_layer[layers] if layers else kinds.of_layer)
        self.rows = np.column_stack([schedule.time, schedule.pressure, schedule.temperature])
        phase = np.asarray(schedule.phase)
        held = "hold" if "hold" in phase else "load"
        self.goals = {int(np.flatnonzero(phase == name)[-1]) for name in (held, "release") if name in phase}
        self.start = Column(kinds, LATERAL[lateral], float(edge_pressure))

    def step(self, column: Column, k: int, pieces: int) -> Column:
        """A column one coarse step further, to row k; the given one stays as it is."""
        column = copy.copy(column)
        at = np.linspace(self.rows[k - 1], self.rows[k], pieces + 1)
        for begin, end in pairwise(at):
            column.step(begin, end, None)
        return column

    def compaction(self, column: Column) -> np.ndarray:
        """Logarithmic strain through the thickness of each kind that is watched."""
        return -column.z[self.watched]


def _errors(follow: _Follower) -> np.ndarray:
    """What each coarse step, undivided, leaves in the goals, of the compaction; shape (rows - 1,)."""
    path = [follow.start]
    for k in range(1, len(follow.rows)):
        path.append(follow.step(path[-1], k, HALVED))
    reached = np.array([follow.compaction(column) for column in path])
    largest = np.abs(reached).max(axis=0)
    largest = np.maximum(largest, max(SMALL * largest.max(), LEAST))
    errors = np.zeros(len(path) - 1)
    for first in range(1, len(path)):
        column = path[first - 1]
        for k in range(first, len(path)):
            column = follow.step(column, k, 2 * HALVED if k == first else HALVED)
            effect = float(np.max(np.abs(follow.compaction(column) - reached[k]) / largest))
            if k in follow.goals:
                errors[first - 1] = max(errors[first - 1], 2 * HALVED * effect)
            if effect < FORGOTTEN * TOLERANCE:
                break
    return errors
