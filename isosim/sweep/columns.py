"""Many cases as columns at once: keys of a case file as the overrides of `press_many`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isosim.case import Case
from isosim.case.coating import STATED
from isosim.stack import Layer
from isosim.sweep.keys import Key

DIRECT = {
    "model.lateral": "lateral",
    **{f"recipe.{name}": name for name in ("pressure", "temperature", "ramp", "hold", "release")},
}
KINDS = ("cathode", "anode")
SHEETS: dict[str, Callable[[Layer], bool]] = {
    "stack.separator.thickness": lambda layer: layer.role == "separator",
    "stack.film.thickness": lambda layer: layer.role == "film",
    "stack.bag.thickness": lambda layer: layer.role == "bag",
    "stack.cathode.foil.thickness": lambda layer: layer.role == "foil" and layer.kind == "cathode",
    "stack.anode.foil.thickness": lambda layer: layer.role == "foil" and layer.kind == "anode",
}
COATING = {f"stack.{kind}.{key}": (kind, key) for kind in KINDS for key in ("loading", *STATED)}


def side_by_side(key: Key) -> bool:
    """Whether cases that differ in this key can be pressed at once; otherwise each value is a stack."""
    return not key.of_case or key.path in DIRECT or key.path in SHEETS or key.path in COATING


def overrides(base: Case, values: Mapping[Key, np.ndarray]) -> dict[str, np.ndarray]:
    """What `press_many` shall vary, for keys that are `side_by_side`."""
    found: dict[str, np.ndarray] = {}
    coatings: dict[str, dict[str, np.ndarray]] = {}
    layers = base.stack().layers
    for key, column in values.items():
        path = key.path
        if not key.of_case:
            found[path] = column
        elif path in DIRECT:
            found[DIRECT[path]] = column
        elif path in COATING:
            kind, name = COATING[path]
            coatings.setdefault(kind, {})[name] = column
        else:
            found |= dict.fromkeys(_names(layers, SHEETS[path], "thickness"), column)
    for kind, own in coatings.items():
        found |= dict(_coating(base, kind, own))
    return found


def _coating(base: Case, kind: str, own: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Porosity and thickness of all coatings of a kind, as `CoatingTable` computes them."""
    assert base.table.stack is not None
    table: Any = getattr(base.table.stack, kind)
    built = table.build()
    value = {key: own.get(key, getattr(table, key)) for key in ("loading", *STATED)}
    solid = built.solid_density
    if built.stated == "porosity":
        porosity = value["porosity"]
    elif built.stated == "press_density":
        porosity = 1.0 - value["press_density"] / solid
    else:
        porosity = 1.0 - value["loading"] / (solid * value["thickness"])
    coating: Any = replace(built, loading=value["loading"], porosity=porosity)
    count = len(next(iter(own.values())))

    def chosen(layer: Layer) -> bool:
        return layer.role == "coating" and layer.kind == kind

    for key in ("porosity", "thickness"):
        column = np.broadcast_to(getattr(coating, key), count)
        yield from dict.fromkeys(_names(base.stack().layers, chosen, key), column).items()


def _names(layers: Sequence[Layer], chosen: Callable[[Layer], bool], key: str) -> list[str]:
    """Overrides for some layers: by material where it has no other layers, which keeps like layers alike."""
    names: list[str] = []
    for material in dict.fromkeys(layer.material for layer in layers if chosen(layer)):
        all_of = [layer for layer in layers if layer.material == material]
        if all(chosen(layer) for layer in all_of):
            names.append(f"{material}.{key}")
        else:
            names += [f"{layer.name}.{key}" for layer in all_of if chosen(layer)]
    return names
