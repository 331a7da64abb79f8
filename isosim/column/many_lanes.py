"""Blocks of W cases side by side: how a kernel reads and writes them."""

from __future__ import annotations

from pathlib import Path

from isosim.law.compiling import compiler, digest
from isosim.law.lanes import SOURCES

STAMP = SOURCES + digest(Path(__file__).parent)
compiled = compiler(STAMP)
threaded = compiler(STAMP, parallel=True)

WIDTH = 1


@compiled
def get(a, k):
    """The lanes in row k of a (rows, WIDTH)."""
    return a[k, 0]


@compiled
def put(a, k, value):
    """Write the lanes to row k of a (rows, WIDTH)."""
    a[k, 0] = value


@compiled
def some(mask):
    """Whether the mask holds in any lane."""
    return mask


@compiled
def every(mask):
    """Whether the mask holds in all lanes."""
    return mask


@compiled
def no(mask):
    """Where the mask does not hold."""
    return not mask
