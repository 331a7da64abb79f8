"""Do more layers compact more? The trend from 2 to 40 layers over the ranges of the cards.

    python -m studies.more_layers.more_layers

Dixit et al. 2024 report slightly more compaction with more layers and leave it open; no number is given. Both
stacks are pressed with the same draws from the ranges of bag, pouch, films, foils, separator and coatings;
what is kept is the difference of the reductions. Columns: the interior of the cell, no edges.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import qmc, spearmanr

from isosim.case import Case, load
from isosim.column import press_many
from isosim.measure.instruments.relations import constant
from isosim.report.figures import style
from isosim.uncertainty import inputs

HERE = Path(__file__).parent
SAMPLES = 2048
LAYERS = (2, 4, 10, 20, 40)
KINDS = ("cathode", "anode")
FILMS = {"films between": "between", "no films": "none"}
MICROMETER = 1.5  # points: half a digit of 1 um in each of two readings of about 60 um


@dataclass(frozen=True)
class Trend:
    """Reductions (samples, layers, kinds) and their shares (samples, inputs); nominal (layers, kinds)."""

    names: tuple[str, ...]
    shares: np.ndarray
    reductions: np.ndarray
    nominal: np.ndarray

    @property
    def gain(self) -> np.ndarray:
        """(samples, kinds): of the most layers over the fewest, points."""
        return 100.0 * (self.reductions[:, -1] - self.reductions[:, 0])

    @property
    def nominal_gain(self) -> np.ndarray:
        """(kinds,) of the cards as they are."""
        return 100.0 * (self.nominal[-1] - self.nominal[0])


def cell(layers: int, films: str) -> Case:
    """A cell of the paper at 120 MPa and room temperature with this many layers."""
    return load("120RT-2", {"stack.electrodes": layers, "stack.films": films})


def trend(films: str, samples: int, layers: tuple[int, ...] = LAYERS) -> Trend:
    """The same draws for each number of layers; rows without balance are left out."""
    first, _ = inputs.read(cell(layers[0], films))
    shares = qmc.LatinHypercube(len(first), seed=1).random(samples)
    found, nominal = [], []
    for count in layers:
        case = cell(count, films)
        own, _ = inputs.read(case)
        overrides = inputs.overrides(own, shares)
        ds = press_many(case, overrides, rescue=False)
        found.append(ds.reduction.sel(definition="coating").values)
        base = press_many(case, {"pressure": np.array([case.recipe.pressure])})
        nominal.append(base.reduction.sel(definition="coating").values[0])
    reductions = np.stack(found, axis=1)
    good = np.isfinite(reductions).all((1, 2))
    return Trend(tuple(one.name for one in first), shares[good], reductions[good], np.array(nominal))


def drivers(one: Trend, kind: int = 0, count: int = 5) -> list[tuple[str, float]]:
    """Inputs by the rank correlation of their value with the gain, the strongest first."""
    r = [spearmanr(one.shares[:, k], one.gain[:, kind]).statistic for k in range(len(one.names))]
    return [(one.names[k], float(r[k])) for k in np.argsort(-np.abs(r))[:count]]


def summary(found: dict[str, Trend]) -> pd.DataFrame:
    """Gain from 2 to 40 layers: of the cards, 5 to 95 %, share of draws that gain."""
    rows = []
    for films, one in found.items():
        for k, kind in enumerate(KINDS):
            low, middle, high = np.quantile(one.gain[:, k], (0.05, 0.5, 0.95))
            rows.append(
                {
                    "films": films,
                    "kind": kind,
                    "cards_points": one.nominal_gain[k],
                    "low": low,
                    "median": middle,
                    "high": high,
                    "share_up": float((one.gain[:, k] > 0.0).mean()),
                    "share_readable": float((np.abs(one.gain[:, k]) > MICROMETER).mean()),
                }
            )
    return pd.DataFrame(rows)


def embossed() -> tuple[float, float]:
    """What embossing of the two outer foils adds to the mean reading of N electrodes, N = 2 and 40, um.

    A micrometer rests on the highest points: an outer foil reads too thick by at most the imprint of the bag.
    Two of N electrodes have one, so that the mean is too high by 2/N of it.
    """
    amplitude = 1e6 * constant("imprint", "amplitude").value
    return amplitude * 2 / LAYERS[0], amplitude * 2 / LAYERS[-1]


def draw(found: dict[str, Trend]) -> Figure:
    """Gain over 2 layers with interval, with and without films; on the right what moves it."""
    figure = style.new(3.4)
    axes = figure.subplots(1, 3, width_ratios=(1, 1, 1.1))
    for panel, (films, one) in zip(axes, found.items(), strict=False):
        for k, kind in enumerate(KINDS):
            gain = 100.0 * (one.reductions[:, :, k] - one.reductions[:, :1, k])
            low, high = np.quantile(gain, (0.05, 0.95), axis=0)
            panel.fill_between(LAYERS, low, high, color=style.COLOURS[k], alpha=0.2, lw=0)
            own = 100.0 * (one.nominal[:, k] - one.nominal[0, k])
            panel.plot(LAYERS, own, "o-", color=style.COLOURS[k], label=f"{kind}, cards; band 90 %")
        for y in (-MICROMETER, MICROMETER):
            panel.axhline(y, color=style.QUIET, lw=0.8, ls="--")
        panel.set_xscale("log")
        panel.set_xticks(LAYERS, LAYERS)
        panel.minorticks_off()
        panel.set_ylim(-2.2, 2.2)
        panel.set_title(films)
        panel.set_xlabel("layers")
    axes[0].set_ylabel("thinner than with 2 layers (points)")
    axes[0].text(2, 1.55, "micrometer", fontsize=7, color=style.QUIET)
    axes[0].legend(loc="lower left", fontsize=7)
    top = drivers(next(iter(found.values())))
    axes[2].barh(range(len(top)), [r for _, r in top], color=style.COLOURS[3])
    axes[2].set_yticks(range(len(top)), [name for name, _ in top], fontsize=7)
    axes[2].invert_yaxis()
    axes[2].axvline(0.0, color=style.COLOURS[2], lw=0.8)
    axes[2].set_xlabel("rank correlation with the gain")
    axes[2].set_title("what moves the cathode's gain")
    return figure


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=SAMPLES)
    samples = parser.parse_args().samples
    found = {words: trend(films, samples) for words, films in FILMS.items()}
    table = summary(found)
    table.to_csv(HERE / "more_layers.csv", index=False, float_format="%.4f")
    print(
        table.to_string(), *drivers(found["films between"]), *drivers(found["no films"]), embossed(), sep="\n"
    )
    with style.look():
        draw(found).savefig(HERE / "more_layers.png")


if __name__ == "__main__":
    main()
