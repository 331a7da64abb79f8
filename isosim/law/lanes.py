"""The operations the law is written in.

The law uses arithmetic, comparisons of real parts, `&`, `|` and `no` of their outcomes, and the functions
below, nothing else, so that one source serves a float, a complex number (complex-step tests) and SIMD lanes,
where every lane is another point. A branch on what differs from lane to lane is a `select`; a branch that
only saves work asks `any_of`.

Each function is its own plain Python meaning; the overload after it is what numba compiles.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import binding
from numba import config, types
from numba.extending import overload

from .compiling import OPTIONS, compiler, digest
from .lane_functions import lanes_exp, lanes_log, lanes_log1p, lanes_sqrt
from .lane_memory import (
    lanes_gather,
    lanes_gather_nine,
    lanes_load,
    lanes_prefetch,
    lanes_scatter,
    lanes_store,
)
from .lane_type import (
    Lanes,
    Mask,
    items,
    lanes_any,
    lanes_get,
    lanes_lower,
    lanes_put,
    lanes_select,
    lanes_spread,
    lanes_upper,
)

SOURCES = digest(Path(__file__).parent)
compiled = compiler(SOURCES)
inlined = compiler(SOURCES, forceinline=True)
threaded = compiler(SOURCES, parallel=True)


def _has_lanes(*kinds: Any) -> bool:
    return any(
        _has_lanes(*items(kind)) if isinstance(kind, types.BaseTuple) else isinstance(kind, (Lanes, Mask))
        for kind in kinds
    )


def _compiled_as(function: Callable) -> Callable:
    options: Any = {**OPTIONS, "forceinline": True}
    return overload(function, jit_options=options)


def exp(x):
    """e^x."""
    return np.exp(x)


@_compiled_as(exp)
def _exp(x):
    return (lambda x: lanes_exp(x)) if _has_lanes(x) else lambda x: np.exp(x)


def log(x):
    """Natural logarithm."""
    return np.log(x)


@_compiled_as(log)
def _log(x):
    return (lambda x: lanes_log(x)) if _has_lanes(x) else lambda x: np.log(x)


def sqrt(x):
    """Square root."""
    return np.sqrt(x)


@_compiled_as(sqrt)
def _sqrt(x):
    return (lambda x: lanes_sqrt(x)) if _has_lanes(x) else lambda x: np.sqrt(x)


def log1p(s):
    """ln(1 + s), exact to rounding for small s."""
    w = 1.0 + s
    return s if w.real == 1.0 else np.log(w) * s / (w - 1.0)


@_compiled_as(log1p)
def _log1p(s):
    return (lambda s: lanes_log1p(s)) if _has_lanes(s) else log1p


def select(mask, yes, other):
    """`yes` where the mask holds, `other` elsewhere."""
    return yes if mask else other


@_compiled_as(select)
def _select(mask, yes, other):
    if _has_lanes(mask, yes, other):
        return lambda mask, yes, other: lanes_select(mask, yes, other)
    return select


def any_of(mask):
    """Whether the mask holds in any lane."""
    return mask


@_compiled_as(any_of)
def _any_of(mask):
    return (lambda mask: lanes_any(mask)) if _has_lanes(mask) else any_of


def no(mask):
    """Where the mask does not hold."""
    return not mask


@_compiled_as(no)
def _no(mask):
    return no


def width(x):
    """The number of lanes."""
    return 1


@_compiled_as(width)
def _width(x):
    if isinstance(x, Lanes):
        count = x.width
        return lambda x: count
    return width


def lane(x, i):
    """Lane i of a value, or of every item of a tuple; a plain number has one lane."""
    return x


@_compiled_as(lane)
def _lane(x, i):
    return (lambda x, i: lanes_get(x, i)) if _has_lanes(x) else lane


def lower(x):
    """The lower half of the lanes of a value, or of every item of a tuple; a plain number has no halves."""
    return x


@_compiled_as(lower)
def _lower(x):
    return (lambda x: lanes_lower(x)) if _has_lanes(x) else lower


def upper(x):
    """The upper half of the lanes of a value, or of every item of a tuple; a plain number has no halves."""
    return x


@_compiled_as(upper)
def _upper(x):
    return (lambda x: lanes_upper(x)) if _has_lanes(x) else upper


def with_lane(x, i, value):
    """x with its lane i replaced."""
    return value


@_compiled_as(with_lane)
def _with_lane(x, i, value):
    return (lambda x, i, value: lanes_put(x, i, value)) if _has_lanes(x) else with_lane


def load(array, i, unit):
    """The lanes that begin at flat index i of a contiguous array; `unit` (see `UNIT`) says how many."""
    return array.flat[i]


@_compiled_as(load)
def _load(array, i, unit):
    if isinstance(unit, (Lanes, types.UniTuple)):
        return lambda array, i, unit: lanes_load(array, i, unit)
    return load


def store(array, i, value):
    """Put lanes to the items of a contiguous array that begin at flat index i."""
    array.flat[i] = value


@_compiled_as(store)
def _store(array, i, value):
    return (lambda array, i, value: lanes_store(array, i, value)) if _has_lanes(value) else store


def gather(array, order, i, column, unit):
    """Lanes of array[order[i + lane], column], the array contiguous with two axes."""
    return array[order[i], column]


@_compiled_as(gather)
def _gather(array, order, i, column, unit):
    if isinstance(unit, types.UniTuple):
        return lambda array, order, i, column, unit: lanes_gather(array, order, i, column, unit)
    return gather


def gather_nine(array, order, i, unit):
    """Lanes of the nine columns of array[order[i + lane]], the array contiguous, (n, 9)."""
    a, k = array, order[i]
    return (a[k, 0], a[k, 1], a[k, 2], a[k, 3], a[k, 4], a[k, 5], a[k, 6], a[k, 7], a[k, 8])


@_compiled_as(gather_nine)
def _gather_nine(array, order, i, unit):
    if isinstance(unit, types.UniTuple):
        return lambda array, order, i, unit: lanes_gather_nine(array, order, i, unit)
    return gather_nine


def prefetch(array, order, i, column, like):
    """Say that array[order[i + lane], column] will be written to soon."""


@_compiled_as(prefetch)
def _prefetch(array, order, i, column, like):
    if isinstance(like, Lanes):
        return lambda array, order, i, column, like: lanes_prefetch(array, order, i, column, like)
    return prefetch


def scatter(array, order, i, column, values):
    """Put a tuple of lanes to array[order[i + lane], column:column + len(values)]."""
    for k in range(len(values)):
        array[order[i], column + k] = values[k]


@_compiled_as(scatter)
def _scatter(array, order, i, column, values):
    if _has_lanes(values):
        return lambda array, order, i, column, values: lanes_scatter(array, order, i, column, values)
    return scatter


def ones(unit):
    """A one in every lane of `unit`."""
    return unit


@_compiled_as(ones)
def _ones(unit):
    return (lambda unit: lanes_spread(unit)) if isinstance(unit, types.UniTuple) else ones


@inlined
def smaller(a, b):
    """The one with the smaller real part."""
    return select(a.real < b.real, a, b)


@inlined
def larger(a, b):
    """The one with the larger real part."""
    return select(a.real > b.real, a, b)


def _unit() -> float | tuple[float, ...]:
    """What the kernels take as their first argument: its type says for how many lanes they are compiled.

    Two vector registers of the machine at hand to each value, so that one computes while the other waits.
    """
    if vars(config)["DISABLE_JIT"]:
        return 1.0
    features = binding.get_host_cpu_features()
    register = 8 if features.get("avx512f") else 4 if features.get("avx2") else 2
    return (1.0,) * (2 * register)


UNIT = _unit()
