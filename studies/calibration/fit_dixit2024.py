"""Fit the coatings of the cards to targets chosen inside the bands of Dixit et al. 2024, Device 2, 100370.

The paper prints bands (cathode 20-30 %, anode 30-50 % thinner) and an order of its recipes, no values. The
targets below are our choice inside them. Six numbers are fitted to six targets in each scenario: for each
coating the hardening and the minimum porosity of its cap, and its strength factor at 90 degC. All else comes
from the cards. The column is free in both in-plane directions; thickness is read after disassembly; steps are
refined so that the cards do not absorb the error of the default steps.

    python -m studies.calibration.fit_dixit2024            shows the fit
    python -m studies.calibration.fit_dixit2024 --write    writes it into the cards
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import root

import isosim
from isosim import column, materials, measure
from isosim.case import Case, load_set
from isosim.stack import Stack

CELLS = ("120RT-2", "120C90-2", "414RT-2")
KINDS = ("cathode", "anode")
REFINE = 8
WARM = 90.0 - 25.0  # K, between the temperatures of the strength factor
CARDS = Path(isosim.__file__).parent / "materials" / "cards"


class Target(NamedTuple):
    """What a scenario is fitted to: reductions of thickness in percent, one for each of the cells."""

    cards: tuple[str, str]  # cathode, anode
    definition: str  # of thickness, as `isosim.measure` names it
    reduction: dict[str, tuple[float, float, float]]


TARGETS = {
    "coating": Target(
        ("nmc622", "graphite"),
        "coating",
        {"cathode": (23.5, 25.0, 28.0), "anode": (37.0, 38.5, 44.5)},
    ),
    "foil included": Target(
        ("nmc622_foil_included", "graphite_foil_included"),
        "with_foil",
        {"cathode": (22.0, 23.2, 28.0), "anode": (34.0, 35.5, 43.0)},
    ),
}


class Coating(NamedTuple):
    """The fitted numbers of one coating."""

    hardening: float  # Pa
    minimum_porosity: float
    strength: float  # factor at 90 degC against 25 degC


def of_card(name: str) -> Coating:
    """The numbers that a card holds now."""
    law = materials.load(name).law
    return Coating(law.cap.hardening, law.cap.minimum_porosity, math.exp(-law.thermal.strength * WARM))


def with_coatings(stack: Stack, coatings: dict[str, Coating]) -> Stack:
    """The stack with these numbers in the named materials."""
    changed = dict(stack.materials)
    for name, numbers in coatings.items():
        law = stack.materials[name].law
        cap = dataclasses.replace(
            law.cap, hardening=numbers.hardening, minimum_porosity=numbers.minimum_porosity
        )
        thermal = dataclasses.replace(law.thermal, strength=-math.log(numbers.strength) / WARM)
        law = dataclasses.replace(law, cap=cap, thermal=thermal)
        changed[name] = dataclasses.replace(stack.materials[name], law=law)
    return dataclasses.replace(stack, materials=changed)


def reductions(
    case: Case, coatings: dict[str, Coating], definition: str, refine: int = REFINE
) -> tuple[float, float]:
    """Reductions of cathode and anode [%] of a case in the free column."""
    stack = with_coatings(case.stack(), coatings)
    ds = measure.all(column.run(stack, case.recipe.schedule(refine=refine)), case)
    cathode, anode = (100.0 * float(ds.cell_reduction.sel(kind=k, definition=definition)) for k in KINDS)
    return cathode, anode


def fit(scenario: str) -> tuple[dict[str, Coating], np.ndarray]:
    """Fitted coatings by card, rounded to six digits, and the reductions they give (cells, kinds) [%]."""
    target = TARGETS[scenario]
    cases = {case.name: case for case in load_set("dixit2024", scenario)}
    wanted = np.array([target.reduction[kind] for kind in KINDS]).T
    scale = np.array([50e6, 0.1, 1.0])

    def coatings(x: np.ndarray) -> dict[str, Coating]:
        return {
            card: Coating(*part) for card, part in zip(target.cards, x.reshape(2, 3) * scale, strict=True)
        }

    def result(x: np.ndarray) -> np.ndarray:
        return np.array([reductions(cases[name], coatings(x), target.definition) for name in CELLS])

    begin = np.array([of_card(card) for card in target.cards]) / scale
    solution = root(
        lambda x: (result(x) - wanted).ravel(), begin.ravel(), options={"eps": 1e-4, "xtol": 1e-8}
    )
    if not solution.success:
        raise RuntimeError(f"{scenario}: {solution.message}")
    digits = np.array([float(f"{value:.6g}") for value in (solution.x.reshape(2, 3) * scale).ravel()])
    rounded = (digits.reshape(2, 3) / scale).ravel()
    return coatings(rounded), result(rounded)


def write(card: str, numbers: Coating) -> None:
    """Put the fitted numbers into a card; its other text stays."""
    path = CARDS / f"{card}.toml"
    text = path.read_text()
    values = {
        "cap.hardening": f'"{numbers.hardening / 1e6:.6g} MPa"',
        "cap.minimum_porosity": f"{numbers.minimum_porosity:.6g}",
        "thermal.strength": f"{numbers.strength:.6g}",
    }
    for section, value in values.items():
        pattern = rf"(\[{re.escape(section)}\]\nvalue = )[^\n]*"
        text, count = re.subn(pattern, rf"\g<1>{value}", text)
        if count != 1:
            raise RuntimeError(f"{path}: [{section}] found {count} times")
    path.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the fit into the cards")
    arguments = parser.parse_args()
    for scenario, target in TARGETS.items():
        coatings, got = fit(scenario)
        print(f"scenario {scenario!r}, thickness {target.definition}")
        for card, numbers in coatings.items():
            print(
                f"  {card:24s} hardening {numbers.hardening / 1e6:.6g} MPa, minimum porosity "
                f"{numbers.minimum_porosity:.6g}, strength at 90 degC {numbers.strength:.6g}"
            )
            if arguments.write:
                write(card, numbers)
        for name, (cathode, anode) in zip(CELLS, got, strict=True):
            print(f"  {name:10s} cathode {cathode:.3f} %, anode {anode:.3f} %")


if __name__ == "__main__":
    main()
