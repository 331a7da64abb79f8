"""Numbers of a sweep in the units of a figure."""

from __future__ import annotations

from typing import Any

from isosim import units
from isosim.sweep.readings import SHOWN
from isosim.sweep.view import View


def shown(values: Any, unit: str) -> Any:
    """SI values in the unit of a figure."""
    return units.convert(values, SHOWN[unit]) if unit in SHOWN else values


def unit(view: View, name: str) -> str:
    """The unit of a column as a figure shows it; empty for a number."""
    own = view.unit(name)
    return "" if own == "1" else SHOWN.get(own, own)


def label(view: View, name: str) -> str:
    """A column with its unit."""
    own = unit(view, name)
    text = name.replace("_", " ") if name in view.readings else name
    return f"{text} ({own.replace('um', 'µm').replace('degC', '°C')})" if own else text


def number(view: View, name: str, value: Any) -> str:
    """A value of a column as text."""
    return f"{shown(value, view.unit(name)):.4g}" if isinstance(value, float) else str(value)
