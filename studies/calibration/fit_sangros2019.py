"""Fit the card nmc622_log to a compaction curve, table 1 of Sangros Gimenez et al. 2019.

The curve (Powder Technol. 349, 1) is the series sangros2019 of the package: the porosity of an NMC111 coating
90:4:2:4 over the axial pressure that compacted it, read second-hand, good to 0.010-0.015. Intercept and slope
of the log law are fitted by `isosim.data.calibration` in the confined column to all four pressed points, from
the porosity of the unpressed coating as it is stated; friction, stiffness and viscosity come from the card.
(`isosim calibrate sangros2019` keeps the last point out and predicts it.)

    python -m studies.calibration.fit_sangros2019            shows the fit
    python -m studies.calibration.fit_sangros2019 --write    writes it into the card
"""

from __future__ import annotations

import argparse
import dataclasses
import re
from pathlib import Path

import isosim
from isosim.data import measured
from isosim.data.calibration import Calibration, Series, calibrate, load

CARD = "nmc622_log"
PATH = Path(isosim.__file__).parent / "materials" / "cards" / f"{CARD}.toml"
FITTED = ("intercept", "slope")


def series() -> Series:
    """All pressed points, to be fitted from the stated unpressed porosity."""
    whole = load(measured.path_of("sangros2019"))
    unpressed = float(whole.reading[~whole.pressed][0])
    return dataclasses.replace(whole, fitted=whole.pressed, porosity0=unpressed)


def fit() -> Calibration:
    """The log law in the confined column."""
    return calibrate(series(), CARD, "log")


def write(found: Calibration) -> None:
    """Put the fitted numbers, five digits, into the card; its other text stays."""
    text = PATH.read_text()
    for name in FITTED:
        value = found.chosen.values()[name]
        text, count = re.subn(rf"(\[cap.{name}\]\nvalue = )[^\n]*", rf"\g<1>{value:.5g}", text)
        if count != 1:
            raise RuntimeError(f"{PATH}: [cap.{name}] found {count} times")
    PATH.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the fit into the card")
    arguments = parser.parse_args()
    found = fit()
    values = found.chosen.values()
    print(f"{CARD}: " + ", ".join(f"{name} {values[name]:.5g}" for name in FITTED))
    for row in found.rows[1:]:
        print(
            f"  {row.pressure / 1e6:7.2f} MPa: porosity {row.predicted:.4f}, published {row.measured:.3f}, "
            f"error {row.predicted - row.measured:+.4f}"
        )
    if arguments.write:
        write(found)


if __name__ == "__main__":
    main()
