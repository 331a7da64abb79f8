"""Isostatic or calender? Line load and roll radius to the same porosity, and what either does to the foil.

    python -m studies.calender.calender

Rolls the electrodes of the dummy cells through the gap of `nip.py` to the porosities that the isostatic press
reaches in the column. Writes `calender.csv`, `stripes.csv`, `rims.csv`, `compaction.csv` and `calender.png`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.optimize import brentq, curve_fit

from isosim import law, materials, press
from isosim.case import load
from isosim.report.figures import style
from studies.calender.nip import Pass, Rolls, Sheet, roll

HERE = Path(__file__).parent
CELLS = {120: "120RT-10", 414: "414RT-2"}  # MPa
NMC111 = "nmc622_log"  # the card fitted to the compaction curve of NMC111 90:4:2:4, V1
RADII = (0.05, 0.1, 0.2, 0.4)  # m
RADIUS = 0.1  # m, where one is enough
FRICTIONS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3)
SPEEDS = (0.5, 1.0, 5.0)  # m/min
PASSES = (1, 2, 3, 5)
EXCESS = {120: (0.02, 0.05, 0.08, 0.1), 414: (0.01, 0.02, 0.03)}  # of the coating, of a stripe


@cache
def published() -> dict[str, list[dict[str, Any]]]:
    """What others say of calenders, from `published.toml`."""
    return tomllib.loads((HERE / "published.toml").read_text())


@cache
def pressed(pressure: int) -> pd.DataFrame:
    """The isostatic press by the column, a row a kind: porosity taken out and while it was held, strain left
    in the foil [%], alike in both directions."""
    ds = press(load(CELLS[pressure]), fidelity="column")
    rows = {}
    for kind in ("cathode", "anode"):
        of_kind = np.flatnonzero(ds.electrode_kind == kind)
        porosity = ds.electrode_porosity.isel(electrode=of_kind).mean("electrode")
        rows[kind] = {
            "porosity": float(porosity.sel(state="disassembled")),
            "held": float(porosity.sel(state="held")),
            "foil_%": 100 * float(ds.foil_strain_x.isel(electrode=of_kind).mean()),
        }
    return pd.DataFrame(rows).T


def electrode(
    kind: str = "cathode", sides: int = 1, rate: bool = False, excess: float = 0.0, card: str = ""
) -> Sheet:
    """An electrode of the dummy cells before pressing; coated on both sides, too thick by a share, with or
    without the viscosity of its card, or with another card for its coating."""
    stack = load(CELLS[120]).stack()
    own = next(e for e in stack.electrodes if e.kind == kind)
    coating, foil = stack.layers[own.coatings[0]], stack.layers[own.foil]
    solid = (materials.load(card) if card else stack.materials[coating.material]).law
    metal = stack.materials[foil.material].law
    assert isinstance(solid, law.Porous)
    porosity = coating.porosity if coating.porosity is not None else solid.reference_porosity
    return Sheet.unpressed(
        (solid if rate else replace(solid, viscosity=None), metal),
        (sides * (1.0 + excess) * coating.thickness, foil.thickness),
        (porosity, None),
    )


def through(sheet: Sheet, rolls: Rolls, gap: float, passes: int = 1) -> list[Pass]:
    """Several passes, each closing the gap by the same amount, the last to this gap [m]."""
    found: list[Pass] = []
    for height in np.linspace(sheet.height, gap, passes + 1)[1:]:
        found.append(roll(found[-1].after if found else sheet, rolls, float(height)))
    return found


def reaching(sheet: Sheet, rolls: Rolls, porosity: float, passes: int = 1) -> list[Pass]:
    """The passes after which the coating has this porosity when it is out of the gap."""
    solid = sheet.thickness[0] * (1.0 - sheet.porosity()[0])
    off = lambda gap: through(sheet, rolls, gap, passes)[-1].after.porosity()[0] - porosity  # noqa: E731
    wide = sheet.height - sheet.thickness[0] + 1.02 * solid / (1.0 - porosity)
    while off(wide - 0.02 * solid) > 0.0:
        wide -= 0.02 * solid
    return through(sheet, rolls, brentq(off, wide - 0.02 * solid, wide, xtol=1e-9), passes)


def strains(one: Pass) -> tuple[float, float]:
    """Strain of the foil along and across the web when it is out of the gap [%]."""
    along, across = 100.0 * np.log(one.after.stretch[-1, :2])
    return float(along), float(across)


def edge(one: Pass, free: Pass) -> tuple[float, float]:
    """At the rim of the web: width [mm] over which friction takes up the force that holds the width, and by
    how much [%] the pressure is lower where nothing holds it (`free`: the same gap without friction).

    In the nip the force across is that along, both directions being held alike: |N| = 2 mu p width.
    """
    peak = int(np.argmax(one.pressure))
    width = abs(one.force[peak]) / (2.0 * one.friction * one.pressure[peak])
    return 1e3 * width, 100.0 * (1.0 - free.pressure.max() / one.pressure.max())


def row(words: str, kind: str, sides: int, target: int, rolls: Rolls, passes: list[Pass]) -> dict[str, Any]:
    """A row of the table."""
    worst = max(passes, key=lambda one: one.line_load)
    along, across = strains(passes[-1])
    return {
        "what": words,
        "kind": kind,
        "sides": sides,
        "as_pressed_at_MPa": target,
        "radius_mm": 1e3 * rolls.radius,
        "friction": rolls.friction,
        "speed_m_min": 60.0 * rolls.speed,
        "passes": len(passes),
        "porosity_%": 100.0 * passes[-1].after.porosity()[0],
        "line_load_N_mm": 1e-3 * worst.line_load,
        "peak_MPa": 1e-6 * max(one.pressure.max() for one in passes),
        "arc_mm": 1e3 * worst.arc,
        "flattening": max(one.radius for one in passes) / rolls.radius,
        "foil_along_%": along,
        "foil_across_%": across,
    }


def tasks() -> Iterator[tuple[str, int, Rolls, dict[str, Any]]]:
    """What is rolled: words, isostatic pressure to match [MPa], rolls, what else is not plain."""
    for target in CELLS:
        for radius in RADII:
            yield "radius", target, Rolls(radius), {}
            yield "radius, card's viscosity", target, Rolls(radius), {"rate": True}
        for count in PASSES[1:]:
            yield "passes", target, Rolls(RADIUS), {"passes": count}
        for friction in FRICTIONS:
            yield "friction", target, Rolls(RADIUS, friction), {}
        for kind, sides in (("cathode", 2), ("anode", 1), ("anode", 2)):
            yield "other electrode", target, Rolls(RADIUS), {"kind": kind, "sides": sides}
        yield "law of NMC111", target, Rolls(RADIUS), {"card": NMC111}
    for speed in SPEEDS:
        yield "speed, card's viscosity", 120, Rolls(RADIUS, speed=speed / 60.0), {"rate": True}


def table() -> pd.DataFrame:
    """A row for each task."""
    rows = []
    for words, target, rolls, own in tasks():
        sheet = {"kind": "cathode", "sides": 1, **{k: v for k, v in own.items() if k != "passes"}}
        porosity = pressed(target).porosity[sheet["kind"]]
        passes = reaching(electrode(**sheet), rolls, porosity, own.get("passes", 1))
        rows.append(row(words, sheet["kind"], sheet["sides"], target, rolls, passes))
        print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def stripes(target: int, shares: Sequence[float]) -> pd.DataFrame:
    """Stripes of the cathode that are too thick by a share, in the gap that is right for the rest of it."""
    rolls = Rolls(RADIUS)
    gap = reaching(electrode(), rolls, pressed(target).porosity["cathode"])[-1].gap
    rows = []
    for share in shares:
        one = roll(electrode(excess=share), rolls, gap)
        rows.append({"excess_%": 100 * share, **row("stripe", "cathode", 1, target, rolls, [one])})
    return pd.DataFrame(rows)


def rims() -> pd.DataFrame:
    """The rim of the web for both targets, as `edge` has it."""
    rows = []
    for target in CELLS:
        one = reaching(electrode(), Rolls(RADIUS), pressed(target).porosity["cathode"])[-1]
        width, lower = edge(one, roll(electrode(), Rolls(RADIUS, 0.0), one.gap))
        rows.append({"as_pressed_at_MPa": target, "rim_mm": width, "pressure_lower_%": lower})
    return pd.DataFrame(rows)


def compaction(radius: float, sides: int, card: str = "", count: int = 6) -> pd.DataFrame:
    """Porosity [%] of the cathode over line load [N/mm], without rate."""
    sheet = electrode(sides=sides, card=card)
    solid = sheet.thickness[0] * (1.0 - sheet.porosity()[0])
    rows = []
    for porosity in np.linspace(0.30, 0.09, count):
        one = roll(sheet, Rolls(radius), sheet.height - sheet.thickness[0] + 0.985 * solid / (1.0 - porosity))
        rows.append({"line_load_N_mm": 1e-3 * one.line_load, "porosity_%": 100 * one.after.porosity()[0]})
    return pd.DataFrame(rows).assign(radius_mm=1e3 * radius, sides=sides, card=card or "nmc622")


def resistance(curve: pd.DataFrame) -> tuple[float, float]:
    """Meyer's gamma_C [N/mm] and least porosity [%] of such a curve."""
    law_of = lambda q, floor, gamma: floor + (35.0 - floor) * np.exp(-q / gamma)  # noqa: E731
    (floor, gamma), _ = curve_fit(law_of, curve.line_load_N_mm, curve["porosity_%"], (5.0, 100.0))
    return float(gamma), float(floor)


ARCS: dict[str, tuple[int, Rolls, int]] = {
    "as at 120 MPa": (120, Rolls(RADIUS), 1),
    "last of 3 passes": (120, Rolls(RADIUS), 3),
    "without friction": (120, Rolls(RADIUS, 0.0), 1),
    "as at 414 MPa": (414, Rolls(RADIUS), 1),
}


def arcs() -> pd.DataFrame:
    """Pressure [MPa] and force along the web [N/mm] over the arc [mm]."""
    frames = []
    for words, (target, rolls, count) in ARCS.items():
        last = reaching(electrode(), rolls, pressed(target).porosity["cathode"], count)[-1]
        columns = {
            "x_mm": 1e3 * last.x,
            "pressure_MPa": 1e-6 * last.pressure,
            "force_N_mm": 1e-3 * last.force,
        }
        frames.append(pd.DataFrame({"what": words, **columns}))
    return pd.concat(frames, ignore_index=True)


def draw(rows: pd.DataFrame, profiles: pd.DataFrame) -> Figure:
    """Pressure over the arc; line load over radius; strain of the foil over friction."""
    figure = style.new(3.4)
    left, middle, right = figure.subplots(1, 3)
    for colour, (words, line) in zip(style.COLOURS, profiles.groupby("what", sort=False), strict=False):
        left.plot(line.x_mm, line.pressure_MPa, color=colour, label=words)
    left.set_xlabel("place along the arc (mm)")
    left.set_ylabel("pressure of the rolls (MPa)")
    left.set_title("web runs to the right")
    left.legend(fontsize=7)
    low, high = published()["line_load"][0]["range"]
    middle.axhspan(low, high, color=style.BAND)
    middle.text(
        55, 0.93 * high, "NMC111, compaction resistance,\nremembered", va="top", fontsize=7, color=style.QUIET
    )
    for colour, target in zip(style.COLOURS, CELLS, strict=False):
        for words, dashes in (("radius", "-o"), ("radius, card's viscosity", ":o")):
            line = rows[(rows.what == words) & (rows.as_pressed_at_MPa == target)]
            label = f"as at {target} MPa" if dashes == "-o" else f"{target} MPa, 1 m/min (assumed)"
            middle.plot(
                line.radius_mm,
                line.line_load_N_mm,
                dashes,
                color=colour,
                label=label,
                alpha=1.0 if dashes == "-o" else 0.6,
            )
    middle.set_xscale("log")
    middle.set_xticks([50, 100, 200, 400], [50, 100, 200, 400])
    middle.minorticks_off()
    middle.set_ylim(0.0, 1.4 * high)
    middle.set_xlabel("radius of the rolls (mm)")
    middle.set_ylabel("line load (N/mm)")
    middle.legend(fontsize=7, loc="upper left")
    tears = next(e for e in published()["elongation"] if "tears" in e["what"])["range"]
    right.axhspan(*tears, color=style.BAND)
    right.text(0.35, np.mean(tears), "foil tears", ha="right", va="center", fontsize=7, color=style.QUIET)
    seen = published()["elongation"][0]["range"][0]
    right.axhline(seen, color=style.QUIET, ls=":", lw=0.9)
    right.text(0.35, seen + 0.08, "said of aluminium", ha="right", fontsize=7, color=style.QUIET)
    for colour, target in zip(style.COLOURS, CELLS, strict=False):
        line = rows[(rows.what == "friction") & (rows.as_pressed_at_MPa == target)]
        right.plot(
            np.maximum(line.friction, 1e-3),
            line["foil_along_%"],
            "-o",
            color=colour,
            label=f"rolled, as at {target} MPa",
        )
        foil = pressed(target)["foil_%"]["cathode"]
        right.axhline(foil, color=colour, ls="--", lw=0.9)
        right.text(1e-3, foil + 0.08, f"pressed at {target} MPa", fontsize=7, color=colour)
    right.set_xscale("log")
    right.set_xticks([1e-3, 1e-2, 1e-1], ["0", "0.01", "0.1"])
    right.minorticks_off()
    right.set_ylim(-1.6, 7.5)
    right.set_xlabel("friction on the rolls")
    right.set_ylabel("strain left in the foil, along (%)")
    right.legend(fontsize=7, loc="upper right", handlelength=1.0)
    return figure


def main() -> None:
    """Run the study."""
    rows, profiles = table(), arcs()
    rows.to_csv(HERE / "calender.csv", index=False, float_format="%.5g")
    thick = pd.concat([stripes(target, shares) for target, shares in EXCESS.items()])
    thick.to_csv(HERE / "stripes.csv", index=False, float_format="%.5g")
    rims().to_csv(HERE / "rims.csv", index=False, float_format="%.4g")
    curves = [
        compaction(radius, sides, card) for card in ("", NMC111) for radius, sides in ((0.1, 1), (0.2, 2))
    ]
    pd.concat(curves).to_csv(HERE / "compaction.csv", index=False, float_format="%.5g")
    with style.look():
        draw(rows, profiles).savefig(HERE / "calender.png")
    print(rows.to_string(), thick.to_string(), rims().to_string(), sep="\n")
    for curve in curves:
        print(curve.card[0], curve.radius_mm[0], curve.sides[0], resistance(curve))


if __name__ == "__main__":
    main()
