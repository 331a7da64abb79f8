"""Any other quantity that the instruments of a result read: peel, impedance, tortuosity, texture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from isosim.data.compare.comparison import Comparison, compared, mean
from isosim.data.measured import Quantity, Table
from isosim.errors import InputError, Problem
from isosim.tables import nearest

WHAT = "a quantity that the result reads, such as the adhesion ratio of a peel test"
MARKS = ("quantity",)
QUANTITIES = {
    "value": Quantity("", "value"),
    "sigma_value": Quantity("", "sigma_value", low=np.nextafter(0.0, 1.0), needed="more than zero"),
}


def compare(table: Table, cell: str, ds: xr.Dataset, rows: Sequence[int]) -> Iterator[Comparison]:
    """Replicates averaged for each quantity and subject (electrode or film), in the unit of the result.

    A quantity that the result declines or does not have is listed with the reason and not judged; of a
    bounded one the row holds when the measured mean lies within two standard deviations of the interval.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if np.isnan(table.get("value")[row]):
            continue
        quantity = table.texts["quantity"][row]
        subject = (table.texts.get("electrode") or table.texts.get("kind") or [""] * len(table))[row].lower()
        groups.setdefault((quantity, subject), []).append(row)
    known = [str(name) for name in ds["reading_quantity"].values] if "reading_quantity" in ds else []
    for (quantity, subject), members in groups.items():
        average = mean(table.get("value")[members], table.get("sigma_value")[members])
        written = table.texts.get("unit", [""] * len(table))[members[0]] or "1"
        subjects = [str(name) for name in ds["reading_subject"].values] if known else []
        matching = [
            i for i, name in enumerate(known) if name == quantity and subject in ("", subjects[i].lower())
        ]
        if not matching:
            hint = nearest(quantity, known)
            remark = "this result does not read it" + (f" ({hint})" if hint else "")
            yield compared(cell, quantity, subject, written, average, None, remark)
            continue
        if len(matching) > 1:
            got = f"{quantity!r} of {subject or 'no electrode'}"
            needed = f"one of {', '.join(subjects[i] for i in matching)} in the column electrode"
            raise InputError(Problem(f"row {table.lines[members[0]]}", got, needed), table.source)
        if written != (unit := str(ds["reading_unit"].values[matching[0]])):
            raise InputError(Problem(f"unit of {quantity}", repr(written), repr(unit)), table.source)
        yield _compared(cell, quantity, average, ds.isel(reading=matching[0]))


def _compared(
    cell: str, quantity: str, average: tuple[float, float | None, int], reading: xr.Dataset
) -> Comparison:
    """A mean (mean, sigma, readings) beside one reading of the result."""
    subject, unit, verdict, limits = (
        str(reading[f"reading_{word}"].values) for word in ("subject", "unit", "verdict", "limits")
    )
    if verdict == "predicted":
        return compared(cell, quantity, subject, unit, average, float(reading["reading_value"]))
    if verdict == "declined":
        return compared(cell, quantity, subject, unit, average, None, f"declined: {limits}")
    low, high = float(reading["reading_low"]), float(reading["reading_high"])
    ends = (("at least", low), ("at most", high))
    bounds = " and ".join(f"{word} {end:.3g}" for word, end in ends if np.isfinite(end))
    nearest_inside = float(np.fmin(np.fmax(average[0], low), high))
    remark = f"predicted {bounds}; the nearest of it is shown"
    return compared(cell, quantity, subject, unit, average, nearest_inside, remark)
