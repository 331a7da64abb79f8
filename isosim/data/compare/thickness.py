"""Thickness, reduction and porosity of electrodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from isosim.data import measured
from isosim.data.compare.comparison import Comparison, compared, mean
from isosim.data.measured import Quantity, Table
from isosim.errors import InputError, Problem
from isosim.measure.cell import KINDS
from isosim.measure.thickness import DEFINITIONS

WHAT = "thickness, reduction or porosity of electrodes"
MARKS = ("thickness", "thickness0", "reduction", "porosity")
QUANTITIES = {
    "thickness": measured.THICKNESS,
    "thickness0": measured.THICKNESS,
    "reduction": Quantity("", "reduction_%", low=-1.0, high=1.0, needed="a fraction from -1 to 1"),
    "porosity": measured.POROSITY,
    "sigma": measured.SIGMA,
    "sigma_reduction": measured.SIGMA_POROSITY,
    "sigma_porosity": measured.SIGMA_POROSITY,
}
STATES = ("unpressed", "held", "released", "disassembled")
_SIGMA = {"thickness": "sigma", "thickness0": "sigma"} | {
    name: f"sigma_{name}" for name in ("reduction", "porosity")
}
_UNITS = dict.fromkeys(("thickness", "thickness0"), ("um", 1e6)) | dict.fromkeys(
    ("reduction", "porosity"), ("%", 100.0)
)
_NO_FOIL = "foil in it or not? (column definition)"


def compare(table: Table, cell: str, ds: xr.Dataset, rows: Sequence[int]) -> Iterator[Comparison]:
    """Replicates averaged, for each electrode (column layer, counted from the top) or kind of electrode.

    thickness is that after the press unless the column state says otherwise. Where thickness and thickness0
    stand in one row the reduction is compared too.
    """
    groups: dict[tuple[str, str, str, str], list[int]] = {}
    for row in rows:
        groups.setdefault(_key(table, ds, row), []).append(row)
    for (kind, number, definition, state), members in groups.items():
        electrodes = _electrodes(ds, kind, number)
        subject = f"{kind} {number}".strip()
        for quantity, values, sigma in _values(table, members):
            unit, scale = _UNITS[quantity]
            average = mean(values * scale, sigma * scale)
            for name, judged in [(definition, True)] if definition else [(d, False) for d in DEFINITIONS]:
                if quantity == "porosity":
                    predicted = ds.electrode_porosity.sel(state=state)
                elif quantity == "reduction":
                    predicted = ds.reduction.sel(definition=name)
                else:
                    at = "unpressed" if quantity == "thickness0" else state
                    predicted = ds.electrode_thickness.sel(definition=name, state=at)
                value = float(predicted.values[electrodes].mean()) * scale
                if quantity == "porosity":
                    yield compared(cell, f"porosity, {state}", subject, unit, average, value)
                    break
                words = "thickness" if quantity.startswith("thickness") else quantity
                after = "unpressed" if quantity == "thickness0" else state
                full = f"{words}, {name}" + ("" if quantity == "reduction" else f", {after}")
                remark = "" if judged else _NO_FOIL
                yield compared(cell, full, subject, unit, average, value, remark, judged)


def _values(table: Table, rows: list[int]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Filled readings of each quantity, with their sigma (NaN without)."""
    for quantity in MARKS:
        values, sigma = table.get(quantity)[rows], table.get(_SIGMA[quantity])[rows]
        filled = np.isfinite(values)
        if filled.any():
            yield quantity, values[filled], sigma[filled]
    before, after = table.get("thickness0")[rows], table.get("thickness")[rows]
    both = np.isfinite(before) & np.isfinite(after)
    if both.any() and "reduction" not in table.values:
        ratio = after[both] / before[both]
        sigma = table.get("sigma")[rows][both]
        yield "reduction", 1.0 - ratio, sigma / before[both] * np.sqrt(1.0 + ratio**2)


def _key(table: Table, ds: xr.Dataset, row: int) -> tuple[str, str, str, str]:
    def text(name: str) -> str:
        return table.texts[name][row].lower() if name in table.texts else ""

    def refuse(name: str, needed: str) -> InputError:
        return InputError(
            Problem(f"row {table.lines[row]} of {name}", repr(text(name)), needed), table.source
        )

    kind, number = text("electrode") or text("kind"), text("layer")
    if kind.isdigit():
        kind, number = "", kind
    if kind not in (*KINDS, "") or not (kind or number):
        raise refuse("electrode", "cathode or anode, or a number from the top in the column layer")
    if number:
        if not number.isdigit() or int(number) not in ds.electrode_number.values:
            raise refuse("layer", f"the number of an electrode from the top, 1 to {ds.sizes['electrode']}")
        own = str(ds.electrode_kind.values[ds.electrode_number.values == int(number)][0])
        if kind not in ("", own):
            raise refuse("layer", f"{own} for electrode {number}, counted from the top")
        kind = own
    definition = text("definition").replace(" ", "_")
    if definition not in (*DEFINITIONS, ""):
        raise refuse("definition", "coating or with_foil")
    state = {"": "disassembled", "pressed": "disassembled"}.get(text("state"), text("state"))
    if state not in STATES:
        raise refuse("state", f"one of {', '.join(STATES)}")
    return kind, number, definition, state


def _electrodes(ds: xr.Dataset, kind: str, number: str) -> np.ndarray:
    """Indices of the electrodes meant."""
    if number:
        return np.flatnonzero(ds.electrode_number.values == int(number))
    return np.flatnonzero(ds.electrode_kind.values == kind)
