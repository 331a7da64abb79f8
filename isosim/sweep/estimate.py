"""What a sweep would cost, from a timed sample: nothing is written."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np

from isosim.sweep import worker
from isosim.sweep.driver import batches, job_of
from isosim.sweep.spec import Sweep
from isosim.sweep.store import DONE, Store

COLUMNS, ALONE = 512, 1  # cases of the sample


@dataclass(frozen=True)
class Estimate:
    """Cases to run, those of the sample, what one takes of a processor [s] and of the disk [bytes]."""

    cases: int
    sample: int
    seconds: float
    size: float

    def text(self, processes: int) -> str:
        """In words."""
        wall = self.cases * self.seconds / processes
        return (
            f"{self.cases} to run: {self.sample} of them took {1e3 * self.seconds:.3g} ms each, "
            f"which makes about {_duration(wall)} on {processes} processes "
            f"and {self.cases * self.size / 1e6:.3g} MB"
        )


def estimate(sweep: Sweep, todo: np.ndarray) -> Estimate:
    """Press some of the cases `todo` (identities) in a temporary folder, after one to warm up.

    Raises
    ------
    MissingPartError
        When the fidelity needs what is not installed.
    """
    first = np.flatnonzero(np.isin(sweep.ids, todo))
    alone = sweep.base.model.fidelity == "section" or sweep.table.fields
    count = min(len(todo), ALONE if alone else COLUMNS)
    chosen = first[np.linspace(0, len(first) - 1, count).astype(int)]
    with tempfile.TemporaryDirectory() as folder:
        target = Store(Path(folder))
        target.create()
        job = replace(job_of(sweep, target), folder=target.folder)
        sample = list(batches(sweep, chosen))
        if not alone:
            worker.run(job, sample[0].part(slice(1)))
        clock = process_time()
        for batch in sample:
            worker.run(job, batch)
        seconds = process_time() - clock
        size = sum(path.stat().st_size for path in (target.folder / DONE).iterdir())
    return Estimate(len(todo), count, seconds / count, size / count)


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2.0 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.2g} s"
