"""Fit one law or choose among all, and predict with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.stats import chi2

from isosim.column.run import LATERAL
from isosim.data.calibration.fit import LEVEL, Fit, fit, profile
from isosim.data.calibration.laws import COMPARED, LAWS, SAME_CURVE, Parameter
from isosim.data.calibration.model import Model, Presses
from isosim.data.calibration.series import Series
from isosim.data.calibration.skill import skill
from isosim.errors import InputError, Problem


@dataclass(frozen=True)
class Estimate:
    """A fitted number in SI, its standard deviation, and its interval by profile likelihood.

    `identified` is false where the data leave an end of the interval at a bound of the law.
    """

    parameter: Parameter
    value: float
    relative_sigma: float
    low: float
    high: float
    identified: bool


@dataclass(frozen=True)
class Prediction:
    """A row: SI, of the fitted quantity where no name says otherwise.

    `low` and `high` are the interval of a new reading: its noise, the covariance of the parameters and,
    where laws were compared, the discrepancy between them.
    """

    line: int
    pressure: float
    temperature: float
    hold: float
    role: str
    measured: float
    predicted: float
    low: float
    high: float
    sigma_noise: float
    sigma_parameters: float
    sigma_laws: float
    measured_thickness: float
    predicted_thickness: float
    measured_porosity: float
    predicted_porosity: float


@dataclass(frozen=True)
class Calibration:
    """What a calibration found; `fits` are those of all laws tried, the chosen one first."""

    series: Series
    material: str
    lateral: str
    fits: tuple[Fit, ...]
    left_out: tuple[str, ...]
    compared: bool

    @property
    def chosen(self) -> Fit:
        """The fit whose law is the best of the compared ones, or the only one."""
        return self.fits[0]

    @property
    def corrected(self) -> bool:
        """Whether the criterion is corrected for small samples: where it can be for all laws."""
        return all(one.correctable for one in self.fits)

    @property
    def criteria(self) -> np.ndarray:
        """Akaike's criterion of each fit."""
        return np.array([one.criterion(self.corrected) for one in self.fits])

    @property
    def weights(self) -> np.ndarray:
        """Akaike weight of each fit."""
        weight = np.exp(-0.5 * (self.criteria - self.criteria.min()))
        return weight / weight.sum()

    @property
    def fit_probability(self) -> float:
        """Chance of a larger misfit if law and errors were right; NaN where the errors are estimated."""
        one = self.chosen
        known = self.series.with_sigma and one.free > 0
        return float(chi2.sf(one.misfit, one.free)) if known else float("nan")

    @cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """The numbers of the chosen law."""
        one = self.chosen
        sds = np.sqrt(np.diag(one.covariance))
        found = []
        for i, parameter in enumerate(one.model.unknowns):
            low, high, closed = profile(one, i)
            value = float(np.exp(one.unknowns[i]))
            found.append(Estimate(parameter, value, float(sds[i]), min(low, value), max(high, value), closed))
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[Prediction, ...]:
        """Every row of the series."""
        series, one = self.series, self.chosen
        porosity, height = (values[0] for values in one.model.readings(one.unknowns[None]))
        solid = float(one.model.solid(one.unknowns[None])[0])
        thickness = height * solid
        low, high, noise, inside, between = self.interval(one.predicted, series.pressure)
        if series.quantity == "porosity":
            measured_porosity, measured_thickness = series.reading, series.other
        else:
            measured_thickness = series.reading
            measured_porosity = 1.0 - (1.0 - porosity) * thickness / series.reading
        return tuple(
            Prediction(
                line=series.lines[i],
                pressure=float(series.pressure[i]),
                temperature=float(series.temperature[i]),
                hold=float(series.hold[i]),
                role="fit" if series.fitted[i] else "predict",
                measured=float(series.reading[i]),
                predicted=float(one.predicted[i]),
                low=float(low[i]),
                high=float(high[i]),
                sigma_noise=float(noise[i]),
                sigma_parameters=float(inside[i]),
                sigma_laws=float(between[i]),
                measured_thickness=float(measured_thickness[i]),
                predicted_thickness=float(thickness[i]),
                measured_porosity=float(measured_porosity[i]),
                predicted_porosity=float(porosity[i]),
            )
            for i in range(len(series.lines))
        )

    @cached_property
    def skill(self) -> dict[str, Any]:
        """Against two lines through the same rows, see `skill.skill`."""
        return skill(self.series, self.chosen.predicted)

    def interval(
        self, predicted: np.ndarray, pressure: np.ndarray, presses: Presses | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Ends (rows,) of the interval of a new reading, and the three standard deviations in it.

        Those of noise, parameters, and laws (mean square distance of the other laws from the chosen one by
        their Akaike weights, after Burnham & Anderson 2002). `presses` are those of the series when None.
        """
        one, series = self.chosen, self.series
        noise = one.sigma if presses is None else np.full(len(pressure), np.median(one.sigma))
        inside, between = np.zeros(len(pressure)), np.zeros(len(pressure))
        for weight, other in zip(self.weights, self.fits, strict=True):
            if weight < 1e-6:
                continue
            values, slope = (
                (other.predicted, other.slope)
                if presses is None
                else other.model.with_slope(other.unknowns, presses)
            )
            inside += weight * np.einsum("ri,ij,rj->r", slope, other.covariance, slope)
            between += weight * (values - predicted) ** 2
        half = one.quantile * np.sqrt(noise**2 + np.maximum(inside, 0.0) + between)
        low, high = np.maximum(predicted - half, 0.0), predicted + half
        if series.quantity == "porosity":
            high = np.minimum(high, 1.0)
        return low, high, noise, np.sqrt(np.maximum(inside, 0.0)), np.sqrt(between)


def calibrate(
    series: Series, material: str, law: str | None = None, lateral: str = "confined"
) -> Calibration:
    """Fit the compaction law of a card to a series by the column model.

    Parameters
    ----------
    series
        What `series.load` read.
    material
        The card that gives all but the cap: a name, or a path ending in ".toml".
    law
        One of `laws.LAWS`; None compares all that are different curves and takes the best by Akaike's
        criterion.
    lateral
        In-plane kinematics of the coating alone: "confined", "one direction" or "free".

    Raises
    ------
    InputError
        An unknown material, law or kinematics; too few rows; a law that cannot follow them.
    """
    if law is not None and law not in LAWS:
        raise InputError(Problem("--law", repr(law), f"one of {', '.join((*LAWS, 'all'))}"))
    if lateral not in LATERAL:
        raise InputError(Problem("--lateral", repr(lateral), f"one of {', '.join(map(repr, LATERAL))}"))
    start = Model(material, LAWS[law or COMPARED[0]], series, lateral)
    if not start.porosity0 < start.loosest:
        got, needed = f"{start.porosity0:.4g}", f"less than {start.loosest:g}, for {material}"
        raise InputError(Problem("unpressed porosity", got, needed), series.source)
    if law is not None:
        return Calibration(series, material, lateral, (fit(start),), (), False)
    fits, refused = [], []
    for name in COMPARED:
        try:
            fits.append(fit(Model(material, LAWS[name], series, lateral)))
        except InputError as error:
            refused.append((name, error))
    if not fits:
        raise InputError([p for _, error in refused for p in error.problems], series.source)
    corrected = all(one.correctable for one in fits)
    fits.sort(key=lambda one: one.criterion(corrected))
    left_out = [f"{name}: {'; '.join(map(str, error.problems))}" for name, error in refused]
    left_out += [f"{name}: the same curve as {twin}" for name, twin in SAME_CURVE.items()]
    return Calibration(series, material, lateral, tuple(fits), tuple(left_out), True)


def level_text() -> str:
    """The level of all intervals in words."""
    return f"{100 * LEVEL:.0f} %"
