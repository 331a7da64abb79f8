"""What is uncertain in a case: the values of its cards that state a range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isosim.case import Case
from isosim.column.many_laws import constants
from isosim.errors import InputError, Problem
from isosim.law import Porous
from isosim.materials import Material
from isosim.materials.card import Value
from isosim.stack import Layer

REFERENCE = "cap.reference_porosity"
WARM = ("thermal.", "viscosity.activation_energy")  # act away from the reference temperature only
NOWHERE = "no range"
STIFFNESS = "elastic.stiffness_porosity"
CARRIES = 1.2  # least ratio of the porosity without stiffness to that of the layer: one that exists has some


@dataclass(frozen=True)
class Input:
    """A value of a card that states a range; SI. `name` is "nmc622.cap.hardening".

    The range is the card's, but that of a stiffness porosity begins where the loosest layer carries itself.
    """

    name: str
    value: Value
    low: float
    high: float
    solid: Mapping[str, float]  # of each coating that keeps its solid: thickness of the solid [m]

    @property
    def nominal(self) -> float:
        """What the card says."""
        return self.value.si

    def at(self, share: np.ndarray) -> np.ndarray:
        """Values at shares 0 to 1 of the range, all equally likely."""
        return self.low + share * (self.high - self.low)

    def overrides(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """What `press_many` takes for these values (cases,).

        The porosity that a cap law counts from is that of the unpressed layer: both move, and a coating
        keeps its solid, so that its thickness follows.
        """
        material, _, key = self.name.partition(".")
        if key != REFERENCE:
            return {self.name: values}
        thicknesses = {f"{name}.thickness": solid / (1.0 - values) for name, solid in self.solid.items()}
        return {self.name: values, f"{material}.porosity": values, **thicknesses}


def read(case: Case) -> tuple[list[Input], dict[str, str]]:
    """The uncertain values of a case, and the reason why each of the other values stays as it is.

    Raises
    ------
    InputError
        When no card of the stack states a range.
    """
    stack = case.stack()
    found: list[Input] = []
    fixed: dict[str, str] = {}
    for material in dict.fromkeys(layer.material for layer in stack.layers):
        own = stack.materials[material]
        layers = [layer for layer in stack.layers if layer.material == material]
        known = constants(own)
        for key, value in own.card.values() if own.card else ():
            name = f"{material}.{key}"
            if key not in known and key != "thickness":
                continue  # a composition: its effect is in the thickness of the solid, which the case states
            reason = _reason(key, value, own, layers, case)
            if reason:
                fixed[name] = reason
                continue
            assert value.low is not None and value.high is not None
            low = max(value.low, _least_stiff(own)) if key == STIFFNESS else value.low
            found.append(Input(name, value, low, value.high, _solids(layers)))
    if not found:
        raise InputError(Problem("cards", "no value with a range", "one or more"), case.name)
    return found, fixed


def overrides(inputs: Sequence[Input], shares: np.ndarray) -> dict[str, np.ndarray]:
    """What `press_many` takes for shares (cases, inputs) of the ranges."""
    found: dict[str, np.ndarray] = {}
    for k, one in enumerate(inputs):
        found |= one.overrides(one.at(shares[:, k]))
    return found


def _reason(key: str, value: Value, own: Material, layers: Sequence[Layer], case: Case) -> str:
    if value.low is None or value.high is None or value.low == value.high:
        return NOWHERE
    if key.startswith(WARM):
        assert own.card is not None and own.card.thermal is not None
        if case.recipe.temperature == own.card.thermal.reference_temperature:
            return "without effect at the reference temperature"
    if key == "thickness" and any(layer.thickness != value.si for layer in layers):
        return "the case states another"
    if key == REFERENCE:
        assert isinstance(own.law, Porous)
        if any(layer.porosity != value.si for layer in layers):
            return "the case states another porosity"
    return ""


def _least_stiff(own: Material) -> float:
    """The lowest porosity without stiffness at which the loosest layer still carries itself."""
    assert own.card is not None and own.card.cap is not None
    porosity = own.card.cap.reference_porosity
    return CARRIES * (porosity.high or porosity.si)


def _solids(layers: Sequence[Layer]) -> dict[str, float]:
    return {
        layer.name: layer.thickness * (1.0 - layer.porosity)
        for layer in layers
        if layer.role == "coating" and layer.porosity is not None
    }
