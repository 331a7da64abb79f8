"""Dummy cells of design section 9, small and flush, for the tests of the column."""

from __future__ import annotations

from isosim import materials
from isosim.stack import Layer, Stack

COATING = {
    "cathode": ("nmc622", 27.82e-6, 0.35),
    "anode": ("graphite", 34.0e-6, 0.50),
}  # card, solid, porosity
FOIL = {"cathode": ("al_foil", 15e-6), "anode": ("cu_foil", 10e-6)}
OUTSIDE = (
    ("bag", "bag", 160e-6),
    ("pouch", "nylon", 25e-6),
    ("pouch", "pouch_al", 40e-6),
    ("pouch", "cpp", 48e-6),
)
HALF_WIDTH = 25e-3


def dummy_cell(electrodes: int, films: bool = True, coating: dict | None = None) -> Stack:
    """N electrodes, cathode first, coatings of a pair facing each other, N-1 separators and films."""
    chosen = {**COATING, **(coating or {})}
    layers: list[Layer] = []

    def add(role, material, thickness, porosity=None, electrode=None, kind=None):
        name = f"{len(layers)} {material}"
        layers.append(Layer(name, role, material, thickness, HALF_WIDTH, porosity, electrode, kind=kind))

    for role, material, thickness in OUTSIDE:
        add(role, material, thickness)
    for number in range(1, electrodes + 1):
        kind = "cathode" if number % 2 else "anode"
        card, solid, porosity = chosen[kind]
        parts = [("coating", card, solid / (1.0 - porosity), porosity), ("foil", *FOIL[kind], None)]
        for role, material, thickness, pores in parts[:: -1 if kind == "cathode" else 1]:
            add(role, material, thickness, pores, number, kind)
        if number < electrodes:
            add("separator", "celgard2325", 25e-6)
            if films:
                add("film", "pressure_film", 110e-6)
    for role, material, thickness in reversed(OUTSIDE):
        add(role, material, thickness)
    return Stack(tuple(layers), {name: materials.load(name) for name in {layer.material for layer in layers}})
