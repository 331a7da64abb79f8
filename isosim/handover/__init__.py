"""Hand a pressed cell over to cell models: PyBaMM parameters, BPX, and a table for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from isosim import units
from isosim.atomic import replacing
from isosim.errors import InputError, Problem
from isosim.handover.cell import Cell, cells
from isosim.handover.pybamm import bpx, parameters
from isosim.handover.source import pressed

__all__ = ["Cell", "bpx", "cells", "parameters", "write"]


def write(result: Path, out: Path, base: Path | None = None, energy: str | None = None) -> list[Path]:
    """Write each cell of a run, unpressed and pressed, into `out`.

    CELL.STATE.pybamm.json
        For `pybamm.ParameterValues(...).update(json.load(...))`.
    CELL.STATE.bpx.json
        A BPX document: complete with `base`, a BPX file of the same chemistry, else the layers alone.
    layers.csv
        Both states of all cells for people: thickness, porosity, press density, areal mass, energy density.
        That is in Wh/L with `energy`, that of one pair of facing coatings per area ("8 mWh/cm^2"), which
        pressing does not know; without it its change alone.

    Raises
    ------
    InputError
        No result, no manifest, no active material on a card, a base that is no BPX document, or an energy
        that is none. Nothing is written then.
    """
    chemistry = None if base is None else _read(base)
    areal = None if energy is None else units.parse(energy, "J/m^2", "--energy")
    if areal is not None and not areal > 0.0:
        raise InputError(Problem("--energy", energy or "", "more than zero"))
    found = [cell for ds, case in pressed(result) for cell in cells(ds, case).values()]
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for cell in found:
        for form, content in (("pybamm", parameters(cell)), ("bpx", bpx(cell, chemistry))):
            file = out / f"{cell.name}.{cell.state}.{form}.json"
            with replacing(file) as partial:
                partial.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
            written.append(file)
    written.append(out / "layers.csv")
    with replacing(written[-1]) as partial:
        pd.DataFrame([_row(cell, areal) for cell in found]).to_csv(partial, index=False, float_format="%.5g")
    return written


def _read(base: Path) -> dict[str, Any]:
    needed = "a BPX document with both electrodes"
    try:
        document = json.loads(base.read_text("utf-8"))
        parts = document["Parameterisation"]
        if all(isinstance(parts[f"{side} electrode"], dict) for side in ("Positive", "Negative")):
            return document
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise InputError(Problem("--base", str(base), needed))


def _row(cell: Cell, areal: float | None) -> dict[str, Any]:
    row: dict[str, Any] = {"cell": cell.name, "state": cell.state}
    for electrode in (cell.cathode, cell.anode):
        values = asdict(electrode)
        kind = values.pop("kind")
        units = {
            "thickness": ("thickness_um", 1e6),
            "foil_thickness": ("foil_um", 1e6),
            "porosity": ("porosity", 1.0),
            "active_fraction": ("active_volume_fraction", 1.0),
            "tortuosity": ("tortuosity", 1.0),
            "conductivity_ratio": ("conductivity_over_unpressed", 1.0),
            "density": ("press_density_g_cm3", 1e-3),
            "areal_mass": ("areal_mass_mg_cm2", 100.0),
        }
        for name, (label, factor) in units.items():
            row[f"{kind}_{label}"] = None if values[name] is None else factor * values[name]
    row["separator_thickness_um"] = 1e6 * cell.separator.thickness
    row["separator_porosity"] = cell.separator.porosity
    row["cell_height_um"] = 1e6 * cell.height
    row["energy_density_Wh_L"] = None if areal is None else cell.energy_density(areal) / 3.6e6
    row["energy_density_change_%"] = 100.0 * cell.energy_density_change
    return row
