"""Why is the first pressure film lighter, and not the last?

    python -m studies.first_film.first_film

Statics gives every film of a column the same pressure. Each hypothesis is a closed-form estimate of the
pressure that the first and the last film see, read by the assumed response of the film; nothing of it is a
run of the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.case import load
from isosim.measure import film
from isosim.report.figures import style
from isosim.stack import Stack

HERE = Path(__file__).parent
CELL = "120RT-10"
PRESSURE = 120e6
WAVELENGTHS = np.geomspace(0.2e-3, 10e-3, 60)  # m
RIPPLE = 0.5  # of the pressure under the bag, amplitude; assumed
SPANS = (5e-3, 20e-3)  # free span of pouch and bag over a cup or a step of the tray, m; assumed
RIM = 1e-3  # m from the edge of ten electrodes over which studies/edge finds the pressure uneven
POINTS = 256


@dataclass(frozen=True)
class Depth:
    """Distance [m] from the bag's face to the film: of the first from the top, of the last from below."""

    first: float
    last: float


def depths(stack: Stack) -> Depth:
    """Of the middle of the first and of the last film."""
    height = np.array([layer.thickness for layer in stack.layers])
    middle = np.cumsum(height) - 0.5 * height
    films = stack.film_planes
    return Depth(float(middle[films[0]]), float(height.sum() - middle[films[-1]]))


def ripple_left(wavelength: np.ndarray | float, depth: float) -> np.ndarray:
    """Amplitude at a depth over that at the surface of a pressure that varies as a cosine along the face.

    The elastic half-plane under a normal load (Johnson 1985, Contact Mechanics, ch. 13): (1 + k z) exp(-k z)
    with k = 2 pi/wavelength.
    """
    kz = 2.0 * np.pi * depth / np.asarray(wavelength, float)
    return (1.0 + kz) * np.exp(-kz)


def grey_of_ripple(mean: float, amplitude: np.ndarray | float) -> np.ndarray:
    """Mean grey of a film under mean (1 + amplitude cos x); a mean of greys, as a scanner averages."""
    phase = np.linspace(0.0, 2.0 * np.pi, POINTS, endpoint=False)
    pressure = mean * (1.0 + np.multiply.outer(np.asarray(amplitude, float), np.cos(phase)))
    return film.grey(pressure).mean(axis=-1)


def bridged(stack: Stack, span: float) -> float:
    """Pressure that pouch and bag of one face carry over a free span by membrane tension at yield, in Pa.

    T kappa with the tension T = sum of yield stress times thickness, and the curvature of an arc of
    60 degrees over the span, 1/span: an upper bound of what bridging takes off the electrode under it.
    """
    half = stack.layers[: stack.film_planes[0]]
    tension = sum(
        layer.thickness * stack.materials[layer.material].law.yield_stress
        for layer in half
        if layer.role in ("pouch", "bag")
    )
    return tension / span


def rim(half_width: float, reach: float = RIM) -> float:
    """By how much a whole film is lighter when the pressure ripples by `RIPPLE` along all of its rim.

    An upper bound: studies/edge finds as much in the last tenths of a millimetre only.
    """
    share = 1.0 - (1.0 - reach / half_width) ** 2
    return share * float(grey_of_ripple(PRESSURE, RIPPLE) - film.grey(PRESSURE))


def table() -> pd.DataFrame:
    """Grey of first and last film minus that of an inner one under the nominal pressure."""
    stack = load(CELL).stack()
    depth = depths(stack)
    inner = film.grey(PRESSURE)
    best = max(WAVELENGTHS)
    rows = [("nothing: statics of the column", PRESSURE, PRESSURE, 0.0, 0.0)]
    for wavelength in (1e-3, 3e-3, best):
        first, last = (RIPPLE * float(ripple_left(wavelength, z)) for z in (depth.first, depth.last))
        rows.append(
            (f"bag texture of {1e3 * wavelength:.0f} mm, both faces", PRESSURE, PRESSURE, first, last)
        )
        rows.append((f"bag texture of {1e3 * wavelength:.0f} mm, top face", PRESSURE, PRESSURE, first, 0.0))
    for span in SPANS:
        rows.append(
            (
                f"bridging of {1e3 * span:.0f} mm, top face",
                PRESSURE - bridged(stack, span),
                PRESSURE,
                0.0,
                0.0,
            )
        )
    edge = rim(stack.layers[stack.electrodes[0].foil].half_width)
    found = pd.DataFrame(
        [
            {
                "hypothesis": words,
                "first_MPa": first / 1e6,
                "first_ripple": a,
                "last_ripple": b,
                "first_lighter_by": float(grey_of_ripple(first, a) - inner),
                "last_lighter_by": float(grey_of_ripple(last, b) - inner),
            }
            for words, first, last, a, b in rows
        ]
    )
    found.loc[len(found)] = ["edge of 1 mm, every film", PRESSURE / 1e6, 0.0, 0.0, edge, edge]
    return found


def fading(wavelength: float, ripple: float, films: int = 3) -> np.ndarray:
    """By how much the first films are lighter under a ripple on the top face."""
    stack = load(CELL).stack()
    height = np.array([layer.thickness for layer in stack.layers])
    depth = (np.cumsum(height) - 0.5 * height)[list(stack.film_planes)][:films]
    left = np.array([float(ripple_left(wavelength, z)) for z in depth])
    return grey_of_ripple(PRESSURE, ripple * left) - film.grey(PRESSURE)


def less_pressure(grey: float) -> float:
    """Share of the pressure by which a film must see less to come out lighter by this grey."""
    shares = np.linspace(0.0, 0.5, 501)
    return float(np.interp(grey, film.grey(PRESSURE * (1.0 - shares)) - film.grey(PRESSURE), shares))


def draw(stack: Stack) -> Figure:
    """What is left of a ripple at the first and last film; grey over pressure, and with ripple."""
    figure = style.new(3.0)
    left, right = figure.subplots(1, 2)
    depth = depths(stack)
    for k, (words, z) in enumerate((("first", depth.first), ("last", depth.last))):
        left.semilogx(
            1e3 * WAVELENGTHS,
            ripple_left(WAVELENGTHS, z),
            color=style.COLOURS[k],
            ls="-" if k == 0 else "--",
            label=f"{words} film, {1e3 * z:.2f} mm deep",
        )
    left.set_xlabel("wavelength of the texture on the face (mm)")
    left.set_ylabel("ripple left at the film")
    left.legend()
    share = np.linspace(0.7, 1.15, 100)
    for k, amplitude in enumerate((0.0, 0.25, 0.5)):
        grey = [float(grey_of_ripple(PRESSURE * x, amplitude)) for x in share]
        right.plot(100 * (share - 1.0), grey, color=style.COLOURS[k], label=f"ripple {100 * amplitude:.0f} %")
    right.axvspan(-10, 10, color=style.BAND, zorder=0, label="error of a film")
    right.set_xlabel("mean pressure against 120 MPa (%)")
    right.set_ylabel("grey (0-255, lighter upwards)")
    right.legend(loc="lower left")
    return figure


def main() -> None:
    """Run the study."""
    found = table()
    found.to_csv(HERE / "first_film.csv", index=False, float_format="%.4g")
    print(found.to_string(), less_pressure(5.0), depths(load(CELL).stack()), film.grey(PRESSURE), sep="\n")
    print(fading(1e-3, 1.0), fading(3e-3, 0.5))
    with style.look():
        draw(load(CELL).stack()).savefig(HERE / "first_film.png")


if __name__ == "__main__":
    main()
