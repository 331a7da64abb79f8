"""What a cell model needs to know of a pressed cell: its layers before and after."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from isosim.errors import InputError, Problem
from isosim.measure import zones
from isosim.measure.cell import volumes
from isosim.measure.instruments import from_dataset
from isosim.measure.zones import mean

STATES = ("unpressed", "pressed")


@dataclass(frozen=True)
class Electrode:
    """One coated side of an electrode, or rather the mean of all of its kind; SI units.

    `active_fraction` is the volume of active material per volume of coating. `tortuosity` is None where the
    instruments decline it. `conductivity_ratio` is the electronic one over that before pressing.
    """

    kind: str
    thickness: float
    foil_thickness: float
    porosity: float
    active_fraction: float
    tortuosity: float | None
    conductivity_ratio: float | None
    density: float  # press density [kg/m3]: mass per volume of coating, pores included
    areal_mass: float  # kg/m2, of the unpressed footprint

    @property
    def bruggeman(self) -> float | None:
        """b of porosity^b = porosity/tortuosity."""
        return None if self.tortuosity is None else 1.0 - math.log(self.tortuosity) / math.log(self.porosity)


@dataclass(frozen=True)
class Separator:
    """Mean of all separators in the stack, released; SI units."""

    thickness: float
    porosity: float


@dataclass(frozen=True)
class Cell:
    """The layers of a cell in one state."""

    name: str
    state: str
    cathode: Electrode
    anode: Electrode
    separator: Separator
    pairs: int  # of coatings that face each other
    height: float  # volume per unpressed footprint [m]: coatings, foils, separators and pouch
    energy_density_change: float  # of Wh/L at constant capacity, against the unpressed cell; pouch included

    def energy_density(self, energy: float) -> float:
        """J/m3 of the cell without seals and tabs, for the `energy` [J/m2] of one pair of facing coatings."""
        return self.pairs * energy / self.height


def cells(ds: xr.Dataset, case: Any) -> dict[str, Cell]:
    """The cell "unpressed" and "pressed" (electrodes disassembled, separator released).

    Raises
    ------
    InputError
        When the case has no cathode, anode or separator, or a coating no composition to take the active
        material and the density from.
    """
    stack = case.stack()
    kinds = set(map(str, ds.electrode_kind.values)) if "electrode_kind" in ds else set()
    missing = [kind for kind in ("cathode", "anode") if kind not in kinds]
    if not (ds.role == "separator").any():
        missing.append("separator")
    if missing:
        raise InputError(
            Problem("result", "no " + ", no ".join(missing), "a cell with cathode, anode and separator")
        )
    change = float(ds.energy_density_change.sel(scope="cell"))
    height = float(volumes(zones.whole(ds)).sel(scope="cell", state="unpressed"))
    sides = len(stack.electrodes[0].coatings)
    return {
        state: Cell(
            case.name,
            state,
            _electrode(ds, stack, "cathode", state),
            _electrode(ds, stack, "anode", state),
            _separator(ds, state),
            len(stack.electrodes) // 2 if sides == 1 else len(stack.electrodes) - 1,
            height if state == "unpressed" else height / (1.0 + change),
            0.0 if state == "unpressed" else change,
        )
        for state in STATES
    }


def _electrode(ds: xr.Dataset, stack: Any, kind: str, state: str) -> Electrode:
    first = next(electrode for electrode in stack.electrodes if electrode.kind == kind)
    material = stack.materials[stack.layers[first.coatings[0]].material]
    if material.card is None or not material.card.composition:
        raise InputError(
            Problem(
                f"card {material.name!r}, composition",
                "none",
                "mass fractions and densities of its solids, the active material first",
                "a cell model needs the active material's share of the volume",
            )
        )
    active = material.card.composition[0]
    at = ds.sel(state="unpressed" if state == "unpressed" else "disassembled")
    of_kind = at.isel(electrode=np.flatnonzero(ds.electrode_kind.values == kind)).mean("electrode")
    sides = len(first.coatings)
    bare = float(of_kind.electrode_thickness.sel(definition="coating"))
    total = float(of_kind.electrode_thickness.sel(definition="with_foil"))
    porosity = float(of_kind.electrode_porosity)
    solid = material.solid_density
    read = {r.quantity: r for r in from_dataset(ds) if r.subject == kind}
    tortuosity, resistance = read["tortuosity"], read["electronic resistance ratio"]
    before = float(ds.cell_porosity.sel(kind=kind, state="unpressed"))
    thickness_before = float(
        ds.electrode_thickness.sel(state="unpressed", definition="coating")
        .isel(electrode=np.flatnonzero(ds.electrode_kind.values == kind))
        .mean()
    )
    pressed = state == "pressed"
    conductivity = None
    if resistance.value is not None:
        conductivity = bare / thickness_before / resistance.value if pressed else 1.0
    return Electrode(
        kind,
        thickness=bare / sides,
        foil_thickness=total - bare,
        porosity=porosity,
        active_fraction=(1.0 - porosity) * active.fraction.si / active.density.si * solid,
        tortuosity=tortuosity.value if pressed else tortuosity.unpressed,
        conductivity_ratio=conductivity,
        density=solid * (1.0 - porosity),
        areal_mass=solid * (1.0 - before) * thickness_before / sides,
    )


def _separator(ds: xr.Dataset, state: str) -> Separator:
    at = ds.sel(state="unpressed" if state == "unpressed" else "released")
    here = at.isel(layer=np.flatnonzero(ds.role.values == "separator"))
    inside = ds.x <= float(ds.half_width.where(ds.layer_electrode > 0).min())
    profile = {
        name: float(mean(here[f"{name}_profile"], ds.x_width, inside).mean())
        for name in ("thickness", "porosity")
    }
    return Separator(**profile)
