"""March a body through the schedule, cutting steps that do not converge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from isosim.fem.guide import Guide
from isosim.fem.newton import Load, Newton, NoConvergence
from isosim.recipe import Schedule

SMALLEST_FRACTION = 1.0 / 64.0  # of a planned step


@dataclass(frozen=True)
class Step:
    """One converged step."""

    time: float
    pressure: float
    temperature: float
    phase: str
    iterations: int
    cuts: int  # failed attempts before it
    last_of_plan: bool  # True where a planned step is complete


class StepFailure(Exception):
    """A step could not be solved even after it was cut; the fields hold the last converged state."""


class Predictor:
    """Guesses that the section moves as its column does, and departs from it as it last did."""

    def __init__(self, newton: Newton, guide: Guide):
        self._form = newton.form
        self._guide = guide
        self._last: tuple[np.ndarray, np.ndarray] | None = None  # of the column, of the section beyond it

    @property
    def unknowns(self) -> np.ndarray:
        """Displacement and stretch along the cell, a copy; shape (dofs + 1,)."""
        return np.append(self._form.u.x.array, self._form.stretch)

    @unknowns.setter
    def unknowns(self, values: np.ndarray) -> None:
        self._form.u.x.array[:] = values[:-1]
        self._form.stretch = values[-1]

    def guess(self, begin: float, end: float) -> np.ndarray:
        """Unknowns at one place in the schedule, the section being at another."""
        column, moved = self._column(begin, end)
        guess = self.unknowns + moved
        if self._last is not None:
            before, departure = self._last
            guess += (column @ before) / (before @ before) * departure
        return guess

    def learn(self, begin: float, end: float, start: np.ndarray) -> None:
        """The section went from the unknowns `start` to the present ones."""
        column, moved = self._column(begin, end)
        self._last = (column, self.unknowns - start - moved) if column.any() else None

    def forget(self) -> None:
        """What comes is unlike what was."""
        self._last = None

    def _column(self, begin: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """What the column does between two places: change of its layers' thickness, of the unknowns."""
        a, b = self._guide.numbers(begin), self._guide.numbers(end)
        return (b - a)[2:], self._guide.displacement(b) - self._guide.displacement(a)


def march(
    newton: Newton, schedule: Schedule, guide: Guide, tell: Callable[[str], None] | None = None
) -> Iterator[Step]:
    """Solve the planned steps one after the other; yields after each converged one.

    A step that fails from its predicted state is tried from the last one, then halved down to 1/64.

    Raises
    ------
    StepFailure
        With the reason of the last failure.
    """
    predictor = Predictor(newton, guide)
    for k in range(1, len(schedule.time)):
        if schedule.phase[k] != schedule.phase[k - 1]:
            predictor.forget()
        begin, end = (
            np.array([schedule.time[j], schedule.pressure[j], schedule.temperature[j]]) for j in (k - 1, k)
        )
        done, fraction, cuts = 0.0, 1.0, 0
        while done < 1.0:
            reached = min(done + fraction, 1.0)
            now, then = begin + done * (end - begin), begin + reached * (end - begin)
            load = Load(pressure=float(then[1]), temperature=float(then[2]), dt=float(then[0] - now[0]))
            places, start = (k - 1 + done, k - 1 + reached), predictor.unknowns
            try:
                iterations = _attempt(newton, load, predictor, places)
            except NoConvergence as failure:
                predictor.unknowns = start
                fraction, cuts = 0.5 * fraction, cuts + 1
                if tell is not None:
                    tell(f"cut the step to {load.pressure / 1e6:.4g} MPa: {failure}")
                if fraction < SMALLEST_FRACTION:
                    raise StepFailure(str(failure)) from failure
                continue
            newton.points.accept()
            predictor.learn(*places, start)
            done = reached
            yield Step(
                float(then[0]),
                load.pressure,
                load.temperature,
                str(schedule.phase[k]),
                iterations,
                cuts,
                done == 1.0,
            )
            fraction, cuts = min(2.0 * fraction, 1.0 - done), 0


def _attempt(newton: Newton, load: Load, predictor: Predictor, places: tuple[float, float]) -> int:
    start = predictor.unknowns
    predictor.unknowns = predictor.guess(*places)
    try:
        return newton.solve(load)
    except NoConvergence:
        predictor.unknowns = start
        return newton.solve(load)
