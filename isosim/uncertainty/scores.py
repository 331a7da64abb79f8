"""How good intervals are: narrow and right, not only right."""

from __future__ import annotations

import numpy as np


def interval_score(low: np.ndarray, high: np.ndarray, measured: np.ndarray, level: float) -> np.ndarray:
    """Interval score of central intervals of a level (0.9); smaller is better, same unit as the readings.

    The width, plus 2/(1 - level) times the distance by which a reading lies outside: Gneiting & Raftery 2007,
    J. Am. Stat. Assoc. 102, 359, equation (43). An interval of everything covers always and scores badly.
    """
    low, high, measured = (np.asarray(values, float) for values in (low, high, measured))
    outside = np.maximum(low - measured, 0.0) + np.maximum(measured - high, 0.0)
    return np.asarray(high - low + 2.0 / (1.0 - level) * outside)


def coverage(low: np.ndarray, high: np.ndarray, measured: np.ndarray) -> float:
    """Share of the readings that lie within their interval, ends included."""
    low, high, measured = (np.asarray(values, float) for values in (low, high, measured))
    return float(np.mean((low <= measured) & (measured <= high)))
