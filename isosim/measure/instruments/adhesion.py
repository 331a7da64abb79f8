"""The peel test: adhesion of the coating to its foil, against the unpressed electrode."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, interval, sources
from isosim.measure.instruments.sample import Sample


def read(sample: Sample) -> Iterator[Reading]:
    """Adhesion strength over that of the unpressed electrode.

    Where the tape gives way first a laboratory has only a lower bound of this ratio.
    """
    model = "strength ~ (1 - porosity)^m: solid contact area alone"
    if sample.active != "NMC":
        reason = (
            f"no pull-off strength against porosity is known for this coating ({sample.active or 'unknown'})"
        )
        yield Reading("peel", "adhesion ratio", sample.kind, "1", "declined", model, "none", reason)
        return
    exponent = constant("adhesion", "exponent")
    before, after = (1.0 - porosity for porosity in sample.porosity)
    value, low, high = interval(lambda m: (after / before) ** m, exponent)
    limits = (
        "binder that flows into the foil's roughness and particles pressed into it are not in it: Dixit et "
        "al. 2024 saw tenfold or more, which no relation on porosity alone can give"
    )
    yield Reading(
        "peel",
        "adhesion ratio",
        sample.kind,
        "1",
        "predicted",
        model,
        sources(exponent),
        limits,
        value,
        low,
        high,
        1.0,
    )
