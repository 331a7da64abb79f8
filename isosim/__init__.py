"""isosim: isostatic pressing of layered battery pouch stacks."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

__all__ = ["Case", "load_case", "load_set", "open_sweep", "press"]

_HOMES = {
    "press": ("isosim.pressing", "press"),
    "Case": ("isosim.case", "Case"),
    "load_case": ("isosim.case", "load"),
    "load_set": ("isosim.case", "load_set"),
    "open_sweep": ("isosim.sweep.view", "open_sweep"),
}


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that `import isosim` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'isosim' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
