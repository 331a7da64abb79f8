"""A compaction series, the fitted law with its band, the other laws and two lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from isosim.data.calibration import Calibration
from isosim.data.calibration.model import Presses
from isosim.data.calibration.skill import lines
from isosim.report.figures import style

POINTS = 60
LEAST_WEIGHT = 0.01  # of a law that is drawn


def data(found: Calibration) -> pd.DataFrame:
    """Rows of the series ("fit", "predict") and curves, porosity [1] or thickness [um] over pressure [MPa].

    `what` is the role, "law NAME", "straight line" or "log line"; a curve for each temperature and hold.
    """
    series = found.series
    scale = 1e6 if series.quantity == "thickness" else 1.0
    frames = [
        pd.DataFrame(
            {
                "what": [row.role for row in found.rows],
                "condition": [_condition(row.temperature, row.hold) for row in found.rows],
                "pressure_MPa": [row.pressure / 1e6 for row in found.rows],
                "value": [row.measured * scale for row in found.rows],
                "low": [row.low * scale for row in found.rows],
                "high": [row.high * scale for row in found.rows],
                "sigma": [row.sigma_noise * scale for row in found.rows],
            }
        )
    ]
    lowest = 0.2 * series.pressure[series.pressed].min()
    pressure = np.linspace(lowest, 1.05 * series.pressure.max(), POINTS)
    pressed = np.stack([series.temperature, series.hold])[:, series.pressed]
    for temperature, hold in np.unique(pressed, axis=1).T:
        presses = Presses(pressure, np.full(POINTS, temperature), np.full(POINTS, hold))
        for weight, one in zip(found.weights, found.fits, strict=True):
            if weight < LEAST_WEIGHT:
                continue
            predicted = one.model.predicted(one.unknowns[None], presses)[0]
            frame = pd.DataFrame(
                {
                    "what": f"law {one.model.law.name}",
                    "condition": _condition(temperature, hold),
                    "pressure_MPa": pressure / 1e6,
                    "value": predicted * scale,
                }
            )
            if one is found.chosen:
                low, high, *_ = found.interval(predicted, pressure, presses)
                frame["low"], frame["high"] = low * scale, high * scale
            frames.append(frame)
    for name, line in lines(series).items():
        if line is not None:
            drawn = {"what": name, "pressure_MPa": pressure / 1e6, "value": line(pressure) * scale}
            frames.append(pd.DataFrame(drawn))
    frame = pd.concat(frames, ignore_index=True)
    frame.attrs = {"quantity": series.quantity, "law": found.chosen.model.law.name}
    return frame


def draw(frame: pd.DataFrame) -> Figure:
    """One panel; the chosen law with its band, fitted rows filled, predicted rows open."""
    figure = style.new(3.6)
    axes = figure.add_subplot()
    chosen = f"law {frame.attrs['law']}"
    curves = frame[frame["what"].str.startswith("law ")]
    colours = style.conditions(frame["condition"].dropna())
    several = len(colours) > 1
    ends: list[tuple[str, pd.Series, str]] = []
    for (what, condition), curve in curves.groupby(["what", "condition"], sort=False):
        colour = colours[condition][0]
        if what == chosen:
            label = f"{what}, {condition}" if several else f"{what}, with interval of a new reading"
            axes.plot(curve["pressure_MPa"], curve["value"], color=colour, label=label)
            axes.fill_between(
                curve["pressure_MPa"], curve["low"], curve["high"], color=colour, alpha=0.13, linewidth=0.0
            )
        else:
            axes.plot(curve["pressure_MPa"], curve["value"], color=colour, linewidth=0.7, alpha=0.6)
            ends.append((str(what).removeprefix("law "), curve.iloc[-1], colour))
    for name, dashes in (("straight line", (1, 2)), ("log line", (4, 2))):
        line = frame[frame["what"] == name]
        if len(line):
            axes.plot(
                line["pressure_MPa"],
                line["value"],
                color=style.QUIET,
                linewidth=0.9,
                dashes=dashes,
                label=name,
            )
    for role, filled in (("fit", True), ("predict", False)):
        for n, (condition, points) in enumerate(
            frame[frame["what"] == role].groupby("condition", sort=False)
        ):
            colour, marker = colours[condition]
            axes.errorbar(
                points["pressure_MPa"],
                points["value"],
                points["sigma"],
                fmt=marker,
                color=colour,
                markerfacecolor=colour if filled else "white",
                elinewidth=0.8,
                capsize=2,
                label=None if n else ("fitted" if filled else "not fitted: predicted"),
                zorder=5,
            )
    shown = frame[frame["what"].isin(["fit", "predict"]) | (frame["what"] == chosen)]
    values = shown[["value", "low", "high"]].to_numpy()
    span = np.nanmax(values) - np.nanmin(values)
    axes.set_ylim(np.nanmin(values) - 0.08 * span, np.nanmax(values) + 0.05 * span)
    axes.set_xlim(left=-0.02 * frame["pressure_MPa"].max(), right=1.06 * frame["pressure_MPa"].max())
    _name_ends(axes, ends)
    axes.set_xlabel("pressure, MPa")
    axes.set_ylabel("porosity" if frame.attrs["quantity"] == "porosity" else "thickness of the coating, µm")
    style.light_grid(axes)
    axes.legend()
    return figure


def _name_ends(axes: Axes, ends: list[tuple[str, pd.Series, str]]) -> None:
    """Names of curves at their ends, moved up where they would lie on each other."""
    low, high = axes.get_ylim()
    below = -np.inf
    for name, end, colour in sorted(ends, key=lambda item: float(item[1]["value"])):
        below = max(float(end["value"]), below + 0.04 * (high - low))
        axes.annotate(
            name,
            (end["pressure_MPa"], below),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=colour,
        )


def _condition(temperature: float, hold: float) -> str:
    return f"{temperature - 273.15:.0f} °C, {hold / 60.0:.3g} min"
