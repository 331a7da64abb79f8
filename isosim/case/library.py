"""Case files and sets of them, by path or by the name under which they come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isosim.case.case import Case, Overrides, from_document
from isosim.case.scenarios import CASES
from isosim.errors import InputError, Problem
from isosim.stack.stack import EDGE_FILLS
from isosim.tables import brief, nearest, read_toml


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


def _set_names() -> list[str]:
    return sorted(path.stem for path in CASES.glob("*.toml") if path.stem != "scenarios")


def _cell_names(document: Mapping[str, Any]) -> list[str]:
    return [cell["name"] for cell in document["cell"]]


def _read(path: Path, folder: Path | None, changes: Overrides, only: str | None = None) -> list[Case]:
    common = read_toml(path)
    cells = common.pop("cell", None)
    if cells is None:
        return _both_fillings(common, path.stem, folder, changes)
    if not isinstance(cells, list) or not cells or not all(isinstance(cell, dict) for cell in cells):
        raise InputError(Problem("cell", brief(cells), "one or more tables [[cell]]"), str(path))
    cases: list[Case] = []
    for number, cell in enumerate(cells, 1):
        name = cell.get("name", f"{path.stem} {number}")
        if only is None or name == only:
            cases += _both_fillings(_merged(common, cell), str(name), folder, changes)
            if any(case.name == cases[-1].name for case in cases[:-1]):
                raise InputError(
                    Problem(f"cell {number}", f"the name {name!r} again", "a name of its own"), str(path)
                )
    return cases


def _both_fillings(
    document: Mapping[str, Any], name: str, folder: Path | None, changes: Overrides
) -> list[Case]:
    """The case of a document; with edge_fill = "both" one for each filling, named after it."""
    if changes.get("edge_fill", document.get("edge_fill")) != "both":
        return [from_document(document, name, folder, changes)]
    name = str(document.get("name", name))
    fillings = ({**changes, "edge_fill": fill, "name": f"{name}, {fill}"} for fill in EDGE_FILLS)
    return [from_document(document, name, folder, own) for own in fillings]


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merged key by key, values of `own` over those in common."""
    merged = dict(common)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(common.get(key), Mapping)
        merged[key] = _merged(common[key], value) if both else value
    return merged
