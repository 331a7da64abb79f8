"""How uncertain the model is, beside a comparison: the intervals that a run left in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from isosim.data.compare.comparison import Comparison
from isosim.errors import InputError, Problem

FILE = "intervals.csv"  # of `isosim.report`
Around = Mapping[str, tuple[float, float]]  # by the names of `isosim.sweep.readings`: ends less value [%]


def load(files: Iterable[Path]) -> Mapping[str, Around]:
    """By cell: how far the ends of the widened interval lie from each headline number.

    `files` are results; their intervals are in the folder of the run, one up. Nothing where there are none.

    Raises
    ------
    InputError
        A file of intervals that cannot be read.
    """
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for path in dict.fromkeys(file.resolve().parent.parent / FILE for file in files):
        if not path.exists() or path.stat().st_size < 2:  # a run without intervals leaves an empty table
            continue
        try:
            table = pd.read_csv(path, dtype={"cell": str})
            value, low, high = (table[f"{name}_%"] for name in ("value", "both_low", "both_high"))
            for cell, name, *ends in zip(table.cell, table.name, low - value, high - value, strict=True):
                found.setdefault(cell, {})[name] = (float(ends[0]), float(ends[1]))
        except (OSError, ValueError, KeyError, AttributeError):
            raise InputError(Problem("RESULT", str(path), "intervals that isosim press wrote")) from None
    return found


def with_interval(row: Comparison, around: Around, ds: xr.Dataset) -> Comparison:
    """The comparison with the model's interval around its prediction, where the run has one for it.

    Of the electrodes taken out: reduction, porosity, and thickness through the reduction. That of a kind
    serves its single electrodes too.
    """
    what, *words = row.quantity.split(", ")
    kind = row.subject.partition(" ")[0]
    scale = 1.0
    if what == "thickness" and words[1] == "disassembled":
        what, before = "reduction", ds.electrode_thickness.sel(definition=words[0], state="unpressed")
        scale = -1e4 * float(before.values[ds.electrode_kind.values == kind].mean())  # um per % thinner
    ends = around.get(f"{what}_{kind}_{words[0]}") if words else None
    if row.predicted is None or ends is None:
        return row
    low, high = sorted(row.predicted + scale * end for end in ends)
    return replace(row, model_low=max(low, 0.0) if what == "porosity" else low, model_high=high)


def summary(rows: Sequence[Comparison]) -> str:
    """How many readings lie in the model's interval, and how wide those are; or why nothing is said."""
    own = [row for row in rows if row.covered is not None]
    if not own:
        return (
            "no model's interval: it is known of thickness, reduction and porosity of electrodes taken out, "
            f"from the {FILE} of the run"
        )
    inside = sum(bool(row.covered) for row in own)
    widths = ", ".join(
        f"{np.mean([row.width for row in own if row.unit == unit]):.3g} {unit}"
        for unit in dict.fromkeys(row.unit for row in own)
    )
    return (
        f"{inside} of {len(own)} readings lie in the model's interval (90 % over the ranges of the cards, "
        f"widened by what another compaction law would say; mean width {widths})"
    )
