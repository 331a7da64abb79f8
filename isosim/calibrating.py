"""Calibrate into a folder: data and options in, a card, a figure and numbers out."""

from __future__ import annotations

from pathlib import Path

from isosim import units
from isosim.atomic import replacing
from isosim.data import measured
from isosim.data.calibration import Calibration, Known, calibrate, load
from isosim.data.calibration.output import card_name, write_card, write_json
from isosim.errors import InputError, Problem

OPTIONS = {"areal_mass": "mg/cm^2", "solid_density": "g/cm^3", "thickness0": "um", "porosity0": ""}
_SI = {"areal_mass": "kg/m^2", "solid_density": "kg/m^3", "thickness0": "m", "porosity0": ""}


def known(**options: str | None) -> Known:
    """What options say of the unpressed coating: numbers in the units of `OPTIONS`, or with their own."""
    values: dict[str, float] = {}
    for name, text in options.items():
        if text is None:
            continue
        try:
            float(text)
        except ValueError:
            written = text
        else:
            written = f"{text} {OPTIONS[name]}".strip()
        values[name] = units.parse(written, _SI[name], f"--{name.replace('_', '-')}")
    return Known(**values)


def calibrate_into(
    data: str, options: Known, material: str, law: str | None, lateral: str, out: Path, json_file: Path | None
) -> tuple[Calibration, Path]:
    """Calibrate and write `out`/MATERIAL_LAW.toml, calibration.png and calibration.json.

    Returns what was found and the card's path. Nothing is written when anything is wrong.

    Raises
    ------
    InputError
        What `calibration.load` and `calibrate` refuse; folders that cannot be written.
    """
    from isosim.report.figures import calibration as figure
    from isosim.report.figures import style

    if json_file is not None and not json_file.parent.is_dir():
        raise InputError(Problem("--json", str(json_file), "a file in a folder that exists"))
    found = calibrate(load(measured.path_of(data), options), material, law, lateral)
    frame = figure.data(found)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            Problem("--out", f"{out}, {error.strerror}", "a folder that can be written")
        ) from None
    card = out / card_name(found)
    write_card(found, card)
    write_json(found, out / "calibration.json")
    if json_file is not None:
        write_json(found, json_file)
    with style.look():
        drawn = figure.draw(frame)
        with replacing(out / "calibration.png") as partial:
            drawn.savefig(partial)
    return found, card
