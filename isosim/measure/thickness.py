"""The micrometer: thickness, porosity and in-plane strain of every electrode.

An electrode is read unpressed, in the press (loaded, held, released) and disassembled. Two definitions of
its thickness are kept, because they decide what a published reduction means: the `coating` alone, and
`with_foil`. Means are over the whole footprint of the electrode; `_interior` leaves out the edge zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from isosim.measure.zones import Zones, mean

DEFINITIONS = ("coating", "with_foil")


def read(ds: xr.Dataset, electrodes: Sequence[Any], zones: Zones) -> xr.Dataset:
    """Readings per electrode.

    `electrodes` are `isosim.stack.Electrode` from the top. Lengths in m, strains logarithmic and positive
    in extension, reductions and springback as fractions.

    reduction
        1 - disassembled/unpressed thickness.
    springback
        (disassembled - held)/disassembled thickness of the coating.
    reduction_mass_balance
        1 - (1-phi0)/(1-phi) exp(-(e_x+e_y)): the reduction of a stress-free coating with the porosity and
        in-plane strain found, theory (20).
    reduction_ceiling
        The same with all pores closed, phi = 0: no coating can lose more.
    solid_volume_change
        Relative change of (1-phi) thickness exp(e_x+e_y), disassembled against unpressed: what a laboratory
        finds without a balance; it differs from zero by the elastic volume strain left in the coating.
    """
    pieces = [_electrode(ds, electrode, zones) for electrode in electrodes]
    out = xr.concat(pieces, "electrode")
    out = out.assign_coords(
        electrode_number=("electrode", [electrode.number for electrode in electrodes]),
        electrode_kind=("electrode", [electrode.kind for electrode in electrodes]),
    )
    for name, (unit, meaning) in _MEANING.items():
        out[name].attrs = {"units": unit, "long_name": meaning}
    return out


_MEANING = {
    "electrode_thickness": ("m", "thickness of the electrode, mean over its footprint"),
    "electrode_thickness_interior": ("m", "thickness of the electrode without the edge zone"),
    "electrode_porosity": ("1", "porosity of the coating, mean over its solid"),
    "foil_strain_x": ("1", "logarithmic in-plane strain of the foil along the cut"),
    "foil_strain_y": ("1", "logarithmic in-plane strain of the foil across the cut"),
    "reduction": ("1", "reduction of thickness, disassembled against unpressed"),
    "reduction_interior": ("1", "reduction of thickness without the edge zone"),
    "springback": ("1", "(disassembled - held)/disassembled thickness of the coating"),
    "reduction_mass_balance": (
        "1",
        "reduction of a stress-free coating of this porosity and in-plane strain",
    ),
    "reduction_ceiling": ("1", "reduction of the coating with all pores closed at this in-plane strain"),
    "solid_volume_change": ("1", "apparent change of the coating's solid volume (residual elastic strain)"),
}


def _electrode(ds: xr.Dataset, electrode: Any, zones: Zones) -> xr.Dataset:
    coating = list(electrode.coatings)
    layers = ds.isel(layer=coating).drop_vars("layer")
    foil = ds.isel(layer=electrode.foil, drop=True)
    by_definition = xr.concat(
        [
            layers.thickness_profile.sum("layer", skipna=False),
            layers.thickness_profile.sum("layer", skipna=False) + foil.thickness_profile,
        ],
        xr.Variable("definition", np.array(DEFINITIONS)),
    )
    whole = mean(by_definition, ds.x_width)
    interior = mean(by_definition, ds.x_width, zones.interior)

    initial = layers.sel(state="unpressed")
    final = layers.sel(state="disassembled")
    stretch = np.exp(layers.strain_x_profile + layers.strain_y_profile)
    solid = layers.thickness_profile * (1.0 - layers.porosity_profile) * stretch
    solid_initial, solid_final = solid.sel(state="unpressed"), solid.sel(state="disassembled")
    final_stretch = stretch.sel(state="disassembled")

    def volume(profile: xr.DataArray) -> xr.DataArray:
        return mean(profile.sum("layer", skipna=False), ds.x_width)

    volume_initial = volume(initial.thickness_profile)
    coating_thickness = whole.sel(definition="coating", drop=True)
    disassembled = coating_thickness.sel(state="disassembled", drop=True)
    return xr.Dataset(
        {
            "electrode_thickness": whole,
            "electrode_thickness_interior": interior,
            "electrode_porosity": 1.0 - volume(solid) / volume(solid / (1.0 - layers.porosity_profile)),
            "foil_strain_x": mean(foil.strain_x_profile, ds.x_width),
            "foil_strain_y": mean(foil.strain_y_profile, ds.x_width),
            "reduction": _reduction(whole),
            "reduction_interior": _reduction(interior),
            "springback": 1.0 - coating_thickness.sel(state="held", drop=True) / disassembled,
            "reduction_mass_balance": 1.0
            - volume(solid_initial / (1.0 - final.porosity_profile) / final_stretch) / volume_initial,
            "reduction_ceiling": 1.0 - volume(solid_initial / final_stretch) / volume_initial,
            "solid_volume_change": volume(solid_final) / volume(solid_initial) - 1.0,
        }
    ).drop_vars(["role", "material", "half_width"], errors="ignore")


def _reduction(thickness: xr.DataArray) -> xr.DataArray:
    return 1.0 - thickness.sel(state="disassembled", drop=True) / thickness.sel(state="unpressed", drop=True)
