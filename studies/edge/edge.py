"""How far from the edge, and how deep, is a cell pressed unevenly, and what moves it?

    python -m studies.edge.edge

Presses sections of `cell.toml` with other overhangs, electrodes, pouches, drapes and fixtures, each with both
edge fillings. Writes `edge.csv`, `profiles.csv` and `edge.png`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from isosim import materials, press
from isosim.case import load
from isosim.case.body import POUCH
from isosim.errors import SolverError
from isosim.measure.edge import LAST, REACH
from isosim.report.figures import style

HERE = Path(__file__).parent
FILLINGS = ("open gap", "frame")
TOLD_APART = 0.02  # of the pressure: what counts as under-pressed
CLOSEST = 1e3 * LAST  # mm
STEEL = {"kind": "plate", "thickness": "2 mm"}
BASE: dict[str, Any] = {}

Change = dict[str, Any]


def overhang(separator: float) -> Change:
    """Separators this far beyond the cathodes [mm], anodes and films half of it."""
    half = f"{0.5 * separator} mm"
    return {"stack.overhang": {"anode": half, "separator": f"{separator} mm", "film": half}}


def pouch(factor: float) -> Change:
    """All sub-layers of the pouch this many times as thick."""
    parts = []
    for part in POUCH:
        thickness = materials.load(part["material"]).card.thickness.si
        parts.append({**part, "thickness": f"{factor * thickness * 1e6} um"})
    return {"stack.pouch": parts}


def drape(**lengths: float) -> Change:
    """Other lengths of the drape [mm]."""
    return {"stack.pouch_edge": {"shape": "draped", **{k: f"{v} mm" for k, v in lengths.items()}}}


def plate(beyond: float) -> Change:
    """Steel plates on both faces that end this far beyond the cathodes [mm]; no pouch edge."""
    return {"stack.pouch_edge": "none", "stack.fixture": {**STEEL, "half_width": f"{25.0 + beyond} mm"}}


def frame(gap: float) -> Change:
    """A steel frame beside the cell, with this gap [mm] to the separators."""
    return {"stack.fixture": {"kind": "frame", "width": "3 mm", "gap": f"{gap} mm"}}


AXES: dict[str, dict[str, Change]] = {
    "as given": {"4 electrodes, 2 mm, draped": BASE},
    "overhang": {f"{o:g} mm": overhang(o) for o in (0.5, 1.0, 3.0)},
    "electrodes": {f"{n}": {"stack.electrodes": n} for n in (2, 10, 20)},
    "electrodes, overhang 1 mm": {f"{n}": {"stack.electrodes": n, **overhang(1.0)} for n in (2, 10)},
    "pouch": {f"{f:g} x thickness": pouch(f) for f in (0.5, 2.0)},
    "drape": {
        "run 0.3 mm": drape(run=0.3),
        "run 3 mm": drape(run=3.0),
        "clearance 0.5 mm": drape(clearance=0.5),
        "conformal": {"stack.pouch_edge": "conformal"},
        "none": {"stack.pouch_edge": "none"},
    },
    "fixture": {
        "plates, cathode - 1 mm": plate(-1.0),
        "plates, cathode": plate(0.0),
        "plates, separator": plate(2.0),
        "plates, separator + 2 mm": plate(4.0),
        "frame, no gap": frame(0.0),
        "frame, gap 0.2 mm": frame(0.2),
        "frame, gap 1 mm": frame(1.0),
    },
    "pressure": {f"{p} MPa": {"recipe.pressure": f"{p} MPa"} for p in (60, 250)},
}


def profiles(ds: xr.Dataset, pressure: float) -> pd.DataFrame:
    """Pressure [of the fluid's] and porosity above the middle [points] of every coating over the distance
    inwards [mm] from the cathodes' edge; the last 0.1 mm to the coating's own edge left out."""
    edge = min(float(w) for w, kind in zip(ds.half_width, _kinds(ds), strict=True) if kind == "cathode")
    frames = []
    for i, kind in enumerate(_kinds(ds)):
        if not kind:
            continue
        layer = ds.isel(layer=i)
        held = layer.axial_pressure_profile.sel(state="held").values
        porosity = layer.porosity_profile.sel(state="disassembled").values
        keep = np.isfinite(held) & (ds.x.values <= float(layer.half_width) - LAST)
        keep &= ds.x.values >= edge - REACH
        frames.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "electrode": int(layer.layer_electrode),
                    "from_edge_mm": 1e3 * (edge - ds.x.values[keep]),
                    "pressure": held[keep] / pressure,
                    "porosity_points": 100 * (porosity[keep] - porosity[0]),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _kinds(ds: xr.Dataset) -> list[str]:
    """ "cathode" or "anode" for each coating, empty for other layers."""
    kind = ds.electrode_kind.values
    return [
        str(kind[n - 1]) if role == "coating" else ""
        for role, n in zip(ds.role.values, ds.layer_electrode.values, strict=True)
    ]


def rim(lines: pd.DataFrame) -> dict[str, float]:
    """Width and depth of the rim, from the profiles of all coatings.

    Over the cathodes, that is where both electrodes are coated: `width_mm`, how far from the cathodes' edge a
    coating is under-pressed by more than 2 %; `depth_%`, the most it is; `over_%`, the most that one is
    over-pressed; `pores_points`, the most that one keeps above its middle. On the anodes beyond the
    cathodes: `beyond_depth_%` and `beyond_pores_points`.
    """
    inside = lines[lines.from_edge_mm >= CLOSEST]
    under = inside[inside.pressure < 1.0 - TOLD_APART]
    beyond = lines[(lines.from_edge_mm < 0.0) & (lines.kind == "anode")]
    return {
        "width_mm": float(under.from_edge_mm.max()) if len(under) else 0.0,
        "depth_%": 100 * max(0.0, 1.0 - float(inside.pressure.min())),
        "over_%": 100 * (float(inside.pressure.max()) - 1.0),
        "pores_points": float(inside.porosity_points.max()),
        "beyond_depth_%": 100 * (1.0 - float(beyond.pressure.min())) if len(beyond) else np.nan,
        "beyond_pores_points": float(beyond.porosity_points.max()) if len(beyond) else np.nan,
    }


def pressed(change: Change, filling: str) -> pd.DataFrame:
    """Profiles of one cell with one filling."""
    case = load(HERE / "cell.toml", {**change, "edge_fill": filling})
    return profiles(press(case), case.recipe.pressure)


def study(axes: dict[str, dict[str, Change]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row of readings for each cell and filling, and the profiles; a cell that did not solve says why."""
    rows, lines = [], []
    for axis, cells in axes.items():
        for name, change in cells.items():
            for filling in FILLINGS:
                where = {"axis": axis, "cell": name, "filling": filling}
                try:
                    found = pressed(change, filling)
                except SolverError as error:
                    rows.append({**where, "unsolved": str(error).splitlines()[0]})
                    continue
                rows.append({**where, **rim(found)})
                lines.append(found.assign(**where))
                print(rows[-1], flush=True)
    return pd.DataFrame(rows), pd.concat(lines, ignore_index=True)


def main() -> None:
    """Run the study."""
    table, lines = study(AXES)
    table.to_csv(HERE / "edge.csv", index=False, float_format="%.4g")
    lines.to_csv(HERE / "profiles.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
