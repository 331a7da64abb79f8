"""Quantities with units at the border; floats in SI inside. The only file that knows pint."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from typing import Any

from isosim.errors import InputError, Problem

# SI unit: what it measures, an example as people write it
KINDS: dict[str, tuple[str, str]] = {
    "Pa": ("a pressure", "120 MPa"),
    "m": ("a length", "25 um"),
    "s": ("a time", "5 min"),
    "K": ("a temperature", "90 degC"),
    "kg/m^2": ("an areal loading", "11.4 mg/cm^2"),
    "kg/m^3": ("a density", "3.3 g/cm^3"),
    "J/m^2": ("an energy per area", "8 mWh/cm^2"),
    "J/mol": ("an activation energy", "40 kJ/mol"),
    "1/s": ("a rate", "1e-4 1/s"),
    "1/Pa": ("a compressibility", "0.027 1/MPa"),
    "1/K": ("a rate per kelvin", "2.3e-5 1/K"),
    "": ("a number or a percentage", "0.35"),
}

TEMPERATURES = (203.15 - 1e-6, 573.15 + 1e-6)  # K: -70 and 300 degC with both ends, however they round

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*)", re.DOTALL)
# Only plain products of units reach pint, which would otherwise evaluate any arithmetic it is given.
_FACTOR = r"[A-Za-zµμ°%Å]+(?:(?:\^|\*\*)?-?\d|⁻?[¹²³])?"
_UNIT = re.compile(rf"(?:1\s*/\s*)?{_FACTOR}(?:(?:\s*[*/·]\s*|\s+){_FACTOR}){{0,4}}")
_BARE_POWER = re.compile(r"(?<=[A-Za-zµμ])(?=-?\d)")


def parse(text: Any, unit: str, where: str = "quantity") -> float:
    """Read a quantity such as "17.4 ksi" or "90 degC" as a float in an SI unit of `KINDS`.

    A dimensionless quantity (unit "") may be a plain number; any other needs its unit.

    Raises
    ------
    InputError
        No number, no unit, an unknown unit, one of the wrong dimension, or a number that is not finite.
    """
    what, example = KINDS[unit]

    def fault(got: str, hint: str = "") -> InputError:
        return InputError(Problem(where, got, f"{what} such as {example!r}", hint))

    if isinstance(text, (int, float)) and not isinstance(text, bool):
        if unit:
            raise fault(f"{brief(text)} without a unit", "write the number and its unit between quotes")
        number, unit_text = text, ""
    elif isinstance(text, str) and (match := _NUMBER.fullmatch(text)):
        number, unit_text = float(match[1]), match[2].strip()
    else:
        raise fault(brief(text))
    if unit and not unit_text:
        raise fault(f"{brief(text)} without a unit")
    try:
        multiply, divide, offset = _to_si(unit_text, unit)
    except ValueError as error:
        raise fault(brief(text), str(error)) from None
    try:
        value = float(number) * multiply / divide + offset
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise fault(brief(text), "the number is not finite")
    return value


def to_si(value: Any, unit_text: str, unit: str) -> Any:
    """Express floats or arrays in SI: `to_si(120.0, "MPa", "Pa")`. ValueError when the units do not agree."""
    multiply, divide, offset = _to_si(unit_text, unit)
    return value * multiply / divide + offset


def convert(value: Any, unit: str) -> Any:
    """Express SI floats or arrays in a unit: `convert(0.025, "mm")` is 25."""
    for kind in KINDS:
        try:
            multiply, divide, offset = _to_si(unit, kind)
        except ValueError:
            continue
        return (value - offset) * divide / multiply
    raise ValueError(f"{unit!r} is no unit of a quantity that isosim knows")


def show(value: float, unit: str) -> str:
    """Write an SI float with its unit, four digits: `show(25e-6, "um")` is "25 um"."""
    return f"{convert(value, unit):.4g} {unit}".strip()


@lru_cache(maxsize=512)
def _to_si(unit_text: str, unit: str) -> tuple[float, float, float]:
    """Factor, divisor and offset from a unit to an SI unit: value * factor / divisor + offset.

    One of factor and divisor is 1, so that "25 um" becomes the float nearest to 25e-6. ValueError when there
    is no way from one to the other.
    """
    unit_text = "1" + unit_text if unit_text.startswith("/") else unit_text or "dimensionless"
    if not _UNIT.fullmatch(unit_text):
        raise ValueError("decimals take a point" if "," in unit_text else "write one number and one unit")
    registry = _registry()
    try:
        source = registry.Unit(_BARE_POWER.sub("^", unit_text).replace("·", "*"))
    except Exception:  # pint raises a dozen types on text that is no unit
        raise ValueError(f"{unit_text!r} is no known unit") from None
    target = registry.Unit(unit or "dimensionless")
    if source.dimensionality != target.dimensionality:
        raise ValueError(f"{unit_text!r} measures something else{_meant(unit_text, unit)}")
    zero, one = (registry.Quantity(x, source).to(target).magnitude for x in (0.0, 1.0))
    scale = one - zero
    factor = float(f"{max(scale, 1 / scale):.13g}")  # 274.15 - 273.15 is not quite 1
    return (factor, 1.0, zero) if scale >= 1 else (1.0, factor, zero)


def _meant(unit_text: str, unit: str) -> str:
    if unit == "K" and unit_text in ("C", "F"):
        return (
            f": {unit_text!r} is {'coulomb' if unit_text == 'C' else 'farad'}, degrees are 'deg{unit_text}'"
        )
    return ""


def brief(value: Any) -> str:
    """An input as an error message shows it, at most 60 characters."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


@cache
def _registry() -> Any:
    import pint  # a tenth of a second: only when a quantity is read

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
