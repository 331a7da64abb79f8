"""Where batches run: an executor takes batches and gives futures, whatever machine is behind it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from isosim.errors import InputError, Problem
from isosim.sweep.cluster import ClusterTable
from isosim.sweep.spec import Sweep
from isosim.sweep.worker import Batch, Job, Result

Tell = Callable[[str], None]


class WorkerLost(Exception):
    """The process of a batch ended before the batch did; `log` is the last it said."""

    def __init__(self, reason: str, log: str = ""):
        self.log = log
        super().__init__(reason)


class Executor(Protocol):
    """Runs batches; a batch of its futures ends with a `Result`, `WorkerLost`, or an error that stops all."""

    @property
    def slots(self) -> int:
        """How many batches run at a time."""

    def clear(self, tell: Tell) -> None:
        """Make sure that nothing which an earlier driver started is still running for this store."""

    def submission(self) -> str:
        """What is asked of the machine for a batch, in its own words."""

    def submit(self, batch: Batch) -> Future[Result]:
        """Run a batch."""

    def close(self, wait: bool) -> None:
        """Let go of the processes; without waiting, what they have in hand is given up."""


NAMES = ("local", "slurm", "flux", "pbs", "lsf", "pilot")


def make(name: str, sweep: Sweep, job: Job) -> Executor:
    """The executor of a name.

    Raises
    ------
    InputError
        No such name, or one that the spec does not suit.
    MissingPartError
        When the engine behind it is not installed.
    """
    if name == "local":
        from isosim.sweep.local import Local

        return Local(job, sweep.processes)
    if name == "slurm":
        from isosim.sweep.slurm import Slurm

        return Slurm(job, sweep.table.cluster or ClusterTable())
    if name == "flux":
        from isosim.sweep.flux import Flux

        return Flux(job, sweep.table.cluster or ClusterTable())
    if name in ("pbs", "lsf", "pilot"):
        from isosim.sweep.pilots import Pilots

        return Pilots(name, job, sweep.table.cluster or ClusterTable())
    raise InputError(Problem("--executor", repr(name), f"one of {', '.join(NAMES)}"))
