"""A case: what is pressed, how, at which fidelity."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from isosim import units
from isosim.case.document import CaseTable, ModelTable
from isosim.case.scenarios import CASES, Scenario, scenarios, settle
from isosim.errors import InputError, Problem
from isosim.recipe import Recipe
from isosim.stack import Stack
from isosim.tables import brief, nearest, read_toml, validate

Overrides = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A valid case; make one with `load`, `load_set` or `from_document`.

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
    def judged(self) -> Literal["coating", "with foil"]:
        """The thickness that is held against measurements."""
        return self.table.judged

    @property
    def model(self) -> ModelTable:
        """How it is computed: fidelity, lateral, refine, section.columns, section.edge_cell [m]."""
        return self.table.model

    @property
    def assumptions(self) -> tuple[str, ...]:
        """All that is assumed: by the case, its scenario, the generator and the cards, in this order."""
        return tuple(dict.fromkeys(self._assumptions()))

    def stack(self) -> Stack:
        """What is pressed."""
        return self.table.build()

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
        """All that the answer depends on, in types of JSON: the case file, every card's values, the log."""
        cards = {
            name: {quantity: value.text for quantity, value in material.card.values()}
            for name, material in self.stack().materials.items()
            if material.card
        }
        log = {"log_sha256": self.recipe.log.sha256} if self.recipe.log else {}
        scenario = scenarios().get(self.scenario)
        settled = {"cathode": scenario.cathode, "anode": scenario.anode} if scenario else {}
        return {"case": copy.deepcopy(self.document), "scenario": settled, "cards": cards, **log}

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
                yield kind, "foil", f"{foil.material}, {units.show(foil.thickness, 'um')}", "given"
        yield "stack", "layers", str(len(stack.layers)), "computed"
        yield "stack", "height", units.show(stack.height, "mm"), "computed"
        yield "stack", "half-width", units.show(stack.width, "mm"), "computed"
        recipe = self.recipe
        given = "from the log" if recipe.log else "given"
        yield "recipe", "pressure", units.show(recipe.pressure, "MPa"), given
        yield "recipe", "temperature", units.show(recipe.temperature, "degC"), given
        for what in ("ramp", "hold", "release"):
            yield "recipe", what, units.show(getattr(recipe, what), "s"), given
        yield "recipe", "faces", ", ".join(recipe.pressed_faces), "given"

    def _assumptions(self) -> Iterator[str]:
        yield from self.table.assumptions
        if scenario := scenarios().get(self.scenario):
            others = ", ".join(repr(name) for name in scenarios() if name != self.scenario)
            yield f"scenario {self.scenario!r}: {scenario.title} (alternatives: {others})"
        if self.table.stack:
            yield from self.table.stack.assumptions()
        yield "the temperature is uniform in the cell and the cell is dry"
        of_cards: dict[str, list[str]] = {}
        for name, material in self.stack().materials.items():
            for text in material.assumptions:
                of_cards.setdefault(text, []).append(name)
        yield from (f"{', '.join(names)}: {text}" for text, names in of_cards.items())


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


def load(where: str | Path, overrides: Overrides | None = None) -> Case:
    """Read a case: a path, or the name of a cell that comes with the package such as "120RT-2".

    Parameters
    ----------
    where
        A TOML file of one case, or a cell's name.
    overrides
        Values by dotted key that replace those of the file, as in `Case.changed`.

    Raises
    ------
    InputError
        No such case, a file of several, or all that is wrong in it.
    """
    cases = load_set(where, overrides=overrides)
    if len(cases) != 1:
        names = ", ".join(case.name for case in cases)
        raise InputError(Problem("case", f"{where}, a set of {len(cases)}", "one case", f"it holds {names}"))
    return cases[0]


def load_set(
    where: str | Path, scenario: str | None = None, overrides: Overrides | None = None
) -> list[Case]:
    """Read the cases of a set such as "dixit2024", or of a file; a file of one case gives a list of one.

    A set is a case file with tables [[cell]]: each is a case of its own, the common part with the values of
    its [[cell]] written over it.

    Parameters
    ----------
    where
        A path, or the name of a set or cell that comes with the package.
    scenario
        Replaces that of the file.
    overrides
        Values by dotted key that replace those of every case.

    Raises
    ------
    InputError
        As `load`.
    """
    changes = {**({"scenario": scenario} if scenario is not None else {}), **(overrides or {})}
    if str(where).endswith(".toml") or isinstance(where, Path):
        path = Path(where)
        return _read(path, path.parent, changes)
    for name in _set_names():
        path = CASES / f"{name}.toml"
        if where == name:
            return _read(path, None, changes)
        if where in _cell_names(read_toml(path)):
            return _read(path, None, changes, only=str(where))
    known = [*_set_names(), *names()]
    needed = f"a path ending in .toml, or one of {', '.join(known)}"
    raise InputError(Problem("case", repr(where), needed, nearest(str(where), known)))


def names() -> tuple[str, ...]:
    """The cells that come with the package."""
    return tuple(cell for name in _set_names() for cell in _cell_names(read_toml(CASES / f"{name}.toml")))


def schema() -> dict[str, Any]:
    """The JSON schema of a case file."""
    return CaseTable.model_json_schema()


def _set_names() -> list[str]:
    return sorted(path.stem for path in CASES.glob("*.toml") if path.stem != "scenarios")


def _cell_names(document: Mapping[str, Any]) -> list[str]:
    return [cell["name"] for cell in document["cell"]]


def _read(path: Path, folder: Path | None, changes: Overrides, only: str | None = None) -> list[Case]:
    common = read_toml(path)
    cells = common.pop("cell", None)
    if cells is None:
        return [from_document(common, path.stem, folder, changes)]
    if not isinstance(cells, list) or not cells or not all(isinstance(cell, dict) for cell in cells):
        raise InputError(Problem("cell", brief(cells), "one or more tables [[cell]]"), str(path))
    cases = []
    for number, cell in enumerate(cells, 1):
        name = cell.get("name", f"{path.stem} {number}")
        if only is None or name == only:
            cases.append(from_document(_merged(common, cell), str(name), folder, changes))
    return cases


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merged key by key, values of `own` over those in common."""
    merged = dict(common)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(common.get(key), Mapping)
        merged[key] = _merged(common[key], value) if both else value
    return merged


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
