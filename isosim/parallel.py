"""Ranks of a parallel run, as the launcher's environment tells them; MPI itself lives in `isosim.fem`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeVar

from isosim.errors import InputError, IsosimError, Problem

T = TypeVar("T")
# Open MPI, the process managers of MPICH, Intel MPI and Slurm, and srun --mpi=pmix
LAUNCHERS = (
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("PMI_SIZE", "PMI_RANK"),
    ("SLURM_STEP_NUM_TASKS", "PMIX_RANK"),
)


def ranks() -> int:
    """How many processes were launched together; 1 without a launcher."""
    return _launched()[0]


def is_root() -> bool:
    """Whether this process is the one that prints."""
    if "isosim.fem" in sys.modules:
        from isosim import fem

        return fem.is_root()
    return _launched()[1] == 0


def on_root(action: Callable[[], T]) -> T:
    """Let the process that prints alone do something; every rank gets the value, or raises its error."""
    if "isosim.fem" in sys.modules:
        from isosim import fem

        return fem.on_root(action)
    return action()


def leave(error: Exception) -> int:
    """Exit code for an error that ends this process; ends the other ranks too where they do not do so."""
    code = error.exit_code if isinstance(error, IsosimError) else 1
    if "isosim.fem" in sys.modules:
        from isosim import fem

        fem.leave(error, code)
    elif not is_root():
        return 0  # mpirun ends all ranks at the first error: it shall be that of the one that prints
    return code


def one_rank_only(what: str) -> None:
    """Refuse a parallel run.

    Raises
    ------
    InputError
        When several processes were launched.
    """
    if ranks() > 1:
        hint = "without mpirun; the fidelities section, axisymmetric and solid run on many"
        raise InputError(Problem(what, f"{ranks()} ranks", "one", hint))


def _launched() -> tuple[int, int]:
    for size, rank in LAUNCHERS:
        if size in os.environ and rank in os.environ:
            return int(os.environ[size]), int(os.environ[rank])
    return 1, 0
