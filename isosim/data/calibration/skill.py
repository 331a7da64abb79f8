"""How much better than two lines through the same fitted rows the model predicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from isosim.data.calibration.series import Series

Line = Callable[[np.ndarray], np.ndarray]


def lines(series: Series) -> dict[str, Line | None]:
    """The lines a + b p and a + b ln p, least squares through the fitted rows, as functions of p [Pa].

    The log line leaves out zero pressure, where it is not defined and gives NaN. None where the rows do not
    determine a line.
    """
    abscissas: dict[str, Line] = {"straight line": lambda pressure: pressure, "log line": _logarithm}
    return {name: _line(series, abscissa) for name, abscissa in abscissas.items()}


def _line(series: Series, abscissa: Line) -> Line | None:
    x = abscissa(series.pressure)
    rows = series.fitted & np.isfinite(x)
    if len(np.unique(x[rows])) < 2:
        return None
    weight = 1.0 / series.sigma[rows] if series.with_sigma else None
    slope, intercept = np.polyfit(x[rows], series.reading[rows], 1, w=weight)
    return lambda pressure: intercept + slope * abscissa(pressure)


def _logarithm(pressure: np.ndarray) -> np.ndarray:
    return np.log(np.where(pressure > 0.0, pressure, np.nan))


def skill(series: Series, predicted: np.ndarray) -> dict[str, Any]:
    """1 - MSE/MSE of each line over the rows marked predict (Murphy 1988); None without such.

    Above zero the model is the better one; below, the line is.
    """
    rows = ~series.fitted & np.isfinite(series.reading)
    out: dict[str, Any] = {"rows": int(rows.sum()), "rms_error": None}
    if rows.any():
        out["rms_error"] = _rms(predicted[rows] - series.reading[rows])
    for name, function in lines(series).items():
        part: dict[str, Any] = {"predicted": None, "rms_error": None, "skill": None}
        if function is not None:
            line = function(series.pressure)
            part["predicted"] = [None if np.isnan(y) else float(y) for y in line]
            judged = rows & np.isfinite(line)
            if judged.any():
                part["rms_error"] = _rms(line[judged] - series.reading[judged])
                own = _rms(predicted[judged] - series.reading[judged])
                part["skill"] = 1.0 - (own / part["rms_error"]) ** 2 if part["rms_error"] > 0.0 else None
        out[name.replace(" ", "_")] = part
    return out


def _rms(error: np.ndarray) -> float:
    return float(np.sqrt(np.mean(error**2)))
