"""Intervals of the headline numbers of a case, and what moves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isosim.case import Case
from isosim.column import press_many
from isosim.errors import InputError, Problem, SolverError
from isosim.pressing import press
from isosim.sweep import readings
from isosim.sweep.cases import VariedCase, beyond_file
from isosim.sweep.sampling import saltelli
from isosim.sweep.sobol import analysed
from isosim.uncertainty import inputs as uncertain
from isosim.uncertainty import laws
from isosim.uncertainty.inputs import Input
from isosim.uncertainty.laws import Alternatives

LEVEL = 0.9
SAMPLES = 256  # a power of two; times (inputs + 2) columns
SEED = 1
HEADLINES = ("reduction", "porosity", "lateral_strain_x_held")
ENDS = (0.05, 0.95)  # quantiles of an interval of LEVEL


@dataclass(frozen=True)
class Headline:
    """A number of the report with its interval, SI.

    `low` and `high` hold 90 % of what the cards allow, all values of a range being equally likely and
    independent. `law_low` and `law_high` are the least and the greatest change by another compaction law
    (`laws.alternatives`), zero included: kept apart, as no probability belongs to them.
    """

    name: str
    unit: str
    nominal: float
    low: float
    high: float
    law_low: float
    law_high: float

    @property
    def both(self) -> tuple[float, float]:
        """The interval widened at each end by what another law does; no porosity is below zero."""
        low = self.low + self.law_low
        return max(low, 0.0) if self.name.startswith("porosity") else low, self.high + self.law_high


@dataclass(frozen=True)
class Uncertainty:
    """What is known of the uncertainty of a case.

    `indices` (rows reading, input, first, first_confidence, total, total_confidence) is empty for sections;
    `ends` (rows reading, input, at_low, at_high, nominal) moves one input at a time, in columns.
    """

    case: str
    fidelity: str
    headlines: tuple[Headline, ...]
    inputs: tuple[Input, ...]
    fixed: Mapping[str, str]
    indices: pd.DataFrame
    ends: pd.DataFrame
    laws: Mapping[str, Mapping[str, float]]
    refused: tuple[str, ...]
    presses: int
    failed: int


def of(case: Case, samples: int = SAMPLES, others: Alternatives | None = None) -> Uncertainty:
    """The uncertainty of a case as a column, from samples x (inputs + 2) presses.

    `others` are fitted on the stack of the case when None.

    Raises
    ------
    InputError
        A stack without electrodes or without a range on any card; samples that are no power of two.
    MissingPartError
        When SALib is not installed.
    """
    if samples < 2 or samples & (samples - 1):
        raise InputError(Problem("samples", str(samples), "a power of two, which balances the sequence"))
    inputs, fixed = uncertain.read(case)
    shares = saltelli(len(inputs), samples, SEED)
    sampled = _columns(case, uncertain.overrides(inputs, shares))
    names = headline_names(sampled)
    each = len(inputs) + 2
    done = np.isfinite(np.stack([sampled[name] for name in names])).all(0)
    whole = np.repeat(done.reshape(samples, each).all(1), each)
    rows = [
        (name, one.name, *four)
        for name in names
        if np.ptp(sampled[name][whole]) > 0.0
        for one, four in zip(inputs, analysed(sampled[name][whole], [i.name for i in inputs]), strict=True)
    ]
    columns = ["reading", "input", "first", "first_confidence", "total", "total_confidence"]
    return _assembled(
        case, "column", inputs, fixed, {name: sampled[name][done] for name in names},
        pd.DataFrame(rows, columns=columns), len(done), int((~done).sum()), others,
    )  # fmt: skip


def of_draws(case: Case, draws: int, others: Alternatives | None = None) -> Uncertainty:
    """The same from a few columns, drawn by Latin hypercube; no indices.

    Raises
    ------
    InputError
        A stack without electrodes or without a range on any card.
    SolverError
        When no draw finds a balance.
    """
    inputs, fixed = uncertain.read(case)
    sampled = _columns(case, uncertain.overrides(inputs, _hypercube(inputs, draws)))
    names = headline_names(sampled)
    done = np.isfinite(np.stack([sampled[name] for name in names])).all(0)
    if not done.any():
        raise SolverError(f"{case.name}: none of {draws} columns found a balance")
    return _assembled(
        case, "column", inputs, fixed, {name: sampled[name][done] for name in names}, pd.DataFrame(), draws,
        int((~done).sum()), others,
    )  # fmt: skip


def of_sections(
    case: Case,
    samples: int,
    told: Callable[[str], None] = lambda words: None,
    others: Alternatives | None = None,
) -> Uncertainty:
    """The same from a few sections, drawn by Latin hypercube; no indices, and laws and ends from columns.

    Raises
    ------
    InputError
        As `of`.
    SolverError
        When a section finds no balance.
    """
    inputs, fixed = uncertain.read(case)
    shares = _hypercube(inputs, samples)
    found: dict[str, list[float]] = {}
    for k in range(samples):
        told(f"section {k + 1} of {samples}")
        row = readings.of_case(press(_varied(case, inputs, shares[k]), "section"))
        for name, values in row.items():
            found.setdefault(name, []).append(float(values[0]))
    arrays = {name: np.array(values) for name, values in found.items()}
    names = headline_names(arrays)
    return _assembled(
        case, "section", inputs, fixed, {name: arrays[name] for name in names}, pd.DataFrame(), samples, 0,
        others,
    )  # fmt: skip


def headline_names(found: Mapping[str, np.ndarray]) -> list[str]:
    """Of the readings those that a report begins with. InputError when there are no electrodes."""
    names = [
        name
        for name in found
        if name.startswith(HEADLINES) and not (name.startswith("porosity") and "disassembled" not in name)
    ]
    if not any(name.startswith("reduction") for name in names):
        raise InputError(Problem("stack", "no electrodes", "electrodes, whose thickness is the question"))
    return names


def _assembled(
    case: Case,
    fidelity: str,
    inputs: list[Input],
    fixed: Mapping[str, str],
    sampled: Mapping[str, np.ndarray],
    indices: pd.DataFrame,
    presses: int,
    failed: int,
    others: Alternatives | None,
) -> Uncertainty:
    nominal = np.array([[one.nominal for one in inputs]])
    moved = np.repeat(nominal, 2 * len(inputs) + 1, axis=0)
    for k, one in enumerate(inputs):
        moved[1 + 2 * k, k], moved[2 + 2 * k, k] = one.low, one.high
    overrides: dict[str, np.ndarray] = {}
    for k, one in enumerate(inputs):
        overrides |= one.overrides(moved[:, k])
    ends = _columns(case, overrides)
    others = others or laws.alternatives(case)
    by_law = others.readings(case)
    base = _columns(case, {"pressure": np.array([case.recipe.pressure])})
    if fidelity == "section":
        nominals = {name: float(v[0]) for name, v in readings.of_case(press(case, "section")).items()}
    else:
        nominals = {name: float(v[0]) for name, v in base.items()}
    headlines, rows = [], []
    for name, values in sampled.items():
        changes = [0.0, *(found[name] - float(base[name][0]) for found in by_law.values())]
        low, high = (float(x) for x in np.quantile(values, ENDS))
        headlines.append(
            Headline(name, readings.meaning(name)[0], nominals[name], low, high, min(changes), max(changes))
        )
        rows += [
            (name, one.name, float(ends[name][1 + 2 * k]), float(ends[name][2 + 2 * k]), float(ends[name][0]))
            for k, one in enumerate(inputs)
        ]
    table = pd.DataFrame(rows, columns=["reading", "input", "at_low", "at_high", "nominal"])
    return Uncertainty(
        case.name, fidelity, tuple(headlines), tuple(inputs), dict(fixed), indices, table, by_law,
        others.refused,
        presses, failed,
    )  # fmt: skip


def _hypercube(inputs: Sequence[Input], draws: int) -> np.ndarray:
    """Shares (draws, inputs) of the ranges."""
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(inputs), seed=SEED).random(draws))


def _columns(case: Case, overrides: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return readings.of_columns(press_many(case, overrides, rescue=False))


def _varied(case: Case, inputs: list[Input], shares: np.ndarray) -> VariedCase:
    changes = uncertain.overrides(inputs, shares[None])
    return beyond_file(case, {name: float(values[0]) for name, values in changes.items()})
