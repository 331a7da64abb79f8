"""A result as one row: the readings of `press_many`, a column for each, in SI."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import xarray as xr

from isosim.column.many_plan import STAGES
from isosim.column.many_readings import VARIABLES

SHOWN = {"Pa": "MPa", "m": "um", "K": "degC", "kg/m^2": "mg/cm^2", "kg/m^3": "g/cm^3", "J/mol": "kJ/mol"}
FILMS = {
    "film_pressure_lowest": ("film_pressure", "Pa", "lowest recorded pressure of all planes, interior mean"),
    "film_pressure_highest": (
        "film_pressure",
        "Pa",
        "highest recorded pressure of all planes, interior mean",
    ),
    "film_edge_minimum": ("film_edge_minimum", "Pa", "smallest recorded pressure in an edge zone"),
}


def meaning(name: str) -> tuple[str, str]:
    """Unit and meaning of a reading by the name of its column; empty for what is none."""
    if name in FILMS:
        return FILMS[name][1:]
    for variable, (_, unit, words) in VARIABLES.items():
        rest = name.removeprefix(variable)
        if rest != name and rest[:1] == "_":
            return unit, f"{words}: {rest[1:].replace('_', ' ')}"
    return "", ""


def of_columns(ds: xr.Dataset) -> dict[str, np.ndarray]:
    """Readings (cases,) of a dataset of `press_many`."""
    return dict(_columns(ds))


def of_case(ds: xr.Dataset) -> dict[str, np.ndarray]:
    """The same readings (1,) of one measured dataset; of a section also those of the films."""
    phases = ds.phase.values
    steps = dict(
        zip(STAGES, (np.flatnonzero(np.isin(phases, ("load", "hold")))[-1], len(phases) - 1), strict=True)
    )
    at = xr.DataArray(list(steps.values()), dims="stage", coords={"stage": list(steps)})
    found = {
        "height": ds.thickness.isel(step=at).sum("layer"),
        **{name: ds[name].isel(step=at) for name in ("lateral_strain_x", "lateral_strain_y")},
    }
    if "kind" in ds.dims:
        states = {"state": ["held", "released", "disassembled"]}
        kind_of = {"electrode": ds.electrode_kind.values}
        strains = ds[["foil_strain_x", "foil_strain_y"]].sel(state="disassembled")
        means = {
            "thickness": ds.electrode_thickness.sel(states),
            "foil_strain_x": strains.foil_strain_x,
            "foil_strain_y": strains.foil_strain_y,
        }
        for name, array in means.items():
            by_kind = [
                array.isel(electrode=kind_of["electrode"] == kind).mean("electrode")
                for kind in ds.kind.values
            ]
            found[name] = xr.concat(by_kind, xr.Variable("kind", ds.kind.values))
        found |= {
            "reduction": ds.cell_reduction,
            "porosity": ds.cell_porosity.sel(states),
            "springback": ds.cell_springback,
        }
    ordered = {
        name: found[name].expand_dims("case").transpose(*VARIABLES[name][0])
        for name in VARIABLES
        if name in found
    }
    row = dict(_columns(ordered))
    if ds.attrs["fidelity"] == "section" and ds.sizes.get("plane"):
        row |= {
            "film_pressure_lowest": ds.film_pressure.min().values[None],
            "film_pressure_highest": ds.film_pressure.max().values[None],
            "film_edge_minimum": ds.film_edge_minimum.min().values[None],
        }
    return row


def _columns(found: xr.Dataset | dict[str, xr.DataArray]) -> Iterator[tuple[str, np.ndarray]]:
    for name, (dims, _, _) in VARIABLES.items():
        if name not in found:
            continue
        array = found[name]
        labels = [map(str, array[dim].values) for dim in dims[1:]]
        for words in product(*labels):
            place = dict(zip(dims[1:], words, strict=True))
            yield "_".join((name, *words)), array.sel(place).values
