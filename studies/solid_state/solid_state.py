"""Warm isostatic pressing of a sulfide cell: what of it is fitted, and what is predicted.

    python -m studies.solid_state.solid_state

Two cold uniaxial pressings and one warm film fix three numbers; the porosity of the composite cathode after
warm pressing follows. All rows are second-hand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.optimize import brentq

from isosim import materials
from isosim.column import press_many
from isosim.law import Dense
from isosim.materials.material import Material
from isosim.recipe import ROOM, Recipe
from isosim.report.figures import style
from isosim.stack import Layer, Stack

HERE = Path(__file__).parent
CARDS = ("lpscl", "lpscl_cathode")
WARM = 353.15
PELLET, MIXED, WIP = 370e6, 380e6, 450e6
TARGETS = {"lpscl": 0.179, "lpscl_cathode": 0.14}  # porosity after PELLET and MIXED, cold
FILM = 0.02  # porosity of the sulfide film after WIP
MEASURED = (0.04, 0.11)  # porosity of the composite after WIP
REFINE = 4


def stack(card: str) -> Stack:
    """A layer of the card on a carrier that carries nothing."""
    material = materials.load(card)
    porosity = material.law.reference_porosity
    carrier = Material("carrier", "dense", "carrier", Dense(70e9, 26e9, np.inf))
    layers = (
        Layer("layer", "coating", card, 50e-6, 1.0, porosity=porosity, electrode=1, kind="cathode"),
        Layer("carrier", "foil", "carrier", 5e-13, 1.0, electrode=1, kind="cathode"),
    )
    return Stack(layers, {card: material, "carrier": carrier})


def porosity(card: str, pressure, temperature: float, lateral: str = "confined", **values) -> np.ndarray:
    """(cases,) after the release; `values` are of the card, dots written as double underscores."""
    overrides = {f"{card}.{name.replace('__', '.')}": value for name, value in values.items()}
    overrides |= {"pressure": np.atleast_1d(pressure), "temperature": temperature}
    ds = press_many(stack(card), overrides, Recipe(1e8, ROOM), lateral=lateral, refine=REFINE)
    return ds.porosity.sel(state="released").values[:, 0]


def fit() -> dict[str, float]:
    """Hardening of both cards [Pa], and the factor of strength at 80 degC, that meet the targets."""
    found = {}
    for card, pressure in zip(CARDS, (PELLET, MIXED), strict=True):
        found[card] = brentq(
            lambda x, card=card, p=pressure: (
                porosity(card, p, ROOM, cap__hardening=1e6 * x)[0] - TARGETS[card]
            ),
            20.0,
            2000.0,
            xtol=1e-3,
        )
    found["strength"] = brentq(
        lambda s: (
            porosity("lpscl", WIP, WARM, cap__hardening=1e6 * found["lpscl"], thermal__strength=s)[0] - FILM
        ),
        0.1,
        1.0,
        xtol=1e-5,
    )
    return found


def rows() -> pd.DataFrame:
    """Porosity by the cards as they are, beside what was read."""
    table = [
        ("LPSCl pellet, 370 MPa, 25 degC", "fitted", porosity("lpscl", PELLET, ROOM)[0], 0.151, 0.197),
        ("composite, 380 MPa, 25 degC", "fitted", porosity("lpscl_cathode", MIXED, ROOM)[0], 0.13, 0.17),
        ("LPSCl film, 450 MPa, 80 degC", "fitted", porosity("lpscl", WIP, WARM)[0], 0.0, 0.03),
        ("composite, 450 MPa, 80 degC", "prediction", porosity("lpscl_cathode", WIP, WARM)[0], *MEASURED),
        ("the same, free in plane", "prediction", porosity("lpscl_cathode", WIP, WARM, "free")[0], *MEASURED),
    ]
    return pd.DataFrame(table, columns=["what", "kind", "porosity", "measured_low", "measured_high"])


def band() -> tuple[float, float]:
    """Of the prediction, over the ends of what its three fits were read from."""
    ends = [
        porosity("lpscl_cathode", WIP, WARM, cap__hardening=h, thermal__strength=s)[0]
        for h in _ends("lpscl_cathode", MIXED, (0.13, 0.17))
        for s in _strengths((0.01, 0.03))
    ]
    return min(ends), max(ends)


def _ends(card: str, pressure: float, targets: tuple[float, float]) -> list[float]:
    return [
        1e6
        * brentq(
            lambda x, t=t: porosity(card, pressure, ROOM, cap__hardening=1e6 * x)[0] - t, 20, 2000, xtol=0.1
        )
        for t in targets
    ]


def _strengths(targets: tuple[float, float]) -> list[float]:
    return [
        brentq(lambda s, t=t: porosity("lpscl", WIP, WARM, thermal__strength=s)[0] - t, 0.05, 1.0, xtol=1e-4)
        for t in targets
    ]


def draw(found: pd.DataFrame, ends: tuple[float, float]) -> Figure:
    """Porosity over pressure, cold and warm, with what was read."""
    figure = style.new(3.2)
    axes = figure.subplots(1, 2, sharey=True)
    pressure = np.linspace(20e6, 500e6, 40)
    for panel, card, title in zip(axes, CARDS, ("LPSCl", "composite cathode"), strict=True):
        for k, (words, temperature) in enumerate((("25 °C", ROOM), ("80 °C", WARM))):
            panel.plot(
                pressure / 1e6,
                100 * porosity(card, pressure, temperature),
                color=style.COLOURS[k],
                label=words,
            )
        panel.set_title(title)
        panel.set_xlabel("pressure (MPa)")
        style.light_grid(panel)
    for row, panel, p in ((0, axes[0], 370), (2, axes[0], 450), (1, axes[1], 380), (3, axes[1], 450)):
        one = found.iloc[row]
        middle, half = (
            50 * (one.measured_low + one.measured_high),
            50 * (one.measured_high - one.measured_low),
        )
        mark = "s" if one.kind == "prediction" else "o"
        panel.errorbar(
            p, middle, half, fmt=mark, color=style.COLOURS[2], capsize=3, label=f"read, {one.kind}"
        )
    axes[1].plot(
        [458, 458],
        [100 * e for e in ends],
        color=style.COLOURS[1],
        lw=4,
        alpha=0.4,
        label="band of the prediction",
    )
    axes[0].set_ylabel("porosity left (%)")
    axes[1].legend()
    return figure


def main() -> None:
    """Run the study."""
    print(fit())
    found, ends = rows(), band()
    found.to_csv(HERE / "solid_state.csv", index=False, float_format="%.4f")
    print(found.to_string(), ends)
    with style.look():
        draw(found, ends).savefig(HERE / "solid_state.png")


if __name__ == "__main__":
    main()
