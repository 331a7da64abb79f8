"""What each instrument of a laboratory would read on a pressed cell, or why it cannot be said."""

from __future__ import annotations

from typing import Any

import xarray as xr

from isosim.measure.instruments import (
    adhesion,
    conduction,
    imprint,
    micrometer,
    particles,
    pore_sizes,
    pressure_film,
    texture,
    transport,
)
from isosim.measure.instruments.reading import Reading, from_dataset, to_dataset
from isosim.measure.instruments.sample import samples

__all__ = ["Reading", "from_dataset", "read"]

_ON_ELECTRODES = (micrometer, pore_sizes, particles, adhesion, conduction, transport, texture)


def read(ds: xr.Dataset, stack: Any) -> xr.Dataset:
    """All readings of a measured dataset (of `isosim.measure`), along the dimension `reading`.

    Each reading is predicted, bounded or declined with the reason: see `Reading`. With electrodes there are
    also `pore_diameter` and `pore_volume` of their coatings.
    """
    readings: list[Reading] = list(pressure_film.read(ds))
    spectra = []
    if stack.electrodes:
        for sample in samples(ds, stack):
            for instrument in _ON_ELECTRODES:
                readings += instrument.read(sample)
            if sample.porosity[1] > 0.0:
                spectra.append(pore_sizes.distribution(sample))
        readings += imprint.read(stack)
    return xr.merge([to_dataset(readings), *([xr.concat(spectra, "kind")] if spectra else [])])
