"""Layers of one kind share one state in a column: they are pressed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isosim.law import Dense, Porous
from isosim.stack import Stack


@dataclass(frozen=True)
class Kinds:
    """The distinct (law, initial porosity) of a stack."""

    laws: tuple[Porous | Dense, ...]  # of each kind
    state: np.ndarray  # (kinds, N_STATE) unpressed
    weight: np.ndarray  # (kinds,) share of the unpressed height
    of_layer: np.ndarray  # (layers,) kind of each layer

    def parameters(self, temperature: float) -> np.ndarray:
        """Constants of each kind at a temperature [K], shape (kinds, N_PARAMETERS)."""
        return np.stack([law.at(temperature) for law in self.laws])


def kinds_of(stack: Stack) -> Kinds:
    """Sort the layers of a stack into kinds."""
    labels = [(layer.material, layer.porosity) for layer in stack.layers]
    distinct = list(dict.fromkeys(labels))
    of_layer = np.array([distinct.index(label) for label in labels])
    laws = tuple(stack.materials[material].law for material, _ in distinct)
    states = [law.initial_state(porosity) for law, (_, porosity) in zip(laws, distinct, strict=True)]
    thickness = np.array([layer.thickness for layer in stack.layers])
    weight = np.bincount(of_layer, thickness) / thickness.sum()
    return Kinds(laws, np.stack(states), weight, of_layer)
