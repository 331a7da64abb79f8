"""Which pressure reaches 15 % cathode porosity with the least cracked particles and foil strain?

    python -m studies.recipe.recipe

Temperature and hold rest on assumed values of the cards (strength factors, viscosity): they are shown in pale
and not optimised.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import qmc

from isosim.case import load
from isosim.column import press_many
from isosim.law import Damage
from isosim.report.figures import style
from isosim.uncertainty import inputs

HERE = Path(__file__).parent
CELL = "120RT-10"
TARGET = 0.15
FOIL_LIMIT = 0.5  # % of in-plane strain left in a foil that was taken out; assumed
PRESSURES = np.linspace(60e6, 414e6, 60)
SAMPLES = 128
RECIPES = {
    "25 °C, 5 min": {},
    "90 °C, 5 min": {"temperature": 363.15},
    "25 °C, 1 s": {"hold": 1.0},
    "25 °C, 30 min": {"hold": 1800.0},
}
CHOSEN = next(iter(RECIPES))


def front(pressures: np.ndarray = PRESSURES, recipe: dict[str, float] | None = None) -> pd.DataFrame:
    """Porosity of the cathode [%], foil strains [%] and broken NMC [% by volume] over pressure [MPa]."""
    ds = press_many(load(CELL), {"pressure": pressures, **(recipe or {})})
    return pd.DataFrame(
        {
            "pressure_MPa": pressures / 1e6,
            "porosity_%": 100.0 * ds.porosity.sel(kind="cathode", state="disassembled").values,
            "foil_cathode_%": 100.0 * ds.foil_strain_x.sel(kind="cathode").values,
            "foil_anode_%": 100.0 * ds.foil_strain_x.sel(kind="anode").values,
            "broken_%": 100.0 * Damage.read().broken(pressures),
        }
    )


def reaching(table: pd.DataFrame, porosity: float = TARGET) -> pd.Series:
    """The row, interpolated, at which the porosity is reached; NaN where it is not."""
    falling = table["porosity_%"].to_numpy()[::-1]
    goal = 100.0 * porosity
    inside = falling[0] <= goal <= falling[-1]
    values = [np.interp(goal, falling, table[name].to_numpy()[::-1]) if inside else np.nan for name in table]
    return pd.Series(values, index=table.columns)


def pressures_needed(samples: int, pressures: np.ndarray = PRESSURES) -> np.ndarray:
    """Pressure [MPa] that reaches the target, one for each draw from the ranges of the cards."""
    case = load(CELL)
    varied, _ = inputs.read(case)
    shares = qmc.LatinHypercube(len(varied), seed=1).random(samples)
    every = np.repeat(shares, len(pressures), axis=0)
    overrides = {**inputs.overrides(varied, every), "pressure": np.tile(pressures, samples)}
    ds = press_many(case, overrides, rescue=False)
    porosity = ds.porosity.sel(kind="cathode", state="disassembled").values.reshape(samples, -1)
    rows = [np.interp(TARGET, row[::-1], pressures[::-1] / 1e6, np.nan, np.nan) for row in porosity]
    return np.array(rows)


def draw(tables: dict[str, pd.DataFrame], needed: np.ndarray) -> Figure:
    """Porosity, broken particles and foil strain over pressure; the front of the first two."""
    figure = style.new(3.3)
    left, middle, right = figure.subplots(1, 3)
    low, high = np.nanquantile(needed, (0.05, 0.95))
    left.axvspan(low, high, color=style.BAND, label="pressure for 15 %, 90 % of the cards")
    for k, (words, table) in enumerate(tables.items()):
        chosen = words == CHOSEN
        look = {"color": style.COLOURS[k], "lw": 1.8 if chosen else 3.5, "alpha": 1.0 if chosen else 0.35}
        label = words if chosen else f"{words} (assumed)"
        left.plot(table.pressure_MPa, table["porosity_%"], **look, label=label)
        middle.plot(table["porosity_%"], table["broken_%"], **look)
    left.axhline(100 * TARGET, color=style.QUIET, ls="--", lw=0.8)
    left.set_xlabel("pressure (MPa)")
    left.set_ylabel("cathode porosity left (%)")
    left.legend(fontsize=6.5)
    middle.axvline(100 * TARGET, color=style.QUIET, ls="--", lw=0.8)
    middle.axhspan(
        100 * float(Damage.read().broken(159.4e6)), middle.get_ylim()[1], color=style.BAND, zorder=0
    )
    middle.text(15.5, 7.0, "beyond the data", fontsize=7, color=style.QUIET)
    middle.set_xlabel("cathode porosity left (%)")
    middle.set_ylabel("NMC broken, by volume (%)")
    middle.set_title("the front: the fewer pores, the more cracks")
    table = tables[CHOSEN]
    for k, kind in enumerate(("cathode", "anode")):
        right.plot(
            table.pressure_MPa, table[f"foil_{kind}_%"], color=style.COLOURS[k], label=f"foil of the {kind}"
        )
    for y in (-FOIL_LIMIT, FOIL_LIMIT):
        right.axhline(y, color=style.QUIET, ls="--", lw=0.8)
    right.set_xlabel("pressure (MPa)")
    right.set_ylabel("in-plane strain left (%)")
    right.legend()
    return figure


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=SAMPLES)
    needed = pressures_needed(parser.parse_args().samples)
    tables = {words: front(recipe=recipe) for words, recipe in RECIPES.items()}
    table = pd.DataFrame({words: reaching(table) for words, table in tables.items()}).T
    table.to_csv(HERE / "recipe.csv", float_format="%.4g")
    print(table.to_string(), np.nanquantile(needed, (0.05, 0.5, 0.95)), np.isnan(needed).mean(), sep="\n")
    limit = tables[CHOSEN]
    worst = limit[["foil_cathode_%", "foil_anode_%"]].abs().max(axis=1)
    print("foil limit passed at", np.interp(FOIL_LIMIT, worst, limit.pressure_MPa), "MPa")
    print(limit.iloc[[0, 10, 30, 59]].to_string())
    with style.look():
        draw(tables, needed).savefig(HERE / "recipe.png")


if __name__ == "__main__":
    main()
