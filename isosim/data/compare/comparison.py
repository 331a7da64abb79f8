"""One reading beside its prediction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

TWO_SIDED = 2.0  # standard deviations within which a row holds


@dataclass(frozen=True)
class Comparison:
    """A mean of readings of one thing, in `unit`.

    `sigma` is the standard deviation of that mean, None where neither stated nor found from replicates;
    `holds` is None where nothing can be judged, and `remark` then says why; it knows the error of the reading
    only. `model_low` and `model_high` are how uncertain the prediction is, where the run says it.
    """

    cell: str
    quantity: str
    subject: str
    unit: str
    measured: float
    sigma: float | None
    readings: int
    predicted: float | None
    holds: bool | None
    remark: str = ""
    model_low: float | None = None
    model_high: float | None = None

    @property
    def covered(self) -> bool | None:
        """Whether the model's interval holds the reading; None without one."""
        if self.model_low is None or self.model_high is None:
            return None
        return self.model_low <= self.measured <= self.model_high

    @property
    def width(self) -> float:
        """Of the model's interval; NaN without one."""
        if self.model_low is None or self.model_high is None:
            return math.nan
        return self.model_high - self.model_low

    @property
    def difference(self) -> float | None:
        """Predicted less measured."""
        return None if self.predicted is None else self.predicted - self.measured


def compared(
    cell: str,
    quantity: str,
    subject: str,
    unit: str,
    measured: tuple[float, float | None, int],
    predicted: float | None,
    remark: str = "",
    judged: bool = True,
) -> Comparison:
    """A comparison, judged by the error of the measured mean (mean, sigma, readings) where there is one."""
    mean, sigma, count = measured
    verdict = None
    if predicted is None or not math.isfinite(predicted):
        predicted = None
    elif sigma is None:
        remark = remark or "no sigma and no replicates: not judged"
    elif judged:
        verdict = abs(predicted - mean) <= TWO_SIDED * sigma
    return Comparison(cell, quantity, subject, unit, mean, sigma, count, predicted, verdict, remark)


def mean(values: np.ndarray, sigma: np.ndarray) -> tuple[float, float | None, int]:
    """Mean of replicates, its standard deviation (the larger of stated and scattered) and their number."""
    count = len(values)
    stated = float(np.sqrt(np.mean(sigma**2)) / np.sqrt(count)) if np.isfinite(sigma).all() else None
    scattered = float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else None
    known = [sd for sd in (stated, scattered) if sd]
    return float(values.mean()), max(known) if known else None, count
