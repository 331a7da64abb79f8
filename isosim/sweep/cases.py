"""One case of a sweep: the base with other values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from isosim.case import Case
from isosim.case.body import SheetTable
from isosim.case.case import Overrides
from isosim.column.many_laws import law_of
from isosim.errors import InputError, Problem
from isosim.materials import Material
from isosim.stack import Layer, Stack
from isosim.sweep.keys import LAYER, Key


@dataclass(frozen=True)
class VariedCase(Case):
    """A case whose cards or layers have values that its file does not say, by the names of `press_many`."""

    changes: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def stack(self) -> Stack:
        """What is pressed. InputError where a law or layer cannot have a value."""
        stack = super().stack()
        layers = tuple(self._layer(layer) for layer in stack.layers)
        materials = {name: self._material(material) for name, material in stack.materials.items()}
        for layer in layers:
            if layer.porosity is not None:
                problems = list(
                    materials[layer.material].porosity_problems(layer.porosity, f"{layer.name}, porosity")
                )
                if problems:
                    raise InputError(problems, f"case {self.name}")
        return replace(stack, layers=layers, materials=materials)

    def changed(self, overrides: Overrides) -> Case:
        """The case with other values in its file, and the same changes beside it."""
        return beyond_file(super().changed(overrides), self.changes)

    def _layer(self, layer: Layer) -> Layer:
        own: dict[str, Any] = {
            key: self.changes[name]
            for key in LAYER
            for name in (f"{layer.material}.{key}", f"{layer.name}.{key}")
            if name in self.changes
        }
        return replace(layer, **own)

    def _material(self, material: Material) -> Material:
        own = {
            name.partition(".")[2]: value
            for name, value in self.changes.items()
            if name.partition(".")[0] == material.name and name.rpartition(".")[2] not in LAYER
        }
        try:
            return replace(material, law=law_of(material, own))
        except ValueError as error:
            got = ", ".join(f"{key} {value:g}" for key, value in own.items())
            raise InputError(Problem(material.name, got, f"values that its law can have: {error}")) from None


def vary(base: Case, values: Mapping[Key, Any]) -> Case:
    """The base with other values, quantities in SI.

    Raises
    ------
    InputError
        When the case cannot have them.
    """
    overrides: dict[str, Any] = {}
    for key, value in values.items():
        if key.of_case:
            overrides |= {**_beside(base, key.path), key.path: key.written(value)}
    case = base.changed(overrides) if overrides else base
    changes = {key.path: float(value) for key, value in values.items() if not key.of_case}
    if not changes:
        return case
    return beyond_file(case, changes)


def beyond_file(case: Case, changes: Mapping[str, float]) -> VariedCase:
    """The case with values that its file does not say, by the names of `press_many`, in SI."""
    own = {field.name: getattr(case, field.name) for field in fields(Case)}
    return VariedCase(**own, changes=changes)


def _beside(base: Case, path: str) -> dict[str, str]:
    """The material of a sheet that the case file leaves to its default, which it must state with any key."""
    *parents, key = path.split(".")
    table: Any = base.table
    written: Any = base.document
    for parent in parents:
        table = getattr(table, parent, None)
        written = written.get(parent, {}) if isinstance(written, Mapping) else {}
    if not isinstance(table, SheetTable) or key == "material":
        return {}
    if isinstance(written, Mapping) and "material" in written:
        return {}
    return {f"{'.'.join(parents)}.material": table.material.name}
