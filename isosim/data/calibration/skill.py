"""How much better than two lines through the same fitted rows the model predicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from isosim.data.calibration.series import Series

LINES = ("straight line", "log line")


def lines(series: Series) -> dict[str, np.ndarray | None]:
    """Predictions of y = a + b p and y = a + b ln p, least squares through the fitted rows (rows,).

    The log line leaves out zero pressure, where it is not defined and predicts NaN. None where the rows do
    not determine a line.
    """
    found: dict[str, np.ndarray | None] = {}
    with np.errstate(divide="ignore"):
        abscissas = {"straight line": series.pressure, "log line": np.log(series.pressure)}
    for name, x in abscissas.items():
        rows = series.fitted & np.isfinite(x)
        if len(np.unique(x[rows])) < 2:
            found[name] = None
            continue
        weight = 1.0 / series.sigma[rows] if series.with_sigma else None
        slope, intercept = np.polyfit(x[rows], series.reading[rows], 1, w=weight)
        found[name] = np.where(np.isfinite(x), intercept + slope * np.where(np.isfinite(x), x, 0.0), np.nan)
    return found


def skill(series: Series, predicted: np.ndarray) -> dict[str, Any]:
    """1 - MSE/MSE of each line over the rows marked predict (Murphy 1988); None without such.

    Above zero the model is the better one; below, the line is.
    """
    rows = ~series.fitted & np.isfinite(series.reading)
    out: dict[str, Any] = {"rows": int(rows.sum()), "rms_error": None}
    if rows.any():
        out["rms_error"] = _rms(predicted[rows] - series.reading[rows])
    for name, line in lines(series).items():
        part: dict[str, Any] = {"predicted": None, "rms_error": None, "skill": None}
        if line is not None:
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
