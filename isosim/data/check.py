"""Whether thickness, porosity, loading and density of a coating can be true together under mass balance.

A coating keeps its solid: with D = 1 - porosity, t thickness, rho_s density of the solid,

    t D = t0 D0,    density = rho_s D,    loading = density t,    1 - reduction = t/t0,    D <= 1.

In logarithms all of these are linear in ln t0, ln D0, ln D and ln rho_s. A row is reconciled with them by
weighted least squares; where the misfit is larger than its errors allow, each statement in turn is left out
to see which assumption would mend it (data reconciliation; Crowe 1996, J. Process Control 6, 89).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linprog, lsq_linear
from scipy.stats import chi2

from isosim import units
from isosim.atomic import replacing
from isosim.data import measured
from isosim.data.measured import NAMES, Quantity, Table
from isosim.errors import InputError, Problem

SURE = 0.95  # a row is incompatible when errors as stated would give less misfit this often
UNIFORM = 3.0**-0.5  # standard deviation of a number known to half a digit
KEPT = 4


@dataclass(frozen=True)
class Statement:
    """A kind of statement: coefficients (5,) of the unknowns, and how it is written.

    `pores` marks a fraction v that enters as ln(1 - v); any other enters as ln v.
    """

    words: str
    unit: str
    shown: str
    coefficients: tuple[int, ...]
    pores: bool = False

    def logarithm(self, value: float) -> float:
        """Of the value in SI."""
        return float(np.log(1.0 - value if self.pores else value))

    def value(self, logarithm: float) -> float:
        """The value in SI."""
        return float(1.0 - np.exp(logarithm) if self.pores else np.exp(logarithm))

    def text(self, value: float) -> str:
        """The value with its unit, three digits."""
        if self.pores:
            return f"{100.0 * value:.3g} %"
        return f"{units.convert(value, self.shown):.3g} {self.shown}"


STATEMENTS = {
    "thickness0": Statement("unpressed thickness", "m", "um", (1, 0, 0, 0, 0)),
    "porosity0": Statement("unpressed porosity", "", "", (0, 1, 0, 0, 0), True),
    "density0": Statement("unpressed density", "kg/m^3", "g/cm^3", (0, 1, 0, 1, 0)),
    "thickness": Statement("thickness", "m", "um", (1, 1, -1, 0, 1)),
    "porosity": Statement("porosity", "", "", (0, 0, 1, 0, 0), True),
    "density": Statement("density of the coating", "kg/m^3", "g/cm^3", (0, 0, 1, 1, 0)),
    "reduction": Statement("reduction of thickness", "", "", (0, 1, -1, 0, 1), True),
    "loading": Statement("loading", "kg/m^2", "mg/cm^2", (1, 1, 0, 1, 1)),
    "solid_density": Statement("density of the solid", "kg/m^3", "g/cm^3", (0, 0, 0, 1, 0)),
}
_SOLID = Statement("solid kept", "", "", (0, 0, 0, 0, 1))
_UNPRESSED = {"thickness": "thickness0", "porosity": "porosity0", "density": "density0"}
_EXAMPLES = {"m": "um", "": "", "kg/m^3": "g/cm3", "kg/m^2": "mg/cm2"}


def _quantities() -> dict[str, Quantity]:
    found = {}
    for name, statement in STATEMENTS.items():
        unit = f"_{_EXAMPLES[statement.unit]}" if statement.unit else ""
        kind = measured.POROSITY if statement.pores else measured.THICKNESS
        found[name] = replace(kind, unit=statement.unit, example=name + unit)
        found[f"sigma_{name}"] = replace(measured.SIGMA, unit=statement.unit, example=f"sigma_{name}{unit}")
    found["sigma"] = measured.SIGMA
    found["foil"] = measured.Quantity("m", "foil_um", low=0.0, needed="zero or more")
    found["areal_mass"] = replace(found["loading"], example="areal_mass_mg/cm2")
    found["pressure"] = measured.PRESSURE
    found["temperature"] = measured.TEMPERATURE
    found["hold"] = measured.Quantity("s", "hold_min", low=0.0, needed="zero or more")
    return found


@dataclass(frozen=True)
class Stated:
    """One statement of a row: its logarithm, the standard deviation of that, and the side it bounds.

    `side` is 0 for a value, -1 where the value is at most this, 1 where it is at least this.
    """

    name: str
    value: float
    sigma: float
    side: int = 0

    @property
    def kind(self) -> Statement:
        """What is stated."""
        return STATEMENTS[self.name]

    @property
    def logarithm(self) -> float:
        """What the balance is linear in."""
        return self.kind.logarithm(self.value)

    @property
    def log_sigma(self) -> float:
        """Standard deviation of `logarithm`."""
        return self.sigma / (1.0 - self.value if self.kind.pores else self.value)

    @property
    def log_side(self) -> int:
        """The side that `logarithm` bounds."""
        return -self.side if self.kind.pores else self.side

    def __str__(self) -> str:
        sign = {0: "", -1: "at most ", 1: "at least "}[self.side]
        return f"{self.kind.words} {sign}{self.kind.text(self.value)}"


@dataclass(frozen=True)
class Verdict:
    """What mass balance says of a row.

    status
        "compatible", "incompatible", or "undetermined" where nothing in the row can contradict anything.
    misfit, limit
        Sum of squared residuals in standard deviations, and what errors alone exceed in 5 % of cases.
    implied
        Quantities that the row determines: value and standard deviation, SI, the stated ones reconciled.
    reasons
        What the balance demands, in sentences.
    mends
        Assumptions each of which alone would make the row compatible.
    """

    line: int
    label: str
    stated: tuple[Stated, ...]
    status: str
    misfit: float
    limit: float
    implied: dict[str, tuple[float, float]] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()


def check(path: Path) -> list[Verdict]:
    """Hold every row of a table against mass balance.

    Columns are the names of `STATEMENTS` with a unit, each with an optional sigma_NAME (sigma_um for the
    thickness); "<0.15" states a bound. foil_um is taken off thickness and thickness0. Without a sigma a
    number is taken as good to half its last digit. A row at zero pressure (or of state "unpressed") is the
    unpressed state of the rows with the same labels. A density beside no solid_density is that of the
    coating, or that of the solid where fewer rows are incompatible so.

    Raises
    ------
    InputError
        What `measured.read` refuses; a foil thicker than the electrode; nothing to check.
    """
    table = measured.read(path, _quantities(), bounds=True)
    readings = [_verdicts(table, "density")]
    if "density" in table.values and not {"solid_density", "density0"} & table.values.keys():
        readings.append(_verdicts(table, "solid_density"))
    return min(readings, key=lambda verdicts: sum(v.status == "incompatible" for v in verdicts))


def _verdicts(table: Table, density: str) -> list[Verdict]:
    """Of all rows, a column "density" being that of the coating or of the solid."""
    own = [list(_statements(table, row, density)) for row in range(len(table))]
    if not any(own):
        raise InputError(
            Problem("columns", "no quantity of a coating", f"some of {', '.join(STATEMENTS)}"), table.source
        )
    unpressed = _unpressed_rows(table)
    verdicts = []
    for row, stated in enumerate(own):
        start = unpressed.get(_group(table, row))
        if start is not None and start != row:
            names = {one.name for one in stated}
            there = [replace(one, name=_UNPRESSED.get(one.name, one.name)) for one in own[start]]
            shared = (*_UNPRESSED.values(), "loading", "solid_density")
            stated = stated + [one for one in there if one.name in shared and one.name not in names]
        verdicts.append(_judge(table.lines[row], table.label(row), tuple(stated)))
    return verdicts


def write_json(verdicts: list[Verdict], path: Path) -> None:
    """Write the verdicts as a JSON list, SI units, whole or not at all."""
    rows = [
        {
            "row": v.line,
            "label": v.label,
            "status": v.status,
            "misfit": v.misfit,
            "limit": v.limit,
            "stated": {s.name: {"value": s.value, "sigma": s.sigma, "side": s.side} for s in v.stated},
            "implied": {name: {"value": value, "sigma": sd} for name, (value, sd) in v.implied.items()},
            "reasons": list(v.reasons),
            "compatible_if": list(v.mends),
        }
        for v in verdicts
    ]
    with replacing(path) as partial:
        partial.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n", "utf-8")


# --- rows


def _statements(table: Table, row: int, density: str) -> Iterator[Stated]:
    foil = table.get("foil")[row]
    columns = {name: name for name in STATEMENTS}
    if "areal_mass" in table.values:
        columns["loading"] = "areal_mass"
    if density == "solid_density":
        columns["solid_density"] = columns.pop("density")
    for name, source in columns.items():
        value = float(table.get(source)[row])
        if np.isnan(value):
            continue
        half = float(table.digits[source][row])
        sigma = float(table.get(f"sigma_{source}")[row])
        if name == "thickness" and np.isnan(sigma):
            sigma = float(table.get("sigma")[row])
        if name in ("thickness", "thickness0") and np.isfinite(foil):
            if foil >= value:
                got = f"{value * 1e6:g} um with a foil of {foil * 1e6:g} um"
                raise InputError(
                    Problem(f"row {table.lines[row]} of {name}", got, "more than the foil"), table.source
                )
            value -= foil
        elif name == "reduction" and foil > 0.0:
            raise InputError(
                Problem(
                    f"row {table.lines[row]} of reduction",
                    "a foil beside it",
                    "thicknesses",
                    "the share of the foil in a reduction is not known without them",
                ),
                table.source,
            )
        yield Stated(
            name, value, sigma if np.isfinite(sigma) else half * UNIFORM, int(table.bounds[source][row])
        )


def _group(table: Table, row: int) -> tuple[str, ...]:
    return tuple(table.texts[name][row] for name in NAMES if name in table.texts)


def _unpressed_rows(table: Table) -> dict[tuple[str, ...], int]:
    """The first unpressed row of every group."""
    state = table.texts.get("state", [""] * len(table))
    found: dict[tuple[str, ...], int] = {}
    for row in range(len(table)):
        if table.get("pressure")[row] == 0.0 or state[row].lower() == "unpressed":
            found.setdefault(_group(table, row), row)
    return found


# --- balance


@dataclass(frozen=True)
class _Balance:
    """Statements reconciled: unknowns (5,), misfit, and what errors alone exceed in 5 % of cases."""

    x: np.ndarray
    misfit: float
    limit: float
    redundant: bool

    @property
    def holds(self) -> bool:
        return self.misfit <= self.limit


def _reconcile(stated: tuple[Stated, ...], kept: bool = True) -> _Balance:
    """The unknowns nearest to all statements; with `kept` the solid of the unpressed coating is all there."""
    n, values = len(stated), [one for one in stated if not one.side]
    matrix, right = np.zeros((n, 5 + n)), np.zeros(n)
    low, high = np.full(5 + n, -np.inf), np.full(5 + n, np.inf)
    high[1:3] = 0.0  # no porosity below zero
    for i, one in enumerate(stated):
        matrix[i, :5] = np.array(one.kind.coefficients) / one.log_sigma
        right[i] = one.logarithm / one.log_sigma
        if one.log_side:  # beyond a bound is free
            matrix[i, 5 + i] = -one.log_side / one.log_sigma
            low[5 + i] = 0.0
        else:
            high[5 + i] = 1e-300
            low[5 + i] = 0.0
    if kept:
        matrix[:, KEPT] = 0.0
    solution = lsq_linear(matrix, right, (low, high), method="bvls", tol=1e-14)
    rank = np.linalg.matrix_rank(np.array([_row(one, kept) for one in values])) if values else 0
    spare = len(values) - rank
    misfit = float(((matrix @ solution.x - right) ** 2).sum())
    return _Balance(solution.x[:5], misfit, float(chi2.ppf(SURE, max(spare, 1))), spare > 0)


def _row(one: Stated, kept: bool = True) -> np.ndarray:
    row = np.array(one.kind.coefficients, float)
    if kept:
        row[KEPT] = 0.0
    return row


def _judge(line: int, label: str, stated: tuple[Stated, ...]) -> Verdict:
    balance = _reconcile(stated)
    if not balance.holds:
        return Verdict(
            line,
            label,
            stated,
            "incompatible",
            balance.misfit,
            balance.limit,
            reasons=tuple(_reasons(stated)),
            mends=tuple(_mends(stated, balance)),
        )
    implied = _implied(stated, balance)
    bounded = {"porosity", "porosity0"} & implied.keys() - {one.name for one in stated}
    status = "compatible" if balance.redundant or bounded or any(s.side for s in stated) else "undetermined"
    return Verdict(line, label, stated, status, balance.misfit, balance.limit, implied)


def _implied(stated: tuple[Stated, ...], balance: _Balance) -> dict[str, tuple[float, float]]:
    """What the values determine, with its error propagated through the balance."""
    values = [one for one in stated if not one.side]
    if not values:
        return {}
    weighted = np.array([_row(one) / one.log_sigma for one in values])
    covariance = np.linalg.pinv(weighted.T @ weighted, rcond=1e-12, hermitian=True)
    plain = np.array([_row(one) for one in values])
    found = {}
    for name, kind in STATEMENTS.items():
        row = np.array(kind.coefficients, float)
        row[KEPT] = 0.0
        if np.linalg.matrix_rank(np.vstack([plain, row])) > np.linalg.matrix_rank(plain):
            continue
        value = kind.value(float(row @ balance.x))
        sd = float(np.sqrt(max(row @ covariance @ row, 0.0))) * (1.0 - value if kind.pores else value)
        found[name] = (value, sd)
    return found


# --- words


def _reasons(stated: tuple[Stated, ...]) -> Iterator[str]:
    """What the balance demands of reductions, which people quote most."""
    by_name = {one.name: one.value for one in stated}
    before, after, loss = (by_name.get(name) for name in ("porosity0", "porosity", "reduction"))
    if loss is None and {"thickness", "thickness0"} <= by_name.keys():
        loss = 1.0 - by_name["thickness"] / by_name["thickness0"]
    if before is None or loss is None:
        return
    if loss > before:
        yield f"from {100 * before:.3g} % porosity a coating alone loses at most {100 * before:.3g} %"
    if after is not None:
        needs = 1.0 - (1.0 - before) / (1.0 - after)
        way = f"from {100 * before:.3g} % to {100 * after:.3g} % porosity"
        yield f"{way} needs a reduction of {100 * needs:.3g} %"


def _mends(stated: tuple[Stated, ...], balance: _Balance) -> Iterator[str]:
    for i, one in enumerate(stated):
        rest = stated[:i] + stated[i + 1 :]
        without = _reconcile(rest)
        if without.holds:
            low, high = _range(rest, without, one.kind)
            if (words := _needed(one, low, high)) is not None:
                yield words
    for one in stated:
        if one.name == "density":
            solid = replace(one, name="solid_density")
            if _reconcile(tuple(solid if other is one else other for other in stated)).holds:
                yield "the density was that of the solid"
    free = _reconcile(stated, kept=False)
    if free.holds:
        yield from _sideways(*_range(stated, free, _SOLID, kept=False))
    yield f"all errors were {np.sqrt(balance.misfit / balance.limit):.2g} times as large or more"


def _sideways(low: float, high: float) -> Iterator[str]:
    """What the share of the solid that is still there, in a range without 1, says of the footprint."""
    least = "" if np.isclose(low, high, rtol=1e-6) else "at least "
    if high < 1.0 - 1e-9:
        growth = 100.0 * (high**-0.5 - 1.0)
        yield (
            f"{least}{100 * (1.0 - high):.3g} % of the solid was lost, or spread sideways "
            f"(by {least}{growth:.3g} % in both directions)"
        )
    elif low > 1.0 + 1e-9:
        shrinkage = 100.0 * (1.0 - low**-0.5)
        yield f"the coating drew together sideways (by {least}{shrinkage:.3g} % in both directions)"


def _needed(one: Stated, low: float, high: float) -> str | None:
    """The statement that would be compatible, from the range (ends in SI) that the rest leaves."""
    kind = one.kind
    if np.isclose(low, high, rtol=1e-6):
        if kind.pores and not 0.0 <= low < 1.0:
            return None
        extra = ""
        if one.name == "thickness" and low < one.value:
            extra = f", as with a foil of {kind.text(one.value - low)} in it"
        return f"the {kind.words} was {kind.text(low)}{extra}"
    ends = []
    if np.isfinite(low) and low > one.value:
        ends.append(f"{kind.text(low)} or more")
    if np.isfinite(high) and high < one.value:
        ends.append(f"{kind.text(high)} or less")
    return f"the {kind.words} was {' and '.join(ends)}" if ends else None


def _range(
    stated: tuple[Stated, ...], balance: _Balance, kind: Statement, kept: bool = True
) -> tuple[float, float]:
    """Smallest and largest value of a quantity that the statements, reconciled, leave open."""
    values = [one for one in stated if not one.side]
    bounds = [one for one in stated if one.side]
    equal = np.array([_row(one, kept) for one in values]).reshape(-1, 5)
    above = np.array([-one.log_side * _row(one, kept) for one in bounds]).reshape(-1, 5)
    limit = np.array([-one.log_side * one.logarithm for one in bounds])
    objective = np.array(kind.coefficients, float)
    free, solid = (None, None), (None, 0.0)
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * objective,
            A_ub=above if len(bounds) else None,
            b_ub=limit + 1e-9 if len(bounds) else None,
            A_eq=equal if len(values) else None,
            b_eq=equal @ balance.x if len(values) else None,
            bounds=[free, solid, solid, free, (0.0, 0.0) if kept else free],
        )
        ends.append(sign * float(found.fun) if found.status == 0 else -sign * np.inf)
    with np.errstate(over="ignore"):
        low, high = (kind.value(end) for end in ends)
    return (high, low) if kind.pores else (low, high)


def summary_words(verdicts: list[Verdict]) -> str:
    """How many rows are what."""
    count = {status: sum(v.status == status for v in verdicts) for status in ("compatible", "incompatible")}
    rest = len(verdicts) - sum(count.values())
    words = f"{count['compatible']} of {len(verdicts)} rows are compatible with mass balance"
    words += f", {count['incompatible']} incompatible"
    return words + (f", {rest} undetermined" if rest else "")


def explained(verdict: Verdict) -> str:
    """A row in words."""
    stated = ", ".join(map(str, verdict.stated)) or "nothing"
    if verdict.status != "incompatible":
        known = {one.name for one in verdict.stated}
        implied = ", ".join(
            f"{STATEMENTS[name].words} {STATEMENTS[name].text(value)} +- {STATEMENTS[name].text(sd)}"
            for name, (value, sd) in verdict.implied.items()
            if name not in known
        )
        return f"{verdict.label}: {verdict.status}: {stated}" + (f"; hence {implied}" if implied else "")
    reasons = "".join(f"; {reason}" for reason in verdict.reasons)
    mends = "; or if ".join(verdict.mends)
    return (
        f"{verdict.label}: incompatible if all of this holds: {stated}, and the solid stays in place"
        f"{reasons}. Compatible if {mends}"
    )
