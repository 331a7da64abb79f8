"""The spec of a sweep: a TOML file with the table [sweep]."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from isosim.case import Case, load
from isosim.errors import InputError, Problem
from isosim.sweep import identity, sampling
from isosim.sweep.axes import AXIS_KEYS, Between, read
from isosim.sweep.cases import vary
from isosim.sweep.cluster import ClusterTable
from isosim.sweep.keys import Key, UnknownKey, find
from isosim.tables import Count, Fault, Table, read_toml, validate

SAMPLED = ("latin hypercube", "sobol", "saltelli")
COLUMNS_A_PART = 4096


class SweepTable(Table):
    """What varies, how it is sampled, how it is computed."""

    case: str = Field(description="a case file, or a cell such as '120RT-4'")
    method: Literal["grid", "list", "latin hypercube", "sobol", "saltelli"] = Field(
        description="one of 'grid', 'list', 'latin hypercube', 'sobol', 'saltelli'"
    )
    fidelity: Literal["column", "section"] | None = Field(None, description="that of the case when left out")
    samples: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    file: str | None = Field(None, description="the CSV of a list")
    fields: bool = Field(False, description="keep the whole dataset of every case as netCDF")
    processes: Count | None = Field(None, description="on this machine; one for each core when left out")
    batch: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="cases in one part; 4096 columns or one section when left out"
    )
    vary: dict[str, Any] | None = None
    cluster: ClusterTable | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        method = keys.get("method")
        needs: dict[Any, tuple[str, ...]] = {"grid": ("vary",), "list": ("file",)}
        needs |= dict.fromkeys(SAMPLED, ("vary", "samples", "seed"))
        if method not in needs:
            return
        for key in ("vary", "samples", "seed", "file"):
            if key in needs[method] and key not in keys:
                yield Fault(key, "nothing", f"a value: method is {method!r}")
            elif key in keys and key not in needs[method]:
                yield Fault(key, "a value", f"nothing: with method {method!r} it has no effect")

    def value_faults(self) -> Iterator[Fault]:
        if self.method in ("sobol", "saltelli") and self.samples and self.samples & (self.samples - 1):
            power = 1 << self.samples.bit_length()
            yield Fault(
                "samples",
                str(self.samples),
                "a power of two, which balances the sequence",
                f"such as {power}",
            )


class SpecTable(Table):
    """A spec, `schema_version` 1."""

    schema_version: Literal[1] = Field(description="1")
    sweep: SweepTable = Field(description="a table [sweep]")


@dataclass(frozen=True)
class Sweep:
    """A sweep that is ready to run: the cases by their values, in SI; arrays (cases,)."""

    document: dict[str, Any]
    table: SweepTable
    base: Case
    keys: tuple[Key, ...]
    values: dict[str, np.ndarray]

    @property
    def count(self) -> int:
        """Rows of the sample, alike ones counted each."""
        return len(next(iter(self.values.values())))

    @cached_property
    def ids(self) -> np.ndarray:
        """(cases,) the identity of each, from all that its result depends on."""
        return identity.ids(self.base, self.keys, self.values, self.table.fields)

    @property
    def batch(self) -> int:
        """Most cases in a part."""
        alone = self.base.model.fidelity == "section" or self.table.fields
        return self.table.batch or (1 if alone else COLUMNS_A_PART)

    @property
    def processes(self) -> int:
        """Processes on this machine."""
        return self.table.processes or len(os.sched_getaffinity(0))


def load_sweep(path: Path) -> Sweep:
    """Read a spec, sample it, and check the values before anything runs.

    Raises
    ------
    InputError
        Unknown keys and paths, quantities without unit, values out of range, alone or at the base.
    """
    document = read_toml(path)
    table = validate(SpecTable, document, str(path)).sweep
    base = _base(table, path.parent)
    if table.method == "list":
        assert table.file is not None  # key_faults lets no other through
        keys, values = sampling.listed(path.parent / table.file, base)
        reach = values
    else:
        axes = _axes(table, base)
        keys = list(axes)
        if table.method == "grid":
            values = sampling.grid(axes)
        else:
            assert table.samples is not None and table.seed is not None
            values = sampling.sampled(table.method, axes, table.samples, table.seed)
        ends = {k.path: np.array([v.low, v.high]) for k, v in axes.items() if isinstance(v, Between)}
        reach = {**values, **ends}
    check(base, keys, reach)
    return Sweep(document, table, base, tuple(keys), values)


def flattened(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Paths and values of [sweep.vary]: "recipe.pressure" quoted, or as TOML's nested tables."""
    for name, value in tables.items():
        if isinstance(value, Mapping) and not value.keys() & AXIS_KEYS and value:
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def find_all(paths: Mapping[str, Any], base: Case) -> dict[str, Key]:
    """The keys at paths. InputError with all that are unknown."""
    found, problems = {}, []
    for path in paths:
        try:
            found[path] = find(path, base)
        except UnknownKey as error:
            problems.append(error.problem)
    if problems:
        raise InputError(problems, "vary")
    return found


def check(base: Case, keys: list[Key], values: Mapping[str, np.ndarray]) -> None:
    """Each key at the ends of its values, or at each of its words, with the rest as in the base.

    What only two keys together make impossible shows when the case is run.
    """
    problems: list[Problem] = []
    for key in keys:
        column = values[key.path]
        if len(outside := key.outside(column)):
            assert key.quantity is not None
            got = f"{len(outside)} of {len(column)} values out of range, such as {key.written(outside[0])}"
            problems.append(Problem(key.path, got, key.quantity.bounds))
            continue
        ends = [column.min(), column.max()] if key.quantity else list(dict.fromkeys(column))
        for value in ends:
            try:
                vary(base, {key: value}).stack()
            except InputError as error:
                found = error.problems or (
                    Problem(key.path, key.written(value), "a value that the case can have"),
                )
                problems += [
                    Problem(f"{key.path} = {key.written(value)}: {p.where}", p.got, p.needed, p.hint)
                    for p in found
                ]
    if problems:
        raise InputError(list(dict.fromkeys(problems)), "sweep")


def _base(table: SweepTable, folder: Path) -> Case:
    where: str | Path = folder / table.case if table.case.endswith(".toml") else table.case
    return load(where, {"model.fidelity": table.fidelity} if table.fidelity else {})


def _axes(table: SweepTable, base: Case) -> dict[Key, Any]:
    paths = dict(flattened(table.vary or {}))
    if not paths:
        raise InputError(Problem("sweep.vary", "nothing", "one key or more"))
    keys = find_all(paths, base)
    axes: dict[Key, Any] = {}
    problems: list[Problem] = []
    for path, value in paths.items():
        try:
            axes[keys[path]] = read(value, keys[path], table.method == "grid")
        except InputError as error:
            problems += error.problems or [Problem(path, str(error), "an axis")]
    if problems:
        raise InputError(problems, "sweep")
    return axes
