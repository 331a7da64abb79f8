"""The rows of a table held against mass balance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from isosim.atomic import replacing
from isosim.data import measured
from isosim.data.check.balance import implied, reconcile
from isosim.data.check.mends import mends, reasons
from isosim.data.check.statements import QUANTITIES, STATEMENTS, Stated
from isosim.data.measured import NAMES, Table
from isosim.errors import InputError, Problem

UNIFORM = 3.0**-0.5  # standard deviation of a number known to half a digit
_UNPRESSED = {"thickness": "thickness0", "porosity": "porosity0", "density": "density0"}


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
    table = measured.read(path, QUANTITIES, bounds=True)
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


def _judge(line: int, label: str, stated: tuple[Stated, ...]) -> Verdict:
    balance = reconcile(stated)
    if not balance.holds:
        return Verdict(
            line,
            label,
            stated,
            "incompatible",
            balance.misfit,
            balance.limit,
            reasons=tuple(reasons(stated)),
            mends=tuple(mends(stated, balance)),
        )
    found = implied(stated, balance)
    bounded = {"porosity", "porosity0"} & found.keys() - {one.name for one in stated}
    status = "compatible" if balance.redundant or bounded or any(s.side for s in stated) else "undetermined"
    return Verdict(line, label, stated, status, balance.misfit, balance.limit, found)


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
        following = ", ".join(
            f"{STATEMENTS[name].words} {STATEMENTS[name].text(value)} +- {STATEMENTS[name].text(sd)}"
            for name, (value, sd) in verdict.implied.items()
            if name not in known
        )
        return f"{verdict.label}: {verdict.status}: {stated}" + (f"; hence {following}" if following else "")
    because = "".join(f"; {reason}" for reason in verdict.reasons)
    ways = "; or if ".join(verdict.mends)
    return (
        f"{verdict.label}: incompatible if all of this holds: {stated}, and the solid stays in place"
        f"{because}. Compatible if {ways}"
    )
