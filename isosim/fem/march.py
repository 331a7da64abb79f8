"""March a body through the schedule, cutting steps that do not converge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from isosim.fem.newton import Load, Newton, NoConvergence

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


def march(newton: Newton, schedule: Any, tell: Callable[[str], None] | None = None) -> Iterator[Step]:
    """Solve the planned steps one after the other; yields after each converged one.

    The displacement of a step is predicted from the last one in proportion to the pressure (secant
    predictor). A step that fails is tried without prediction, then halved down to 1/64.

    Raises
    ------
    StepFailure
        With the reason of the last failure.
    """
    form, points = newton.form, newton.points
    rate: tuple[np.ndarray, float] | None = None  # d(u, ly)/dp of the last step
    for k in range(1, len(schedule.time)):
        begin = np.array([schedule.time[k - 1], schedule.pressure[k - 1], schedule.temperature[k - 1]])
        end = np.array([schedule.time[k], schedule.pressure[k], schedule.temperature[k]])
        done, fraction, cuts = 0.0, 1.0, 0
        if k > 1 and schedule.phase[k] != schedule.phase[k - 1]:
            rate = None
        while done < 1.0:
            now, then = begin + done * (end - begin), begin + min(done + fraction, 1.0) * (end - begin)
            u, stretch = form.u.x.array.copy(), form.stretch
            load = Load(pressure=then[1], temperature=then[2], dt=then[0] - now[0])
            dp = then[1] - now[1]
            try:
                iterations = _attempt(newton, load, rate, dp)
            except NoConvergence as failure:
                form.u.x.array[:], form.stretch = u, stretch
                fraction, cuts = 0.5 * fraction, cuts + 1
                if tell is not None:
                    tell(f"cut the step to {load.pressure / 1e6:.4g} MPa: {failure}")
                if fraction < SMALLEST_FRACTION:
                    raise StepFailure(str(failure)) from failure
                continue
            points.accept()
            rate = None
            if dp != 0.0:
                rate = ((form.u.x.array - u) / dp, (form.stretch - stretch) / dp)
            done = min(done + fraction, 1.0)
            if done > 1.0 - 1e-9:
                done = 1.0
            yield Step(
                float(then[0]),
                float(then[1]),
                float(then[2]),
                str(schedule.phase[k]),
                iterations,
                cuts,
                done == 1.0,
            )
            fraction, cuts = min(2.0 * fraction, 1.0 - done), 0


def _attempt(newton: Newton, load: Load, rate: tuple[np.ndarray, float] | None, dp: float) -> int:
    form = newton.form
    if rate is None or dp == 0.0:
        return newton.solve(load)
    u, stretch = form.u.x.array.copy(), form.stretch
    form.u.x.array[:] += rate[0] * dp
    form.stretch = stretch + rate[1] * dp
    try:
        return newton.solve(load)
    except NoConvergence:
        form.u.x.array[:], form.stretch = u, stretch
        return newton.solve(load)
