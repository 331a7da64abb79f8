"""Compile the law, and keep the machine code between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache

OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}}


def digest(*folders: Path) -> str:
    """A fingerprint of all Python sources in the folders."""
    total = hashlib.sha256()
    for folder in folders:
        for source in sorted(folder.glob("*.py")):
            total.update(source.read_bytes())
    return total.hexdigest()


def _filled(locator: Any) -> Any:
    """A place for machine code that may be read-only, if there is any in it: the software of a cluster."""

    class Filled(locator):
        def ensure_cache_path(self) -> None:
            if not any(Path(self.get_cache_path()).glob("*.nbi")):
                raise OSError(f"no machine code in {self.get_cache_path()}")

    return Filled


_SharedImplementation = type(
    "_SharedImplementation",
    (CompileResultCacheImpl,),
    {"_locator_classes": [_filled(locator) for locator in CompileResultCacheImpl._locator_classes]},
)


class _SharedCache(FunctionCache):
    """Machine code that others may have left: read, never written."""

    _impl_class: Any = _SharedImplementation


class _Caches:
    """numba's own cache where a folder can be written, then one that can only be read, then none."""

    def __init__(self, function: Callable, stamp: str):
        self.members = []
        for kind in (FunctionCache, _SharedCache):
            try:
                member = kind(function)
            except RuntimeError:  # numba found no such folder
                continue
            # numba itself looks at the file of the compiled function and would run stale code after a
            # change of a function that it calls from another file
            index = member._cache_file
            index._source_stamp = (index._source_stamp, stamp)
            self.members.append(member)

    @property
    def cache_path(self) -> str:
        return self.members[0].cache_path if self.members else str(Path(__file__).with_name("__pycache__"))

    def load_overload(self, signature: Any, target: Any) -> Any:
        for member in self.members:
            found = member.load_overload(signature, target)
            if found is not None:
                return found
        return None

    def save_overload(self, signature: Any, data: Any) -> None:
        if self.members and not isinstance(self.members[0], _SharedCache):
            self.members[0].save_overload(signature, data)

    def flush(self) -> None:
        if self.members and not isinstance(self.members[0], _SharedCache):
            self.members[0].flush()


def compiler(stamp: str, **options: Any) -> Callable[[Callable], Any]:
    """A decorator that compiles, with a cache that is good for this stamp only."""

    def compiled(function: Callable) -> Any:
        dispatcher = numba.njit(**OPTIONS, **options)(function)
        if dispatcher is not function:  # it is, where compilation is switched off
            dispatcher._cache = _Caches(function, stamp)
        return dispatcher

    return compiled
