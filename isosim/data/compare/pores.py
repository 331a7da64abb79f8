"""Pore-size tables, as from a tomogram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from isosim.data.compare.comparison import Comparison, compared
from isosim.data.measured import Quantity, Table
from isosim.errors import InputError, Problem

WHAT = "pore sizes"
MARKS = ("pore_diameter",)
QUANTITIES = {
    "pore_diameter": Quantity("m", "pore_diameter_um", low=np.nextafter(0.0, 1.0), needed="more than zero"),
    "pore_share": Quantity("", "pore_share_%", low=0.0, needed="zero or more"),
}
STATES = {
    "": "disassembled",
    "pressed": "disassembled",
    "disassembled": "disassembled",
    "unpressed": "unpressed",
}
NONE = "this result has no pore sizes"


def compare(table: Table, cell: str, ds: xr.Dataset, rows: Sequence[int]) -> Iterator[Comparison]:
    """Median diameter by volume of each kind of electrode and state; its error is not known: not judged.

    pore_share is the share of the pore volume in each class of diameter, in any common unit.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        kind = (table.texts.get("electrode") or table.texts.get("kind") or [""] * len(table))[row].lower()
        word = table.texts.get("state", [""] * len(table))[row].lower()
        if word not in STATES or kind not in ("cathode", "anode"):
            got = f"{kind or 'no electrode'}, {word or 'pressed'}"
            needed = "cathode or anode; unpressed or pressed"
            raise InputError(Problem(f"row {table.lines[row]}", got, needed), table.source)
        groups.setdefault((kind, STATES[word]), []).append(row)
    for (kind, state), members in groups.items():
        diameter, share = (table.get(name)[members] for name in ("pore_diameter", "pore_share"))
        filled = np.isfinite(diameter) & np.isfinite(share)
        if not filled.any() or not share[filled].sum() > 0.0:
            continue
        measured = 1e6 * median(diameter[filled], share[filled]), None, int(filled.sum())
        predicted, remark = None, NONE
        if "pore_diameter" in ds and kind in ds["pore_diameter"].kind.values:
            chosen = ds[["pore_diameter", "pore_volume"]].sel(kind=kind, pore_state=state)
            predicted = 1e6 * median(chosen.pore_diameter.values, chosen.pore_volume.values)
            remark = "the distribution before pressing is assumed in the model: not judged"
        yield compared(cell, f"median pore diameter, {state}", kind, "um", measured, predicted, remark)


def median(diameter: np.ndarray, volume: np.ndarray) -> float:
    """Diameter [that of the input] that half of the volume lies below, in logarithms between classes."""
    order = np.argsort(diameter)
    share = np.cumsum(volume[order]) - 0.5 * volume[order]
    return float(np.exp(np.interp(0.5 * volume.sum(), share, np.log(diameter[order]))))
