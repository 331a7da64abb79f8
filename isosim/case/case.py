"""A case: what is pressed, how, at which fidelity."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from isosim import units
from isosim.case.document import CaseTable, ModelTable
from isosim.case.scenarios import scenarios, settle
from isosim.errors import InputError, Problem
from isosim.recipe import Recipe
from isosim.stack import Stack
from isosim.stack.stack import EDGE_FILLS
from isosim.tables import Table, validate

Overrides = Mapping[str, Any]
_SEES = {
    "column": ": the middle of the cell alone is computed",
    "section": ": a cut is computed, alike all along the cell",
    "axisymmetric": ": a disc is computed, alike all round",
    "solid": "",
}


@dataclass(frozen=True)
class Case:
    """A valid case; made by `load`, `load_set` or `from_document`.

    `document` is the case file as read, overrides written in and scenario not; `folder` is where the files
    that it names are looked for.
    """

    name: str
    document: dict[str, Any]
    folder: Path | None
    table: CaseTable
    recipe: Recipe

    @property
    def title(self) -> str:
        """One line for a heading."""
        return self.table.title or self.name

    @property
    def scenario(self) -> str:
        """Name of the scenario; empty for none."""
        return self.table.scenario

    @property
    def model(self) -> ModelTable:
        """How it is computed: fidelity, lateral, refine; columns and edge_cell [m] of section and solid."""
        return self.table.model

    @property
    def assumptions(self) -> tuple[str, ...]:
        """All that is assumed: by the case, its scenario, the generator and the cards, in this order."""
        return (*self.choices, *dict.fromkeys(self._of_cards()))

    @property
    def choices(self) -> tuple[str, ...]:
        """What is assumed but for the cards."""
        return tuple(dict.fromkeys(self._choices()))

    def stack(self) -> Stack:
        """What is pressed; its materials say where the recipe's temperatures are beyond their cards."""
        stack = self.table.build()
        materials = {
            name: material.between(*self.recipe.temperatures) for name, material in stack.materials.items()
        }
        return replace(stack, materials=materials)

    def changed(self, overrides: Overrides) -> Case:
        """The case with other values, checked anew: `case.changed({"model.fidelity": "column"})`.

        Keys are dotted; a value of None takes the key out.

        Raises
        ------
        InputError
            As `load`.
        """
        return from_document(self.document, self.name, self.folder, overrides)

    def to_dict(self) -> dict[str, Any]:
        """All that the answer depends on, in types of JSON: the case file, what its scenario says, the laws
        of its materials, the log's hash."""
        scenario = scenarios().get(self.scenario)
        laws = {name: repr(material.law) for name, material in self.stack().materials.items()}
        return {
            "case": copy.deepcopy(self.document),
            "scenario": {"cathode": scenario.cathode, "anode": scenario.anode} if scenario else {},
            "laws": laws,
            "log_sha256": self.recipe.log.sha256 if self.recipe.log else "",
        }

    def describe(self) -> list[dict[str, str]]:
        """Rows {part, what, value, origin}: what was given and what follows from it."""
        return [
            {"part": part, "what": what, "value": value, "origin": origin}
            for part, what, value, origin in self._rows()
        ]

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        stack = self.stack()
        if self.table.stack:
            for kind, table in (("cathode", self.table.stack.cathode), ("anode", self.table.stack.anode)):
                yield kind, "material", table.material.title, "given"
                yield from ((kind, *row) for row in table.build().rows())
                foil = table.foil.build()
                value = f"{foil.material}, {units.show(foil.thickness, 'um')}"
                yield kind, "foil", value, _origin(table, "foil")
        yield "stack", "layers", str(len(stack.layers)), "computed"
        yield "stack", "height", units.show(stack.height, "mm"), "computed"
        yield "stack", "half-width", units.show(stack.width, "mm"), "computed"
        if stack.pouch_edge:
            yield "stack", "pouch edge", stack.pouch_edge.shape, "given"
        if stack.edge_fill:
            yield "stack", "edge filling", stack.edge_fill, "given"
        recipe = self.recipe
        shown = {"pressure": "MPa", "temperature": "degC", "ramp": "s", "hold": "s", "release": "s"}
        for what, unit in shown.items():
            origin = "from the log" if recipe.log else _origin(self.table.recipe, what)
            yield "recipe", what, units.show(getattr(recipe, what), unit), origin
            if what == "pressure" and recipe.log:
                yield "recipe", "peak pressure", units.show(recipe.log.pressure.max(), unit), origin
        yield "recipe", "faces", ", ".join(recipe.pressed_faces), _origin(self.table.recipe, "faces")
        yield "model", "fidelity", self.model.fidelity, _origin(self.model, "fidelity")
        yield "model", "lateral", self.model.lateral, _origin(self.model, "lateral")
        for key in self._without_effect():
            yield "model", key, f"without effect at fidelity {self.model.fidelity}", "given"

    def _without_effect(self) -> Iterator[str]:
        """Keys that are given and that this fidelity does not see; no fault, as one case serves them all."""
        fidelity, model = self.model.fidelity, self.model
        if fidelity != "solid":
            if self.table.stack and self.table.stack.half_length is not None:
                yield "stack.half_length"
            if any(layer.half_length is not None for layer in self.table.layer or []):
                yield "half_length in layer"
        elif self.table.stack and self.table.stack.pouch_edge:
            yield "stack.pouch_edge"
        if fidelity not in ("section", "axisymmetric"):
            yield from (f"model.section.{key}" for key in sorted(model.section.model_fields_set))
        if fidelity != "solid":
            yield from (f"model.solid.{key}" for key in sorted(model.solid.model_fields_set))
        if fidelity != "column":
            return
        if self.table.edge_fill is not None:
            yield "edge_fill"
        if self.table.stack:
            yield from (f"stack.{key}" for key in self.table.stack.beyond_the_middle())
        if self.recipe.faces != "all" and "bottom" in self.recipe.faces:
            yield "'bottom' in recipe.faces"

    def _choices(self) -> Iterator[str]:
        yield from self.table.assumptions
        if scenario := scenarios().get(self.scenario):
            others = ", ".join(repr(name) for name in scenarios() if name != self.scenario)
            yield f"scenario {self.scenario!r}: {scenario.title} (alternatives: {others})"
        if self.table.stack:
            yield from self.table.stack.assumptions()
        if self.table.edge_fill:
            others = ", ".join(repr(name) for name in EDGE_FILLS if name != self.table.edge_fill)
            filling = repr(self.table.edge_fill)
            yield f"the space beside short layers is filled by {filling} (alternative: {others})"
        yield "the temperature is uniform in the cell and the cell is dry"
        if keys := ", ".join(self._without_effect()):
            yield f"without effect at fidelity {self.model.fidelity} are {keys}{_SEES[self.model.fidelity]}"

    def _of_cards(self) -> Iterator[str]:
        of_cards: dict[str, list[str]] = {}
        for name, material in self.stack().materials.items():
            for text in material.assumptions:
                of_cards.setdefault(text, []).append(name)
        yield from (f"{', '.join(names)}: {text}" for text, names in of_cards.items())


def _origin(table: Table, key: str) -> str:
    return "given" if key in table.model_fields_set else "default"


def from_document(
    document: Mapping[str, Any], name: str, folder: Path | None = None, overrides: Overrides | None = None
) -> Case:
    """A case from the content of a case file; `name` stands in where it has none.

    Raises
    ------
    InputError
        All that is wrong, in one go.
    """
    changed = _overridden(document, overrides or {})
    settled, problems = settle(changed)
    try:
        table = validate(CaseTable, settled, f"case {name}", folder)
    except InputError as error:
        raise InputError([*problems, *error.problems], f"case {name}") from None
    if problems:
        raise InputError(problems, f"case {name}")
    return Case(table.name or name, changed, folder, table, table.recipe.build())


def schema() -> dict[str, Any]:
    """The JSON schema of a case file."""
    return CaseTable.model_json_schema()


def _overridden(document: Mapping[str, Any], overrides: Overrides) -> dict[str, Any]:
    changed = copy.deepcopy(dict(document))
    for dotted, value in overrides.items():
        *parents, key = dotted.split(".")
        table = changed
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise InputError(Problem(dotted, "a key inside a value", "a key inside a table"))
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return changed
