"""Compile the law, and keep the machine code between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "fastmath": {"contract"}}


def digest(*folders: Path) -> str:
    """A fingerprint of all Python sources in the folders."""
    total = hashlib.sha256()
    for folder in folders:
        for source in sorted(folder.glob("*.py")):
            total.update(source.read_bytes())
    return total.hexdigest()


def compiler(stamp: str, **options: Any) -> Callable[[Callable], Any]:
    """A decorator that compiles, with a cache that is good for this stamp only.

    numba itself looks at the file of the compiled function and would run stale code after a change of a
    function that it calls from another file.
    """

    def compiled(function: Callable) -> Any:
        dispatcher = numba.njit(**OPTIONS, **options)(function)
        if dispatcher is not function:  # it is, where compilation is switched off
            index = dispatcher._cache._cache_file
            index._source_stamp = (index._source_stamp, stamp)
        return dispatcher

    return compiled
