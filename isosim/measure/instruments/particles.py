"""Broken active particles, as counted in a polished section."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from isosim.law import Damage
from isosim.law.damage import NMC
from isosim.measure.instruments.reading import Reading
from isosim.measure.instruments.relations import Constant, constant, interval, sources
from isosim.measure.instruments.sample import Sample

_MODEL = "Weibull strength by size under a log-normal particle stress, `isosim.law.Damage`"
_LIMITS = (
    "cracks of the powder as made are not counted (about a third of the particles in one NMC811 survey); a "
    "top view does not show what lies inside; the stress on particles was fitted to a discrete-element "
    "model, not measured"
)


def read(sample: Sample) -> Iterator[Reading]:
    """Share of the particle volume that pressing broke [%].

    Beyond the pressure that the law was fitted to, only a lower bound is given: what breaks at that pressure
    breaks above it too.
    """
    quantity = "particle volume broken by pressing"
    if sample.active != "NMC":
        reason = f"no strength of particles is known for this coating ({sample.active or 'unknown'})"
        yield Reading("section image", quantity, sample.kind, "%", "declined", _MODEL, "none", reason)
        return
    known, size = constant("particles", "known_to"), _size()
    pressure = min(sample.pressure, known.value)
    value, low, high = interval(lambda size: 100.0 * float(of_size(size).broken(pressure)), size)
    words = (sources(known, size), _LIMITS)
    if sample.pressure > known.value:
        yield Reading(
            "section image", quantity, sample.kind, "%", "bounded", _MODEL, *words, low=low, unpressed=0.0
        )
    else:
        yield Reading(
            "section image", quantity, sample.kind, "%", "predicted", _MODEL, *words, value, low, high, 0.0
        )


@cache
def of_size(size: float = 1.0) -> Damage:
    """Particles `size` times as large as those of the card; building the law takes a tenth of a second."""
    particles = Damage.read()
    return replace(particles, diameter=[size * d for d in particles.diameter])


def _size() -> Constant:
    """The median diameter's range, relative to its value."""
    median = tomllib.loads(NMC.read_text("utf-8"))["diameter"]["median"]
    low, high = (end / median["value"] for end in median["range"])
    return Constant(1.0, low, high, median["source"])
