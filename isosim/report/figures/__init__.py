"""Figures. Each has `data`, the numbers, and `draw`, which sees nothing but those numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from isosim.report.describe import label
from isosim.report.figures import (
    contraction,
    edge,
    energy,
    film_planes,
    pressure_thickness,
    reduction,
    section,
)

MOST_ELECTRODES = 4  # the layers of a taller stack are too fine to see


@dataclass(frozen=True)
class Planned:
    """A figure to draw: its name as a file, its caption, its numbers."""

    name: str
    caption: str
    frame: pd.DataFrame
    draw: Callable[[pd.DataFrame], Figure]


def planned(main: Sequence[xr.Dataset], datasets: Sequence[xr.Dataset], fitted: bool) -> Iterator[Planned]:
    """The figures of a report: `main` are the datasets shown, `datasets` those of all scenarios.

    `fitted` says whether cards in use were fitted to published cells.
    """
    with_electrodes = [ds for ds in main if "kind" in ds.dims]
    if with_electrodes:
        frame = reduction.data(datasets)
        yield Planned("reduction", reduction.caption(frame, fitted), frame, reduction.draw)
    drawable = [ds for ds in main if label(ds).electrodes <= MOST_ELECTRODES] or list(main)
    tallest = max(drawable, key=lambda ds: label(ds).electrodes)
    caption = section.CAPTION.format(cell=label(tallest).cell)
    yield Planned("section", caption, section.data(tallest), section.draw)
    if tallest_with_edge := edge.shown(main):
        yield Planned("edge", edge.caption(tallest_with_edge), edge.data(tallest_with_edge), edge.draw)
    if any(ds.sizes["plane"] for ds in main):
        yield Planned("film_planes", film_planes.CAPTION, film_planes.data(main), film_planes.draw)
    if with_electrodes:
        frame = pressure_thickness.data(with_electrodes)
        yield Planned("pressure_thickness", pressure_thickness.CAPTION, frame, pressure_thickness.draw)
        frame = contraction.data(with_electrodes)
        yield Planned("contraction", contraction.caption(frame, fitted), frame, contraction.draw)
        yield Planned("energy", energy.CAPTION, energy.data(with_electrodes), energy.draw)
