"""The micrometer: a flat anvil on an electrode that was taken out."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, interval, sources
from isosim.measure.instruments.sample import Sample, axial_modulus

_LIMITS = (
    "the anvil reads the highest points of its face: embossed foils read thicker than their mean; an "
    "electrode that curls is pressed flat; springback over days and weeks is not modelled"
)


def read(sample: Sample) -> Iterator[Reading]:
    """Thickness [um] of electrode and coating, and its reduction [%], as the instrument shows them.

    The anvil compresses coating and foil elastically by p h/(K + 4G/3). A laboratory gets the coating by
    taking off the foil's nominal thickness, so that a foil that became thicker (as it shrinks in plane)
    counts as coating: "coating by difference".
    """
    pressure, resolution = constant("micrometer", "force_pressure"), constant("micrometer", "resolution")
    foil = sample.total_thickness[0] - sample.coating_thickness[0]
    for quantity, taken_off in (("thickness with foil", 0.0), ("coating thickness by difference", foil)):

        def shown(anvil: float, state: int, taken_off: float = taken_off) -> float:
            return sample.total_thickness[state] - _compression(sample, anvil, state) - taken_off

        value, low, high = interval(lambda anvil: shown(anvil, 1), pressure)
        before = shown(pressure.value, 0)
        half = 0.5 * resolution.value
        yield Reading(
            "micrometer",
            quantity,
            sample.kind,
            "um",
            "predicted",
            "unloaded thickness less the elastic compression under the anvil",
            sources(pressure, resolution),
            _LIMITS,
            1e6 * value,
            1e6 * (low - half),
            1e6 * (high + half),
            1e6 * before,
        )
        step = half / before
        reduction = 1.0 - value / before
        yield Reading(
            "micrometer",
            f"reduction of {quantity}",
            sample.kind,
            "%",
            "predicted",
            "1 - pressed/unpressed reading, half a digit off in each",
            sources(resolution),
            _LIMITS,
            100.0 * reduction,
            100.0 * (reduction - 2.0 * step),
            100.0 * (reduction + 2.0 * step),
            0.0,
        )


def _compression(sample: Sample, pressure: float, state: int) -> float:
    foil = sample.total_thickness[state] - sample.coating_thickness[state]
    return pressure * (
        sample.coating_thickness[state] / axial_modulus(sample.coating, sample.porosity[state])
        + foil / axial_modulus(sample.foil, 0.0)
    )
