"""Design: values of a recipe or a stack that meet targets, found with columns, confirmed by a section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from scipy.optimize import differential_evolution

from isosim import units
from isosim.case import Case, load
from isosim.column import press_many
from isosim.column.many import ALONE, DONE
from isosim.errors import InputError, Problem, SolverError
from isosim.pressing import press
from isosim.sweep import columns, readings
from isosim.sweep.axes import Between, read
from isosim.sweep.cases import vary
from isosim.sweep.keys import Key
from isosim.sweep.spec import check, find_all, flattened
from isosim.tables import Fault, Table, nearest, read_toml, validate

PENALTY = 1e3  # of a bound missed by its tolerance, against an objective that runs from 0 to 1
IMPOSSIBLE = 1e12
SEARCH: dict[str, Any] = {
    "popsize": 16,
    "maxiter": 300,
    "tol": 1e-6,
    "atol": 1e-8,
    "init": "sobol",
    "polish": False,
}
NO_EFFECT = 1e-9  # relative change of a reading


class TargetTable(Table):
    """A reading that shall have a value."""

    value: Any = Field(description="what it shall be")
    within: Any = Field(description="how far off it may be")


class LimitTable(Table):
    """A reading that shall stay on one side, or between."""

    least: Any = None
    most: Any = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        if not keys.keys() & {"least", "most"}:
            yield Fault("", "nothing", "least, most, or both")


class DesignTable(Table):
    """What may vary and what is asked."""

    case: str = Field(description="a case file, or a cell such as '120RT-4'")
    seed: Annotated[int, Field(ge=0)] = Field(description="a whole number: the same one finds the same")
    vary: dict[str, Any] = Field(description="ranges { from, to } by path, as in a sweep")
    targets: dict[str, TargetTable] = Field(default_factory=dict)
    limits: dict[str, LimitTable] = Field(default_factory=dict)
    minimise: str | None = Field(None, description="a key that varies, or a reading")
    confirm: Literal["section"] | None = None

    def value_faults(self) -> Iterator[Fault]:
        if not self.targets and self.minimise is None:
            yield Fault("targets", "nothing", "a target, or something to minimise")


class SpecTable(Table):
    """A spec, `schema_version` 1."""

    schema_version: Literal[1] = Field(description="1")
    design: DesignTable = Field(description="a table [design]")


@dataclass(frozen=True)
class Bound:
    """What a reading shall be: within low and high; `scale` makes a miss comparable with others."""

    name: str
    low: float
    high: float
    scale: float
    target: bool

    def holds(self, value: float) -> bool:
        """Whether a value is within."""
        return self.low <= value <= self.high

    def miss(self, values: np.ndarray) -> np.ndarray:
        """How far beyond, in scales."""
        return np.maximum(0.0, np.maximum(self.low - values, values - self.high)) / self.scale


@dataclass(frozen=True)
class Design:
    """A question: a base, ranges for its keys, bounds for its readings."""

    base: Case
    ranges: dict[Key, Between]
    bounds: tuple[Bound, ...]
    minimise: str | None
    seed: int
    confirm: bool

    @property
    def asked(self) -> list[str]:
        """The readings that matter."""
        names = [bound.name for bound in self.bounds]
        of_key = {key.path for key in self.ranges}
        return list(
            dict.fromkeys(
                [*names, *([self.minimise] if self.minimise and self.minimise not in of_key else [])]
            )
        )

    def values(self, u: np.ndarray) -> dict[Key, np.ndarray]:
        """(cases,) values of each key from shares u (keys, cases) of the ranges."""
        return {key: between.at(u[k]) for k, (key, between) in enumerate(self.ranges.items())}

    def press(self, values: Mapping[Key, np.ndarray], **others: np.ndarray) -> dict[str, np.ndarray]:
        """Readings (cases,) of columns, NaN where a case cannot be; `others` go to `press_many`."""
        ds = press_many(self.base, {**columns.overrides(self.base, values), **others})
        good = np.isin(ds.status.values, (DONE, ALONE))
        return {name: np.where(good, column, np.nan) for name, column in readings.of_columns(ds).items()}

    def cost(self, u: np.ndarray) -> np.ndarray:
        """(cases,) what the search makes small."""
        values = self.values(u)
        found = self.press(values)
        cost = sum(
            (PENALTY * bound.miss(found[bound.name]) ** 2 for bound in self.bounds), np.zeros(u.shape[1])
        )
        if self.minimise in found:
            cost = cost + found[self.minimise] / self._size(self.minimise)
        elif self.minimise is not None:
            cost = cost + u[[key.path for key in self.ranges].index(self.minimise)]
        else:
            for bound in self.bounds:
                if bound.target:
                    cost = cost + ((found[bound.name] - 0.5 * (bound.low + bound.high)) / bound.scale) ** 2
        return np.where(np.isnan(cost), IMPOSSIBLE, cost)

    def _size(self, name: str) -> float:
        middle = self.press(self.values(np.full((len(self.ranges), 1), 0.5)))
        return float(abs(middle[name][0])) or 1.0


@dataclass(frozen=True)
class Answer:
    """What was found: values by key, readings by fidelity."""

    design: Design
    values: dict[Key, float]
    column: dict[str, float]
    section: dict[str, float] | None
    presses: int

    @property
    def holds(self) -> bool:
        """Whether all bounds hold, at every fidelity that was asked."""
        found = [self.column] if self.section is None else [self.column, self.section]
        return all(bound.holds(values[bound.name]) for values in found for bound in self.design.bounds)


def load_design(path: Path) -> Design:
    """Read a design.

    Raises
    ------
    InputError
        Unknown keys, paths and readings, quantities without unit, ranges that the case cannot have.
    """
    table = validate(SpecTable, read_toml(path), str(path)).design
    where: str | Path = path.parent / table.case if table.case.endswith(".toml") else table.case
    base = load(where, {"model.fidelity": "column"})
    paths = dict(flattened(table.vary))
    keys = find_all(paths, base)
    ranges: dict[Key, Between] = {}
    problems: list[Problem] = []
    for name, value in paths.items():
        try:
            between = read(value, keys[name], False)
        except InputError as error:
            problems += error.problems
            continue
        if not isinstance(between, Between) or not columns.side_by_side(keys[name]):
            problems.append(
                Problem(
                    f"design.vary, {name}",
                    "no range of a column",
                    "{ from, to } of a quantity that a column sees",
                )
            )
        else:
            ranges[keys[name]] = between
    if problems:
        raise InputError(problems, str(path))
    check(base, list(ranges), {key.path: np.array([b.low, b.high]) for key, b in ranges.items()})
    design = Design(base, ranges, (), None, table.seed, table.confirm is not None)
    known = list(design.press(design.values(np.full((len(ranges), 1), 0.5))))
    bounds = list(_bounds(table, known, problems))
    if table.minimise is not None and table.minimise not in (*known, *(key.path for key in ranges)):
        problems.append(
            Problem(
                "design.minimise",
                repr(table.minimise),
                "a key that varies, or a reading",
                nearest(table.minimise, known),
            )
        )
    if problems:
        raise InputError(problems, str(path))
    design = Design(base, ranges, tuple(bounds), table.minimise, table.seed, table.confirm is not None)
    _check_effects(design)
    return design


def solve(design: Design, tell: Callable[[str], None]) -> Answer:
    """Search with columns by differential evolution, then press the answer as a section if asked.

    Raises
    ------
    SolverError
        When no case of the ranges finds a balance.
    """
    presses = 0

    def cost(u: np.ndarray) -> np.ndarray:
        nonlocal presses
        u = u.reshape(len(design.ranges), -1)
        presses += u.shape[1]
        return design.cost(u)

    def callback(best: np.ndarray, convergence: float) -> None:
        tell(f"{presses} columns pressed, {min(1.0, convergence):.0%} converged")

    found = differential_evolution(
        cost, [(0.0, 1.0)] * len(design.ranges), vectorized=True, updating="deferred", seed=design.seed,
        callback=callback, **SEARCH,
    )  # fmt: skip
    if found.fun >= IMPOSSIBLE:
        raise SolverError("no case within the ranges finds a balance")
    at = {key: values[0] for key, values in design.values(found.x.reshape(-1, 1)).items()}
    column = {
        name: float(v[0]) for name, v in design.press({k: np.array([v]) for k, v in at.items()}).items()
    }
    section = None
    if design.confirm:
        tell("pressing the answer as a section")
        case = vary(design.base.changed({"model.fidelity": "section"}), at)
        section = {name: float(value[0]) for name, value in readings.of_case(press(case)).items()}
    return Answer(design, {key: float(value) for key, value in at.items()}, column, section, presses)


def _bounds(table: DesignTable, known: list[str], problems: list[Problem]) -> Iterator[Bound]:
    for name in (*table.targets, *table.limits):
        if name not in known:
            problems.append(
                Problem(f"design, {name}", "an unknown reading", "one of a sweep", nearest(name, known))
            )
    for name, target in table.targets.items():
        if name in known:
            value, within = (_read(x, name, problems) for x in (target.value, target.within))
            if not within > 0.0:
                problems.append(
                    Problem(f"design.targets, {name}", f"within {target.within}", "more than zero")
                )
            yield Bound(name, value - within, value + within, within, True)
    for name, limit in table.limits.items():
        if name in known:
            low, high = (
                end if text is None else _read(text, name, problems)
                for text, end in ((limit.least, -np.inf), (limit.most, np.inf))
            )
            scale = 0.01 * max(abs(end) for end in (low, high) if np.isfinite(end)) or 0.01
            yield Bound(name, low, high, scale, False)


def _read(text: Any, name: str, problems: list[Problem]) -> float:
    unit = readings.meaning(name)[0]
    try:
        return units.parse(text, "" if unit == "1" else unit, f"design, {name}")
    except InputError as error:
        problems.extend(error.problems)
        return np.nan


def _check_effects(design: Design) -> None:
    """A key that moves nothing of what is asked would be given an arbitrary value."""
    count = len(design.ranges)
    u = np.full((count, 2 * count), 0.5)
    for k in range(count):
        u[k, 2 * k], u[k, 2 * k + 1] = 0.0, 1.0
    found = design.press(design.values(u))
    problems = []
    for k, key in enumerate(design.ranges):
        ends = [found[name][2 * k : 2 * k + 2] for name in design.asked]
        moved = any(abs(high - low) > NO_EFFECT * max(abs(low), abs(high)) for low, high in ends)
        unknown = any(np.isnan(pair).any() for pair in ends)
        if not moved and not unknown and key.path != design.minimise:
            problems.append(
                Problem(
                    f"design.vary, {key.path}", "a key without effect on what is asked", "one with effect"
                )
            )
    if problems:
        raise InputError(problems, "design")
