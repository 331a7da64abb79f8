"""Tables of measurements: CSV or XLSX whose columns carry their units, in SI inside."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from isosim import units
from isosim.errors import InputError, Problem
from isosim.tables import nearest

NAMES = ("sample", "cell", "layer", "electrode", "kind", "replicate")  # labels of what a row is of
LABELS = (*NAMES, "state", "role", "source", "note")


@dataclass(frozen=True)
class Quantity:
    """What a column may hold: SI unit, how a header names it, and the smallest and largest value in SI.

    `sigma` is the name of the column with its standard deviation.
    """

    unit: str
    example: str
    low: float = -np.inf
    high: float = np.inf
    needed: str = "a number"
    sigma: str = ""


_POSITIVE: dict[str, Any] = {"low": np.nextafter(0.0, 1.0), "needed": "more than zero"}
_FRACTION: dict[str, Any] = {"low": 0.0, "high": np.nextafter(1.0, 0.0), "needed": "a fraction from 0 to 1"}
THICKNESS = Quantity("m", "thickness_um", sigma="sigma", **_POSITIVE)
POROSITY = Quantity("", "porosity", sigma="sigma_porosity", **_FRACTION)
SIGMA = Quantity("m", "sigma_um", **_POSITIVE)
SIGMA_POROSITY = Quantity("", "sigma_porosity", **_POSITIVE)
PRESSURE = Quantity("Pa", "pressure_MPa", low=0.0, needed="zero or more")
TEMPERATURE = Quantity("K", "temperature_degC", *units.TEMPERATURES, "between -70 and 300 degC")
AREAL_MASS = Quantity("kg/m^2", "areal_mass_mg/cm2", **_POSITIVE)
DENSITY = Quantity("kg/m^3", "solid_density_g/cm3", **_POSITIVE)


@dataclass(frozen=True)
class Table:
    """Rows of a file. `values` in SI, NaN where a cell is empty; `texts` as written; `lines` in the file.

    `digits` holds half of the last written digit of every value, in SI. `bounds` is -1 where a cell states
    "<" (the value is at most this), 1 for ">", 0 else.
    """

    source: str
    values: dict[str, np.ndarray]
    digits: dict[str, np.ndarray]
    bounds: dict[str, np.ndarray]
    texts: dict[str, list[str]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)

    def get(self, name: str) -> np.ndarray:
        """A column (rows,), NaN throughout where the file has none."""
        return self.values.get(name, np.full(len(self), np.nan))

    def label(self, row: int) -> str:
        """How a message names a row."""
        own = {name: self.texts[name][row] for name in NAMES if name in self.texts}
        words = [f"{name} {text}" for name, text in own.items() if text]
        return f"row {self.lines[row]}" + (f" ({', '.join(words)})" if words else "")


def path_of(name: str) -> Path:
    """The file of a name: a path, or a series that comes with the package, such as sangros2019."""
    shipped = Path(str(files(__package__))) / "series" / f"{name}.csv"
    return shipped if Path(name).name == name and shipped.is_file() else Path(name)


def read(
    path: Path, quantities: Mapping[str, Quantity], labels: Sequence[str] = LABELS, bounds: bool = False
) -> Table:
    """Read a table with one header line; lines that start with # are remarks.

    A CSV has commas, or semicolons or tabs with decimal points or commas; of an XLSX the first sheet is read.
    A header is the name of a quantity, "_" and a unit (pressure_MPa, areal_mass_mg/cm2), the name alone where
    it has no unit (porosity; porosity_% is read too), or a label. With `bounds`, "<0.15" and ">0.15" are
    read.

    Raises
    ------
    InputError
        No such file, unknown columns, columns without unit, cells that are no numbers or out of bounds. All
        problems at once.
    """
    rows = _rows(path)
    if len(rows) < 2:
        raise InputError(f"{path}: got {len(rows)} lines, needed a header and a row or more")
    header = [title.strip() for title in rows[0][1]]
    body = rows[1:]
    problems: list[Problem] = []
    found: dict[str, tuple[int, str]] = {}
    texts: dict[str, list[str]] = {}
    for index, title in enumerate(header):
        if not title and not any(index < len(row) and row[index] for _, row in body):
            continue
        if title.lower() in labels:
            texts[title.lower()] = [row[index].strip() if index < len(row) else "" for _, row in body]
            continue
        try:
            name, unit = _split(title, quantities)
            if name in found:
                raise ValueError(f"a second column of {name}")
            found[name] = index, unit
        except ValueError as error:
            examples = [quantity.example for quantity in quantities.values()]
            hint = nearest(title, [*examples, *labels])
            problems.append(Problem("column", repr(title), str(error), hint))
    if problems:
        raise InputError(problems, str(path))
    values, digits, sides = {}, {}, {}
    for name, (index, unit) in found.items():
        cells = [row[index].strip() if index < len(row) else "" for _, row in body]
        columns = np.full((3, len(cells)), np.nan)
        for i, cell in enumerate(cells):
            where = f"row {body[i][0]} of {header[index]}"
            try:
                columns[:, i] = _cell(cell, unit, quantities[name], bounds)
            except ValueError as error:
                problems.append(Problem(where, repr(cell), str(error)))
        values[name], digits[name], sides[name] = columns
    if problems:
        raise InputError(problems, str(path))
    return Table(str(path), values, digits, sides, texts, [line for line, _ in body])


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Lines that say something, with their number in the file."""
    if path.suffix.lower() == ".xlsx":
        rows = _sheet(path)
    else:
        try:
            text = path.read_text("utf-8-sig")
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise InputError(f"{path}: is not text in UTF-8; save it as CSV UTF-8 or XLSX") from None
        lines = [(k, line) for k, line in enumerate(text.splitlines(), 1) if not line.startswith("#")]
        lines = [(k, line) for k, line in lines if line.strip(" \t,;")]
        head = lines[0][1] if lines else ""
        delimiter = next((mark for mark in (";", "\t") if mark in head), ",")
        rows = [(k, next(csv.reader([line], delimiter=delimiter))) for k, line in lines]
        width = len(rows[0][1]) if rows else 0
        for k, row in rows:
            if any(cell.strip() for cell in row[width:]):
                got = f"{len(row)} cells"
                hint = "decimal commas need semicolons between the columns" if delimiter == "," else ""
                raise InputError(Problem(f"line {k}", got, f"{width}, as in the header", hint), str(path))
    return rows


def _sheet(path: Path) -> list[tuple[int, list[str]]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or 'no XLSX'})") from None
    except Exception:  # openpyxl raises half a dozen types on what is no workbook
        raise InputError(f"{path}: is not an XLSX workbook") from None
    sheet = book.worksheets[0]
    rows = []
    for k, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        row = ["" if cell is None else str(cell).strip() for cell in cells]
        if any(row) and not row[0].startswith("#"):
            rows.append((k, row))
    return rows


def _split(title: str, quantities: Mapping[str, Quantity]) -> tuple[str, str]:
    """Name and unit of a header; ValueError says what is wrong with it."""
    plain = title.replace(" ", "_").replace("[", "").replace("]", "")
    plain = "sigma_porosity" if plain.lower() == "sigma" else plain  # without a unit it can only be that
    known = [name for name in quantities if plain.lower() == name or plain.lower().startswith(f"{name}_")]
    if not known:
        raise ValueError("one of " + ", ".join(q.example for q in quantities.values()))
    name = max(known, key=len)
    quantity, unit = quantities[name], plain[len(name) + 1 :]
    if quantity.unit and not unit:
        raise ValueError(f"the unit in the name, such as {quantity.example}")
    for written in (unit, unit.replace("_", "/", 1)):
        try:
            units.to_si(1.0, written, quantity.unit)
        except ValueError as error:
            problem = error
        else:
            return name, written
    if name == "sigma" and "sigma_porosity" in quantities:
        return _split(f"sigma_porosity_{unit}", quantities)  # sigma_% is no length
    raise ValueError(f"a unit such as in {quantity.example}: {problem}")


def _cell(text: str, unit: str, quantity: Quantity, bounds: bool) -> tuple[float, float, float]:
    """Value and half its last digit in SI, and the side it bounds; ValueError says what is needed."""
    if not text:
        return np.nan, np.nan, 0.0
    side = {"<": -1.0, ">": 1.0}.get(text[0], 0.0) if bounds else 0.0
    number = (text[1:] if side else text).lstrip("= ").replace(",", ".")
    if number.endswith("%") and not quantity.unit and not unit:
        number, unit = number[:-1], "%"
    try:
        value = float(number)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise ValueError("a number")
    mantissa, _, power = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    half = 0.5 * 10.0 ** (int(power or 0) - decimals)
    si = float(units.to_si(value, unit, quantity.unit))
    if not quantity.low <= si <= quantity.high:
        hint = "; a percentage needs a header that ends in _%" if not quantity.unit and not unit else ""
        raise ValueError(quantity.needed + hint)
    zero, digit = (float(units.to_si(x, unit, quantity.unit)) for x in (0.0, half))
    return si, abs(digit - zero), side
