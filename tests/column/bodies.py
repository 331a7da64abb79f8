"""Stacks of a few layers with laws given by hand, for the tests of the column."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from isosim import column
from isosim.case import load
from isosim.materials import Material
from isosim.pressing import press
from isosim.stack import Layer, Stack


def body(**sheets) -> Stack:
    """A stack of named sheets (law, thickness) from the top; a third entry is the initial porosity."""
    layers, materials = [], {}
    for name, (law, thickness, *porosity) in sheets.items():
        kind = "porous" if hasattr(law, "cap") else "dense"
        layers.append(Layer(name, "other", name, thickness, 25e-3, *porosity))
        materials[name] = Material(name, kind, name, law)
    return Stack(tuple(layers), materials)


def schedule(pressure, temperature=298.15, dt=5.0):
    """A schedule through pressures [Pa], the first of them the start; the highest is held from then on."""
    pressure = np.asarray(pressure, float)
    peak = int(np.argmax(pressure))
    phase = np.array(["start"] + ["load"] * peak + ["release"] * (len(pressure) - peak - 1))
    return SimpleNamespace(
        time=dt * np.arange(len(pressure)),
        pressure=pressure,
        temperature=np.broadcast_to(np.asarray(temperature, float), pressure.shape),
        phase=phase,
    )


def ramp(peak, steps=40, release=10):
    """Pressures from zero to a peak and back."""
    return np.concatenate([np.linspace(0.0, peak, steps + 1), np.linspace(peak, 0.0, release + 1)[1:]])


def cell(name, **changes):
    """A pressed cell of the paper in the column, measured; changes by dotted key with "__" for the dot."""
    overrides = {key.replace("__", "."): value for key, value in changes.items()}
    return press(load(name, {"model.fidelity": "column", **overrides}))


def pressed_column(name, **options):
    """The raw dataset of a cell of the paper."""
    case = load(name)
    return column.run(case.stack(), case.recipe.schedule(), **options)
