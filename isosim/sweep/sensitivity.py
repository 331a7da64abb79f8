"""Sobol indices of a sweep with Saltelli's design."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from isosim.errors import InputError, MissingPartError, Problem
from isosim.sweep.store import SAMPLE
from isosim.sweep.view import View

RESAMPLES, LEVEL = 200, 0.95
SEED = 0  # of the bootstrap, so that a report can be repeated


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


def analysed(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Indices (names, 4) of one reading over Saltelli's design: first, its confidence, total, its confidence.

    MissingPartError when SALib is not installed.
    """
    try:
        from SALib.analyze import sobol
    except ImportError:
        raise MissingPartError("Sobol indices need SALib: pip install 'isosim[sweep]'") from None
    # an array: SALib 1.5 hands the names to pandas, which takes lists no more
    problem = {"num_vars": len(names), "names": np.array(names), "bounds": [[0.0, 1.0]] * len(names)}
    found = sobol.analyze(
        problem, values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL, seed=SEED
    )
    return np.column_stack([found["S1"], found["S1_conf"], found["ST"], found["ST_conf"]])
