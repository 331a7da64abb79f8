"""Values of a case file that are more than a quantity: materials, logs, switches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from isosim import law, materials, press_log
from isosim.errors import InputError
from isosim.materials import Material
from isosim.materials.card import bulk_and_shear
from isosim.tables import Fault, Hardening, Modulus, PoissonRatio, Stress, Table, fault


class Body(Table):
    """A dense material by its constants: E and nu, or K and G; elastic for ever without a yield stress."""

    E: Modulus | None = None
    nu: PoissonRatio | None = None
    K: Modulus | None = None
    G: Modulus | None = None
    yield_stress: Stress | None = Field(None, alias="yield")
    hardening: Hardening | None = None

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        given = keys.keys() & {"E", "nu", "K", "G"}
        if given not in ({"E", "nu"}, {"K", "G"}):
            yield Fault("", " and ".join(sorted(given)) or "no modulus", "E and nu, or K and G")
        if "hardening" in keys and "yield" not in keys:
            yield Fault("hardening", "a value", "yield beside it", "without yield it has no effect")

    def material(self) -> Material:
        """The material; its name says its constants."""
        if self.K is not None and self.G is not None:
            bulk, shear = self.K, self.G
        else:
            assert self.E is not None and self.nu is not None  # key_faults lets nothing else through
            bulk, shear = bulk_and_shear(self.E, self.nu)
        strength = float("inf") if self.yield_stress is None else self.yield_stress
        body = law.Dense(bulk, shear, strength, self.hardening or 0.0)
        title = "given by constants in the case"
        assumptions = ("thermal expansion is taken as zero, properties as those at any temperature",)
        return Material("inline", "dense", title, body, assumptions=assumptions)


@dataclass(frozen=True)
class ReadsMaterial:
    """Marks a `Material` written as the name of a card, a path to one, or (`inline`) a table of constants."""

    inline: bool = False

    def read(self, value: Any, info: ValidationInfo) -> Material:
        """The material; PydanticCustomError or ValidationError otherwise."""
        if self.inline and isinstance(value, Mapping):
            return Body.model_validate(value).material()
        if not isinstance(value, str):
            needed = "the name of a card" + (", or { E = ..., nu = ... }" if self.inline else "")
            raise fault(value, needed)
        try:
            return materials.load(value, info.context)
        except InputError as error:
            if len(error.problems) == 1:
                problem = error.problems[0]
                raise fault(value, problem.needed, problem.hint) from None
            raise fault(value, "a card without faults", " ".join(str(error).split())) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        card = {"type": "string", "description": "a card's name or path", "examples": ["nmc622"]}
        if not self.inline:
            return card
        return {"anyOf": [card, handler(Body.__pydantic_core_schema__)]}


class ReadsLog:
    """Marks a `PressLog` written as the path of its CSV."""

    @staticmethod
    def read(value: Any, info: ValidationInfo) -> press_log.PressLog:
        """The log; PydanticCustomError otherwise."""
        if not isinstance(value, str):
            raise fault(value, "the path of a CSV")
        try:
            return press_log.read((info.context or Path()) / value)
        except InputError as error:
            raise fault(value, "a readable log of a press", " ".join(str(error).split())) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "description": "path of a CSV", "examples": ["press.csv"]}


class Shorthand(ABC):
    """Marks a value that may also be written in a shorter way, of the JSON type `written`."""

    written: ClassVar[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        whole = [part for part in handler(schema).get("anyOf", []) if part != {"type": "null"}]
        return {"anyOf": [*whole, {"type": self.written}]}

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The value as it is written at length."""


@dataclass(frozen=True)
class Switch(Shorthand):
    """Marks a value that may also be true (`on`) or false (None)."""

    on: Any
    written = "boolean"

    def read(self, value: Any) -> Any:
        """The value at length."""
        return self.on if value is True else None if value is False else value


@dataclass(frozen=True)
class Word(Shorthand):
    """Marks a table that may also be one word, the value of its `key`; "none" is None."""

    key: str
    written = "string"

    def read(self, value: Any) -> Any:
        """The value at length."""
        return None if value == "none" else {self.key: value} if isinstance(value, str) else value


Card = Annotated[Material, ReadsMaterial()]
CardOrBody = Annotated[Material, ReadsMaterial(inline=True)]
Log = Annotated[press_log.PressLog, ReadsLog()]
