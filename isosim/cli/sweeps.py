"""Verbs on many cases: sweeps, their reports, design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from isosim.cli.app import app

sweeps = typer.Typer(no_args_is_help=True, help="Many cases from one spec.")
app.add_typer(sweeps, name="sweep")

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a sweep.")]


@sweeps.command("run")
def sweep_run(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="A TOML file with the table sweep.")],
    store: Annotated[Path, typer.Option(help="Folder for the results; what is there is not run again.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the cases and time a sample.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run failed cases again.")] = False,
    executor: Annotated[str, typer.Option(help="local, slurm, flux, pbs, lsf or pilot.")] = "local",
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
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="A TOML file with the table design.")],
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
