"""The peel test: adhesion of the coating to its foil, against the unpressed electrode."""

from __future__ import annotations

from collections.abc import Iterator

from isosim.measure.instruments import ratio
from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.sample import Sample


def read(sample: Sample) -> Iterator[Reading]:
    """Adhesion strength over that of the unpressed electrode.

    Where the tape gives way first a laboratory has only a lower bound of this ratio.
    """
    yield ratio.of_solid(
        sample,
        "peel",
        "adhesion ratio",
        "adhesion",
        model="strength ~ (1 - porosity)^m: solid contact area alone",
        limits="binder that flows into the foil's roughness and particles pressed into it are not in it: "
        "Dixit et al. 2024 saw tenfold or more, which no relation on porosity alone can give",
        of="pull-off strength",
    )
