"""Verbs on what comes with isosim: cards, the schema, the installation."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from isosim.cli.app import app


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
