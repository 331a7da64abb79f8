"""Sobol indices of one reading, by SALib."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isosim.errors import MissingPartError

RESAMPLES, LEVEL = 200, 0.95
SEED = 0  # of the bootstrap, so that a report can be repeated


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
