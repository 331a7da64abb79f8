"""Verbs on measurements of one's own: fit a card to them, check them, hold a result beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isosim.cli.app import JsonOption, app, in_a_folder


@app.command()
def calibrate(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A CSV or XLSX; columns carry their units. Or sangros2019.")
    ],
    material: Annotated[str, typer.Option(help="The card that gives all but the compaction law.")],
    law: Annotated[
        str, typer.Option(help="heckel, meyer, kawakita, power, camclay, log; all compares them.")
    ] = "all",
    lateral: Annotated[
        str, typer.Option(help="In plane the coating is confined, free, or free in one direction.")
    ] = "confined",
    areal_mass: Annotated[str | None, typer.Option(help="Of the coating, one side, in mg/cm2.")] = None,
    solid_density: Annotated[str | None, typer.Option(help="Of the coating without pores, in g/cm3.")] = None,
    thickness0: Annotated[str | None, typer.Option(help="Of the unpressed coating, in um.")] = None,
    porosity0: Annotated[str | None, typer.Option(help="Of the unpressed coating, as a fraction.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; out/DATA when left out.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Fit a card to pressure-thickness or pressure-porosity data, and predict the rows marked so."""
    from isosim import calibrating
    from isosim.report import console

    options = calibrating.known(
        areal_mass=areal_mass, solid_density=solid_density, thickness0=thickness0, porosity0=porosity0
    )
    folder = out or Path("out") / Path(data).stem
    chosen = None if law == "all" else law
    found, card = calibrating.calibrate_into(data, options, material, chosen, lateral, folder, json_file)
    screen = console.console()
    for part in console.calibration(found):
        screen.print(part, highlight=False)
    screen.print(f"card: {card}", highlight=False)


@app.command()
def check(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A CSV or XLSX; columns carry their units. Or sangros2019.")
    ],
    json_file: JsonOption = None,
) -> None:
    """Hold measured series against mass balance; exit code 1 when a row cannot be true as a whole."""
    from isosim.data import check as balance
    from isosim.data.measured import path_of

    in_a_folder("--json", json_file)
    verdicts = balance.check(path_of(data))
    for verdict in verdicts:
        print(balance.explained(verdict))
    print(balance.summary_words(verdicts))
    if json_file is not None:
        balance.write_json(verdicts, json_file)
    if any(verdict.status == "incompatible" for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
def compare(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A CSV or XLSX; columns carry their units.")],
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="A result.nc, or the folder of a run.")],
    json_file: JsonOption = None,
) -> None:
    """Put readings of one's own beside a result; exit code 1 when a judged row does not hold."""
    from isosim.data import compare as beside
    from isosim.report import console

    in_a_folder("--json", json_file)
    intervals = beside.load_intervals(beside.result_files(result))
    rows = beside.compare(data, beside.load_results(result), intervals)
    console.console().print(console.comparison(rows))
    print(beside.summary(rows))
    if json_file is not None:
        beside.write_json(rows, json_file)
    if not beside.holds(rows):
        raise typer.Exit(1)


@app.command()
def template(
    what: Annotated[str, typer.Argument(metavar="dixit2024", help="Whose figures.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
) -> None:
    """Write empty tables for the figures of a publication, to be filled in and given to compare."""
    from isosim.data import templates

    for path in templates.write(what, out):
        print(path)
