"""Predictions held against the statements of Dixit et al. 2024.

Every row says of which kind it is, so that a fit is never read as a prediction:

identity    true by statics or by mass balance; a row that fails is a defect of the program
fitted      a card was fitted to a target chosen inside a published band
ordering    which of two conditions compacts more
prediction  nothing of the statement was used
open        reported as it comes out, not judged
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from isosim.atomic import replacing
from isosim.data.published import declared, dixit2024
from isosim.errors import InputError, Problem
from isosim.measure import film
from isosim.measure.cell import KINDS

JUDGED = ("identity", "fitted", "ordering")
SOLID_MASS_TOLERANCE = 1e-12
ONE_LEVEL = 1.0  # a scanner of 8 bits sees no smaller difference of grey


@dataclass(frozen=True)
class Row:
    """One quantity of one cell (or the difference between two, "less|more") against an interval."""

    cell: str
    quantity: str
    unit: str
    predicted: float
    low: float | None
    high: float | None
    holds: bool | None
    kind: str


def validate(datasets_by_scenario: Mapping[str, Sequence[xr.Dataset]]) -> list[Row]:
    """Rows for the seven cells.

    Parameters
    ----------
    datasets_by_scenario
        Measured datasets of all seven cells, by the name of the baseline scenario. The declared scenario
        gives the judged rows; every other one adds its reductions as open rows.

    Raises
    ------
    InputError
        When the declared scenario or a cell of a scenario is missing.
    """
    scenarios = {name: _by_cell(name, sets) for name, sets in datasets_by_scenario.items()}
    reading = declared()
    if reading["scenario"] not in scenarios:
        needed = f"the declared scenario {reading['scenario']!r}"
        raise InputError(Problem("scenarios", ", ".join(map(repr, scenarios)) or "none", needed))
    cells = scenarios[reading["scenario"]]
    rows = [*_identities(cells), *_bands(cells, "coating", "fitted"), *_orderings(cells)]
    rows += [*_trend(cells), *_first_film(cells), *_porosity(cells)]
    rows += _bands(cells, "with_foil", "open", " with foil")
    for other in dixit2024()["reading"]:
        if not other["declared"] and other["scenario"] in scenarios:
            suffix = f", scenario {other['scenario']!r}"
            rows += _bands(scenarios[other["scenario"]], other["definition"], "open", suffix)
    return rows


def all_hold(rows: Iterable[Row]) -> bool:
    """Whether every judged row (identity, fitted, ordering) holds."""
    return all(row.holds for row in rows if row.kind in JUDGED)


def closing(rows: Sequence[Row]) -> str:
    """The last sentence: what of all this is an independent prediction, and what would change it."""
    independent = sum(row.kind == "prediction" for row in rows)
    source = dixit2024()["source"]
    missing = source["missing"]
    return (
        f"{independent} of {len(rows)} rows are independent predictions: "
        f"the text of {source['citation']} gives bands and orderings only. "
        f"The numbers behind {', '.join(missing[:-1])} and {missing[-1]} would change that."
    )


def write_json(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as a JSON list, whole or not at all."""
    text = json.dumps([asdict(row) for row in rows], indent=1, allow_nan=False) + "\n"
    with replacing(path) as partial:
        partial.write_text(text, "utf-8")


def _by_cell(scenario: str, datasets: Sequence[xr.Dataset]) -> dict[str, xr.Dataset]:
    cells = {ds.attrs["cell"]: ds for ds in datasets}
    needed = [cell["name"] for cell in dixit2024()["cell"]]
    if missing := [name for name in needed if name not in cells]:
        got = f"{len(cells)} cells without {', '.join(missing)}"
        raise InputError(Problem(f"scenario {scenario!r}", got, "all seven cells of Table 2"))
    return {name: cells[name] for name in needed}


def _row(
    cell: str,
    quantity: str,
    unit: str,
    predicted: float,
    kind: str,
    low: float | None = None,
    high: float | None = None,
    strict: bool = False,
) -> Row:
    above = low is None or (predicted > low if strict else predicted >= low)
    below = high is None or predicted <= high
    known = low is not None or high is not None
    return Row(
        cell, quantity, unit, float(predicted), low, high, bool(above and below) if known else None, kind
    )


def _reduction(ds: xr.Dataset, kind: str, definition: str) -> float:
    return 100.0 * float(ds.cell_reduction.sel(kind=kind, definition=definition))


def _bands(
    cells: Mapping[str, xr.Dataset], definition: str, row_kind: str, suffix: str = ""
) -> Iterator[Row]:
    for name, ds in cells.items():
        for kind in KINDS:
            band = dixit2024()["band"][kind]
            predicted = _reduction(ds, kind, definition)
            low, high = 100.0 * band["low"], 100.0 * band["high"]
            yield _row(name, f"{kind} reduction{suffix}", "%", predicted, row_kind, low, high)


def _orderings(cells: Mapping[str, xr.Dataset]) -> Iterator[Row]:
    for order in dixit2024()["ordering"]:
        less, more = order["less"], order["more"]
        for kind in KINDS:
            gain = _reduction(cells[more], kind, "coating") - _reduction(cells[less], kind, "coating")
            yield _row(
                f"{less}|{more}", f"{kind} reduction, difference", "%", gain, "ordering", low=0.0, strict=True
            )


def _identities(cells: Mapping[str, xr.Dataset]) -> Iterator[Row]:
    accuracy = film.value("accuracy")
    for name in dixit2024()["uniform"]["cells"]:
        ds = cells[name]
        applied = float(ds.pressure.max()) / 1e6
        planes = ds.film_pressure.values / 1e6
        worst = planes[np.argmax(np.abs(planes - applied))]
        low, high = (1.0 - accuracy) * applied, (1.0 + accuracy) * applied
        yield _row(name, "interior film pressure, worst plane", "MPa", worst, "identity", low, high)
    for name, ds in cells.items():
        for kind in KINDS:
            of_kind = ds.electrode_kind.values == kind
            reduction = 100.0 * ds.reduction.sel(definition="coating").values[of_kind]
            ceiling = 100.0 * ds.reduction_ceiling.values[of_kind]
            worst = np.argmax(reduction - ceiling)
            quantity = f"{kind} reduction under its mass-balance ceiling, worst electrode"
            yield _row(name, quantity, "%", reduction[worst], "identity", high=float(ceiling[worst]))
    for name, ds in cells.items():
        error = float(ds.attrs["solid_mass_error"])
        yield _row(name, "relative solid mass error", "1", error, "identity", high=SOLID_MASS_TOLERANCE)


def _trend(cells: Mapping[str, xr.Dataset]) -> Iterator[Row]:
    few, many = dixit2024()["trend"]["few"], dixit2024()["trend"]["many"]
    for kind in KINDS:
        gain = _reduction(cells[many], kind, "coating") - _reduction(cells[few], kind, "coating")
        yield _row(f"{few}|{many}", f"{kind} reduction, difference", "%", gain, "open", low=0.0, strict=True)


def _first_film(cells: Mapping[str, xr.Dataset]) -> Iterator[Row]:
    for name in dixit2024()["first_film"]["cells"]:
        grey = cells[name].film_grey.values
        lighter = grey[0] - grey[1:].mean()
        yield _row(
            name, "grey of the first film minus mean of the others", "0-255", lighter, "open", low=ONE_LEVEL
        )


def _porosity(cells: Mapping[str, xr.Dataset]) -> Iterator[Row]:
    high = 100.0 * dixit2024()["porosity"]["below"]
    for name, ds in cells.items():
        for kind in KINDS:
            predicted = 100.0 * float(ds.cell_porosity.sel(kind=kind, state="disassembled"))
            yield _row(name, f"{kind} porosity left", "%", predicted, "open", high=high)
