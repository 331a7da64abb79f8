"""Electronic resistance: four points on the coating, and the contact to its foil."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments import ratio
from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.sample import Sample


def read(sample: Sample) -> Iterator[Reading]:
    """Electronic resistance through the coating over that before pressing; contact resistance is declined."""
    yield ratio.of_solid(
        sample,
        "four points",
        "electronic resistance ratio",
        "conduction",
        model="conductivity ~ (1 - porosity)^m, resistance = thickness/conductivity",
        limits="cracked particles may lose contact, which raises it; measured conductivity levels off beyond "
        "160 MPa; grows back by an eighth in three weeks of springback (Hong 2026, second-hand)",
        of="conductivity",
        scale=sample.coating_thickness[1] / sample.coating_thickness[0],
        sign=-1.0,
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
