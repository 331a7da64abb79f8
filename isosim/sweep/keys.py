"""What a sweep can vary: any key of the case, any value of a card, by its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import numpy as np

from isosim import units
from isosim.case import Case
from isosim.case.document import CaseTable
from isosim.column.many_laws import constants
from isosim.errors import Problem
from isosim.materials import Material
from isosim.materials.card import Reads
from isosim.tables import Fraction, Length, Quantity, Table, nearest

LAYER: dict[str, Any] = {"thickness": Length, "porosity": Fraction}


class UnknownKey(Exception):
    """A path that leads nowhere; carries the problem."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Key:
    """A path that can vary.

    quantity is None for words, whole numbers and switches; of_case says whether the path is one of the case
    file, or a name of `press_many` ("nmc622.cap.hardening", "separator 1.thickness").
    """

    path: str
    quantity: Quantity | None
    of_case: bool

    @property
    def unit(self) -> str:
        """SI unit of the values; empty where they have none."""
        return self.quantity.unit if self.quantity else ""

    def read(self, value: Any, where: str) -> Any:
        """A value of the spec, quantities in SI. InputError otherwise."""
        return value if self.quantity is None else units.parse(value, self.quantity.unit, where)

    def outside(self, values: np.ndarray) -> np.ndarray:
        """The values beyond the bounds of the quantity."""
        if (bounds := self.quantity) is None:
            return values[:0]
        fine = (values > bounds.above) & (values >= bounds.least)
        return values[~(fine & (values < bounds.below) & (values <= bounds.most))]

    def written(self, value: Any) -> Any:
        """A value as a case file has it."""
        if self.quantity is None:
            return value.item() if isinstance(value, np.generic) else value
        return f"{float(value)!r} {self.quantity.unit}" if self.quantity.unit else float(value)


def find(path: str, base: Case) -> Key:
    """The key at a path.

    Raises
    ------
    UnknownKey
        When neither the case file nor the stack has it.
    """
    head = path.partition(".")[0]
    if head in CaseTable.model_fields:
        return Key(path, _in_table(path), True)
    stack = base.stack()
    owner, _, key = path.rpartition(".")
    if key in LAYER and any(owner in (layer.name, layer.material) for layer in stack.layers):
        return Key(path, next(_quantities(LAYER[key])), False)
    material, _, key = path.partition(".")
    used = {layer.material: stack.materials[layer.material] for layer in stack.layers}
    if material not in used:
        needed = f"a key of the case file, or <card>.<value> with a card of the stack: {', '.join(used)}"
        raise UnknownKey(
            Problem(path, "an unknown path", needed, nearest(head, [*CaseTable.model_fields, *used]))
        )
    return Key(path, _in_card(path, used[material], key), False)


def _in_table(path: str) -> Quantity | None:
    """The quantity at a path of a case file; None where the value is not one."""
    table: type[Table] | None = CaseTable
    annotation: Any = CaseTable
    for depth, part in enumerate(parts := path.split(".")):
        fields = {field.alias or name: field for name, field in table.model_fields.items()} if table else {}
        if part not in fields:
            parent = ".".join(parts[:depth])
            needed = f"one of {', '.join(fields)}" if fields else f"nothing: {parent} is a value"
            raise UnknownKey(Problem(path, f"an unknown key {part!r}", needed, nearest(part, fields)))
        annotation = (fields[part].annotation, *fields[part].metadata)
        table = next(_tables(annotation), None)
    if table is not None:
        names = ", ".join(f"{path}.{field.alias or name}" for name, field in table.model_fields.items())
        raise UnknownKey(Problem(path, "a table", f"one of its keys: {names}"))
    return next(_quantities(annotation), None)


def _in_card(path: str, material: Material, key: str) -> Quantity:
    if material.card is None:
        raise UnknownKey(Problem(path, f"{material.name}, which has no card", "a card of one's own"))
    known = constants(material)
    if key not in known:
        needed = f"one of {', '.join((*LAYER, *known))}"
        raise UnknownKey(Problem(path, f"no value {key!r} on the card", needed, nearest(key, known)))
    section, _, name = key.rpartition(".")
    field = type(getattr(material.card, section)).model_fields[name]
    return next(_quantities((field.annotation, *field.metadata)))


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and all that it is made of."""
    yield annotation
    arguments = annotation if isinstance(annotation, tuple) else get_args(annotation)
    if get_origin(annotation) is list:
        return  # the elements of a list have no path
    for part in (*arguments, *getattr(annotation, "__metadata__", ())):
        yield from _parts(part)


def _tables(annotation: Any) -> Iterator[type[Table]]:
    yield from (part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, Table))


def _quantities(annotation: Any) -> Iterator[Quantity]:
    for part in _parts(annotation):
        if isinstance(part, Quantity):
            yield part
        elif isinstance(part, Reads):
            yield part.quantity
