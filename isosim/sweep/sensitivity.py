"""Sobol indices of a sweep with Saltelli's design."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from isosim.errors import InputError, Problem
from isosim.sweep.sobol import analysed
from isosim.sweep.store import SAMPLE
from isosim.sweep.view import View


def sobol_indices(view: View, readings: Sequence[str]) -> pd.DataFrame:
    """First-order and total indices with the half-width of their confidence intervals.

    Rows reading, key, first, first_confidence, total, total_confidence, by `SALib.analyze.sobol` (Saltelli
    2010) with bootstrap. A reading that does not vary has no indices and no rows.

    Raises
    ------
    InputError
        When the design is another one, or a case of it is not done.
    MissingPartError
        When SALib is not installed.
    """
    if view.manifest["spec"]["sweep"]["method"] != "saltelli":
        raise InputError(Problem("method", "another design", "'saltelli' for Sobol indices"))
    sample = str(view.folder / SAMPLE).replace("'", "''")
    chosen = ", ".join(f'"{name}"' for name in readings)
    frame = view.sql(
        f"SELECT {chosen} FROM read_parquet('{sample}') LEFT JOIN cases USING (id) ORDER BY position"
    )
    if missing := int(frame.isna().any(axis=1).sum()):
        raise InputError(Problem("cases", f"{missing} missing or failed", "all of Saltelli's design"))
    rows = []
    for name in readings:
        values = frame[name].to_numpy(float)
        if np.ptp(values) == 0.0:
            continue
        found = analysed(values, view.keys)
        rows += [(name, key, *map(float, four)) for key, four in zip(view.keys, found, strict=True)]
    names = ["reading", "key", "first", "first_confidence", "total", "total_confidence"]
    return pd.DataFrame(rows, columns=names)
