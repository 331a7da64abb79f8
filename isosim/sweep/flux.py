"""Batches as jobs of a Flux instance, through executorlib."""

from __future__ import annotations

import shlex
from concurrent.futures import Future
from typing import Any

from isosim.errors import InputError, MissingPartError, Problem
from isosim.sweep import remote
from isosim.sweep.cluster import ClusterTable
from isosim.sweep.executors import Tell
from isosim.sweep.store import Store
from isosim.sweep.worker import Batch, Job, Result

MEANINGLESS = {"partition", "account", "memory", "setup", "ranks", "pmi"}


class Flux:
    """One Flux job for each batch."""

    def __init__(self, job: Job, cluster: ClusterTable):
        if given := cluster.model_fields_set & MEANINGLESS:
            needed = "nothing: a Flux instance has what it was started with"
            raise InputError(Problem(f"sweep.cluster, {', '.join(sorted(given))}", "a value", needed))
        self.slots = cluster.jobs
        self._job, self._cluster = job, cluster
        self._executor: Any = None

    def clear(self, tell: Tell) -> None:
        """Wait for batches in hand."""
        Store(self._job.folder).wait_for_workers(tell)

    def submission(self) -> str:
        """The command of a batch."""
        from executorlib.standalone.command import get_interactive_execute_command

        return shlex.join(["flux", "run", "-n", "1", *get_interactive_execute_command(cores=1)])

    def submit(self, batch: Batch) -> Future[Result]:
        """Run a batch as a job."""
        self._executor = self._executor or self._start()
        return remote.submit(self._executor, self._job, batch, self._cluster.cache)

    def close(self, wait: bool) -> None:
        """Let the jobs end, or give them up."""
        if self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=not wait)

    def _start(self) -> Any:
        try:
            import executorlib
        except ImportError:
            raise MissingPartError("flux needs executorlib: pip install 'isosim[cluster]'") from None
        resources = {"cores": 1, "threads_per_core": 1, "cwd": str(self._job.folder)}
        return executorlib.FluxJobExecutor(max_workers=self.slots, resource_dict=resources)
