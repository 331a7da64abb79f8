"""Read a table of readings and hold it against results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import xarray as xr

from isosim.atomic import replacing
from isosim.data import measured
from isosim.data.compare import film, model, pores, readings, thickness
from isosim.data.compare.comparison import Comparison
from isosim.data.compare.model import Around
from isosim.data.measured import Table
from isosim.errors import InputError, Problem

LABELS = (*measured.LABELS, "definition", "plane", "image", "wedge", "quantity", "unit")
KINDS = (film, pores, readings, thickness)
QUANTITIES = {name: quantity for kind in KINDS for name, quantity in kind.QUANTITIES.items()}


def compare(
    path: Path, results: Mapping[str, xr.Dataset], intervals: Mapping[str, Around] | None = None
) -> list[Comparison]:
    """Every group of readings of a table beside its prediction.

    Parameters
    ----------
    path
        A table of thickness or porosity, of pressure films (numbers, or scans with a step wedge), of pore
        sizes, or of any quantity that the result reads; see docs/check.md.
    results
        Measured datasets by the name of their cell.
    intervals
        How uncertain their headline numbers are, by cell, from `model.load`; None when not known.

    Raises
    ------
    InputError
        What `measured.read` refuses, a table of no known kind, nothing filled in, cells, electrodes or planes
        that the results do not have.
    """
    table = measured.read(path, QUANTITIES, LABELS)
    columns = {*table.values, *table.texts}
    found = [kind for kind in KINDS if columns & set(kind.MARKS)]
    if len(found) != 1:
        needed = "; or ".join(f"{' or '.join(kind.MARKS)} ({kind.WHAT})" for kind in KINDS)
        raise InputError(Problem("columns", ", ".join(sorted(columns)), needed), table.source)
    compare_rows: Callable[[Table, str, xr.Dataset, Sequence[int]], Iterator[Comparison]] = found[0].compare
    groups = _by_cell(table, results)
    rows = [one for cell, which in groups for one in compare_rows(table, cell, results[cell], which)]
    if not rows:
        raise InputError(Problem("rows", "none that is filled in", "readings"), table.source)
    return [model.with_interval(row, (intervals or {}).get(row.cell, {}), results[row.cell]) for row in rows]


def holds(rows: Sequence[Comparison]) -> bool:
    """Whether every judged row holds."""
    return all(row.holds is not False for row in rows)


def load_results(path: Path) -> dict[str, xr.Dataset]:
    """Measured datasets by cell, from a result.nc or a run folder.

    Raises
    ------
    InputError
        When there is none.
    """
    from isosim.report import netcdf

    found = {}
    for file in result_files(path):
        try:
            ds = netcdf.read(file)
            found[str(ds.attrs["cell"])] = ds
        except (OSError, ValueError, TypeError, KeyError):
            raise InputError(Problem("RESULT", str(file), "a result that isosim press wrote")) from None
    return found


def result_files(path: Path) -> list[Path]:
    """The results below a path: itself, or those of a run folder. InputError when there is none."""
    files = [path] if path.is_file() else sorted((*path.glob("result.nc"), *path.glob("*/result.nc")))
    if not files:
        raise InputError(Problem("RESULT", str(path), "a result.nc, or the folder of a run"))
    return files


def write_json(rows: Sequence[Comparison], path: Path) -> None:
    """Write the comparisons as a JSON list, whole or not at all."""
    text = json.dumps(
        [{**asdict(row), "difference": row.difference, "covered": row.covered} for row in rows], indent=1
    )
    with replacing(path) as partial:
        partial.write_text(text + "\n", "utf-8")


def _by_cell(table: Table, results: Mapping[str, xr.Dataset]) -> Iterator[tuple[str, list[int]]]:
    names = table.texts.get("cell", [""] * len(table))
    if len(results) == 1:
        only = next(iter(results))
        names = [name or only for name in names]
    by_cell: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        by_cell.setdefault(name, []).append(row)
    filled = {
        name: rows
        for name, rows in by_cell.items()
        if any(column[row] == column[row] for column in table.values.values() for row in rows)
        or any(table.texts.get("image", [""] * len(table))[row] for row in rows)
    }
    known = f"one of {', '.join(results)}"
    problems = [
        Problem(f"row {table.lines[rows[0]]} of cell", repr(name) if name else "nothing", known)
        for name, rows in filled.items()
        if name not in results
    ]
    if problems:
        raise InputError(problems, table.source)
    yield from filled.items()
