"""The operations the law is written in.

The law uses arithmetic, comparisons of real parts and the functions below, nothing else, so that one
source serves a float, a complex number (complex-step tests) and, later, a block of SIMD lanes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "fastmath": {"contract"}}

exp = np.exp
log = np.log
sqrt = np.sqrt


def compiled(function: Callable) -> Any:
    """Compile a scalar function of the law for whatever number type it is called with."""
    return numba.njit(**OPTIONS)(function)


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
