"""The record of a real press: a CSV of time, pressure and temperature."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from isosim import units
from isosim.errors import InputError, Problem

COLUMNS = {"time": "s", "pressure": "Pa", "temperature": "K"}
EXAMPLE = {"time": "s", "pressure": "MPa", "temperature": "degC"}
OFFSET = 0.01  # a pressure below this part of the peak is a sensor's zero
TOLERANCE = 0.01  # straight pieces follow the pressure to this part of the peak ...
TEMPERATURE_TOLERANCE = 1.0  # ... and the temperature to this [K]
HELD_ABOVE = 0.5  # of the peak: a piece above it is a hold ...
SMALL = 2.0 * TOLERANCE  # ... if it changes by no more than this part of the peak ...
SLOW = 0.1  # ... or would by no more than this part of it in the whole time under pressure


LogPhase = Literal["load", "hold", "release"]


class LogLeg(NamedTuple):
    """A straight piece of a log, by where it ends: time from the log's first row [s], Pa, K."""

    time: float
    pressure: float
    temperature: float
    phase: LogPhase


@dataclass(frozen=True)
class PressLog:
    """Time [s], pressure [Pa] and temperature [K] of shape (R,), and the hash of the file.

    The temperature is None where it was not recorded.
    """

    time: np.ndarray
    pressure: np.ndarray
    temperature: np.ndarray | None
    sha256: str

    @cached_property
    def peak_rows(self) -> tuple[int, int]:
        """First and last row within `TOLERANCE` of the peak."""
        near = np.flatnonzero(self.pressure >= (1.0 - TOLERANCE) * self.pressure.max())
        return int(near[0]), int(near[-1])

    def at(self, temperature: float) -> PressLog:
        """The same press at a constant temperature [K]."""
        return replace(self, temperature=np.full(len(self.time), temperature))

    def legs(self) -> Iterator[LogLeg]:
        """The log, with a temperature, as the fewest straight pieces that follow it within the tolerances.

        A piece above half the peak that changes little or slowly is a "hold". Of the others "load" rises and
        "release" falls; what is too small for either belongs to the way up to the peak or down from it.
        """
        assert self.temperature is not None
        first, last = self.peak_rows
        scale = np.array([TOLERANCE * self.pressure.max(), TEMPERATURE_TOLERANCE])
        values = np.stack([self.pressure, self.temperature], axis=1) / scale
        keep = _straightened(self.time, values, sorted({0, first, last, len(self.time) - 1}))
        for i, j in pairwise(keep):
            yield LogLeg(
                float(self.time[j] - self.time[0]),
                float(self.pressure[j]),
                float(self.temperature[j]),
                self._phase(i, j),
            )

    def _phase(self, i: int, j: int) -> LogPhase:
        """Of the straight piece between two rows."""
        begin, end = self.pressure[[i, j]] / self.pressure.max()
        rise, duration = end - begin, self.time[j] - self.time[i]
        if min(begin, end) > HELD_ABOVE and (
            abs(rise) <= SMALL or abs(rise) * self._pressed_time <= SLOW * duration
        ):
            return "hold"
        if abs(rise) > SMALL:
            return "load" if rise > 0.0 else "release"
        return "load" if j <= self.peak_rows[0] else "release"

    @cached_property
    def _pressed_time(self) -> float:
        pressed = np.flatnonzero(self.pressure > OFFSET * self.pressure.max())
        return float(self.time[pressed[-1]] - self.time[pressed[0]])


def read(path: Path) -> PressLog:
    """Read a CSV whose columns carry their units in their names: time_s, pressure_MPa, temperature_degC.

    One header line, commas or semicolons, decimal points; the temperature may be missing.

    Raises
    ------
    InputError
        Columns missing, unknown, or without unit; a cell that is no number; time that does not rise; a
        pressure that does not start and end at zero (within 1 % of the peak) or never rises.
    """
    try:
        raw = path.read_bytes()
        lines = raw.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8") from None
    delimiter = ";" if lines and ";" in lines[0] else ","
    table = [row for row in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, row))]
    if len(table) < 4:
        raise InputError(f"{path}: got {len(table)} lines, needed a header and three rows or more")
    header, rows = [title.strip() for title in table[0]], table[1:]
    if problems := list(_header_problems(header)):
        raise InputError(problems, str(path))
    columns = {}
    for index, title in enumerate(header):
        name, unit = title.split("_", 1)
        columns[name] = units.to_si(_numbers(rows, index, title, path), unit, COLUMNS[name])
    if problems := list(_value_problems(columns)):
        raise InputError(problems, str(path))
    pressure = np.maximum(columns["pressure"], 0.0)
    pressure[[0, -1]] = 0.0
    digest = hashlib.sha256(raw).hexdigest()
    return PressLog(columns["time"], pressure, columns.get("temperature"), digest)


def _header_problems(header: list[str]) -> Iterator[Problem]:
    names = [title.split("_", 1)[0] for title in header]
    for title, name in zip(header, names, strict=True):
        if name not in COLUMNS or "_" not in title or names.count(name) > 1:
            yield Problem(
                "column", repr(title), "time_..., pressure_..., temperature_... with units, each once"
            )
            continue
        try:
            units.to_si(1.0, title.split("_", 1)[1], COLUMNS[name])
        except ValueError as error:
            yield Problem("column", repr(title), f"{name}_ and a unit such as {EXAMPLE[name]}", str(error))
    for name in ("time", "pressure"):
        if name not in names:
            yield Problem("column", f"no {name}", f"{name}_{EXAMPLE[name]} or the like")


def _numbers(rows: list[list[str]], index: int, title: str, path: Path) -> np.ndarray:
    values = np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        cell = row[index].strip() if index < len(row) else ""
        try:
            values[i] = float(cell)
        except ValueError:
            pass  # stays NaN
        if not np.isfinite(values[i]):
            raise InputError(Problem(f"row {i + 1} of {title}", repr(cell), "a number"), str(path))
    return values


def _value_problems(columns: dict[str, np.ndarray]) -> Iterator[Problem]:
    time, pressure = columns["time"], columns["pressure"]
    back = np.flatnonzero(np.diff(time) <= 0.0)
    if back.size:
        i = int(back[0])
        yield Problem(f"time, row {i + 2}", f"{time[i + 1]:g} s after {time[i]:g} s", "time that rises")
    peak = float(pressure.max())
    if peak <= 0.0:
        yield Problem("pressure", f"at most {peak:g} Pa", "a pressure that rises", "this log never presses")
        return
    for name, i in (("first", 0), ("last", -1)):
        if abs(pressure[i]) > OFFSET * peak:
            yield Problem(
                f"pressure, {name} row",
                f"{pressure[i]:g} Pa",
                "zero within 1 % of the peak",
                "a log holds the whole press, from before the ramp to after the release",
            )
    if pressure.min() < -OFFSET * peak:
        yield Problem("pressure", f"{pressure.min():g} Pa", "no negative pressure")
    temperature = columns.get("temperature", np.array([298.15]))
    low, high = units.TEMPERATURES
    if temperature.min() < low or temperature.max() > high:
        got = f"{temperature.min():.1f} to {temperature.max():.1f} K"
        yield Problem("temperature", got, "between -70 and 300 degC")


def _straightened(time: np.ndarray, values: np.ndarray, fixed: list[int]) -> list[int]:
    """Rows that straight lines between stay within 1 of all values (R, k) (Douglas & Peucker 1973)."""
    keep = set(fixed)
    pieces = list(pairwise(fixed))
    while pieces:
        begin, end = pieces.pop()
        part = (time[begin : end + 1] - time[begin]) / (time[end] - time[begin])
        line = values[begin] + part[:, None] * (values[end] - values[begin])
        distance = np.abs(values[begin : end + 1] - line).max(axis=1)
        worst = begin + int(distance.argmax())
        if distance.max() > 1.0:
            keep.add(worst)
            pieces += [(begin, worst), (worst, end)]
    return sorted(keep)
