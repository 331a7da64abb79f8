"""What the instruments are given: the electrodes of one kind, before pressing and taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from isosim import law
from isosim.materials import Material

ACTIVES = ("NMC", "graphite")  # active materials that a relation is known for


@dataclass(frozen=True)
class Sample:
    """Means over all electrodes of a kind. Lengths in m, pressures in Pa positive in compression."""

    kind: str
    coating: Material
    foil: Material
    active: str | None  # "NMC", "graphite", or None where the card's composition names neither
    porosity: tuple[float, float]  # unpressed, disassembled
    coating_thickness: tuple[float, float]
    total_thickness: tuple[float, float]
    stretch: tuple[float, float, float]  # of the coating, disassembled: along, across, through
    pressure: float  # largest that the coating has borne through its thickness
    hottest: float  # K, under pressure


def samples(ds: xr.Dataset, stack: Any) -> Iterator[Sample]:
    """One sample for each kind of electrode in the stack, from its measured dataset."""
    kinds = ds.electrode_kind.values
    pressure = ds.axial_pressure.max("step").values
    for kind in dict.fromkeys(map(str, kinds)):
        numbers = np.flatnonzero(kinds == kind)
        electrodes = [stack.electrodes[number] for number in numbers]
        of_kind = ds.isel(electrode=numbers)
        coating = stack.materials[stack.layers[electrodes[0].coatings[0]].material]
        thickness = of_kind.electrode_thickness.mean("electrode").sel(state=["unpressed", "disassembled"])
        bare, total = (thickness.sel(definition=d).values for d in ("coating", "with_foil"))
        final = of_kind.sel(state="disassembled")
        along, across = (float(np.exp(final[f"foil_strain_{axis}"]).mean()) for axis in "xy")
        porosity = of_kind.electrode_porosity.mean("electrode").sel(state=["unpressed", "disassembled"])
        yield Sample(
            kind=kind,
            coating=coating,
            foil=stack.materials[stack.layers[electrodes[0].foil].material],
            active=_active(coating),
            porosity=_pair(porosity.values),
            coating_thickness=_pair(bare),
            total_thickness=_pair(total),
            stretch=(along, across, float(bare[1] / bare[0])),
            pressure=float(max(pressure[layer] for e in electrodes for layer in e.coatings)),
            hottest=float(ds.temperature.where(ds.pressure > 0.0).max()),
        )


def axial_modulus(material: Material, porosity: float) -> float:
    """K + 4G/3 [Pa] of a body of this porosity: its stiffness when thin and held sideways."""
    own = material.law
    solid = own.bulk_modulus + 4.0 / 3.0 * own.shear_modulus
    if isinstance(own, law.Porous) and np.isfinite(own.stiffness_porosity):
        return solid * (1.0 - porosity / own.stiffness_porosity) ** 2
    return solid


def _active(material: Material) -> str | None:
    names = [component.name for component in material.card.composition] if material.card else []
    return next((active for active in ACTIVES if any(name.startswith(active) for name in names)), None)


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
