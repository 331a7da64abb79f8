"""Verbs that press a case, or show and hand over what is pressed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isosim import parallel
from isosim.cli.app import CaseArgument, Fidelity, FidelityOption, JsonOption, app, cases_of, in_a_folder
from isosim.errors import InputError, Problem


@app.command()
def press(
    case: CaseArgument,
    fidelity: FidelityOption = None,
    scenario: Annotated[
        str | None, typer.Option(help="Instead of the case's reading of the baseline.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; out/CASE when left out.")] = None,
    identify: Annotated[bool, typer.Option(help="Host, user and paths into the manifest.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Go on with the run in the folder, if there is one.")
    ] = False,
) -> None:
    """Press a case, or the seven cells of Dixit 2024, and write tables, fields and a report."""
    from isosim import session
    from isosim.progress import ConsoleProgress
    from isosim.report import console

    cases = cases_of(case, fidelity, scenario)
    folder = out or Path("out") / Path(case).stem
    datasets, rows = session.press_into(cases, folder, ConsoleProgress, identify, restart)
    screen = console.console()
    screen.print(console.headline(datasets))
    if rows is not None:
        screen.print(console.verdict(rows))
    screen.print(f"report: {folder / 'report.html'}", highlight=False)


@app.command()
def validate(
    what: Annotated[str, typer.Argument(metavar="dixit2024", help="What to hold the model against.")],
    fidelity: FidelityOption = None,
    json_file: JsonOption = None,
) -> None:
    """Hold the model against published statements; exit code 1 when a judged row does not hold."""
    from isosim import session
    from isosim.data import validate as data
    from isosim.data.published import declared
    from isosim.pressing import press as press_case
    from isosim.progress import ConsoleProgress
    from isosim.report import console

    in_a_folder("--json", json_file)
    parallel.one_rank_only("validate")
    if what != "dixit2024":
        raise InputError(Problem("validate", repr(what), "'dixit2024'", "the only published series so far"))
    datasets = []
    for cell in cases_of(what, fidelity):
        with ConsoleProgress(cell.name) as progress:
            datasets.append(press_case(cell, progress=progress))
    rows = data.validate({declared()["scenario"]: datasets, **session.other_readings(ConsoleProgress)})
    screen = console.console()
    screen.print(console.validation(rows))
    screen.print(console.verdict(rows))
    if json_file is not None:
        data.write_json(rows, json_file)
    if not data.all_hold(rows):
        raise typer.Exit(1)


@app.command()
def describe(case: CaseArgument) -> None:
    """Show what a case states, what follows from it, and what it assumes."""
    from isosim.report import console

    for read in cases_of(case):
        console.console().print(console.listing(read.describe(), read.title))
        for text in read.assumptions:
            print(f"  assumed: {text}")


@app.command()
def mesh(
    case: CaseArgument,
    out: Annotated[Path, typer.Argument(help="A .msh, .vtu or .xdmf file.")],
    fidelity: FidelityOption = None,
) -> None:
    """Write the mesh of a case, with cell data for layer and material."""
    from isosim import case as cases
    from isosim.pressing import mesh as mesh_of
    from isosim.stack.meshfile import write_mesh

    in_a_folder("mesh", out)
    read = cases.load(case, {"model.fidelity": fidelity.value} if fidelity else {})
    stack, made = read.stack(), mesh_of(read)
    write_mesh(made, stack, out)
    print(f"{out}: {len(made.cells)} cells, {len(stack.layers)} layers")


@app.command()
def uncertainty(
    case: CaseArgument,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/CASE-uncertainty when left out.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="A power of two, 256 when left out; or how many sections, 8.")
    ] = None,
    fidelity: Annotated[Fidelity, typer.Option(help="column, or a few runs of section.")] = Fidelity.column,
) -> None:
    """Intervals of the headline numbers from the ranges of the cards and the choice of compaction law."""
    from isosim.report import console
    from isosim.uncertainty import output, session

    if fidelity not in (Fidelity.column, Fidelity.section):
        raise InputError(Problem("--fidelity", fidelity.value, "column or section"))
    folder = out or Path("out") / f"{Path(case).stem}-uncertainty"
    found = session.run(cases_of(case), folder, samples, fidelity is Fidelity.section, print)
    screen = console.console()
    screen.print(console.listing(output.shown(found), "90 % intervals"))
    print(f"tables and figures: {folder}")


@app.command("to-pybamm")
def to_pybamm(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT", help="The folder of a run, or a result.nc in it.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("out/pybamm"),
    base: Annotated[
        Path | None, typer.Option(help="A BPX file of the same chemistry, to make complete BPX files from.")
    ] = None,
    energy: Annotated[
        str | None,
        typer.Option(help="Of one pair of facing coatings, such as '8 mWh/cm^2', for Wh/L in layers.csv."),
    ] = None,
) -> None:
    """Write a pressed cell as PyBaMM parameters and BPX, before and after pressing."""
    from isosim import handover

    for file in handover.write(result, out, base, energy):
        print(file)
