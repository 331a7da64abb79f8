"""The operations the law is written in.

The law uses arithmetic, comparisons of real parts and the functions below, nothing else, so that one
source serves a float, a complex number (complex-step tests) and, later, a block of SIMD lanes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .compiling import compiler, digest

SOURCES = digest(Path(__file__).parent)
compiled = compiler(SOURCES)
threaded = compiler(SOURCES, parallel=True)

exp = np.exp
log = np.log
sqrt = np.sqrt


@compiled
def select(mask, yes, no):
    """`yes` where the mask holds, `no` elsewhere."""
    return yes if mask else no


@compiled
def smaller(a, b):
    """The one with the smaller real part."""
    return select(a.real < b.real, a, b)


@compiled
def larger(a, b):
    """The one with the larger real part."""
    return select(a.real > b.real, a, b)


@compiled
def log1p(s):
    """ln(1 + s), exact to rounding for small s."""
    w = 1.0 + s
    flat = w.real == 1.0
    return select(flat, s, log(w) * s / select(flat, w, w - 1.0))
