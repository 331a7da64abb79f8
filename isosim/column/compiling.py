"""Compile the column, which contains the law."""

from __future__ import annotations

from pathlib import Path

from isosim.law.compiling import compiler, digest
from isosim.law.lanes import SOURCES

_STAMP = SOURCES + digest(Path(__file__).parent)
compiled = compiler(_STAMP)
inlined = compiler(_STAMP, forceinline=True)
threaded = compiler(_STAMP, parallel=True)
