"""How far the in-plane contraction of a published cell moves over the ranges of its cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from isosim import column
from isosim.case import Case, load
from isosim.materials.material import Material, from_card
from isosim.measure import cell, thickness, zones
from isosim.stack import Stack

# What is moved, on every card with a range for it: role of the layers, table and key of the card.
MOVED = {
    "film": ("elastic", "bulk_modulus"),
    "bag": ("elastic", "bulk_modulus"),
    "coating": ("surface", "friction"),
    "foil": ("plastic", "yield_stress"),
}


@cache
def shifts(name: str, scenario: str, lateral: str) -> dict[str, tuple[float, float]]:
    """Least and largest change of the contraction with one value at a time at either end of its range.

    The cell is pressed as a column; nothing is fitted again. Contraction is a fraction, positive when the
    cell shrinks: of the "cell" along the cut at the end of the hold, and of each kind of electrode taken out.

    Raises
    ------
    InputError
        When no cell of that name comes with the package.
    SolverError
        When the column finds no balance.
    """
    case = load(name, {"scenario": scenario})
    stack = case.stack()
    nominal = _contractions(case, stack, lateral)
    moved = [_contractions(case, other, lateral) for other in _moved(stack)]
    changes = {what: [0.0, *(found[what] - value for found in moved)] for what, value in nominal.items()}
    return {what: (min(values), max(values)) for what, values in changes.items()}


def _contractions(case: Case, stack: Stack, lateral: str) -> dict[str, float]:
    edge_pressure = "edge" in case.recipe.pressed_faces
    ds = column.run(stack, case.recipe.schedule(), lateral, edge_pressure=edge_pressure)
    read = ds.merge(thickness.read(ds, stack.electrodes, zones.split(ds)))
    taken_out = cell.averages(read).electrode_contraction
    return {
        "cell": float(cell.contraction(ds).contraction_x.sel(state="held")),
        **{str(kind): float(taken_out.sel(kind=kind)) for kind in taken_out.kind.values},
    }


def _moved(stack: Stack) -> Iterator[Stack]:
    for role, (table, key) in MOVED.items():
        for name in dict.fromkeys(layer.material for layer in stack.layers if layer.role == role):
            for other in _ends(stack.materials[name], table, key):
                yield replace(stack, materials={**stack.materials, name: other})


def _ends(material: Material, table: str, key: str) -> Iterator[Material]:
    """The material with a value of its card at the low and at the high end of its range, if it has one."""
    assert material.card is not None  # the layers of a published cell have one
    part = getattr(material.card, table)
    value = getattr(part, key)
    for end in (value.low, value.high):
        if end is not None:
            changed = part.model_copy(update={key: replace(value, si=end)})
            yield from_card(material.name, material.card.model_copy(update={table: changed}))
