"""What the pressure films show, plane by plane, and how grey they come out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from isosim.measure import film
from isosim.report.describe import label
from isosim.report.figures import style

CAPTION = (
    "Pressure films between the electrodes. Shaded: above, the film's accuracy; towards the edge, less "
    "than the film's own thickness, where it resolves nothing; in its response, its range. Statics "
    "makes the interior equal to the applied pressure whatever the model, so only the edge can tell "
    "models apart. Hollow: outside the film's temperature window. Beyond its range a film is saturated."
    " The grey response is an assumed one within the known range."
)
_GAP = 4  # empty places between the cells of the upper panel
_ROOM = 7  # places that the name of a cell needs


def data(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Readings of every film plane; `where` says of which part of the plane.

    "interior", "edge zone" (means) and "edge minimum" for every plane; "station" gives the profile of the
    first and the middle plane of every cell, at `from_edge_mm` of the film's unpressed edge.
    """
    return pd.concat([_cell(ds) for ds in datasets if ds.sizes["plane"]], ignore_index=True)


def draw(frame: pd.DataFrame) -> Figure:
    """Above: every plane. Below: the profile to the edge (if the model has one) and the film's response."""
    profiles = frame[frame["where"] == "station"]
    with_edge = len(profiles) > 0
    figure = style.new(5.6 if with_edge else 3.0)
    looks = style.conditions(frame["condition"])
    if with_edge:
        grid = figure.add_gridspec(2, 2, width_ratios=(1.9, 1.0))
        _planes(figure.add_subplot(grid[0, :]), frame, looks)
        _profiles(figure.add_subplot(grid[1, 0]), profiles, looks)
        _response(figure.add_subplot(grid[1, 1]), frame, looks)
    else:
        grid = figure.add_gridspec(1, 2, width_ratios=(2.3, 1.0))
        _planes(figure.add_subplot(grid[0, 0]), frame, looks)
        _response(figure.add_subplot(grid[0, 1]), frame, looks)
    return figure


def _cell(ds: xr.Dataset) -> pd.DataFrame:
    here = label(ds)
    planes = np.arange(1, ds.sizes["plane"] + 1)
    parts = []
    for where, pressure in (
        ("interior", ds.film_pressure),
        ("edge zone", ds.film_edge_pressure),
        ("edge minimum", ds.film_edge_minimum),
    ):
        parts.append(pd.DataFrame({"plane": planes, "where": where, "pressure_MPa": pressure.values / 1e6}))
    if ds.sizes["x"] > 1:
        for plane in dict.fromkeys((1, (len(planes) + 1) // 2)):
            profile = ds.film_pressure_profile.isel(plane=plane - 1).dropna("x")
            edge = float(profile.x[-1] + 0.5 * ds.x_width.sel(x=profile.x[-1]))
            parts.append(
                pd.DataFrame(
                    {
                        "plane": plane,
                        "where": "station",
                        "from_edge_mm": 1e3 * (edge - profile.x.values),
                        "pressure_MPa": profile.values / 1e6,
                    }
                )
            )
    frame = pd.concat(parts, ignore_index=True).dropna(subset="pressure_MPa")
    frame["grey"] = film.grey(1e6 * frame["pressure_MPa"].to_numpy())
    frame["film_mm"] = 1e3 * float(ds.thickness[0, ds.role.values == "film"].mean())
    frame["valid"] = bool(ds.film_valid.all())
    frame["condition"] = here.condition
    frame["applied_MPa"] = here.pressure_MPa
    frame.insert(0, "cell", here.cell)
    return frame


def _planes(axes: Axes, frame: pd.DataFrame, looks: dict[str, tuple[str, str]]) -> None:
    accuracy = 100.0 * film.value("accuracy")
    axes.axhspan(100.0 - accuracy, 100.0 + accuracy, color=style.BAND, linewidth=0, zorder=0)
    axes.axhline(100.0, color=style.QUIET, linewidth=0.7, zorder=1)
    start, ticks, names = 0.0, [], []
    for cell, of_cell in frame[frame["where"] != "station"].groupby("cell", sort=False):
        colour, marker = looks[of_cell["condition"].iloc[0]]
        relative = 100.0 * of_cell["pressure_MPa"] / of_cell["applied_MPa"]
        count = int(of_cell["plane"].max())
        spare = max(0, _ROOM - count) / 2
        start += spare
        for where, shape, size in (
            ("interior", marker, 3.5),
            ("edge zone", "_", 5),
            ("edge minimum", "v", 3),
        ):
            chosen = (of_cell["where"] == where).to_numpy()
            face = colour if of_cell["valid"].iloc[0] else "white"
            axes.plot(
                start + of_cell["plane"][chosen],
                relative[chosen],
                shape,
                color=colour,
                markersize=size,
                markerfacecolor=face,
            )
        ticks.append(start + 0.5 * (count + 1))
        names.append(str(cell).replace("-", "\n"))
        start += count + spare + _GAP
    axes.set_xticks(ticks, names)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(0, start - _GAP + 1)
    shown = frame[frame["where"] != "station"]
    lowest = 100.0 * float((shown["pressure_MPa"] / shown["applied_MPa"]).min())
    axes.set_ylim(min(85.0, lowest) - 3.0, 115.0)
    axes.set_ylabel("film pressure\n(% of the applied one)")
    axes.set_title("every film plane, first on the left: ● interior  – edge-zone mean  ▾ edge-zone minimum")


def _profiles(axes: Axes, profiles: pd.DataFrame, looks: dict[str, tuple[str, str]]) -> None:
    for (_, plane), one in profiles.groupby(["cell", "plane"], sort=False):
        colour, _ = looks[one["condition"].iloc[0]]
        relative = 100.0 * one["pressure_MPa"] / one["applied_MPa"]
        axes.plot(
            one["from_edge_mm"], relative, color=colour, linestyle="-" if plane == 1 else "--", linewidth=0.9
        )
    axes.set_xscale("log")
    axes.axvspan(
        profiles["from_edge_mm"].min(), profiles["film_mm"].max(), color=style.BAND, linewidth=0, zorder=0
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.invert_xaxis()
    axes.set_xlabel("distance from the edge (mm)")
    axes.set_ylabel("film pressure\n(% of the applied one)")
    axes.set_title("to the edge: — first plane, - - middle plane")
    style.light_grid(axes, "both")


def _response(axes: Axes, frame: pd.DataFrame, looks: dict[str, tuple[str, str]]) -> None:
    low, high = film.value("range_low") / 1e6, film.value("range_high") / 1e6
    highest = 1.1 * max(200.0, float(frame["applied_MPa"].max()))
    pressure = np.linspace(0.0, highest, 300)
    axes.axvspan(low, high, color=style.BAND, linewidth=0, zorder=0)
    axes.plot(pressure, film.grey(1e6 * pressure), color=style.QUIET)
    for condition, (colour, marker) in looks.items():
        one = frame[frame["condition"] == condition].iloc[0]
        axes.plot(
            one["applied_MPa"],
            film.grey(1e6 * one["applied_MPa"]),
            marker,
            color=colour,
            markerfacecolor=colour if one["valid"] else "white",
            label=condition,
        )
    axes.set_ylim(0.0, 255.0)
    axes.set_xlim(0.0, highest)
    axes.set_xlabel("pressure (MPa)")
    axes.set_ylabel("grey value (0–255)")
    axes.set_title(f"film: {low:.0f}–{high:.0f} MPa")
    axes.legend(loc="upper right")
