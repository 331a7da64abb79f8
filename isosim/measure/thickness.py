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

from isosim.dataset import STATES
from isosim.measure.zones import Zones

DEFINITIONS = ("coating", "with_foil")

_UNPRESSED, _HELD, _DISASSEMBLED = (STATES.index(name) for name in ("unpressed", "held", "disassembled"))
_BY_DEFINITION = ("electrode", "definition")
_READINGS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "electrode_thickness": (
        (*_BY_DEFINITION, "state"),
        "m",
        "thickness of the electrode, mean of its footprint",
    ),
    "electrode_thickness_interior": ((*_BY_DEFINITION, "state"), "m", "thickness without the edge zone"),
    "electrode_porosity": (("electrode", "state"), "1", "porosity of the coating, mean over its volume"),
    "foil_strain_x": (("electrode", "state"), "1", "logarithmic in-plane strain of the foil along the cut"),
    "foil_strain_y": (("electrode", "state"), "1", "logarithmic in-plane strain of the foil across the cut"),
    "reduction": (_BY_DEFINITION, "1", "reduction of thickness, disassembled against unpressed"),
    "reduction_interior": (_BY_DEFINITION, "1", "reduction of thickness without the edge zone"),
    "springback": (("electrode",), "1", "(disassembled - held)/disassembled thickness of the coating"),
    "reduction_mass_balance": (
        ("electrode",),
        "1",
        "reduction of a stress-free coating of this porosity and in-plane strain",
    ),
    "reduction_ceiling": (("electrode",), "1", "reduction with all pores closed at this in-plane strain"),
    "solid_volume_change": (("electrode",), "1", "apparent change of solid volume (residual elastic strain)"),
}


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
    profiles = {
        name: ds[f"{name}_profile"].transpose("layer", "state", "x").values
        for name in ("thickness", "porosity", "strain_x", "strain_y")
    }
    width, interior = ds.x_area.values, zones.interior.values
    rows = [_electrode(electrode, profiles, width, interior) for electrode in electrodes]
    return xr.Dataset(
        {
            name: (dims, np.array([row[name] for row in rows]), {"units": unit, "long_name": meaning})
            for name, (dims, unit, meaning) in _READINGS.items()
        },
        coords={
            "definition": np.array(DEFINITIONS),
            "electrode_number": ("electrode", np.array([e.number for e in electrodes], np.int32)),
            "electrode_kind": ("electrode", np.array([e.kind for e in electrodes])),
        },
    )


def _electrode(
    electrode: Any, profiles: dict[str, np.ndarray], width: np.ndarray, interior: np.ndarray
) -> dict[str, np.ndarray]:
    """Readings of one electrode; arrays over (layer, state, x) until they are averaged over x."""
    coating = {name: profile[list(electrode.coatings)] for name, profile in profiles.items()}
    foil = {name: profile[electrode.foil] for name, profile in profiles.items()}
    reached = np.isfinite(coating["thickness"][:, _UNPRESSED]).all(axis=0)
    reached &= np.isfinite(foil["thickness"][_UNPRESSED])

    def mean(profile: np.ndarray, where: np.ndarray = reached) -> np.ndarray:
        weights = np.where(where, width, 0.0)
        return np.where(where, profile, 0.0) @ weights / weights.sum()

    height = coating["thickness"].sum(axis=0)
    by_definition = np.stack([height, height + foil["thickness"]])
    whole, inside = mean(by_definition), mean(by_definition, reached & interior)

    dense = 1.0 - coating["porosity"]
    stretch = np.exp(coating["strain_x"] + coating["strain_y"])
    solid = coating["thickness"] * dense * stretch
    solid_volume = mean(solid.sum(axis=0))
    volume = mean((solid / dense).sum(axis=0))
    initial_solid = solid[:, _UNPRESSED] / stretch[:, _DISASSEMBLED]  # its height at the final footprint
    stress_free = mean((initial_solid / dense[:, _DISASSEMBLED]).sum(axis=0))
    return {
        "electrode_thickness": whole,
        "electrode_thickness_interior": inside,
        "electrode_porosity": 1.0 - solid_volume / volume,
        "foil_strain_x": mean(foil["strain_x"]),
        "foil_strain_y": mean(foil["strain_y"]),
        "reduction": _reduction(whole),
        "reduction_interior": _reduction(inside),
        "springback": 1.0 - whole[0, _HELD] / whole[0, _DISASSEMBLED],
        "reduction_mass_balance": 1.0 - stress_free / whole[0, _UNPRESSED],
        "reduction_ceiling": 1.0 - mean(initial_solid.sum(axis=0)) / whole[0, _UNPRESSED],
        "solid_volume_change": solid_volume[_DISASSEMBLED] / solid_volume[_UNPRESSED] - 1.0,
    }


def _reduction(thickness: np.ndarray) -> np.ndarray:
    return 1.0 - thickness[:, _DISASSEMBLED] / thickness[:, _UNPRESSED]
