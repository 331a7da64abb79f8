"""Which cases a sweep has: one array of values for each key."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import qmc

from isosim import units
from isosim.case import Case
from isosim.errors import InputError, MissingPartError, Problem
from isosim.sweep.axes import Values, column
from isosim.sweep.keys import Key, UnknownKey, find

EDGE = 1e-12  # quantiles stay this far from 0 and 1, where a normal distribution is infinite
_HEADER = re.compile(r"(.+?)\s*\[(.*)\]")

Table = dict[str, np.ndarray]


def grid(axes: Mapping[Key, Values]) -> Table:
    """Every combination; the last key changes fastest."""
    levels = [values.levels() for values in axes.values()]  # type: ignore[union-attr]
    index = np.indices([len(level) for level in levels]).reshape(len(levels), -1)
    return {key.path: level[i] for key, level, i in zip(axes, levels, index, strict=True)}


def sampled(method: str, axes: Mapping[Key, Values], samples: int, seed: int) -> Table:
    """Cases spread over the axes.

    A Sobol sequence of twice the samples begins with that of half as many, so that a sweep can grow.
    Saltelli's design has samples * (keys + 2) rows, ordered as `SALib.sample.sobol` without second order.
    """
    if method == "latin hypercube":
        u = qmc.LatinHypercube(len(axes), seed=seed).random(samples)
    elif method == "sobol":
        u = qmc.Sobol(len(axes), scramble=True, seed=seed).random(samples)
    else:
        u = saltelli(len(axes), samples, seed)
    u = np.clip(u, EDGE, 1.0 - EDGE)
    return {key.path: values.at(u[:, k]) for k, (key, values) in enumerate(axes.items())}


def listed(path: Path, base: Case) -> tuple[list[Key], Table]:
    """The cases of a CSV: a key for each column, its unit in brackets ("recipe.pressure [MPa]").

    Raises
    ------
    InputError
        No such file, unknown keys, cells that are no quantities; all at once.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head, *rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no table"
        raise InputError(Problem("sweep.file", f"{path}, {why}", "a CSV with a line of keys")) from None
    problems: list[Problem] = []
    keys: list[Key] = []
    units_of: list[str | None] = []
    for title in head:
        match = _HEADER.fullmatch(title.strip())
        try:
            keys.append(find(match[1] if match else title.strip(), base))
        except UnknownKey as error:
            problems.append(error.problem)
        units_of.append(match[2] if match else None)
    problems += [
        Problem(f"{path.name}, line {n}", f"{len(row)} cells", f"{len(head)}")
        for n, row in enumerate(rows, 2)
        if len(row) != len(head)
    ]
    if not rows:
        problems.append(Problem(path.name, "no cases", "a line for each case"))
    if len({key.path for key in keys}) < len(keys):
        problems.append(Problem(path.name, "a key twice", "each once"))
    if problems:
        raise InputError(problems, "sweep.file")
    table = {
        key.path: column(
            [_cell(row[k], key, unit, f"{path.name}, line {n}", problems) for n, row in enumerate(rows, 2)]
        )
        for k, (key, unit) in enumerate(zip(keys, units_of, strict=True))
    }
    if problems:
        raise InputError(problems, "sweep.file")
    return keys, table


def _cell(text: str, key: Key, unit: str | None, where: str, problems: list[Problem]) -> Any:
    text = text.strip()
    if key.quantity is None:
        return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)
    try:
        return units.parse(f"{text} {unit}" if unit else text, key.quantity.unit, f"{where}, {key.path}")
    except InputError as error:
        problems.extend(error.problems)
        return np.nan


def saltelli(keys: int, samples: int, seed: int) -> np.ndarray:
    """Saltelli's design for first-order and total indices, (samples * (keys + 2), keys) between 0 and 1."""
    try:
        from SALib.sample import sobol
    except ImportError:
        raise MissingPartError("Saltelli's design needs SALib: pip install 'isosim[sweep]'") from None
    problem: dict[str, Any] = {
        "num_vars": keys,
        "names": [str(k) for k in range(keys)],
        "bounds": [[0.0, 1.0]] * keys,
    }
    return sobol.sample(problem, samples, calc_second_order=False, scramble=True, seed=seed)
