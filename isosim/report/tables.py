"""Results as tables in the units of a laboratory: um, MPa, %, with the unit in each column's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from isosim.atomic import replacing
from isosim.measure.thickness import DEFINITIONS
from isosim.report.describe import label


def electrodes(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each electrode of each cell."""
    rows = [{**asdict(label(ds)), **row} for ds in datasets for row in _electrodes(ds)]
    return pd.DataFrame(rows)


def films(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each pressure film of each cell."""
    rows = [{**asdict(label(ds)), **row} for ds in datasets for row in _films(ds)]
    return pd.DataFrame(rows)


def cells(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """One row for each cell: averages over its cathodes and anodes, contraction, energy per volume."""
    return pd.DataFrame([{**asdict(label(ds)), **_cell(ds)} for ds in datasets])


def write(datasets: Sequence[xr.Dataset], out: Path) -> None:
    """Write `summary.csv` (every electrode and film, one below the other) and `summary.xlsx` (sheets)."""
    sheets = {"cells": cells(datasets), "electrodes": electrodes(datasets), "films": films(datasets)}
    long = pd.concat([sheets["electrodes"].assign(item="electrode"), sheets["films"].assign(item="film")])
    first = ["cell", "item", "number", "kind"]
    long = long[[*first, *(column for column in long if column not in first)]]
    with replacing(out / "summary.csv") as partial:
        long.to_csv(partial, index=False, float_format="%.6g")
    with replacing(out / "summary.xlsx") as partial, pd.ExcelWriter(partial, engine="openpyxl") as book:
        for name, sheet in sheets.items():
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))


def _electrodes(ds: xr.Dataset) -> list[dict[str, Any]]:
    if "electrode" not in ds.dims:
        return []
    rows = []
    for i in range(ds.sizes["electrode"]):
        one = ds.isel(electrode=i)
        final = one.sel(state="disassembled")
        row: dict[str, Any] = {
            "number": int(one.electrode_number),
            "kind": str(one.electrode_kind.values),
        }
        for definition in DEFINITIONS:
            thickness = one.electrode_thickness.sel(definition=definition)
            row[f"{definition}_unpressed_um"] = 1e6 * float(thickness.sel(state="unpressed"))
            row[f"{definition}_disassembled_um"] = 1e6 * float(thickness.sel(state="disassembled"))
            row[f"{definition}_reduction_%"] = 100 * float(one.reduction.sel(definition=definition))
            interior = one.reduction_interior.sel(definition=definition)
            row[f"{definition}_reduction_interior_%"] = 100 * float(interior)
        row["reduction_ceiling_%"] = 100 * float(one.reduction_ceiling)
        row["porosity_unpressed_%"] = 100 * float(one.electrode_porosity.sel(state="unpressed"))
        row["porosity_disassembled_%"] = 100 * float(final.electrode_porosity)
        row["springback_%"] = 100 * float(one.springback)
        row["foil_log_strain_x_%"] = 100 * float(final.foil_strain_x)
        row["foil_log_strain_y_%"] = 100 * float(final.foil_strain_y)
        rows.append(row)
    return rows


def _films(ds: xr.Dataset) -> list[dict[str, Any]]:
    return [
        {
            "number": plane + 1,
            "below_electrode": int(ds.electrode_above[plane]),
            "film_pressure_MPa": float(ds.film_pressure[plane]) / 1e6,
            "film_pressure_std_MPa": float(ds.film_pressure_std[plane]) / 1e6,
            "film_edge_zone_mean_MPa": float(ds.film_edge_pressure[plane]) / 1e6,
            "film_edge_zone_min_MPa": float(ds.film_edge_minimum[plane]) / 1e6,
            "film_grey_0_255": float(ds.film_grey[plane]),
            "film_saturated": bool(ds.film_saturated[plane]),
            "film_valid": bool(ds.film_valid[plane]),
        }
        for plane in range(ds.sizes["plane"])
    ]


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
