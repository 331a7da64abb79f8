"""A profilometer on the outermost foil: the pattern of the bag printed through the pouch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import constant, sources


def read(stack: Any) -> Iterator[Reading]:
    """Amplitude [um] of the imprint on the outer foils: not more than that of the bag's own pattern."""
    quantity, subject, model = (
        "amplitude of the imprint",
        "outer foils",
        "not more than the pattern that prints",
    )
    if not any(layer.role == "bag" for layer in stack.layers):
        reason = "the stack has no bag"
        yield Reading("profilometer", quantity, subject, "um", "declined", model, "none", reason)
        return
    amplitude = constant("imprint", "amplitude")
    yield Reading(
        "profilometer",
        quantity,
        subject,
        "um",
        "bounded",
        model,
        sources(amplitude),
        "the bag's pattern is not resolved; the pouch between them smooths it",
        low=0.0,
        high=1e6 * amplitude.high,
        unpressed=0.0,
    )
