"""A reading over that of the unpressed electrode, by a power of the solid share that is known for NMC."""

from __future__ import annotations

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, interval, sources
from isosim.measure.instruments.sample import Sample


def of_solid(
    sample: Sample, instrument: str, quantity: str, relation: str, *, model: str, limits: str, of: str,
    scale: float = 1.0, sign: float = 1.0,
) -> Reading:  # fmt: skip
    """`scale` times (solid share after/before)^(`sign` m), m the exponent of `relation`; of what: `of`.

    Declined for a coating that is not NMC.
    """
    words = (instrument, quantity, sample.kind, "1")
    if sample.active != "NMC":
        reason = f"no {of} against porosity is known for this coating ({sample.active or 'unknown'})"
        return Reading(*words, "declined", model, "none", reason)
    exponent = constant(relation, "exponent")
    before, after = (1.0 - porosity for porosity in sample.porosity)
    value, low, high = interval(lambda m: scale * (after / before) ** (sign * m), exponent)
    return Reading(*words, "predicted", model, sources(exponent), limits, value, low, high, 1.0)
