"""The cases of `press_many`: what they have in common, what varies, and what is wrong with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from isosim.errors import InputError, Problem
from isosim.law import Dense, Porous
from isosim.recipe import Recipe, Schedule
from isosim.stack import Stack

from .many_laws import acceptable, constants, law_of, within_bounds
from .many_plan import Plan, plan
from .run import LATERAL

RECIPE = ("pressure", "temperature", "ramp", "hold", "release")
LAYER = ("thickness", "porosity")
Indices = np.ndarray


@dataclass(frozen=True)
class Sheet:
    """Layers that share a state: one material from one porosity."""

    material: str
    porosity: float | str | None  # the name of an override, where it varies
    layers: tuple[int, ...]


@dataclass(frozen=True)
class Member:
    """Electrodes that are alike: their sheets and layers, foil last."""

    kind: str
    sheets: tuple[int, ...]
    layers: tuple[int, ...]
    count: int


@dataclass
class Cases:
    """What to press. Index arrays below are of cases.

    Raises
    ------
    InputError
        Names that are not there or without effect, values of the wrong shape. Values that a case cannot have
        only make it invalid.
    """

    stack: Stack
    recipe: Recipe | Schedule
    overrides: Mapping[str, Any]
    lateral: str
    edge: float
    refine: int
    explicit: bool
    values: dict[str, np.ndarray] = field(init=False)
    count: int = field(init=False)

    def __post_init__(self) -> None:
        arrays = {name: np.asarray(value) for name, value in self.overrides.items()}
        sizes = {array.shape for array in arrays.values() if array.ndim}
        problems = [
            Problem(name, f"an array of shape {a.shape}", "a number, or one number for each case")
            for name, a in arrays.items()
            if a.ndim > 1
        ]
        if len(sizes) > 1 and not problems:
            problems = [Problem("overrides", f"arrays of shapes {sorted(sizes)}", "one length")]
        problems += [problem for name in arrays for problem in self._name_problems(name)]
        problems += self._double_problems()
        if not problems:
            problems = list(self._type_problems(arrays))
        if problems:
            raise InputError(problems, "press_many")
        self.count = next(iter(sizes))[0] if sizes else 1
        self.values = {
            name: np.broadcast_to(a if name == "lateral" else a.astype(float), self.count)
            for name, a in arrays.items()
        }

    # --- names

    def _name_problems(self, name: str) -> Iterator[Problem]:
        if name in ("lateral", "edge_pressure"):
            return
        if name in RECIPE:
            if not isinstance(self.recipe, Recipe):
                yield Problem(name, "a schedule", "a recipe, from which steps can be planned for each case")
            elif self.recipe.log is not None:
                yield Problem(name, "a recipe from a log", "nothing: the log says it")
            return
        head, _, key = name.rpartition(".")
        layers = [layer for layer in self.stack.layers if head in (layer.name, layer.material)]
        if key in LAYER and layers:
            dense = [layer for layer in layers if isinstance(self._law(layer.material), Dense)]
            if key == "porosity" and dense:
                yield Problem(name, "a porosity", f"nothing: {dense[0].material} is dense")
            return
        material, _, key = name.partition(".")
        if material not in {layer.material for layer in self.stack.layers}:
            choice = ", ".join((*RECIPE, "lateral", "edge_pressure"))
            yield Problem(
                name,
                "an unknown name",
                f"{choice}, <material>.<card value>, or <material or layer>.thickness",
            )
        elif key not in (names := constants(self.stack.materials[material])):
            yield Problem(name, f"no {key!r} in {material}", f"one of {', '.join((*LAYER, *names))}")

    def _double_problems(self) -> Iterator[Problem]:
        for layer in self.stack.layers:
            for key in LAYER:
                names = [n for n in (f"{layer.name}.{key}", f"{layer.material}.{key}") if n in self.overrides]
                if len(set(names)) > 1:
                    yield Problem(f"{layer.name}, {key}", f"{names[0]} and {names[1]}", "one of them")

    def _type_problems(self, arrays: dict[str, np.ndarray]) -> Iterator[Problem]:
        for name, array in arrays.items():
            if name == "lateral":
                if unknown := sorted(set(map(str, array.ravel())) - set(LATERAL)):
                    yield Problem(name, ", ".join(unknown), f"one of {', '.join(map(repr, LATERAL))}")
            elif array.dtype.kind not in "fiub":
                yield Problem(name, f"values of type {array.dtype}", "numbers in SI units")

    def _law(self, material: str) -> Porous | Dense:
        return self.stack.materials[material].law

    # --- layers

    def _source(self, layer: int, key: str) -> Any:
        """The name of the override of a layer's thickness or porosity; without one its value."""
        own = self.stack.layers[layer]
        for name in (f"{own.name}.{key}", f"{own.material}.{key}"):
            if name in self.values:
                return name
        return getattr(own, key)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The sheets of the column: like layers are one, or every layer its own."""
        labels = [(layer.material, self._source(i, "porosity")) for i, layer in enumerate(self.stack.layers)]
        if self.explicit:
            return tuple(Sheet(*label, (i,)) for i, label in enumerate(labels))
        return tuple(
            Sheet(*label, tuple(i for i, other in enumerate(labels) if other == label))
            for label in dict.fromkeys(labels)
        )

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The electrodes, like ones once."""
        of_layer = {i: k for k, sheet in enumerate(self.sheets) for i in sheet.layers}
        found: dict[tuple, Member] = {}
        for electrode in self.stack.electrodes:
            layers = (*electrode.coatings, electrode.foil)
            sheets = tuple(of_layer[i] for i in layers)
            label = (electrode.kind, sheets, tuple(self._source(i, "thickness") for i in layers))
            count = found[label].count + 1 if label in found else 1
            found[label] = Member(electrode.kind, sheets, layers, count)
        return tuple(found.values())

    def thickness(self, layer: int, cases: Indices) -> Any:
        """Unpressed thickness of a layer [m], a number or one for each case."""
        source = self._source(layer, "thickness")
        return self.values[source][cases] if isinstance(source, str) else source

    def weight(self, sheet: Sheet, cases: Indices) -> Any:
        """Unpressed thickness of all layers of a sheet [m]."""
        sources = [self._source(i, "thickness") for i in sheet.layers]
        fixed = sum(source for source in sources if not isinstance(source, str))
        return fixed + sum(self.values[source][cases] for source in sources if isinstance(source, str))

    # --- laws

    def changes(self, material: str, cases: Indices | int) -> dict[str, Any]:
        """The constants of a material that vary, in these cases."""
        known = constants(self.stack.materials[material])
        names = {name: name.partition(".")[2] for name in self.values if name.startswith(f"{material}.")}
        return {key: self.values[name][cases] for name, key in names.items() if key in known}

    def law(self, sheet: Sheet, cases: Indices | int) -> Porous | Dense:
        """The law of a sheet in these cases."""
        return law_of(self.stack.materials[sheet.material], self.changes(sheet.material, cases))

    def porosity(self, sheet: Sheet, cases: Indices | int) -> Any:
        """Unpressed porosity; None where it is that of the law."""
        return self.values[sheet.porosity][cases] if isinstance(sheet.porosity, str) else sheet.porosity

    def start(self, sheet: Sheet, cases: Indices) -> Any:
        """Unpressed u of a sheet; ValueError where a law cannot have its constants or the porosity."""
        return self.law(sheet, cases).initial_u(self.porosity(sheet, cases))

    # --- what is pressed

    @cached_property
    def plans(self) -> tuple[list[Plan | None], np.ndarray]:
        """The distinct plans, None for a recipe that is not one, and (cases,) which a case has."""
        varied = [name for name in RECIPE if name in self.values]
        if not isinstance(self.recipe, Recipe):
            return [plan(self.recipe)], np.zeros(self.count, np.int64)
        table = np.stack([self.values[name] for name in varied], axis=1) if varied else np.zeros((1, 0))
        rows, which = np.unique(table, axis=0, return_inverse=True)
        found: list[Plan | None] = []
        for row in rows:
            try:
                values: dict[str, Any] = dict(zip(varied, map(float, row), strict=True))
                recipe = dataclasses.replace(self.recipe, **values)
            except InputError:
                found.append(None)
            else:
                found.append(plan(recipe.schedule(refine=self.refine)))
        return found, np.broadcast_to(which.ravel(), self.count)

    @cached_property
    def valid(self) -> np.ndarray:
        """(cases,) whether everything in a case has a value that it can have."""
        plans, which = self.plans
        good = np.array([p is not None for p in plans])[which]
        for name, values in self.values.items():
            if name == "lateral":
                continue
            good &= ~np.isnan(values)
            if name == "edge_pressure":
                good &= (values >= 0.0) & (values <= 1.0)
            elif name.endswith(".thickness"):
                good &= (values > 0.0) & np.isfinite(values)
        for material in {sheet.material for sheet in self.sheets}:
            own = self.stack.materials[material]
            for key, values in self.changes(material, np.arange(self.count)).items():
                good &= within_bounds(own, key, values)
        for material, porosity in dict.fromkeys((s.material, s.porosity) for s in self.sheets):
            some = Sheet(material, porosity, ())
            fine = acceptable(partial(self.start, some), np.flatnonzero(good))
            good = np.zeros_like(good)
            good[fine] = True
        return good

    def groups(self) -> Iterator[Indices]:
        """Valid cases that can be pressed side by side."""
        plans, which = self.plans
        shapes: dict[Any, int] = {}
        shape = np.array([shapes.setdefault(p.shape if p else None, len(shapes)) for p in plans])[which]
        names, lateral = np.unique(self.values.get("lateral", np.array([self.lateral])), return_inverse=True)
        code = shape * len(names) + np.broadcast_to(lateral.ravel(), self.count)
        for k in np.unique(code[self.valid]):
            yield np.flatnonzero(self.valid & (code == k))

    def lateral_of(self, case: int) -> str:
        """The in-plane kinematics of a case."""
        return str(self.values["lateral"][case]) if "lateral" in self.values else self.lateral

    def edge_of(self, cases: Indices) -> Any:
        """Share of the pressure that acts on the edges."""
        return self.values["edge_pressure"][cases] if "edge_pressure" in self.values else self.edge
