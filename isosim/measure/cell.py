"""The whole cell: averages as the paper took them, in-plane contraction, energy per volume."""

from __future__ import annotations

import numpy as np
import xarray as xr

from isosim.measure.zones import mean

KINDS = ("cathode", "anode")
# Layers that a working cell would have; pressure films and the bag are the experiment's, not the cell's.
SCOPES = {
    "cell": ("coating", "foil", "separator", "pouch"),
    "electrodes": ("coating", "foil", "separator"),
}


def averages(ds: xr.Dataset) -> xr.Dataset:
    """Means over all cathodes and over all anodes, dimension `kind`, from the electrodes' readings.

    `electrode_contraction` is the in-plane shortening of the disassembled electrodes, mean of both directions
    and positive when they shrink: this is what a ruler can check.
    """
    kinds = [kind for kind in KINDS if kind in ds.electrode_kind.values]
    shrunk = 0.5 * (ds.foil_strain_x + ds.foil_strain_y).sel(state="disassembled", drop=True)
    readings = {
        "cell_reduction": (ds.reduction, "reduction of thickness, mean of all electrodes of the kind"),
        "cell_porosity": (ds.electrode_porosity, "porosity, mean of all electrodes of the kind"),
        "cell_springback": (ds.springback, "springback of the coating, mean of the kind"),
        "electrode_contraction": (_shortening(shrunk), "in-plane contraction, disassembled electrodes"),
    }
    out = {}
    for name, (array, meaning) in readings.items():
        means = [array.isel(electrode=ds.electrode_kind.values == kind).mean("electrode") for kind in kinds]
        joined = xr.concat(means, xr.Variable("kind", np.array(kinds)))
        out[name] = joined.assign_attrs(units="1", long_name=meaning)
    return xr.Dataset(out)


def contraction(ds: xr.Dataset) -> xr.Dataset:
    """In-plane shortening at the centre, 1 - exp(log strain), by state; positive when the cell shrinks.

    NaN in the state "disassembled", where every electrode has its own.
    """
    reached = {
        "unpressed": 0,
        "loaded": np.flatnonzero(ds.phase == "load")[-1],
        "held": np.flatnonzero(ds.phase.isin(["load", "hold"]))[-1],
        "released": -1,
    }
    out = {}
    for axis, way in (("x", "along"), ("y", "across")):
        taken = ds[f"lateral_strain_{axis}"].isel(step=list(reached.values())).drop_vars(["time", "phase"])
        taken = taken.rename(step="state").assign_coords(state=list(reached)).reindex(state=ds.state)
        out[f"contraction_{axis}"] = _shortening(taken).assign_attrs(
            units="1", long_name=f"in-plane contraction {way} the cut"
        )
    return xr.Dataset(out)


def energy_density(ds: xr.Dataset) -> xr.Dataset:
    """Unpressed over released volume - 1: change of Wh/L at constant capacity.

    The capacity is that of the areal capacity of the unpressed cell; the volume of a layer is its height
    times exp(eps_x + eps_y), as a mean of its profile, per unpressed footprint. Scope "cell" counts coatings,
    foils, separators and pouch; "electrodes" leaves out the pouch. Pressure films and bag are never counted.
    """
    volume = volumes(ds)
    joined = volume.sel(state="unpressed", drop=True) / volume.sel(state="released", drop=True) - 1.0
    meaning = "change of energy per volume at constant areal capacity of the unpressed cell"
    return xr.Dataset({"energy_density_change": joined.assign_attrs(units="1", long_name=meaning)})


def volumes(ds: xr.Dataset) -> xr.DataArray:
    """Volume per unpressed footprint [m] by scope and state, each layer over its own footprint."""
    stretch = xr.apply_ufunc(np.exp, ds.strain_x_profile + ds.strain_y_profile)
    by_layer = mean(ds.thickness_profile * stretch, ds.x_area)
    sums = [
        by_layer.isel(layer=np.flatnonzero(np.isin(ds.role.values, roles))).sum("layer")
        for roles in SCOPES.values()
    ]
    return xr.concat(sums, xr.Variable("scope", np.array(list(SCOPES))))


def _shortening(strain: xr.DataArray) -> xr.DataArray:
    return -xr.apply_ufunc(np.expm1, strain)
