"""Validation rows as small tables: one for each kind, a line for each quantity, a column for each cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from isosim.data.published import dixit2024
from isosim.data.validate import JUDGED, Row

KINDS = {
    "identity": "True by statics or mass balance; a miss would be a defect of the program.",
    "fitted": "A card was fitted to a target chosen inside the published band.",
    "ordering": "Which of two conditions compacts more; the fit's targets had the same order.",
    "prediction": "Nothing of the published statement was used.",
    "open": "Reported as it comes out and not judged.",
}


@dataclass(frozen=True)
class Cell:
    """A value, its own interval where the line has none in common, and "holds", "misses" or ""."""

    text: str = ""
    interval: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Line:
    """A quantity over the cells: its common interval, or one for each cell."""

    quantity: str
    interval: str
    values: list[Cell]


@dataclass(frozen=True)
class KindTable:
    """All rows of one kind that are about the same cells."""

    kind: str
    meaning: str
    judged: bool
    cells: list[str]
    lines: list[Line]


def tables(rows: Sequence[Row]) -> list[KindTable]:
    """Tables in the order of `KINDS`; single cells and pairs of cells apart."""
    found = []
    for kind, meaning in KINDS.items():
        of_kind = [row for row in rows if row.kind == kind]
        for pairs in (False, True):
            chosen = [row for row in of_kind if ("|" in row.cell) == pairs]
            if chosen:
                found.append(_table(kind, meaning, chosen))
    return found


def _table(kind: str, meaning: str, rows: Sequence[Row]) -> KindTable:
    order = [cell["name"] for cell in dixit2024()["cell"]]
    cells = sorted({row.cell for row in rows}, key=lambda cell: order.index(cell.partition("|")[0]))
    lines = []
    for quantity in dict.fromkeys(row.quantity for row in rows):
        by_cell = {row.cell: row for row in rows if row.quantity == quantity}
        intervals = {_interval(row) for row in by_cell.values()}
        common = intervals.pop() if len(intervals) == 1 else ""
        unit = next(iter(by_cell.values())).unit
        values = [_cell(by_cell[cell], own=not common) if cell in by_cell else Cell() for cell in cells]
        lines.append(Line(quantity if unit in ("1", "0-255") else f"{quantity} ({unit})", common, values))
    return KindTable(kind, meaning, kind in JUDGED, cells, lines)


def _cell(row: Row, own: bool) -> Cell:
    mark = "" if row.holds is None else "holds" if row.holds else "misses"
    near = any(bound is not None and abs(row.predicted - bound) < 0.05 for bound in (row.low, row.high))
    text = f"{row.predicted:.2f}" if near and row.unit != "1" else _number(row.predicted, row.unit)
    return Cell(text, _interval(row) if own else "", mark)


def _interval(row: Row) -> str:
    low, high = _number(row.low, row.unit), _number(row.high, row.unit)
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"{'>' if '|' in row.cell else '≥'} {low}"  # a difference between two cells must show
    return f"≤ {high}" if high else ""


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "1":
        return f"{value:.0e}"
    digits = 0 if value == round(value) else 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}"
    return "0" if float(text) == 0.0 else text


def counts(rows: Iterable[Row]) -> list[tuple[str, int, int]]:
    """For each kind: how many rows hold, and how many there are."""
    rows = list(rows)
    return [
        (kind, sum(row.holds is True for row in rows if row.kind == kind), of_kind)
        for kind in KINDS
        if (of_kind := sum(row.kind == kind for row in rows))
    ]
