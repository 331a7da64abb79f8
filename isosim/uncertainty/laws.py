"""The choice of compaction law: other laws through the same points, as far as they know them.

The coatings' cards were fitted at two pressures (the room-temperature recipes of Dixit et al. 2024). Another
law that begins to yield where the card's does and compacts as much at one of the two says something else at
the other one. What they say there, less what the card says, is the discrepancy of the model: how much the
answer rests on the form of the law where nothing was fitted. Laws through both points say what is left
between and beyond them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import root

from isosim.case import Case
from isosim.column import press_many
from isosim.data.published import dixit2024
from isosim.law import Heckel, Kawakita, Log, Porous, Power
from isosim.recipe import ROOM
from isosim.stack import Stack
from isosim.sweep import readings

LOCKING = 1e6  # Pa; small: it keeps a cap finite-valued up to full density only
TOLERANCE = 1e-5  # of a reduction

Build = Callable[[np.ndarray, float, float], Any]


@dataclass(frozen=True)
class Family:
    """A law as a function of its unknowns (positive, fitted as logarithms), onset [Pa] and porosity."""

    name: str
    build: Build
    start: tuple[float, ...]


def _log_law(slope: float, p0: float, porosity: float) -> Log:
    return Log(porosity / (1.0 - porosity) + slope * math.log(p0 / 1e6), slope, LOCKING)


# From the onset of the card to one point, and through two points.
ONE = (
    Family("Heckel", lambda x, p0, phi: Heckel(p0, x[0]), (100e6,)),
    Family("power", lambda x, p0, phi: Power(p0, x[0], LOCKING), (8.0,)),
    Family("log", lambda x, p0, phi: _log_law(x[0], p0, phi), (0.2,)),
)
TWO = (
    Family("Heckel", lambda x, p0, phi: Heckel(x[1], x[0]), (150e6, 15e6)),
    Family("power", lambda x, p0, phi: Power(x[1], x[0], LOCKING), (15.0, 15e6)),
    Family("log", lambda x, p0, phi: _log_law(x[0], x[1], phi), (0.1, 5e6)),
    Family(
        "Kawakita",
        lambda x, p0, phi: Kawakita(x[0] / (1.0 + x[0]), 1.0 / x[1], p0, LOCKING),
        (0.5, 50e6),
    ),
)


def anchors() -> tuple[float, ...]:
    """Pressures [Pa] at which the cards were fitted: those of the room-temperature recipes of the paper."""
    cells = dixit2024()["cell"]
    return tuple(sorted({cell["pressure_MPa"] * 1e6 for cell in cells if "room" in cell["temperature"]}))


def onset(law: Porous) -> float:
    """Cap pressure [Pa] of the coating as it comes."""
    if isinstance(law.cap, Log):
        ratio = law.reference_porosity / (1.0 - law.reference_porosity)
        return law.cap.unit_pressure * math.exp((law.cap.intercept - ratio) / law.cap.slope)
    return law.cap.p0


def coatings(stack: Stack) -> dict[str, str]:
    """Materials of the coatings with pores, those of the cathodes first, and the kind that each coats."""
    layers = [
        layer
        for layer in stack.layers
        if layer.role == "coating" and isinstance(stack.materials[layer.material].law, Porous)
    ]
    kinds: dict[str, str] = {}
    for layer in sorted(layers, key=lambda one: one.kind != "cathode"):
        kinds.setdefault(layer.material, str(layer.kind))
    return kinds


Caps = Mapping[str, Any]  # a cap law of `isosim.law` for each coating


@dataclass(frozen=True)
class Alternatives:
    """Other laws for the coatings of a stack, by law and what it passes through ("power through 120 MPa").

    `refused` are those that cannot pass through their points.
    """

    caps: Mapping[str, Caps]
    refused: tuple[str, ...]

    def readings(self, case: Case) -> dict[str, dict[str, float]]:
        """Readings of a case with each of them, by the names of a sweep, SI."""
        found = {}
        for label, caps in self.caps.items():
            stack = _replaced(case.stack(), caps)
            ds = _press(case, stack, [case.recipe.pressure], case.recipe.temperature)
            found[label] = {name: float(values[0]) for name, values in readings.of_columns(ds).items()}
        return found


def shared(case: Case, known: dict[tuple[str, ...], Alternatives]) -> Alternatives:
    """Other laws for a case: those of the first case with these coatings, kept in `known`, serve all."""
    names = tuple(coatings(case.stack()))
    if names not in known:
        known[names] = alternatives(case)
    return known[names]


def alternatives(case: Case) -> Alternatives:
    """Fit other laws to what the cards say at the pressures they were fitted at, on the stack of a case."""
    stack = case.stack()
    names = coatings(stack)
    if not names:
        return Alternatives({}, ())
    points = anchors()
    wanted = _reductions(_press(case, stack, points, ROOM), names)
    found: dict[str, Caps] = {}
    refused: list[str] = []
    tried: list[tuple[Family, tuple[int, ...]]] = [
        (family, (k,)) for k in range(len(points)) for family in ONE
    ]
    tried += [(family, tuple(range(len(points)))) for family in TWO]
    for family, through in tried:
        where = " and ".join(f"{points[k] / 1e6:g}" for k in through)
        label = f"{family.name} through {where} MPa"
        caps = _fit(case, stack, names, family, [points[k] for k in through], wanted[list(through)])
        if caps is None:
            refused.append(label)
        else:
            found[label] = caps
    return Alternatives(found, tuple(refused))


def _press(case: Case, stack: Stack, pressures: Any, temperature: float) -> Any:
    edge = "edge" in case.recipe.pressed_faces
    what = {"pressure": np.asarray(pressures), "temperature": temperature}
    return press_many(
        stack,
        what,
        case.recipe,
        lateral=case.model.lateral,
        edge_pressure=edge,
        refine=case.model.refine,
        rescue=False,
    )


def _reductions(ds: Any, names: Mapping[str, str]) -> np.ndarray:
    """(cases, coatings) of the kind that each of them coats."""
    return np.asarray(ds.reduction.sel(definition="coating", kind=list(names.values())).values)


def _fit(
    case: Case,
    stack: Stack,
    names: Mapping[str, str],
    family: Family,
    through: list[float],
    wanted: np.ndarray,
) -> Caps | None:
    """Laws of this family that reduce the coatings as wanted (points, coatings); None without such laws."""
    scale = np.tile(family.start, (len(names), 1))

    def laws(x: np.ndarray) -> Caps:
        rows = scale * np.exp(x.reshape(scale.shape))
        return {
            name: family.build(row, onset(own), own.reference_porosity)
            for name, row in zip(names, rows, strict=True)
            if isinstance(own := stack.materials[name].law, Porous)
        }

    def miss(x: np.ndarray) -> np.ndarray:
        try:
            ds = _press(case, _replaced(stack, laws(x)), through, ROOM)
        except ValueError:
            return np.full(x.size, 1.0)
        return np.nan_to_num(_reductions(ds, names) - wanted, nan=1.0).T.ravel()

    # no step beyond a factor of e: laws far from any real one take seconds to press
    steps = {"eps": 1e-4, "xtol": 1e-6, "factor": 1.0, "diag": np.ones(scale.size)}
    with np.errstate(all="ignore"):
        solution = root(miss, np.zeros(scale.size), options=steps)
    return laws(solution.x) if np.abs(solution.fun).max() < TOLERANCE else None


def _replaced(stack: Stack, caps: Caps) -> Stack:
    changed = {}
    for name, cap in caps.items():
        own = stack.materials[name]
        assert isinstance(own.law, Porous)
        changed[name] = replace(own, law=replace(own.law, cap=cap), card=None)
    return replace(stack, materials={**stack.materials, **changed})
