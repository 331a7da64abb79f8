"""What the verbs share: the application, arguments that several take, and how cases are read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from isosim.errors import InputError, Problem

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
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the numbers to this file.")]


def cases_of(case: str, fidelity: Fidelity | None = None, scenario: str | None = None) -> list[Any]:
    """The cases that a `CaseArgument` names."""
    from isosim import case as cases

    overrides = {} if fidelity is None else {"model.fidelity": fidelity.value}
    return cases.load_set(case, scenario, overrides)


def in_a_folder(where: str, file: Path | None) -> None:
    """InputError when a file to be written, if there is one, has no folder: before the work, not after."""
    if file is not None and not file.parent.is_dir():
        raise InputError(Problem(where, str(file), "a file in a folder that exists"))
