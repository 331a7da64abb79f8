"""Results as tables in the units of a laboratory: um, MPa, %, with the unit in each column's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from isosim.atomic import replacing
from isosim.measure.thickness import DEFINITIONS
from isosim.report import intervals, readings
from isosim.report.describe import label
from isosim.uncertainty.reported import Found


def electrodes(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each electrode of each cell."""
    return _stacked([_electrodes(ds) for ds in datasets], datasets)


def films(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each pressure film of each cell."""
    return _stacked([_films(ds) for ds in datasets], datasets)


def cells(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each cell: averages over its cathodes and anodes, contraction, energy per volume."""
    return pd.DataFrame([{**asdict(label(ds)), **_cell(ds)} for ds in datasets])


def write(datasets: Sequence[xr.Dataset], found: Found, out: Path) -> None:
    """Write `summary.csv` (electrodes, films), `readings.csv`, `intervals.csv` and `summary.xlsx`."""
    sheets = {"cells": cells(datasets), "electrodes": electrodes(datasets), "films": films(datasets)}
    more = {"readings": readings.data(datasets), "intervals": intervals.data(datasets, found)}
    long = pd.concat([sheets["electrodes"].assign(item="electrode"), sheets["films"].assign(item="film")])
    first = [name for name in ("cell", "item", "number", "kind") if name in long]
    long = long[[*first, *(column for column in long if column not in first)]]
    with replacing(out / "summary.csv") as partial:
        long.to_csv(partial, index=False, float_format="%.6g")
    for name, sheet in more.items():
        with replacing(out / f"{name}.csv") as partial:
            sheet.to_csv(partial, index=False, float_format="%.6g")
    with replacing(out / "summary.xlsx") as partial, pd.ExcelWriter(partial, engine="openpyxl") as book:
        for name, sheet in {**sheets, **more}.items():
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))


def _stacked(columns: Sequence[dict[str, Any]], datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    frames = [
        pd.DataFrame({**asdict(label(ds)), **values})
        for ds, values in zip(datasets, columns, strict=True)
        if values
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _electrodes(ds: xr.Dataset) -> dict[str, Any]:
    if "electrode" not in ds.dims:
        return {}
    final = ds.sel(state="disassembled")
    columns: dict[str, Any] = {"number": ds.electrode_number.values, "kind": ds.electrode_kind.values}
    for definition in DEFINITIONS:
        thickness = ds.electrode_thickness.sel(definition=definition)
        interior = ds.reduction_interior.sel(definition=definition)
        columns[f"{definition}_unpressed_um"] = 1e6 * thickness.sel(state="unpressed").values
        columns[f"{definition}_disassembled_um"] = 1e6 * thickness.sel(state="disassembled").values
        columns[f"{definition}_reduction_%"] = 100 * ds.reduction.sel(definition=definition).values
        columns[f"{definition}_reduction_interior_%"] = 100 * interior.values
    columns["reduction_ceiling_%"] = 100 * ds.reduction_ceiling.values
    columns["porosity_unpressed_%"] = 100 * ds.electrode_porosity.sel(state="unpressed").values
    columns["porosity_disassembled_%"] = 100 * final.electrode_porosity.values
    columns["springback_%"] = 100 * ds.springback.values
    columns["foil_log_strain_x_%"] = 100 * final.foil_strain_x.values
    columns["foil_log_strain_y_%"] = 100 * final.foil_strain_y.values
    return columns


def _films(ds: xr.Dataset) -> dict[str, Any]:
    if not ds.sizes["plane"]:
        return {}
    return {
        "number": np.arange(1, ds.sizes["plane"] + 1),
        "below_electrode": ds.electrode_above.values,
        "film_pressure_MPa": ds.film_pressure.values / 1e6,
        "film_pressure_std_MPa": ds.film_pressure_std.values / 1e6,
        "film_edge_zone_mean_MPa": ds.film_edge_pressure.values / 1e6,
        "film_edge_zone_min_MPa": ds.film_edge_minimum.values / 1e6,
        "film_grey_0_255": ds.film_grey.values,
        "film_saturated": ds.film_saturated.values,
        "film_valid": ds.film_valid.values,
    }


def _cell(ds: xr.Dataset) -> dict[str, Any]:
    row: dict[str, Any] = {"edge_zone_mm": 1e3 * ds.attrs["edge_zone"]}
    for state in ("held", "released"):
        for axis in "xy":
            value = ds[f"contraction_{axis}"].sel(state=state)
            row[f"contraction_{axis}_{state}_%"] = 100 * float(value)
    if "kind" not in ds.dims:
        return row
    for kind in ds.kind.values:
        of_kind = ds.sel(kind=kind)
        for definition in DEFINITIONS:
            reduction = of_kind.cell_reduction.sel(definition=definition)
            row[f"{kind}_{definition}_reduction_%"] = 100 * float(reduction)
        row[f"{kind}_porosity_%"] = 100 * float(of_kind.cell_porosity.sel(state="disassembled"))
        row[f"{kind}_springback_%"] = 100 * float(of_kind.cell_springback)
        row[f"{kind}_contraction_disassembled_%"] = 100 * float(of_kind.electrode_contraction)
    for scope in ds.scope.values:
        row[f"energy_density_change_{scope}_%"] = 100 * float(ds.energy_density_change.sel(scope=scope))
    return row
