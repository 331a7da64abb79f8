"""How the sheets of a pile lie in memory: rows of W lanes, one case in each."""

from __future__ import annotations

from typing import Any, NamedTuple

from isosim.law.lanes import load, ones, store, width

from .compiling import inlined

# rows of a sheet in the state of a pile; plastic strains are logarithmic
PLASTIC_X, PLASTIC_Y, PLASTIC_Z, U, U_HIST, EQPS, STRETCH = range(7)
N_STATE = 7
# rows of a sheet in the work space of a pile: iterate, corrections, last increments
ITERATE, FIXED, BY_X, BY_Y, LAST, WAY = range(0, 18, 3)
N_WORK = 16


class Pile(NamedTuple):
    """Sheets, and where their constants are."""

    unit: Any  # see `isosim.law.lanes.UNIT`
    n: Any
    laws: Any  # (kinds,) the law of each kind, the same in all lanes
    kind: Any  # (n,)
    parameters: Any  # (kinds * N_PARAMETERS, W) at the temperature of the step
    weight: Any  # (n, W)
    state: Any  # (n * N_STATE, W)
    work: Any  # (n * N_WORK, W)


class Plane(NamedTuple):
    """In-plane stretches."""

    x: Any
    y: Any


class Step(NamedTuple):
    """What a step imposes."""

    free: Any  # HELD, FREE_X, FREE_ALIKE, FREE_BOTH
    pressure: Any
    edge: Any  # chi P
    dt: Any
    guess: Any  # share of the last step's increments to start from


@inlined
def get(a, row, unit):
    """The lanes in a row of a contiguous array of rows."""
    return load(a, row * width(ones(unit)), unit)


@inlined
def put(a, row, value):
    """Write lanes to a row of a contiguous array of rows."""
    store(a, row * width(value), value)
