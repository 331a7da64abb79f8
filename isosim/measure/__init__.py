"""From states to what a laboratory reads: thickness, pressure film, whole cell, its edge."""

from __future__ import annotations

from typing import Any

import xarray as xr

from isosim.data.published import is_published
from isosim.measure import cell, edge, film, instruments, thickness, wrinkling, zones

__all__ = ["all"]


def all(ds: xr.Dataset, case: Any, edge_zone: float | None = None) -> xr.Dataset:
    """Add the readings of every instrument to a raw dataset.

    Parameters
    ----------
    ds
        Raw dataset of any fidelity (`isosim.dataset`).
    case
        The `isosim.case.Case` that was pressed: its stack says which layers make an electrode.
    edge_zone
        Width of the zone at the edge that is kept apart [m]; by default the height of the unpressed
        stack, at most half of the electrodes' half-width.

    Returns
    -------
    Dataset with the dimensions `electrode` (from the top), `plane` (pressure films, from the top),
    `definition` ("coating", "with_foil"), `kind` ("cathode", "anode") and `scope` added, each new
    variable with `units` and `long_name`. A stack without electrodes gets the readings of its films and
    its in-plane contraction only. Electrodes and energy are of the whole footprint, films of a solid of the
    line of stations nearest to y = 0. `reading` counts what the other instruments say
    (`measure.instruments`). The attribute `published` is 1 for a cell of a publication, else 0.

    Raises
    ------
    ValueError
        When the dataset was not made from this case's stack, or the edge zone leaves no interior.
    """
    stack = case.stack()
    names = [layer.name for layer in stack.layers]
    if names != list(ds.layer.values):
        raise ValueError(f"dataset has layers {list(ds.layer.values)}, needed those of the case: {names}")
    zone = zones.split(ds, edge_zone)
    read = ds.merge(film.read(ds, stack.film_planes, zone)).merge(cell.contraction(ds))
    if stack.electrodes:
        whole = zones.whole(ds)
        read = read.merge(thickness.read(whole, stack.electrodes, zones.split(whole, zone.width)))
        read = read.merge(cell.averages(read)).merge(cell.energy_density(whole))
        read = read.merge(wrinkling.read(ds, stack))
        read = read.merge(edge.read(ds, stack), compat="no_conflicts")
    read = read.merge(instruments.read(read, stack))
    return read.assign_attrs(
        cell=case.name,
        scenario=case.scenario,
        published=int(is_published(case)),
        edge_zone=zone.width,
        edge_fill=stack.edge_fill or "",
        pouch_edge=stack.pouch_edge.shape if stack.pouch_edge else "none",
    )
