"""Least squares of one law to a series, with covariance and profile likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import norm, t

from isosim.data.calibration.model import Model, Outside
from isosim.errors import InputError, Problem

LEVEL = 0.90  # of all intervals
AT_BOUND = 1e-3  # of the logarithmic range
FAR = 1e3  # sigma; what a vector without answer costs
MOST_STEPS = 14  # of a profile, to each side


@dataclass(frozen=True)
class Fit:
    """A fitted law.

    `unknowns` are the logarithms (k,), `covariance` is theirs (k, k); `sigma` the standard deviation of the
    readings (rows,), stated or found from the scatter; `misfit` the sum of squared residuals in stated
    sigmas (unit weights where they are not stated).
    """

    model: Model
    unknowns: np.ndarray
    covariance: np.ndarray
    predicted: np.ndarray
    slope: np.ndarray  # (rows, k)
    sigma: np.ndarray
    misfit: float

    @property
    def count(self) -> int:
        """Fitted rows."""
        return int(self.model.series.fitted.sum())

    @property
    def free(self) -> int:
        """Degrees of freedom."""
        return self.count - len(self.unknowns)

    @property
    def quantile(self) -> float:
        """Half-width of an interval in standard deviations: normal, or Student's where sigma is estimated."""
        p = 0.5 + 0.5 * LEVEL
        return float(norm.ppf(p) if self.model.series.with_sigma else t.ppf(p, self.free))

    @property
    def correctable(self) -> bool:
        """Whether there are rows enough for the correction of Akaike's criterion for small samples."""
        return self.model.series.with_sigma or self.free > 2

    def criterion(self, corrected: bool) -> float:
        """Akaike's, up to a constant of the series; smaller is better.

        With stated errors chi2 + 2 k, which needs no correction in a linear model; with an estimated one
        n ln(S/n) + 2 k, sigma counted in k, `corrected` by 2 k (k + 1)/(n - k - 1) (Hurvich & Tsai 1989,
        Biometrika 76, 297).
        """
        n, k = self.count, len(self.unknowns)
        if self.model.series.with_sigma:
            return self.misfit + 2.0 * k
        k += 1
        plain = n * float(np.log(max(self.misfit, 1e-300) / n)) + 2.0 * k
        return plain + 2.0 * k * (k + 1) / (n - k - 1) if corrected else plain

    @property
    def parameter_sigma(self) -> np.ndarray:
        """Standard deviation of each prediction by the covariance of the unknowns (rows,)."""
        return np.sqrt(np.maximum(np.einsum("ri,ij,rj->r", self.slope, self.covariance, self.slope), 0.0))

    @property
    def at_bound(self) -> np.ndarray:
        """Which unknowns ended at a bound."""
        low, high = self.model.bounds
        near = AT_BOUND * (high - low)
        return (self.unknowns < low + near) | (self.unknowns > high - near)

    def values(self) -> dict[str, float]:
        """The fitted numbers in SI by name."""
        return {p.name: float(np.exp(x)) for p, x in zip(self.model.unknowns, self.unknowns, strict=True)}


def fit(model: Model, starts: np.ndarray | None = None) -> Fit:
    """Fit a law, from vectors of unknowns (B, k) or, when None, from the best of many over its bounds.

    Raises
    ------
    InputError
        Fewer pressures than parameters, fewer rows than unknowns (or as many, without a sigma), a law that
        cannot follow the series at all.
    """
    if problems := list(_too_few(model)):
        raise InputError(problems, model.series.source)
    try:
        found = [_descend(model, start) for start in (model.starts() if starts is None else starts)]
    except Outside:
        found = []
    if not found:
        raise InputError(
            Problem(f"law {model.law.name}", "no parameters that reach the series", "another law")
        )
    unknowns = min(found, key=lambda pair: pair[1])[0]
    return _judged(model, unknowns)


def profile(fitted: Fit, index: int) -> tuple[float, float, bool]:
    """Interval of an unknown by profile likelihood, in SI, and whether both ends were found.

    All other unknowns are fitted anew while this one is moved away, until the misfit has grown by the square
    of the quantile. An end that is a bound of the law means that the data do not limit the unknown there.
    """
    model = fitted.model
    low, high = model.bounds[:, index]
    scale = 1.0 if model.series.with_sigma else fitted.misfit / fitted.free
    limit = fitted.quantile**2 * scale
    sd = float(np.sqrt(fitted.covariance[index, index]))
    ends, closed = [], True
    for way in (-1.0, 1.0):
        bound = low if way < 0 else high
        step = float(np.clip(sd, 0.02, 0.5))
        at, rest, before = fitted.unknowns[index], fitted.unknowns, 0.0
        end = bound
        for _ in range(MOST_STEPS):
            there = at + way * step
            there = max(there, low) if way < 0 else min(there, high)
            try:
                rest, misfit = _descend(model, rest, {index: there})
            except Outside:
                break
            grown = misfit - fitted.misfit
            if grown > limit:  # between the two, linear in the root of the growth
                roots = np.sqrt(np.maximum([before, grown, limit], 0.0))
                end = at + (there - at) * (roots[2] - roots[0]) / (roots[1] - roots[0])
                break
            at, before = there, max(grown, 0.0)
            if there == bound:
                break
            step *= 1.5
        closed = closed and bool(end != bound)
        ends.append(float(np.exp(end)))
    return ends[0], ends[1], closed


def weights(model: Model) -> np.ndarray:
    """What a residual is divided by (rows,): stated sigma, or a hundredth where it is to be estimated."""
    series = model.series
    if series.with_sigma:
        return series.sigma
    unit = 1.0 if series.quantity == "porosity" else float(np.nanmean(series.reading))
    return np.full(len(series.reading), 0.01 * unit)


def _descend(
    model: Model, start: np.ndarray, held: dict[int, float] | None = None
) -> tuple[np.ndarray, float]:
    """Unknowns and misfit from a start; some may be held at a value."""
    held = held or {}
    moving = np.array([i for i in range(len(start)) if i not in held])
    rows = model.series.fitted
    scale, reading = weights(model)[rows], model.series.reading[rows]
    low, high = model.bounds
    full = np.array(start, float)
    for i, value in held.items():
        full[i] = value
    kept: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}

    def evaluate(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        key = x.tobytes()
        if key not in kept:
            at = full.copy()
            at[moving] = x
            try:
                found, slope = model.with_slope(at)
                kept[key] = (found[rows] - reading) / scale, slope[rows][:, moving] / scale[:, None]
            except Outside:
                kept[key] = np.full(len(reading), FAR), np.zeros((len(reading), len(moving)))
        return kept[key]

    if not moving.size:
        misfit = float((evaluate(np.zeros(0))[0] ** 2).sum())
        return full, misfit
    inside = np.clip(full[moving], low[moving] + 1e-9, high[moving] - 1e-9)
    solution = least_squares(
        lambda x: evaluate(x)[0],
        inside,
        jac=lambda x: evaluate(x)[1],  # type: ignore[arg-type]
        bounds=(low[moving], high[moving]),
        xtol=1e-7,
        ftol=1e-9,
        gtol=1e-9,
        max_nfev=60,
    )
    full[moving] = solution.x
    misfit = 2.0 * float(solution.cost)
    if misfit >= FAR**2:
        raise Outside
    return full, misfit


def _judged(model: Model, unknowns: np.ndarray) -> Fit:
    """The fit with its covariance, that of the linear model at the optimum."""
    predicted, slope = model.with_slope(unknowns)
    series = model.series
    rows, scale = series.fitted, weights(model)
    misfit = float((((predicted - series.reading)[rows] / scale[rows]) ** 2).sum())
    free = int(rows.sum()) - len(unknowns)
    factor = 1.0 if series.with_sigma else misfit / free
    low, high = model.bounds
    near = AT_BOUND * (high - low)
    inner = (unknowns >= low + near) & (unknowns <= high - near)
    jacobian = slope[rows][:, inner] / scale[rows][:, None]
    covariance = np.zeros((len(unknowns), len(unknowns)))
    covariance[np.ix_(inner, inner)] = factor * np.linalg.pinv(jacobian.T @ jacobian, rcond=1e-12)
    sigma = series.sigma if series.with_sigma else np.sqrt(factor) * scale
    return Fit(model, unknowns, covariance, predicted, slope, sigma, misfit)


def _too_few(model: Model) -> Iterator[Problem]:
    series = model.series
    rows = series.informative
    conditions = np.stack([series.pressure, series.temperature, series.hold])[:, rows]
    pressures = len(np.unique(conditions, axis=1).T)
    law = len(model.law.parameters) + (model.hottest is not None)
    names = ", ".join(p.name for p in model.unknowns)
    if pressures < law:
        yield Problem(
            f"law {model.law.name}",
            f"{pressures} pressed point{'s' * (pressures != 1)} to fit",
            f"{law} or more: it has the parameters {', '.join(p.name for p in model.unknowns[:law])}",
        )
    elif not series.with_sigma and int(series.fitted.sum()) <= len(model.unknowns):
        yield Problem(
            f"law {model.law.name}",
            f"{int(series.fitted.sum())} rows for {len(model.unknowns)} unknowns ({names}) and no sigma",
            "a column sigma_um (or sigma, of the porosity), or more rows",
            "without either nothing says how far off the fit may be",
        )
