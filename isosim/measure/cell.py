"""The whole cell: averages as the paper took them, in-plane contraction, energy per volume."""

from __future__ import annotations

import numpy as np
import xarray as xr

KINDS = ("cathode", "anode")
# Layers that a working cell would have; pressure films and the bag are the experiment's, not the cell's.
SCOPES = {
    "cell": ("coating", "foil", "separator", "pouch"),
    "electrodes": ("coating", "foil", "separator"),
}


def read(ds: xr.Dataset) -> xr.Dataset:
    """Readings of the cell from a dataset that holds the electrodes' readings.

    cell_reduction, cell_porosity, cell_springback
        Means over all cathodes and over all anodes.
    contraction_x, contraction_y
        In-plane shortening at the centre, 1 - exp(log strain), positive when the cell shrinks; NaN in the
        state "disassembled", where every electrode has its own.
    electrode_contraction
        Shortening of the disassembled electrodes, mean of both directions and of all of a kind: this is
        what a ruler can check.
    energy_density_change
        Unpressed over released thickness - 1: change of Wh/L at constant areal capacity and footprint.
        Scope "cell" counts coatings, foils, separators and pouch; "electrodes" leaves out the pouch.
        Pressure films and bag are never counted.
    """
    of_kind = {kind: np.flatnonzero(ds.electrode_kind.values == kind) for kind in KINDS}

    def average(array: xr.DataArray) -> xr.DataArray:
        parts = [array.isel(electrode=of_kind[kind]).mean("electrode") for kind in KINDS]
        return xr.concat(parts, xr.Variable("kind", np.array(KINDS)))

    loading, pressed = (ds.phase == "load").values, ds.phase.isin(["load", "hold"]).values
    reached = {
        "unpressed": 0,
        "loaded": np.flatnonzero(loading)[-1],
        "held": np.flatnonzero(pressed)[-1],
        "released": -1,
    }

    def contraction(strain: xr.DataArray) -> xr.DataArray:
        taken = strain.isel(step=list(reached.values())).drop_vars(["time", "phase"])
        taken = taken.rename(step="state").assign_coords(state=list(reached)).reindex(state=ds.state)
        return _shortening(taken)

    shrunk = 0.5 * (ds.foil_strain_x + ds.foil_strain_y).sel(state="disassembled", drop=True)
    energy = xr.concat(
        [_energy_density_change(ds, roles) for roles in SCOPES.values()],
        xr.Variable("scope", np.array(list(SCOPES))),
    )
    readings = {
        "cell_reduction": (
            average(ds.reduction),
            "reduction of thickness, mean of all electrodes of the kind",
        ),
        "cell_porosity": (average(ds.electrode_porosity), "porosity, mean of all electrodes of the kind"),
        "cell_springback": (average(ds.springback), "springback of the coating, mean of the kind"),
        "contraction_x": (contraction(ds.lateral_strain_x), "in-plane contraction along the cut"),
        "contraction_y": (contraction(ds.lateral_strain_y), "in-plane contraction across the cut"),
        "electrode_contraction": (
            average(_shortening(shrunk)),
            "in-plane contraction, disassembled electrodes",
        ),
        "energy_density_change": (energy, "change of energy per volume at constant capacity and footprint"),
    }
    return xr.Dataset(
        {
            name: array.assign_attrs(units="1", long_name=meaning)
            for name, (array, meaning) in readings.items()
        }
    )


def _shortening(strain: xr.DataArray) -> xr.DataArray:
    return -xr.apply_ufunc(np.expm1, strain)


def _energy_density_change(ds: xr.Dataset, roles: tuple[str, ...]) -> xr.DataArray:
    height = ds.thickness.isel(layer=np.flatnonzero(np.isin(ds.role.values, roles))).sum("layer")
    return (height.isel(step=0) / height.isel(step=-1) - 1.0).drop_vars(["time", "phase"], errors="ignore")
