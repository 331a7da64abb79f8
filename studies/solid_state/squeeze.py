"""Lithium between rigid faces: what pressure squeezes it out, and below which thickness none does.

    python -m studies.solid_state.squeeze

A strip of lithium, w wide and h thick, sticks to two rigid faces; its edge is free. Without creep it begins
to flow at Prandtl's pressure; with the card's creep it thins from the first second, but nearly as h^(n + 2),
so that there is a threshold thickness all the same. Both closed forms are held against sections; then they
are asked about real foils.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.integrate import trapezoid
from scipy.optimize import brentq

from isosim import materials
from isosim.law import Dense
from isosim.materials import Material
from isosim.recipe import ROOM, Schedule
from isosim.report.figures import style
from isosim.stack import Layer, Stack, section_mesh

HERE = Path(__file__).parent
LITHIUM: Dense = materials.load("lithium").law
YIELD = 1e6  # Pa, of the strip without creep; only its ratio to the pressure matters
SHEAR = YIELD / math.sqrt(3.0)  # k
HEIGHT = 100e-6  # m, of the strips in the sections
RATIOS = (5.0, 10.0, 20.0)  # w/h
COLUMNS, ELEMENTS = 32, 8  # of the half-strip
FLOWS = 0.002  # thinning at which a strip is said to flow: some times the elastic one
BEYOND = 1.1  # of the slab's pressure, where the sections end
CREEP = {"ratio": 20.0, "pressure": 20e6, "time": 3.0}
EARLY = (0.007, 0.015)  # thinning
WIDTH, HOLD = 50e-3, 300.0  # of a pouch cell and its press
WARM = 353.15
SQUEEZED = 0.1  # thinning that counts as squeezed out
PRESSURES = np.geomspace(50e6, 500e6, 30)
WIP = 450e6
FOILS = (20e-6, 50e-6)  # of usual lithium foils, remembered


def slab(ratio: np.ndarray | float) -> np.ndarray | float:
    """Mean pressure over 2k by the slab method: sticking faces and plane strain, Prandtl 1923."""
    return 1.0 + 0.25 * ratio


def prandtl(ratio: np.ndarray | float) -> np.ndarray | float:
    """The same by slip lines, free edges included, for w/h above 4: Hill 1950, chapter VIII, remembered."""
    return 0.75 + 0.25 * ratio


def creep_rate(height: float, pressure: float, width: float, T: float, beside: float = 0.75) -> float:
    """-dh/dt [m/s] of a creeping strip: wall friction in lubrication (Scott 1931), stretching beside it.

    At x from the middle the wall stress is [(n + 2) x V/(2 B (h/2)^2)]^(1/n) with V = -dh/dt and
    B = sqrt(3) e0 (sqrt(3)/s0)^n; its integral is the mean pressure, w/4h without creep. To it comes `beside`
    times the stress of stretching in plane strain, 3/4 by slip lines, 1 by the slab method; it matters in
    short strips only. Both go with V^(1/n).
    """
    v = LITHIUM.viscosity
    n, half, root = v.exponent, 0.5 * width, math.sqrt(3.0)
    rate = v.rate_at(T, LITHIUM.thermal.reference_temperature)
    B = root * rate * (root / v.stress) ** n
    friction = 2.0 / height * (2.0 * (n + 2.0) / (B * height**2)) ** (1.0 / n)
    friction *= half ** (1.0 + 1.0 / n) / (2.0 + 1.0 / n)
    stretching = beside * 2.0 / root * v.stress * (2.0 / (root * rate * height)) ** (1.0 / n)
    return float((pressure / (friction + stretching)) ** n)


def threshold(pressure: float, T: float, width: float = WIDTH, time: float = HOLD) -> float:
    """Thickness [m] of the foil that a hold makes SQUEEZED thinner; thinner foils hardly creep."""

    def missing(log_height: float) -> float:
        first = math.exp(log_height)
        heights = np.linspace(first * (1.0 - SQUEEZED), first, 33)
        needed = trapezoid([1.0 / creep_rate(h, pressure, width, T) for h in heights], heights)
        return float(math.log(needed / time))

    return math.exp(brentq(missing, math.log(1e-6), math.log(0.1 * width)))


def strip(ratio: float, own: Dense, elements: int = ELEMENTS) -> Stack:
    """The upper half of the strip under a rigid face; its middle plane rests without friction."""
    half = 0.5 * ratio * HEIGHT
    rigid = Dense(1e15, 1e15, math.inf)
    return Stack(
        (
            Layer("face", "other", "face", half, half),
            Layer("lithium", "other", "lithium", 0.5 * HEIGHT, half, elements=elements),
        ),
        {"face": Material("face", "dense", "rigid", rigid), "lithium": Material("lithium", "dense", "", own)},
    )


def pressed(
    ratio: float, own: Dense, time: np.ndarray, pressure: np.ndarray, faces: set[str], columns: int = COLUMNS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time [s], pressure [Pa] and thinning of the strip over the steps of a section in plane strain."""
    from isosim import fem

    schedule = Schedule(
        time, pressure, np.full(len(time), ROOM), np.array(["start"] + ["load"] * (len(time) - 1))
    )
    body = strip(ratio, own, ELEMENTS * columns // COLUMNS)
    ds = fem.run(body, section_mesh(body, columns), schedule, faces, "one direction")
    return ds.time.values, ds.pressure.values, 1.0 - ds.thickness.values[:, 1] / (0.5 * HEIGHT)


def limit(ratio: float, columns: int = COLUMNS) -> float:
    """Mean pressure over 2k at which a strip without creep flows, by a section."""
    own = Dense(LITHIUM.bulk_modulus, LITHIUM.shear_modulus, YIELD)
    pressure = 2.0 * SHEAR * BEYOND * slab(ratio) * np.linspace(0.0, 1.0, 61)
    _, p, thinner = pressed(ratio, own, np.arange(61.0), pressure, {"top"}, columns)
    return float(np.interp(FLOWS, thinner, p)) / (2.0 * SHEAR)


def creep(columns: int = COLUMNS) -> tuple[float, float, float]:
    """Rate of thinning [1/s] of a creeping strip about EARLY, by a section and by both closed forms.

    Later what is pressed out of the edge holds the rest back, which the closed forms do not know.
    """
    ratio, pressure = CREEP["ratio"], CREEP["pressure"]
    time = np.concatenate([[0.0], np.linspace(0.1, 1.0, 10), np.geomspace(1.0, 1.0 + CREEP["time"], 20)[1:]])
    t, _, thinner = pressed(ratio, LITHIUM, time, pressure * np.minimum(time, 1.0), {"top"}, columns)
    early = (thinner > EARLY[0]) & (thinner < EARLY[1])
    height = HEIGHT * (1.0 - thinner[early].mean())
    closed = [creep_rate(height, pressure, ratio * HEIGHT, ROOM, c) / HEIGHT for c in (0.75, 1.0)]
    return float(np.polyfit(t[early], thinner[early], 1)[0]), closed[0], closed[1]


def isostatic(columns: int = COLUMNS) -> tuple[float, float]:
    """Thinning of the creeping strip with the fluid on its edge too, and p/K of one that keeps its width."""
    time = np.concatenate([[0.0], np.linspace(0.1, 1.0, 10), np.geomspace(1.0, 1.0 + CREEP["time"], 20)[1:]])
    load = CREEP["pressure"] * np.minimum(time, 1.0)
    *_, thinner = pressed(CREEP["ratio"], LITHIUM, time, load, {"top", "edge"}, columns)
    return float(thinner[-1]), CREEP["pressure"] / LITHIUM.bulk_modulus


def rows() -> pd.DataFrame:
    """What the sections say beside the closed forms."""
    table = [(f"flow, w/h = {r:g}, mean pressure over 2k", limit(r), prandtl(r), slab(r)) for r in RATIOS]
    table.append(("creep, w/h = 20, 20 MPa, 25 degC, rate of thinning (1/s)", *creep()))
    found, elastic = isostatic()
    table.append(("the same, fluid on the edge too, thinning", found, elastic, math.nan))
    return pd.DataFrame(table, columns=["what", "section", "closed_form", "slab"])


def thresholds() -> pd.DataFrame:
    """Threshold thickness [um] of a pouch cell's width over pressure, cold and warm, and without creep."""
    ratio = 4.0 * (PRESSURES / (2.0 * LITHIUM.viscosity.stress / math.sqrt(3.0)) - 0.75)
    return pd.DataFrame(
        {
            "pressure_MPa": PRESSURES / 1e6,
            "creep_25degC_um": [1e6 * threshold(p, ROOM) for p in PRESSURES],
            "creep_80degC_um": [1e6 * threshold(p, WARM) for p in PRESSURES],
            "prandtl_um": 1e6 * WIDTH / ratio,
        }
    )


def draw(found: pd.DataFrame, over: pd.DataFrame) -> Figure:
    """Prandtl's line with the sections, and threshold thickness over pressure."""
    figure = style.new(3.2)
    left, right = figure.subplots(1, 2)
    ratio = np.linspace(4.0, 22.0, 2)
    left.plot(ratio, prandtl(ratio), color=style.COLOURS[0], label="slip lines, 3/4 + w/4h")
    left.plot(ratio, slab(ratio), "--", color=style.COLOURS[0], label="slab method, 1 + w/4h")
    left.plot(RATIOS, found.section[: len(RATIOS)], "s", color=style.COLOURS[1], label="sections")
    left.set_xlabel("width over thickness w/h")
    left.set_ylabel("mean pressure over 2k where it flows")
    left.legend()
    right.axhspan(*(1e6 * foil for foil in FOILS), color=style.BAND, label="usual foils")
    words = ("creep, 25 °C", "creep, 80 °C", "no creep, 2 MPa")
    for column, label, colour in zip(over.columns[1:], words, style.COLOURS, strict=False):
        right.plot(over.pressure_MPa, over[column], color=colour, label=label)
    right.set_xscale("log")
    right.set_xticks([50, 100, 200, 450], ["50", "100", "200", "450"])
    right.minorticks_off()
    right.set_ylim(0.0, None)
    right.set_xlabel("pressure of the plates (MPa)")
    right.set_ylabel("threshold thickness (µm)")
    right.legend()
    for axes in (left, right):
        style.light_grid(axes, "both")
    return figure


def main() -> None:
    """Run the study."""
    found, over = rows(), thresholds()
    found.to_csv(HERE / "squeeze.csv", index=False, float_format="%.4g")
    over.to_csv(HERE / "thresholds.csv", index=False, float_format="%.4g")
    print(found.to_string())
    print({f"{T - 273.15:.0f} degC": 1e6 * threshold(WIP, T) for T in (ROOM, WARM)})
    with style.look():
        draw(found, over).savefig(HERE / "squeeze.png")


if __name__ == "__main__":
    main()
