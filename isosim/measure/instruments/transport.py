"""Ions and electrolyte in the pores: tortuosity, MacMullin number, permeability, wetting."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, interval, sources
from isosim.measure.instruments.sample import Sample

_IMPEDANCE, _PERMEAMETER, _WETTING = "blocking impedance", "permeameter", "wetting balance"
_QUANTITIES = (
    (_IMPEDANCE, "tortuosity", "1"),
    (_IMPEDANCE, "MacMullin number", "1"),
    (_PERMEAMETER, "permeability", "1e-15 m2"),
    (_WETTING, "wetting time ratio", "1"),
)


def read(sample: Sample) -> Iterator[Reading]:
    """Tortuosity, MacMullin number, permeability and wetting time over that before pressing."""
    percolation = constant("tortuosity", "percolation")
    after = sample.porosity[1]
    if sample.active is None:
        reason = "no relation to porosity is known for this coating: its card names no known active material"
        yield from _declined(sample, reason, "none")
    elif after <= percolation.high:
        reason = (
            f"{100 * after:.1f} % porosity is where pores cease to connect "
            f"({100 * percolation.low:.0f}-{100 * percolation.high:.0f} %): no relation holds"
        )
        yield from _declined(sample, reason, sources(percolation))
    else:
        yield from _ions(sample, sample.active)
        yield from _flow(sample, sample.active)


def _declined(sample: Sample, reason: str, source: str) -> Iterator[Reading]:
    for instrument, quantity, unit in _QUANTITIES:
        yield Reading(instrument, quantity, sample.kind, unit, "declined", "none", source, reason)


def _ions(sample: Sample, active: str) -> Iterator[Reading]:
    exponent = constant("tortuosity", active)
    before, after = sample.porosity
    limits = "isolated pores and cracks are not told apart from open ones; dry coating, no swelling"
    for quantity, power in (("tortuosity", 0.0), ("MacMullin number", 1.0)):

        def relation(a: float, porosity: float = after, power: float = power) -> float:
            return porosity ** -(a + power)

        value, low, high = interval(relation, exponent)
        yield Reading(
            _IMPEDANCE,
            quantity,
            sample.kind,
            "1",
            "predicted",
            "tortuosity = porosity^-a, MacMullin number = tortuosity/porosity",
            sources(exponent),
            limits,
            value,
            low,
            high,
            relation(exponent.value, before),
        )


def _flow(sample: Sample, active: str) -> Iterator[Reading]:
    diameter = constant("permeability", active)
    before, after = sample.porosity
    value, low, high = interval(lambda d: 1e15 * kozeny_carman(after, d), diameter)
    yield Reading(
        _PERMEAMETER,
        "permeability",
        sample.kind,
        "1e-15 m2",
        "predicted",
        "Kozeny-Carman, porosity^3 d^2/(180 (1 - porosity)^2)",
        sources(diameter),
        "spheres of one size; flakes lie across the flow and let less through",
        value,
        low,
        high,
        1e15 * kozeny_carman(before, diameter.value),
    )
    model = (
        "Darcy flow under capillary pressure ~ (1 - porosity)/(porosity d): "
        "time ~ porosity^2/((1 - porosity) permeability)"
    )
    if active == "graphite":
        reason = (
            "measured wetting of pressed graphite first gets faster, then slower (0.375, 0.589, 0.206 "
            "mm/s^0.5 at 59, 53, 41 um, Sheng 2014): no relation falls and rises like that"
        )
        yield Reading(
            _WETTING, "wetting time ratio", sample.kind, "1", "declined", model, "R, Sheng 2014", reason
        )
        return

    def resistance(porosity: float) -> float:
        return porosity**2 / ((1.0 - porosity) * kozeny_carman(porosity, 1.0))

    yield Reading(
        _WETTING,
        "wetting time ratio",
        sample.kind,
        "1",
        "predicted",
        model,
        "Washburn 1921 with Kozeny-Carman; no constant",
        "same wetting angle before and after; graphite does not follow it, so NMC may not either",
        resistance(after) / resistance(before),
        unpressed=1.0,
    )


def kozeny_carman(porosity: float, diameter: float) -> float:
    """Permeability [m2] of a bed of spheres [m]."""
    return porosity**3 * diameter**2 / (180.0 * (1.0 - porosity) ** 2)
