"""What the press does: pressure and temperature over time, and the steps a simulation takes through it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from isosim.errors import InputError, Problem
from isosim.press_log import LogLeg, PressLog

ROOM = 298.15  # K, where a cell is assembled and measured
WARMING = 1800.0  # s to warm or cool the unpressed cell; only the clock depends on it
PRESSURES = (1e3, 1e10)  # Pa
NEEDED_PRESSURE = "between 1 kPa and 10 GPa: less never presses, and mPa is a billionth of MPa"
NEEDED_RAMP = "a time above zero: the pressure does not jump"
HOLD_STEPS = 6
HOLD_GROWTH = math.exp(3.0)  # last step of a hold against its first, nearly
UNLOADING = 3.0  # release steps are larger by this: nothing new yields, or little
LONGEST_STEP = 0.1  # of the time under pressure
REVERSAL = 0.125  # the first of them is divided here: all layers turn from plastic to elastic at once

Phase = Literal["start", "heat", "load", "hold", "release", "cool"]
Face = Literal["top", "bottom", "edge"]
FACES: tuple[Face, ...] = ("top", "bottom", "edge")


@dataclass(frozen=True)
class Schedule:
    """The steps of a press, arrays of shape (S,): time [s], pressure [Pa], temperature [K], phase.

    Row 0 is the unpressed start at room temperature. A row says where its step ends.
    """

    time: np.ndarray
    pressure: np.ndarray
    temperature: np.ndarray
    phase: np.ndarray

    def divided(self, pieces: np.ndarray) -> Schedule:
        """The same history with each step divided evenly into that many, shape (S - 1,)."""
        even = lambda values: _divided(np.asarray(values, float), pieces)  # noqa: E731
        phase = np.concatenate([self.phase[:1], np.repeat(self.phase[1:], pieces)])
        return Schedule(even(self.time), even(self.pressure), even(self.temperature), phase)


class Leg(NamedTuple):
    """A straight piece of the history, by where it ends."""

    time: float
    pressure: float
    temperature: float
    phase: Phase


@dataclass(frozen=True)
class Recipe:
    """A press recipe.

    The cell is warmed first, then pressed (ramp, hold, slow release), then cooled. A `log` of a real press
    takes the place of pressure, ramp, hold and release.

    Parameters
    ----------
    pressure
        Of the fluid during the hold [Pa].
    temperature
        Of the whole cell while it is pressed [K].
    ramp, hold, release
        Durations [s].
    faces
        "all" (isostatic), or the faces pressed by the fluid, "top" among them. Where the bottom is not
        pressed it lies on a rigid plate without friction; where the edge is not pressed it is free.
    log
        The record of a press.

    Raises
    ------
    InputError
        A recipe that never presses, or faces unknown. All problems at once.
    """

    pressure: float
    temperature: float = ROOM
    ramp: float = 120.0
    hold: float = 300.0
    release: float = 120.0
    faces: Literal["all"] | tuple[Face, ...] = "all"
    log: PressLog | None = None

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise InputError(problems, "recipe")

    @classmethod
    def from_log(cls, log: PressLog, faces: Literal["all"] | tuple[Face, ...] = "all") -> Recipe:
        """The recipe that a log with a temperature recorded.

        Its pressure is the mean over the hold (the peak where nothing is held), its temperature that at the
        peak, its times what the log spends in each phase.
        """
        assert log.temperature is not None
        legs = list(log.legs())
        spent = dict.fromkeys(("load", "hold", "release"), 0.0)
        impulse = 0.0  # integral of the pressure over the hold
        for here, leg in pairwise([LogLeg(0.0, 0.0, log.temperature[0], "load"), *legs]):
            spent[leg.phase] += leg.time - here.time
            if leg.phase == "hold":
                impulse += 0.5 * (here.pressure + leg.pressure) * (leg.time - here.time)
        return cls(
            pressure=impulse / spent["hold"] if spent["hold"] else float(log.pressure.max()),
            temperature=float(log.temperature[log.peak_rows[0]]),
            ramp=spent["load"],
            hold=spent["hold"],
            release=spent["release"],
            faces=faces,
            log=log,
        )

    @property
    def pressed_faces(self) -> tuple[Face, ...]:
        """The faces that the fluid acts on."""
        return FACES if self.faces == "all" else self.faces

    @property
    def temperatures(self) -> tuple[float, float]:
        """The lowest and the highest temperature [K], of the room too."""
        reached = [ROOM, *(leg.temperature for leg in self.legs())]
        return min(reached), max(reached)

    def legs(self) -> tuple[Leg, ...]:
        """The history as straight pieces; the unpressed start at room temperature comes before the first."""
        return tuple(self._legs())

    def schedule(self, max_fraction: float = 0.15, max_step: float = 5e6, refine: int = 1) -> Schedule:
        """Steps through the history.

        A loading step raises the pressure p by at most max(max_step, max_fraction p) [Pa]: larger ones
        misstate the compaction, which is path dependent. Release steps are three times as large, after a
        small first one; a hold has six steps that grow geometrically. Where nothing is held, no step is much
        longer than a tenth of the time under pressure. `refine` divides every step of the
        pressed part into that many, for convergence studies.
        """
        if refine < 1 or max_step <= 0.0 or max_fraction <= 0.0:
            raise ValueError(f"refine {refine}, max_step {max_step}, max_fraction {max_fraction}: needed > 0")
        start = Leg(0.0, 0.0, ROOM, "start")
        ways = list(pairwise([start, *self.legs()]))
        longest = LONGEST_STEP * sum(
            leg.time - here.time for here, leg in ways if here.pressure or leg.pressure
        )
        rows = [np.array([start[:3]])]
        phase: list[Phase] = [start.phase]
        for here, leg in ways:
            parts = self._parts(here, leg, max_fraction, max_step, longest, refine)
            begin, end = np.array(here[:3]), np.array(leg[:3])
            rows.append(begin + parts[:, None] * (end - begin))
            rows[-1][-1] = end  # to the last digit
            phase += [leg.phase] * len(parts)
        time, pressure, temperature = np.concatenate(rows).T.copy()
        return Schedule(time, pressure, temperature, np.array(phase))

    @property
    def _begin_temperature(self) -> float:
        if self.log is None or self.log.temperature is None:
            return self.temperature
        return float(self.log.temperature[0])

    def _legs(self) -> Iterator[Leg]:
        time = 0.0
        begin = self._begin_temperature
        if begin != ROOM:
            time += WARMING
            yield Leg(time, 0.0, begin, "heat")
        if self.log is None:
            yield Leg(time := time + self.ramp, self.pressure, begin, "load")
            if self.hold > 0.0:
                yield Leg(time := time + self.hold, self.pressure, begin, "hold")
            yield Leg(time := time + self.release, 0.0, begin, "release")
            end = begin
        else:
            for leg in self.log.legs():
                yield Leg(time + leg.time, leg.pressure, leg.temperature, leg.phase)
            time, end = time + leg.time, leg.temperature
        if end != ROOM:
            yield Leg(time + WARMING, 0.0, ROOM, "cool")

    def _parts(
        self, here: Leg, leg: Leg, fraction: float, step: float, longest: float, refine: int
    ) -> np.ndarray:
        """Where the steps of a leg end, as fractions of it."""
        change = leg.pressure - here.pressure
        if leg.pressure == 0.0 == here.pressure:
            return np.ones(1)
        if leg.phase == "hold" != here.phase:
            count = HOLD_STEPS * refine
            return (HOLD_GROWTH ** (np.arange(1, count + 1) / count) - 1.0) / (HOLD_GROWTH - 1.0)
        begin, end = _clock(here.pressure, fraction, step), _clock(leg.pressure, fraction, step)
        count = max(1, math.ceil(abs(end - begin) / (1.0 if change >= 0.0 else UNLOADING) - 1e-9))
        steps = np.arange(count + 1) / count
        if leg.phase == "release" != here.phase:
            steps = np.concatenate([[0.0, REVERSAL * steps[1]], steps[1:]])

        def fractions(steps: np.ndarray) -> np.ndarray:
            if change == 0.0:
                return steps
            return (_pressure_at(begin + (end - begin) * steps, fraction, step) - here.pressure) / change

        ends = fractions(steps)
        pieces = np.maximum(1.0, np.ceil((ends[1:] - ends[:-1]) * ((leg.time - here.time) / longest) - 1e-9))
        if refine == 1 and (pieces == 1.0).all():
            return ends[1:]
        steps = _divided(steps, pieces.astype(int))
        return fractions(_divided(steps, np.full(len(steps) - 1, refine))[1:])

    def _problems(self) -> Iterator[Problem]:
        if not PRESSURES[0] <= self.pressure <= PRESSURES[1]:
            yield Problem("pressure", f"{self.pressure:g} Pa", NEEDED_PRESSURE)
        for name, value in (("ramp", self.ramp), ("release", self.release)):
            if not 0.0 < value < math.inf:
                yield Problem(name, f"{value:g} s", NEEDED_RAMP)
        if not 0.0 <= self.hold < math.inf:
            yield Problem("hold", f"{self.hold:g} s", "a time of zero or more")
        if self.faces != "all":
            yield from face_problems(self.faces)


def face_problems(faces: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with a list of faces to press."""
    if unknown := [face for face in faces if face not in FACES]:
        yield Problem("faces", ", ".join(map(repr, unknown)), "'all', or a list of 'top', 'bottom', 'edge'")
    elif "top" not in faces or len(set(faces)) < len(faces):
        got = ", ".join(map(repr, faces)) or "no face"
        yield Problem("faces", got, "'top' among them, each once", "['top'] presses onto a rigid plate")


def _clock(pressure: float, fraction: float, step: float) -> float:
    """Number of steps from zero up to a pressure: even ones first, geometric where `fraction` allows more."""
    turn = step / fraction
    if pressure <= turn:
        return pressure / step
    return 1.0 / fraction + math.log(pressure / turn) / math.log1p(fraction)


def _pressure_at(ticks: np.ndarray, fraction: float, step: float) -> np.ndarray:
    """The inverse of `_clock`."""
    beyond = np.maximum(ticks - 1.0 / fraction, 0.0)
    return np.minimum(ticks, 1.0 / fraction) * step * (1.0 + fraction) ** beyond


def _divided(values: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Values with each interval divided evenly into that many pieces."""
    at = np.concatenate([[0], np.cumsum(pieces)])
    return np.interp(np.arange(at[-1] + 1), at, values)
