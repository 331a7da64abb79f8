"""The page's section on the last millimetres to the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from isosim.measure.edge import REACH
from isosim.report.describe import label

FILLINGS = {"open gap": "frame", "frame": "open gap"}
CONTACT = (
    "How uneven pressure and porosity are here is a lower bound. In two small elastic cells with true "
    "contact (studies/edge_gap) the pressure 0.1 to 0.5 mm from the edge departed further from the fluid's: "
    "open gap shows 69 to 81 % of that, frame 19 to 32 %."
)
NOT_MODELLED = "tabs, one-sided pouch cups, electrodes out of line, corners (a solid has sharp ones)"
YIELDED = 1e-3  # plastic strain from which a layer is called yielded
EDGES = {
    "none": "end with the widest layer",
    "conformal": "are a skin down the edge that joins both faces",
    "draped": "come down to a flange at mid-height, where they are sealed",
}


def section(datasets: Sequence[xr.Dataset]) -> dict[str, Any] | None:
    """What the template shows; None where no dataset has an edge."""
    with_edge = [ds for ds in datasets if "edge_pressure" in ds]
    if not with_edge:
        return None
    return {
        "reach": 1e3 * REACH,
        "paragraphs": _paragraphs(with_edge),
        "rows": [_row(ds) for ds in with_edge],
        "kinds": [str(kind) for kind in with_edge[0].kind.values],
        "foils": [row for ds in with_edge for row in _foils(ds)],
    }


def _paragraphs(datasets: Sequence[xr.Dataset]) -> list[str]:
    ways = dict.fromkeys(_way(ds) for ds in datasets)
    text = [f"Pouch and bag {'; '.join(EDGES[way] for way in ways)}."]
    fillings = dict.fromkeys(ds.attrs["edge_fill"] for ds in datasets)
    for filling in fillings:
        if filling and FILLINGS[filling] not in fillings:
            text.append(
                "Numbers here depend on the filling of the space beside short layers. This run took "
                f"“{filling}”; “{FILLINGS[filling]}” was not run (edge_fill)."
            )
    if all(filling in fillings for filling in FILLINGS):
        text.append(
            "Numbers here depend on the filling of the space beside short layers: both are shown. "
            "Contact need not lie between them."
        )
    if any(fillings):
        text.append(CONTACT)
    text.append(f"Not modelled: {NOT_MODELLED}.")
    return text


def _way(ds: xr.Dataset) -> str:
    """What pouch and bag do at the edge; around a solid they are not meshed, whatever its case says."""
    return "none" if ds.attrs["fidelity"] == "solid" else str(ds.attrs["pouch_edge"])


def _row(ds: xr.Dataset) -> dict[str, Any]:
    held = ds.sel(state="held")
    kinds = {
        str(kind): {
            "pressure": _span(held.edge_pressure.sel(kind=kind).values / 1e6),
            "porosity": _span(100.0 * held.edge_porosity.sel(kind=kind).values),
            "touched": f"{1e3 * float(ds.edge_touched.sel(kind=kind)):.2f}",
        }
        for kind in ds.kind.values
    }
    force = {
        where: f"{float(held[f'skin_force_{where}']) / 1e3:.2f}" if f"skin_force_{where}" in ds else ""
        for where in ("centre", "top", "edge")
    }
    share = {
        where: f"{100.0 * abs(float(held[f'skin_share_{where}'])):.2g}" if f"skin_share_{where}" in ds else ""
        for where in ("top", "edge")
    }
    return {
        "cell": label(ds).cell,
        "filling": ds.attrs["edge_fill"] or "none needed",
        "kinds": kinds,
        "force": force,
        "share": share,
        "yields": ", ".join(_yielded(ds)),
    }


def _span(values: np.ndarray) -> str:
    low, high = (f"{value:.1f}" for value in values)
    return low if low == high else f"{low}–{high}"


def _yielded(ds: xr.Dataset) -> list[str]:
    """Dense sheets that yield near the edge under pressure, by material, with the strain."""
    near = (ds.from_edge <= REACH).values
    strain = ds.plastic_strain_profile.sel(state="held").isel(x=near).max("x").values
    most: dict[str, float] = {}
    dense = (ds.porosity.isel(step=0) == 0.0).values & (ds.role != "slip").values
    for material, value in zip(ds.material.values[dense], strain[dense], strict=True):
        most[str(material)] = max(most.get(str(material), 0.0), float(value))
    if "skin" in ds.dims:
        beside = ds.skin_plastic_strain.sel(state="held").isel(skin=(ds.skin_part != "top").values)
        for sheet in ds.sheet.values if beside.sizes["skin"] else ():
            if not str(sheet).startswith("slip"):
                most[f"{sheet} beside the cell"] = float(beside.sel(sheet=sheet).max())
    return [f"{name} {100.0 * value:.2g} %" for name, value in most.items() if value > YIELDED]


def _foils(ds: xr.Dataset) -> list[Mapping[str, Any]]:
    rows = []
    for kind in ds.kind.values:
        own = ds.isel(electrode=np.flatnonzero(ds.electrode_kind == kind))
        nearest = int((own.foil_compression / own.foil_critical_compression).argmax("electrode"))
        rows.append(_foil(own.isel(electrode=nearest), "foil", f"{kind}s"))
    if "pouch_compression" in ds:
        rows.append(_foil(ds, "pouch", "pouch, top face"))
    return rows


def _foil(ds: xr.Dataset, prefix: str, where: str) -> Mapping[str, Any]:
    return {
        "cell": label(ds).cell,
        "where": where,
        "compression": 100.0 * float(ds[f"{prefix}_compression"]),
        "critical": 100.0 * float(ds[f"{prefix}_critical_compression"]),
        "wavelength": 1e6 * float(ds[f"{prefix}_wavelength"]),
        "verdict": "possible" if ds[f"{prefix}_wrinkles"] else "suppressed",
    }
