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
    energy,
    film_planes,
    pressure_thickness,
    reduction,
    section,
)

LAYERS_ON_PAGE = 4  # a section of more electrodes is written as a file but too fine for the page


@dataclass(frozen=True)
class Planned:
    """A figure to draw: its name as a file, its caption, its numbers."""

    name: str
    caption: str
    frame: pd.DataFrame
    draw: Callable[[pd.DataFrame], Figure]
    on_page: bool = True


def planned(main: Sequence[xr.Dataset], datasets: Sequence[xr.Dataset]) -> Iterator[Planned]:
    """The figures of a report: `main` are the datasets shown, `datasets` those of all scenarios."""
    drawable = [ds for ds in main if label(ds).electrodes <= LAYERS_ON_PAGE] or list(main)[:1]
    featured = max(drawable, key=lambda ds: label(ds).electrodes)
    with_electrodes = [ds for ds in main if "kind" in ds.dims]
    if with_electrodes:
        yield Planned("reduction", reduction.CAPTION, reduction.data(datasets), reduction.draw)
    for ds in main:
        name = f"section_{label(ds).cell}"
        caption = section.CAPTION.format(cell=label(ds).cell)
        yield Planned(name, caption, section.data(ds), section.draw, ds is featured)
    if any(ds.sizes["plane"] for ds in main):
        yield Planned("film_planes", film_planes.CAPTION, film_planes.data(main), film_planes.draw)
    if with_electrodes:
        frame = pressure_thickness.data(with_electrodes)
        yield Planned("pressure_thickness", pressure_thickness.CAPTION, frame, pressure_thickness.draw)
        yield Planned("contraction", contraction.CAPTION, contraction.data(with_electrodes), contraction.draw)
        yield Planned("energy", energy.CAPTION, energy.data(with_electrodes), energy.draw)
