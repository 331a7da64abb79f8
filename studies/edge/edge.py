"""How far from the edge, and how deep, is a cell pressed unevenly, and what moves it?

    python -m studies.edge.edge

Presses sections of `cell.toml` with other overhangs, electrodes, pouches, drapes and fixtures, each with both
edge fillings. Writes `edge.csv` and `edge.png`.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from isosim.stack import Stack

HERE = Path(__file__).parent
FILLINGS = ("open gap", "frame")
UNEVEN = 0.01  # of the pressure: what counts as under-pressed
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


def frame() -> Change:
    """A steel frame that touches the separators' ends, under a conformal pouch."""
    beside = {"kind": "frame", "width": "3 mm"}
    return {"stack.pouch_edge": "conformal", "stack.fixture": beside}


FITTED = ("as given", "overhang", "electrodes", "electrodes, overhang 1 mm")
LARGER = "electrodes, to check the rule"
AXES: dict[str, dict[str, Change]] = {
    "as given": {"4 electrodes, 2 mm, draped": BASE},
    "overhang": {f"{o:g} mm": overhang(o) for o in (0.5, 1.0, 3.0)},
    "electrodes": {"2": {"stack.electrodes": 2}},
    "electrodes, overhang 1 mm": {"2": {"stack.electrodes": 2, **overhang(1.0)}},
    "pouch": {f"{f:g} x thickness": pouch(f) for f in (0.5, 2.0)},
    "drape": {
        "run 0.3 mm": drape(run=0.3),
        "run 3 mm": drape(run=3.0),
        "conformal": {"stack.pouch_edge": "conformal"},
        "none": {"stack.pouch_edge": "none"},
    },
    "fixture": {
        "plates, cathode - 1 mm": plate(-1.0),
        "plates, cathode": plate(0.0),
        "plates, separator": plate(2.0),
        "steel frame beside": frame(),
    },
    LARGER: {"10": {"stack.electrodes": 10}},
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
    coating is under-pressed by more than 1 %; `depth_%`, the most it is; `over_%`, the most that one is
    over-pressed; `pores_points`, the most that one keeps above its middle. On the anodes beyond the
    cathodes: `beyond_depth_%` and `beyond_pores_points`.
    """
    inside = lines[lines.from_edge_mm >= CLOSEST]
    under = inside[inside.pressure < 1.0 - UNEVEN]
    beyond = lines[(lines.from_edge_mm < 0.0) & (lines.kind == "anode")]
    return {
        "width_mm": float(under.from_edge_mm.max()) if len(under) else 0.0,
        "depth_%": 100 * max(0.0, 1.0 - float(inside.pressure.min())),
        "over_%": 100 * (float(inside.pressure.max()) - 1.0),
        "pores_points": float(inside.porosity_points.max()),
        "beyond_depth_%": 100 * (1.0 - float(beyond.pressure.min())) if len(beyond) else np.nan,
        "beyond_pores_points": float(beyond.porosity_points.max()) if len(beyond) else np.nan,
    }


def height(stack: Stack) -> float:
    """Of the unpressed cell, pouch and bag included and fixtures not [m]."""
    return sum(layer.thickness for layer in stack.layers if layer.role != "fixture")


def study(axes: dict[str, dict[str, Change]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row of readings for each cell and filling, and the profiles; a cell that did not solve says why."""
    rows, lines = [], []
    for axis, cells in axes.items():
        for name, change in cells.items():
            for filling in FILLINGS:
                case = load(HERE / "cell.toml", {**change, "edge_fill": filling})
                stack = case.table.stack
                assert stack is not None and stack.overhang is not None
                where = {
                    "axis": axis,
                    "cell": name,
                    "filling": filling,
                    "electrodes": stack.electrodes,
                    "overhang_mm": 1e3 * stack.overhang.separator,
                    "height_mm": 1e3 * height(case.stack()),
                }
                try:
                    found = profiles(press(case), case.recipe.pressure)
                except SolverError as error:
                    rows.append({**where, "unsolved": str(error).splitlines()[0]})
                    continue
                rows.append({**where, **rim(found)})
                lines.append(found.assign(**where))
                print(f"{axis}: {name}, {filling}", flush=True)
    return pd.DataFrame(rows), pd.concat(lines, ignore_index=True)


def rule(table: pd.DataFrame) -> tuple[float, float]:
    """Width of the rim over the height of the stack, and the largest error of that as a share of a width.

    The mean over the draped cells of two and four electrodes that differ in these and in overhang only, gaps
    open.
    """
    rows = table[table.axis.isin(FITTED) & (table.filling == "open gap")]
    share = rows.width_mm / rows.height_mm
    return float(share.mean()), float((share.mean() / share - 1.0).abs().max())


def page_rows(table: pd.DataFrame) -> Iterator[str]:
    """The table of the page, a line for each cell."""
    shown = {"width_mm": 2, "depth_%": 1, "over_%": 0, "pores_points": 1, "beyond_depth_%": 0}
    for (axis, cell), rows in table.groupby(["axis", "cell"], sort=False):
        by = rows.set_index("filling")
        soft = " | ".join(f"{by.loc['open gap', name]:z.{digits}f}" for name, digits in shown.items())
        stiff = ", ".join(f"{by.loc['frame', name]:z.1f}" for name in ("depth_%", "over_%", "beyond_depth_%"))
        yield f"| {cell if axis == 'as given' else f'{axis}: {cell}'} | {soft} | {stiff} |"


def draw(table: pd.DataFrame, lines: pd.DataFrame) -> Figure:
    """Pressure near the edge; width over electrodes; what every cell adds or takes."""
    figure = style.new(4.4)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.0, 0.8, 1.2))
    looks = dict(zip(FILLINGS, style.COLOURS, strict=False))
    for filling, colour in looks.items():
        for count, dashes in ((4, "-"), (10, ":")):
            own = lines[(lines.filling == filling) & (lines.electrodes == count) & (lines.overhang_mm == 2.0)]
            own = own[own.axis.isin(("as given", LARGER))]
            bounds = own.groupby("from_edge_mm").pressure.agg(["min", "max"])
            for bound in ("min", "max"):
                label = f"{filling}, {count}" if bound == "min" else None
                left.plot(bounds.index, bounds[bound], dashes, color=colour, label=label, lw=1.0)
    left.axvline(0.0, color=style.QUIET, lw=0.8)
    left.text(-0.04, 0.57, "anodes only", fontsize=7, color=style.QUIET)
    left.text(0.06, 0.57, "both", fontsize=7, color=style.QUIET, ha="right")
    left.set_xlim(2.0, -1.0)
    left.set_ylim(0.55, 1.7)
    left.set_xlabel("inwards from the cathodes' edge (mm)")
    left.set_ylabel("pressure on coatings, least and most (of the fluid's)")
    left.legend(fontsize=7, loc="upper left", title="filling, electrodes", title_fontsize=7)
    own = table[table.axis.isin((*FITTED, LARGER)) & (table.filling == "open gap")]
    for k, (overhang, rows) in enumerate(own.groupby("overhang_mm")):
        middle.plot(
            rows.height_mm, rows.width_mm, style.MARKERS[k], color=style.COLOURS[k], label=f"{overhang:g} mm"
        )
    share, off = rule(table)
    high = np.array([0.0, 2.6])
    middle.plot(high, share * high, color=style.QUIET, lw=0.9)
    middle.fill_between(high, share * high * (1 - off), share * high * (1 + off), color=style.BAND, lw=0)
    middle.text(2.45, 0.1, "2, 4 and 10 electrodes", ha="right", fontsize=7, color=style.QUIET)
    middle.set_xlim(0.0, 2.6)
    middle.set_ylim(0.0, 1.6)
    middle.set_xlabel("height of the cell (mm)")
    middle.set_ylabel("width of the rim, open gap (mm)")
    middle.legend(fontsize=7, title="separator beyond", title_fontsize=7)
    names = list(dict.fromkeys(table[table.electrodes == 4].apply(lambda r: (r.axis, r.cell), axis=1)))
    for y, (axis, cell) in enumerate(names):
        for filling, colour in looks.items():
            one = table[(table.axis == axis) & (table.cell == cell) & (table.filling == filling)]
            if one["depth_%"].notna().all():
                x = (-float(one["depth_%"].iloc[0]), float(one["over_%"].iloc[0]))
                right.plot(x, (y, y), "|-", color=colour, lw=4.0 if filling == "frame" else 1.2)
    right.set_yticks(
        range(len(names)), [f"{a}: {c}" if a != "as given" else c for a, c in names], fontsize=6.5
    )
    right.invert_yaxis()
    right.axvline(0.0, color=style.QUIET, lw=0.8)
    right.set_xlabel("under- to over-pressed (%)")
    right.set_title("4 electrodes")
    return figure


def main() -> None:
    """Run the study."""
    table, lines = study(AXES)
    table.to_csv(HERE / "edge.csv", index=False, float_format="%.4g")
    with style.look():
        draw(table, lines).savefig(HERE / "edge.png")
    print(*page_rows(table), rule(table), sep="\n")


if __name__ == "__main__":
    main()
