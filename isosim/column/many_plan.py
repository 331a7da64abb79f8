"""The steps of a schedule as the kernel of many presses takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isosim.errors import InputError, Problem

if TYPE_CHECKING:
    from isosim.recipe import Schedule

STAGES = ("held", "released")  # where readings are taken before disassembly
FARTHEST_GUESS = 4.0


@dataclass(frozen=True)
class Plan:
    """Steps of one schedule: arrays (S,) unless said otherwise."""

    schedule: Schedule
    dt: np.ndarray  # s
    pressure: np.ndarray  # Pa
    guess: np.ndarray  # share of the last step's increments to start a step from
    temperatures: np.ndarray  # (T,) distinct, K
    temperature: np.ndarray  # which of them a step ends at
    record: np.ndarray  # (2,) steps at the end of which the cell is held, and released

    @property
    def shape(self) -> tuple:
        """What has to agree for cases to be pressed side by side."""
        return len(self.dt), tuple(self.temperature), tuple(self.record)


def plan(schedule: Schedule) -> Plan:
    """The plan of a schedule.

    Raises
    ------
    InputError
        When the schedule never loads, or a step takes no time.
    """
    phase = np.asarray(schedule.phase)[1:]
    loaded = np.flatnonzero((phase == "load") | (phase == "hold"))
    dt = np.diff(schedule.time)
    if not loaded.size or not (dt > 0.0).all():
        raise InputError(
            Problem("schedule", f"phases {sorted(set(phase))}", "loading, in steps that take time")
        )
    temperatures, temperature = np.unique(schedule.temperature[1:], return_inverse=True)
    return Plan(
        schedule,
        dt,
        np.asarray(schedule.pressure, float)[1:],
        _guess(np.diff(schedule.pressure), phase),
        temperatures,
        temperature.astype(np.int64),
        np.array([loaded[-1], len(dt) - 1]),
    )


def _guess(change: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Increments in proportion to the change of pressure; in a hold equal ones, as its steps grow."""
    guess = np.zeros(len(change))
    before, now = change[:-1], change[1:]
    going_on = before * now > 0.0
    guess[1:][going_on] = now[going_on] / before[going_on]
    guess[1:][(before == 0.0) & (now == 0.0) & (phase[1:] == "hold") & (phase[:-1] == "hold")] = 1.0
    guess[guess > FARTHEST_GUESS] = 0.0
    return guess
