"""Strict tables: what case files and cards share in reading TOML and in saying what is wrong with it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from isosim import units
from isosim.errors import InputError, Problem
from isosim.units import brief


class Fault(NamedTuple):
    """Something wrong at a key of a table ("" for the table as a whole)."""

    key: str
    got: str
    needed: str
    hint: str = ""


class Table(BaseModel):
    """A TOML table: unknown keys are refused, types are not bent, all faults come at once."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def key_faults(cls, keys: Mapping[str, Any]) -> Iterator[Fault]:
        """Faults in which keys are given, whatever their values; tables with such rules override it."""
        yield from ()

    def value_faults(self) -> Iterator[Fault]:
        """Faults between values that are each fine; tables with such rules override it."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _collect(cls, data: Any, handler: Any) -> Self:
        errors: list[InitErrorDetails] = []
        table = None
        try:
            table = handler(data)
        except ValidationError as error:
            errors = [cls._detail(detail) for detail in error.errors(include_url=False)]
        if isinstance(data, Mapping):
            errors += [_at(fault) for fault in cls.key_faults(data)]
        if table is not None and not errors:
            errors = [_at(fault) for fault in table.value_faults()]
        if table is None or errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return table

    @classmethod
    def _detail(cls, detail: Any) -> InitErrorDetails:
        """One of pydantic's errors in the words of a `Problem`."""
        kind, context = detail["type"], detail.get("ctx", {})
        got, hint = brief(detail["input"]), ""
        if kind == "isosim":
            return _at(Fault("", **context), detail["loc"])
        if kind == "extra_forbidden":
            names = [field.alias or name for name, field in cls.model_fields.items()]
            got, needed = "an unknown key", "one of " + ", ".join(names)
            hint = nearest(str(detail["loc"][-1]), names)
        elif kind == "missing":
            fields = {field.alias or name: field for name, field in cls.model_fields.items()}
            got, needed = "nothing", fields[str(detail["loc"][-1])].description or "a value"
        elif kind == "literal_error":
            needed = context["expected"].replace(" or ", ", ")
            hint = nearest(
                brief(detail["input"]).strip("'"), [word.strip("'") for word in needed.split(", ")]
            )
            needed = f"one of {needed}" if "," in needed else needed
        elif kind in _BOUNDS and (words := cls.model_fields[str(detail["loc"][0])].description):
            needed = words
        else:
            needed = _NEEDED.get(kind) or detail["msg"].removeprefix("Input should be ")
        return _at(Fault("", got, needed, hint), detail["loc"])


_BOUNDS = {"greater_than_equal", "less_than_equal", "multiple_of", "string_pattern_mismatch"}
_NEEDED = {
    "model_type": "a table of keys",
    "dict_type": "a table of keys",
    "list_type": "a list between [ and ]",
    "string_type": "text between quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
}


@dataclass(frozen=True)
class Quantity:
    """Marks a float that is written with its unit; bounds in SI, `above` and `below` exclusive."""

    unit: str
    above: float = -math.inf
    least: float = -math.inf
    below: float = math.inf
    most: float = math.inf
    bounds: str = ""  # the bounds in words

    def read(self, text: Any) -> float:
        """The value in SI; PydanticCustomError says what is wrong with it."""
        try:
            value = units.parse(text, self.unit)
        except InputError as error:
            problem = error.problems[0]
            raise _error(problem.got, problem.needed, problem.hint) from None
        if not (self.above < value < self.below and self.least <= value <= self.most):
            raise _error(brief(text), self.bounds)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        what, example = units.KINDS[self.unit]
        words = f"{what}, {self.bounds}" if self.bounds else what
        written: dict[str, Any] = {"type": "string"} if self.unit else {"type": ["number", "string"]}
        return {**written, "description": words, "examples": [example]}


Length = Annotated[float, Quantity("m", above=0.0, bounds="a length above zero")]
LengthOrZero = Annotated[float, Quantity("m", least=0.0, bounds="a length of zero or more")]
Fraction = Annotated[float, Quantity("", above=0.0, below=1.0, bounds="a fraction between 0 and 1")]
WholeFraction = Annotated[float, Quantity("", above=0.0, most=1.0, bounds="a fraction above 0, at most 1")]
Density = Annotated[float, Quantity("kg/m^3", above=0.0, bounds="a density above zero")]
AreaDensity = Annotated[float, Quantity("kg/m^2", above=0.0, bounds="a loading above zero")]
Modulus = Annotated[float, Quantity("Pa", above=0.0, bounds="a modulus above zero")]
PoissonRatio = Annotated[float, Quantity("", above=-1.0, below=0.5, bounds="between -1 and 0.5")]
Stress = Annotated[float, Quantity("Pa", above=0.0, bounds="a stress above zero")]
Hardening = Annotated[float, Quantity("Pa", least=0.0, bounds="a hardening modulus of zero or more")]
Temperature = Annotated[
    float,
    Quantity(
        "K",
        least=units.TEMPERATURES[0],
        most=units.TEMPERATURES[1],
        bounds="a temperature between -70 and 300 degC",
    ),
]
Name = Annotated[str, Field(pattern=r'^[^."\\/\x00-\x1f][^"\\/\x00-\x1f]{0,79}$')]
NAMING = "1 to 80 characters, none of them a quote, a slash or a control character, the first no point"
Count = Annotated[int, Field(ge=1, le=1000)]


AnyTable = TypeVar("AnyTable", bound=Table)


def validate(table: type[AnyTable], document: Any, source: str, folder: Path | None = None) -> AnyTable:
    """Check a document against its table; files that it names are looked for from `folder`.

    Raises
    ------
    InputError
        With every problem found; `source` names the file.
    """
    try:
        return table.model_validate(document, context=folder)
    except ValidationError as error:
        problems = [
            Problem(_where(detail["loc"]), **detail["ctx"]) for detail in error.errors(include_url=False)
        ]
        raise InputError(problems, source) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. InputError when there is none or it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"{path}: is not TOML: {error}") from None


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or nothing."""
    words = {word.lower(): word for word in known}
    close = get_close_matches(name.lower(), words, n=1)
    return f"did you mean {words[close[0]]!r}?" if close else ""


def fault(value: Any, needed: str, hint: str = "") -> PydanticCustomError:
    """What a validator of a single value raises."""
    return _error(brief(value), needed, hint)


def _error(got: str, needed: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("isosim", "needed {needed}", {"got": got, "needed": needed, "hint": hint})


def _at(fault: Fault, loc: tuple[int | str, ...] | None = None) -> InitErrorDetails:
    place = ((fault.key,) if fault.key else ()) if loc is None else loc
    return InitErrorDetails(type=_error(fault.got, fault.needed, fault.hint), loc=place, input=None)


def _where(loc: tuple[int | str, ...]) -> str:
    """A place in a document: ("layer", 1, "thickness") is "layer 2, thickness"."""
    text = ""
    for part in loc:
        text += (
            f" {part + 1}"
            if isinstance(part, int)
            else f"{', ' if text[-1:].isdigit() else '.' if text else ''}{part}"
        )
    return text or "file"
