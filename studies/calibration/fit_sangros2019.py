"""Fit the card nmc622_log to a compaction curve, table 1 of Sangros Gimenez et al. 2019.

The curve (Powder Technol. 349, 1) is the porosity of an NMC111 coating 90:4:2:4 over the axial pressure
that compacted it, read second-hand, good to 0.010-0.015. The coating alone is pressed in the confined
column, from its own initial porosity, once to each pressure and held for five minutes at 25 degC. Intercept
and slope of the log law are fitted to the four porosities (least squares); friction, stiffness and
viscosity come from the card. Porosity is that of the unloaded state.

    python -m studies.calibration.fit_sangros2019            shows the fit
    python -m studies.calibration.fit_sangros2019 --write    writes it into the card
"""

from __future__ import annotations

import argparse
import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares

import isosim
from isosim import column, law, materials
from isosim.recipe import Recipe
from isosim.stack import Layer, Stack

CARD = "nmc622_log"
PATH = Path(isosim.__file__).parent / "materials" / "cards" / f"{CARD}.toml"
INITIAL = 0.522
PRESSURES = np.array([19.82e6, 42.71e6, 79.13e6, 159.37e6])  # Pa
POROSITIES = np.array([0.416, 0.372, 0.295, 0.217])
REFINE = 4


def of_card() -> law.Log:
    """The cap that the card holds now."""
    return _porous().cap


def _porous() -> Any:
    return materials.load(CARD).law


def porosities(cap: law.Log, refine: int = REFINE) -> np.ndarray:
    """Porosities of the coating after a confined press to each of the pressures."""
    material = materials.load(CARD)
    material = dataclasses.replace(material, law=dataclasses.replace(_porous(), cap=cap))
    stack = Stack((Layer("coating", "other", CARD, 60e-6, 25e-3, INITIAL),), {CARD: material})
    return np.array(
        [
            float(
                column.run(stack, Recipe(p).schedule(refine=refine), lateral="confined").porosity.values[
                    -1, 0
                ]
            )
            for p in PRESSURES
        ]
    )


def fit() -> law.Log:
    """The fitted cap, its numbers rounded to five digits."""
    cap = of_card()

    def with_numbers(x: np.ndarray) -> law.Log:
        return dataclasses.replace(cap, intercept=float(x[0]), slope=float(x[1]))

    solution = least_squares(
        lambda x: porosities(with_numbers(x)) - POROSITIES, [cap.intercept, cap.slope], diff_step=1e-4
    )
    if not solution.success:
        raise RuntimeError(solution.message)
    return with_numbers(np.array([float(f"{value:.5g}") for value in solution.x]))


def write(cap: law.Log) -> None:
    """Put the fitted numbers into the card; its other text stays."""
    text = PATH.read_text()
    for name in ("intercept", "slope"):
        text, count = re.subn(rf"(\[cap.{name}\]\nvalue = )[^\n]*", rf"\g<1>{getattr(cap, name):.5g}", text)
        if count != 1:
            raise RuntimeError(f"{PATH}: [cap.{name}] found {count} times")
    PATH.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the fit into the card")
    arguments = parser.parse_args()
    cap = fit()
    print(f"{CARD}: intercept {cap.intercept:.5g}, slope {cap.slope:.5g}")
    for p, wanted, got in zip(PRESSURES, POROSITIES, porosities(cap), strict=True):
        print(f"  {p / 1e6:7.2f} MPa: porosity {got:.4f}, published {wanted:.3f}, error {got - wanted:+.4f}")
    if arguments.write:
        write(cap)


if __name__ == "__main__":
    main()
