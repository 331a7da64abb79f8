"""Electronic resistance: four points on the coating, and the contact to its foil."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, interval, sources
from isosim.measure.instruments.sample import Sample


def read(sample: Sample) -> Iterator[Reading]:
    """Electronic resistance through the coating over that before pressing; contact resistance is declined."""
    model = "conductivity ~ (1 - porosity)^m, resistance = thickness/conductivity"
    if sample.active == "NMC":
        exponent = constant("conduction", "exponent")
        before, after = (1.0 - porosity for porosity in sample.porosity)
        thinner = sample.coating_thickness[1] / sample.coating_thickness[0]
        value, low, high = interval(lambda m: thinner * (before / after) ** m, exponent)
        limits = (
            "cracked particles may lose contact, which raises it; measured conductivity levels off beyond "
            "160 MPa; grows back by an eighth in three weeks of springback (Hong 2026, second-hand)"
        )
        yield Reading(
            "four points",
            "electronic resistance ratio",
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
    else:
        reason = f"no conductivity against porosity is known for this coating ({sample.active or 'unknown'})"
        yield Reading(
            "four points", "electronic resistance ratio", sample.kind, "1", "declined", model, "none", reason
        )
    yield Reading(
        "four points",
        "contact resistance, coating to foil",
        sample.kind,
        "ohm m2",
        "declined",
        "none",
        "none",
        "no public relation between pressing and the contact of this coating with its foil was found",
    )
