"""X-ray diffraction: how far flakes lie down when the coating is pressed."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.sample import Sample

_MODEL = "March 1932: flakes turn with the matrix, r = (stretch through/stretch in plane)^(2/3); Dollase 1986"


def read(sample: Sample) -> Iterator[Reading]:
    """March-Dollase parameter r of the (00l) planes, relative to the unpressed coating; 1 is no change."""
    quantity = "March-Dollase parameter"
    if sample.active != "graphite":
        reason = "secondary particles of NMC are polycrystalline: pressing turns no crystal with them"
        if sample.active is None:
            reason = "the coating's card names no active material whose crystals are known"
        yield Reading("diffraction", quantity, sample.kind, "1", "declined", _MODEL, "none", reason)
        return
    along, across, through = sample.stretch
    yield Reading(
        "diffraction",
        quantity,
        sample.kind,
        "1",
        "bounded",
        _MODEL,
        "no constant; strain of the coating",
        "flakes that slide instead of turning keep r = 1; the texture of the unpressed coating multiplies it "
        "and is not known",
        low=(through / (along * across) ** 0.5) ** (2.0 / 3.0),
        high=1.0,
        unpressed=1.0,
    )
