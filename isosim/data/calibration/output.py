"""What a calibration leaves: a card, a JSON file, and sentences."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from isosim import units
from isosim.atomic import replacing
from isosim.data.calibration.calibrate import Calibration, Estimate
from isosim.data.calibration.fit import LEVEL
from isosim.materials import load


def card_name(found: Calibration) -> str:
    """The file name of the card."""
    return f"{Path(found.material).stem}_{found.chosen.model.law.name}.toml"


def write_card(found: Calibration, path: Path) -> None:
    """Write the card of the chosen law, ready to be named in a case; whole or not at all."""
    model, series = found.chosen.model, found.series
    applied = series.pressure[series.informative] / 1e6
    rows = int(series.fitted.sum())
    file = Path(series.source)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    source = (
        f"fitted by isosim calibrate (law {model.law.name}) in the {found.lateral} column to {rows} rows of "
        f"{file.name} (sha256 {digest}...), {applied.min():g} to {applied.max():g} MPa"
    )
    document = model.card(found.chosen.values(), source)
    document["title"] = f"{load(found.material).title}; {model.law.name} law fitted to {file.name}"
    document["assumptions"] = [
        f"all but the cap{' and its factor of temperature' if model.hottest else ''} is taken from the card "
        f"{Path(found.material).stem}",
        f"the fit reaches from {applied.min():g} to {applied.max():g} MPa; beyond it the law alone speaks",
        *statements(found),
    ]
    for estimate in found.estimates:
        entry = document["cap"].get(estimate.parameter.name)
        if estimate.parameter.name == "strength":
            entry = document["thermal"]["strength"]
        if entry is not None and estimate.low < estimate.value < estimate.high:
            entry["range"] = [estimate.parameter.text(end) for end in (estimate.low, estimate.high)]
    with replacing(path) as partial:
        partial.write_text(tomli_w.dumps(document), "utf-8")
        load(str(partial.resolve()))


def write_json(found: Calibration, path: Path) -> None:
    """Write everything found as JSON, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(json.dumps(summary(found), indent=1, allow_nan=False) + "\n", "utf-8")


def summary(found: Calibration) -> dict[str, Any]:
    """Everything found. `low` and `high` are in the unit of `interval_of`; see docs/calibrate.md."""
    one, series = found.chosen, found.series
    um = series.quantity == "thickness"
    scale = 1e6 if um else 1.0

    def micro(metres: float) -> float | None:
        return _number(metres * 1e6)

    unit = "um" if um else "1"
    return {
        "data": Path(series.source).name,
        "material": found.material,
        "lateral": found.lateral,
        "law": one.model.law.name,
        "fitted_quantity": series.quantity,
        "interval_of": f"a new reading of the {series.quantity}, {unit}",
        "level": LEVEL,
        "interval_holds": ["noise of the reading", "covariance of the parameters"]
        + (["discrepancy between laws"] if found.compared else []),
        "rows": [
            {
                "row": row.line,
                "pressure_MPa": row.pressure / 1e6,
                "temperature_degC": round(row.temperature - 273.15, 6),
                "hold_min": row.hold / 60.0,
                "role": row.role,
                "measured_um": micro(row.measured_thickness),
                "predicted_um": micro(row.predicted_thickness),
                "measured_porosity": _number(row.measured_porosity),
                "predicted_porosity": _number(row.predicted_porosity),
                "low": row.low * scale,
                "high": row.high * scale,
                "sigma_noise": row.sigma_noise * scale,
                "sigma_parameters": row.sigma_parameters * scale,
                "sigma_laws": row.sigma_laws * scale,
            }
            for row in found.rows
        ],
        "skill": _lines_in(found.skill, scale),
        "parameters": [
            {
                "name": e.parameter.name,
                "unit": e.parameter.unit or "1",
                "value": e.value,
                "relative_sigma": e.relative_sigma,
                "low": e.low,
                "high": e.high,
                "identified": e.identified,
            }
            for e in found.estimates
        ],
        "covariance_of_logarithms": one.covariance.tolist(),
        "fit_probability": _number(found.fit_probability),
        "laws": [
            {
                "law": other.model.law.name,
                "criterion": float(criterion),
                "weight": float(weight),
                "misfit": other.misfit,
                "free": other.free,
                "unknowns": other.values(),
                "predicted": [float(y) * scale for y in other.predicted],
            }
            for other, criterion, weight in zip(found.fits, found.criteria, found.weights, strict=True)
        ],
        "left_out": list(found.left_out),
        "statements": list(statements(found)),
    }


def statements(found: Calibration) -> Iterator[str]:
    """What a reader has to know about the fit, in sentences."""
    one, series = found.chosen, found.series
    yield from series.assumptions
    if one.model.loose:
        yield (
            f"nothing says how porous the unpressed coating was: {one.model.porosity0:.3f} is assumed, "
            "looser than all readings"
        )
    if not series.with_sigma:
        yield f"no sigma is stated; the scatter of {one.free} degrees of freedom gives {_sigma(found)}"
    if found.compared and not found.corrected:
        yield "rows are too few to correct Akaike's criterion for small samples; the plain one is used"
    probability = found.fit_probability
    if probability < 0.05:
        yield (
            f"misfit: the law misses the rows by more than their sigma allows (probability "
            f"{probability:.2g}); the intervals do not hold this"
        )
    for estimate in found.estimates:
        if not estimate.identified:
            yield f"not identified: {written(estimate)}"
    if found.compared and len(found.fits) > 1:
        yield (
            f"the interval holds the discrepancy between {len(found.fits)} laws; "
            f"{one.model.law.name} has the weight {found.weights[0]:.2f}"
        )
    elif not found.compared:
        yield f"the interval holds noise and parameters, given that the law is {one.model.law.name}"


def written(estimate: Estimate) -> str:
    """A parameter with its interval, in the unit of a card."""
    parameter = estimate.parameter
    if parameter.unit == "m":
        low, value, high = (units.show(x, "um") for x in (estimate.low, estimate.value, estimate.high))
    else:
        low, value, high = (_short(parameter.text(x)) for x in (estimate.low, estimate.value, estimate.high))
    words = f"{parameter.name} {value}"
    ends = ([f"more than {low}"] if estimate.low > parameter.low * 1.001 else []) + (
        [f"less than {high}"] if estimate.high < parameter.high * 0.999 else []
    )
    if estimate.identified:
        return f"{words} ({low} to {high})"
    return f"{words} (the data say {' and '.join(ends) or 'nothing'})"


def _short(text: Any) -> str:
    number, _, unit = str(text).partition(" ")
    return f"{float(number):.4g} {unit}".strip()


def _sigma(found: Calibration) -> str:
    sigma = float(np.median(found.chosen.sigma))
    return units.show(sigma, "um") if found.series.quantity == "thickness" else f"{sigma:.2g}"


def _number(value: float) -> float | None:
    return None if math.isnan(value) or math.isinf(value) else float(value)


def _lines_in(skill: dict[str, Any], scale: float) -> dict[str, Any]:
    """Skill with its errors and predictions in the unit of the rows."""

    def scaled(value: Any) -> Any:
        if isinstance(value, list):
            return [scaled(one) for one in value]
        return None if value is None else value * scale

    out = {**skill, "rms_error": scaled(skill["rms_error"])}
    for name, part in skill.items():
        if isinstance(part, dict):
            out[name] = {**part, **{key: scaled(part[key]) for key in ("rms_error", "predicted")}}
    return out
