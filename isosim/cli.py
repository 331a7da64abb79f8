"""The command line: one function per verb, no logic.

Exit codes: 0 done; 1 ran, but a row, case or check does not hold; 2 bad input, nothing written;
3 the solver gave up, last good state on disk; 4 a needed part is not installed;
130 interrupted, finished cells on disk.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from isosim import parallel
from isosim.errors import InputError, IsosimError, Problem

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Isostatic pressing of layered battery pouch stacks.",
)


class Fidelity(StrEnum):
    """How a case is computed."""

    column = "column"
    section = "section"
    axisymmetric = "axisymmetric"
    solid = "solid"


CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="A case file, a cell such as 120RT-4, or dixit2024.")
]
FidelityOption = Annotated[Fidelity | None, typer.Option(help="Instead of what the case says.")]


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

    cases = _cases(case, fidelity, scenario)
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
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows to this file.")] = None,
) -> None:
    """Hold the model against published statements; exit code 1 when a judged row does not hold."""
    from isosim import session
    from isosim.data import validate as data
    from isosim.data.published import declared
    from isosim.pressing import press as press_case
    from isosim.progress import ConsoleProgress
    from isosim.report import console

    if json_file is not None and not json_file.parent.is_dir():
        raise InputError(Problem("--json", str(json_file), "a file in a folder that exists"))
    parallel.one_rank_only("validate")
    if what != "dixit2024":
        raise InputError(Problem("validate", repr(what), "'dixit2024'", "the only published series so far"))
    datasets = []
    for cell in _cases(what, fidelity, None):
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
def mesh(
    case: CaseArgument,
    out: Annotated[Path, typer.Argument(help="A .msh, .vtu or .xdmf file.")],
    fidelity: FidelityOption = None,
) -> None:
    """Write the mesh of a case, with cell data for layer and material."""
    from isosim import case as cases
    from isosim.pressing import mesh as mesh_of
    from isosim.stack.meshfile import write_mesh

    if not out.parent.is_dir():
        raise InputError(Problem("mesh", str(out), "a file in a folder that exists"))
    read = cases.load(case, {"model.fidelity": fidelity.value} if fidelity else {})
    stack, made = read.stack(), mesh_of(read)
    write_mesh(made, stack, out)
    print(f"{out}: {len(made.cells)} cells, {len(stack.layers)} layers")


@app.command()
def materials(
    name: Annotated[str | None, typer.Argument(help="A card; all of them when left out.")] = None,
) -> None:
    """List the material cards, or show one with unit, source and confidence of every value."""
    from isosim import materials as cards
    from isosim.report import console

    rows = cards.table() if name is None else cards.show(name)
    console.console().print(console.listing(rows, name or "material cards"))


@app.command()
def describe(case: CaseArgument) -> None:
    """Show what a case states, what follows from it, and what it assumes."""
    from isosim.report import console

    for read in _cases(case, None, None):
        console.console().print(console.listing(read.describe(), read.title))
        for text in read.assumptions:
            print(f"  assumed: {text}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a case file."""
    from isosim import case as cases

    print(json.dumps(cases.schema(), indent=2))


@app.command()
def doctor() -> None:
    """Print what is installed, what is missing and the command that mends it."""
    from isosim import doctor as examination

    rows = examination.report()
    print(examination.text(rows))
    if not examination.healthy(rows):
        raise typer.Exit(4)


@app.command()
def warmup() -> None:
    """Fill the compiler caches, so that a node without compiler, network or root can run afterwards."""
    from isosim import warmup as cache

    cache.run(print)


@app.command("to-pybamm")
def to_pybamm(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT", help="The folder of a run, or a result.nc in it.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("out/pybamm"),
    base: Annotated[
        Path | None, typer.Option(help="A BPX file of the same chemistry, to make complete BPX files from.")
    ] = None,
) -> None:
    """Write a pressed cell as PyBaMM parameters and BPX, before and after pressing."""
    from isosim import handover

    for file in handover.write(result, out, base):
        print(file)


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
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the numbers to this file.")] = None,
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
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the verdicts to this file.")] = None,
) -> None:
    """Hold measured thickness, porosity, loading and density against mass balance; exit code 1 when a row
    cannot be true as a whole."""
    from isosim.data import check as balance
    from isosim.data.measured import path_of

    if json_file is not None and not json_file.parent.is_dir():
        raise InputError(Problem("--json", str(json_file), "a file in a folder that exists"))
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
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows to this file.")] = None,
) -> None:
    """Put readings of one's own beside a result; exit code 1 when a judged row does not hold."""
    from isosim.data import compare as beside
    from isosim.report import console

    if json_file is not None and not json_file.parent.is_dir():
        raise InputError(Problem("--json", str(json_file), "a file in a folder that exists"))
    rows = beside.compare(data, beside.load_results(result))
    console.console().print(console.comparison(rows))
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


sweeps = typer.Typer(no_args_is_help=True, help="Many cases from one spec.")
app.add_typer(sweeps, name="sweep")

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a sweep.")]


@sweeps.command("run")
def sweep_run(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="A TOML file with a table [sweep].")],
    store: Annotated[Path, typer.Option(help="Folder for the results; what is there is not run again.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the cases and time a sample.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run failed cases again.")] = False,
    executor: Annotated[str, typer.Option(help="local, slurm, flux, pbs or lsf.")] = "local",
    show: Annotated[bool, typer.Option("--print", help="Print what would be submitted.")] = False,
) -> None:
    """Run the cases of a sweep that are not in its store; exit code 1 when any failed."""
    from isosim.sweep import session
    from isosim.sweep.watch import ConsoleWatch

    if dry_run:
        print(session.dry_run(spec, store))
    elif show:
        print(session.submission(spec, store, executor))
    else:
        with ConsoleWatch(spec.stem) as watch:
            count = session.run(spec, store, executor, watch, retry_failed)
        print(f"{count.done} of {count.total} cases done, {count.failed} failed: {store}")
        if count.failed:
            raise typer.Exit(1)


@sweeps.command("show")
def sweep_show(
    store: StoreArgument,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    sql: Annotated[str | None, typer.Option(help="A query on the tables cases and failed.")] = None,
) -> None:
    """Show how far a sweep is and what came out; exit code 1 when any case failed."""
    from isosim.report import console
    from isosim.sweep import session, show

    view = session.open_sweep(store)
    if sql is not None:
        print(session.answer(view, sql, as_json))
        return
    found = show.numbers(view)
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        print(show.text(found))
        if found["readings"]:
            console.console().print(console.listing(show.rows(found), "quantiles, SI units"))
    if found["failed"]:
        raise typer.Exit(1)


@app.command()
def report(
    store: StoreArgument,
    goal: Annotated[
        list[str] | None,
        typer.Option(help="'max NAME' or 'min NAME', of a reading or a key; the first two make the front."),
    ] = None,
) -> None:
    """Write the report of a sweep into its store: curves, sensitivity, compromises, worst cases."""
    from isosim.report.sweep import page
    from isosim.sweep.view import open_sweep

    print(f"report: {page.write(open_sweep(store), goal or [])}")


@app.command()
def design(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="A TOML file with a table [design].")],
) -> None:
    """Find values that meet targets under limits; exit code 1 when they are not met."""
    from isosim.sweep import confidence, design_text
    from isosim.sweep import design as search
    from isosim.sweep.watch import ConsoleWatch

    with ConsoleWatch(spec.stem) as watch:
        answer = search.solve(search.load_design(spec), watch.status)
    print(design_text.text(answer, confidence.moved(answer)))
    if not answer.holds:
        raise typer.Exit(1)


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
    found = session.run(_cases(case, None, None), folder, samples, fidelity is Fidelity.section, print)
    screen = console.console()
    screen.print(console.listing(output.shown(found), "90 % intervals"))
    print(f"tables and figures: {folder}")


def main() -> None:
    """Run the command line; errors on purpose become one message and an exit code."""
    try:
        app()
    except IsosimError as error:
        if parallel.is_root():
            print(f"isosim: {error}", file=sys.stderr, flush=True)
        raise SystemExit(parallel.leave(error)) from None
    except Exception as error:
        parallel.leave(error)
        raise


def _cases(case: str, fidelity: Fidelity | None, scenario: str | None) -> list[Any]:
    from isosim import case as cases

    overrides = {} if fidelity is None else {"model.fidelity": fidelity.value}
    return cases.load_set(case, scenario, overrides)


if __name__ == "__main__":
    main()
