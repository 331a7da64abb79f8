"""One axis of a sweep: the values that a key takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field
from scipy.special import ndtri

from isosim.errors import InputError, Problem
from isosim.sweep.keys import Key
from isosim.tables import Count, Table, brief, validate

AXIS_KEYS = {"from", "to", "points", "scale", "mean", "sd"}


class RangeTable(Table):
    """Values between two ends."""

    from_: Any = Field(alias="from", description="the least value")
    to: Any = Field(description="the greatest value")
    points: Count | None = Field(None, description="how many, for a grid")
    scale: Literal["linear", "log"] = "linear"


class NormalTable(Table):
    """Normally distributed values."""

    mean: Any = Field(description="the mean")
    sd: Any = Field(description="the standard deviation")


@dataclass(frozen=True)
class Levels:
    """Values one by one; sampled, they are equally likely."""

    values: tuple[Any, ...]

    def at(self, u: np.ndarray) -> np.ndarray:
        """Values at the quantiles u."""
        return self.levels()[np.minimum((u * len(self.values)).astype(int), len(self.values) - 1)]

    def levels(self) -> np.ndarray:
        """All of them."""
        return column(self.values)


@dataclass(frozen=True)
class Between:
    """Values from low to high, even or even in the logarithm."""

    low: float
    high: float
    points: int | None
    log: bool

    def at(self, u: np.ndarray) -> np.ndarray:
        """Values at the quantiles u."""
        if self.log:
            return self.low * (self.high / self.low) ** u
        return self.low + u * (self.high - self.low)

    def levels(self) -> np.ndarray:
        """The points of a grid."""
        assert self.points is not None  # `read` lets no other through
        values = self.at(np.linspace(0.0, 1.0, self.points))
        values[-1] = self.high if self.points > 1 else values[-1]  # to the last digit
        return values


@dataclass(frozen=True)
class Normal:
    """Normally distributed values."""

    mean: float
    sd: float

    def at(self, u: np.ndarray) -> np.ndarray:
        """Values at the quantiles u."""
        return self.mean + self.sd * ndtri(u)


Values = Levels | Between | Normal


def column(values: Any) -> np.ndarray:
    """Values as an array: of floats where all are numbers, of objects otherwise."""
    if all(isinstance(value, float) for value in values):
        return np.array(values, float)
    array = np.empty(len(values), object)
    array[:] = values
    return array


def read(value: Any, key: Key, grid: bool) -> Values:
    """The values of an axis as the spec writes them.

    Raises
    ------
    InputError
        A value without unit, an end that is missing, keys without effect.
    """
    where = f"sweep.vary, {key.path}"
    if isinstance(value, list):
        if not value:
            raise InputError(Problem(where, "an empty list", "values"))
        return Levels(tuple(key.read(item, where) for item in value))
    if not isinstance(value, Mapping):
        raise InputError(Problem(where, brief(value), "a list, or { from, to }, or { mean, sd }"))
    if key.quantity is None:
        raise InputError(Problem(where, "a range", "a list: its values are no quantities"))
    if value.keys() & {"mean", "sd"}:
        normal = validate(NormalTable, value, where)
        if grid:
            raise InputError(Problem(where, "mean and sd", "a list or a range: the method is 'grid'"))
        return Normal(key.read(normal.mean, where), _spread(normal.sd, key, where))
    table = validate(RangeTable, value, where)
    if grid != (table.points is not None):
        got, needed = ("no points", "points") if grid else ("points", "none: samples says how many")
        raise InputError(Problem(where, got, needed))
    low, high = key.read(table.from_, f"{where}.from"), key.read(table.to, f"{where}.to")
    if not low < high:
        raise InputError(Problem(where, f"from {table.from_} to {table.to}", "from below to"))
    if table.scale == "log" and low <= 0.0:
        raise InputError(Problem(where, f"from {table.from_}", "more than zero on a logarithmic scale"))
    return Between(low, high, table.points, table.scale == "log")


def _spread(value: Any, key: Key, where: str) -> float:
    spread = key.read(value, f"{where}.sd")
    if key.unit == "K" and not str(value).rstrip().endswith("K"):
        raise InputError(Problem(f"{where}.sd", brief(value), "a difference in K"))
    if spread <= 0.0:
        raise InputError(Problem(f"{where}.sd", brief(value), "more than zero"))
    return spread
