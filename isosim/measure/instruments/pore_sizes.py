"""Pores in a tomogram (FIB-SEM): porosity and the distribution of sizes, cracks among them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from isosim.law import Pores, pores
from isosim.measure.instruments import particles
from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, interval, sources
from isosim.measure.instruments.sample import Sample

BINS = 32
_NAMES = ("median_diameter", "spread", "exponent", "strengthening_radius")
_LIMITS = (
    "cracks count as pores; pores below a voxel are not seen; spherical pores, no necks; the distribution "
    "before pressing and both constants of the closing are assumed, so that only an interval is given"
)


def read(sample: Sample) -> Iterator[Reading]:
    """Porosity [%], and median pore diameter over that before pressing."""
    before, after = (100.0 * x for x in sample.porosity)
    yield Reading(
        "tomogram",
        "porosity",
        sample.kind,
        "%",
        "predicted",
        "mass balance of the law; cracks take their volume from the other pores",
        "the material's card",
        "binder and pores below a voxel count as solid or pore by the operator's threshold",
        after,
        unpressed=before,
    )
    constants = [constant("pores", name) for name in _NAMES]
    quantity, model = (
        "median pore diameter ratio",
        "log-normal before pressing, large pores first, theory (18)",
    )
    if not sample.porosity[1] > 0.0:
        reason = "no pores are left"
        yield Reading("tomogram", quantity, sample.kind, "1", "declined", model, sources(*constants), reason)
        return

    def median(diameter: float, spread: float, exponent: float, radius: float) -> float:
        before, after = pores.median_radius(*_closed(sample, diameter, spread, exponent, radius))
        return float(after / before)

    _, low, high = interval(median, *constants)
    yield Reading(
        "tomogram",
        quantity,
        sample.kind,
        "1",
        "bounded",
        model,
        sources(*constants),
        _LIMITS,
        low=low,
        high=high,
        unpressed=1.0,
    )


def distribution(sample: Sample) -> xr.Dataset:
    """Pore diameter [m] and volume per solid volume of each bin before and after pressing.

    Dimensions kind, pore_state, bin. At the middle of all constants; the last bin holds the cracks.
    """
    bins, radii = _closed(sample, *(constant("pores", name).value for name in _NAMES))
    dims = ("kind", "pore_state", "bin")
    return xr.Dataset(
        {
            "pore_diameter": (
                dims,
                2.0 * radii[None],
                {"units": "m", "long_name": "diameter of the pores of a bin"},
            ),
            "pore_volume": (dims, bins[None], {"units": "1", "long_name": "pore volume per solid volume"}),
        },
        coords={"kind": [sample.kind], "pore_state": ["unpressed", "disassembled"]},
    )


def _closed(
    sample: Sample, diameter: float, spread: float, exponent: float, strengthening: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bins and radii (2, bins), unpressed and pressed."""
    sizes = Pores.lognormal(
        0.5 * diameter, spread, exponent, strengthening, constant("pores", "crack_radius").value, BINS
    )
    cracks = 0.0
    if sample.active == "NMC":
        cracks = float(particles.of_size().advance(np.array(sample.pressure), np.array(0.0))[1])
    initial = sizes.initial(np.array(sample.porosity[:1]))
    pressed, status = pores.advance(initial, sizes, np.array(sample.porosity[1:]), np.array([cracks]))
    if status[0] < 0:
        raise ArithmeticError(f"pore sizes of the {sample.kind} found no solution, status {status[0]}")
    both = np.concatenate([initial, pressed])
    radii = np.concatenate([sizes.radii(initial, initial), sizes.radii(pressed, initial, cracks)])
    return both, radii
