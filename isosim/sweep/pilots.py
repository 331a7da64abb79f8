"""Batches in pilot jobs of PBS or LSF, or in a pilot on this machine, through Parsl."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from isosim.errors import InputError, MissingPartError, Problem
from isosim.sweep import remote
from isosim.sweep.cluster import ClusterTable, clock
from isosim.sweep.executors import Tell
from isosim.sweep.store import INTERCHANGE, PILOTS, Store
from isosim.sweep.worker import Batch, Job, Result

SCRIPTS = Path(sys.executable).parent  # Parsl's, found by name
HEARTBEAT = 5  # s; pilots that miss six of them end, so that none outlives its driver for long
INSTALL = "{} needs parsl: pip install 'isosim[cluster]'"


class Pilots:
    """Jobs that each hold a worker and take one batch after the other."""

    def __init__(self, engine: str, job: Job, cluster: ClusterTable):
        if cluster.memory is not None:
            raise InputError(
                Problem("sweep.cluster.memory", "a value", "nothing: the queue of a pilot says it")
            )
        if given := cluster.model_fields_set & {"ranks", "pmi"}:
            where = f"sweep.cluster, {', '.join(sorted(given))}"
            raise InputError(Problem(where, "a value", "nothing: only slurm runs a section on many ranks"))
        own = {"walltime", "partition", "account"} & cluster.model_fields_set
        if engine == "pilot" and own:
            where = f"sweep.cluster, {', '.join(sorted(own))}"
            raise InputError(Problem(where, "a value", "nothing: a pilot on this machine has no queue"))
        self.slots = cluster.jobs
        self._engine, self._job, self._cluster = engine, job, cluster
        self._executor: Any = None

    def clear(self, tell: Tell) -> None:
        """End the interchange of a killed driver, which would hand out more; wait for batches in hand."""
        path = self._job.folder / INTERCHANGE
        if path.exists():
            pid = int(path.read_text())
            if _is_interchange(pid):
                tell("ending the interchange of an earlier run")
                os.kill(pid, signal.SIGKILL)
            path.unlink()
        Store(self._job.folder).wait_for_workers(tell)

    def submission(self) -> str:
        """The provider and its options, from which Parsl writes the script of a pilot."""
        provider = self._provider()
        words = {name: value for name, value in sorted(self._options().items()) if value not in (None, "")}
        options = ", ".join(f"{name}={value!r}" for name, value in words.items())
        return f"{type(provider).__name__}({options})"

    def submit(self, batch: Batch) -> Future[Result]:
        """Run a batch in a pilot."""
        self._executor = self._executor or self._start()
        return remote.submit(self._executor, self._job, batch, self._cluster.cache)

    def close(self, wait: bool) -> None:
        """End interchange and pilots."""
        if self._executor is not None:
            self._executor.__exit__(None, None, None)
            (self._job.folder / INTERCHANGE).unlink(missing_ok=True)
        shutil.rmtree(self._job.folder / PILOTS, ignore_errors=True)

    def _start(self) -> Any:
        provider = self._provider()
        import parsl
        from parsl.concurrent import ParslPoolExecutor

        local = self._engine == "pilot"
        os.environ["PATH"] = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"  # of the interchange
        engine = parsl.HighThroughputExecutor(
            label="isosim",
            address="127.0.0.1"
            if local
            else socket.gethostname(),  # Parsl's default asks a server on the net
            provider=provider,
            max_workers_per_node=self.slots if local else 1,
            heartbeat_period=HEARTBEAT,
            heartbeat_threshold=6 * HEARTBEAT,
        )
        folder = str(self._job.folder / PILOTS)
        pool = ParslPoolExecutor(
            parsl.Config(executors=[engine], run_dir=folder, initialize_logging=False, usage_tracking=0)
        )
        assert engine.interchange_proc is not None  # it has been started
        (self._job.folder / INTERCHANGE).write_text(str(engine.interchange_proc.pid))
        return pool

    def _options(self) -> dict[str, Any]:
        cluster = self._cluster
        common: dict[str, Any] = {
            "init_blocks": 1 if self._engine == "pilot" else self.slots,
            "max_blocks": 1 if self._engine == "pilot" else self.slots,
            "worker_init": "\n".join([*cluster.setup, f"export PATH={SCRIPTS}:$PATH"]),
        }
        if self._engine == "pilot":
            return common
        common["walltime"] = clock(cluster.walltime) if cluster.walltime else None
        named = {
            "queue": cluster.partition,
            ("account" if self._engine == "pbs" else "project"): cluster.account,
        }
        return {name: value for name, value in {**common, **named}.items() if value is not None}

    def _provider(self) -> Any:
        try:
            from parsl import providers
        except ImportError:
            raise MissingPartError(INSTALL.format(self._engine)) from None
        kinds = {
            "pbs": providers.PBSProProvider,
            "lsf": providers.LSFProvider,
            "pilot": providers.LocalProvider,
        }
        return kinds[self._engine](**self._options())


def _is_interchange(pid: int) -> bool:
    try:
        return b"interchange" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
