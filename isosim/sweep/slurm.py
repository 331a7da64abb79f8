"""Batches as jobs or job steps of Slurm: `srun` with a worker of executorlib, which talks to the driver."""

from __future__ import annotations

import math
import os
import pickle
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any

from isosim.errors import InputError, IsosimError, MissingPartError, Problem
from isosim.sweep import remote
from isosim.sweep.cluster import ClusterTable, job_name
from isosim.sweep.executors import Tell, WorkerLost
from isosim.sweep.store import Store
from isosim.sweep.worker import Batch, Job, Result

ASK_AGAIN = 0.5  # s
LOG_TAIL = 4000
WORKERS = {False: "interactive_serial.py", True: "interactive_parallel.py"}  # whether on several ranks
FROM_SLURM = re.compile(r"^(?:srun|slurmstepd[^:]*): error: (.+)", re.MULTILINE)
MISSING = "slurm needs executorlib: pip install 'isosim[cluster]'"


class Slurm:
    """One `srun` for each batch: steps inside an allocation, jobs of their own outside.

    executorlib's own SlurmJobExecutor is not used: it keeps a core busy while it waits for a free place,
    and never ends once a job was lost (1.11).
    """

    def __init__(self, job: Job, cluster: ClusterTable):
        if cluster.setup:
            needed = "nothing: jobs of slurm inherit the environment of the driver"
            raise InputError(Problem("sweep.cluster.setup", "shell lines", needed))
        self._section = job.base.model.fidelity == "section"
        if not self._section and (given := cluster.model_fields_set & {"ranks", "pmi"}):
            needed = "nothing: a column does without MPI"
            raise InputError(Problem(f"sweep.cluster, {', '.join(sorted(given))}", "a value", needed))
        self.slots = cluster.jobs
        self._job, self._cluster = job, cluster
        self._name = job_name(job.folder)
        self._threads = ThreadPoolExecutor(cluster.jobs)
        self._open: set[Future[Result]] = set()
        self._closing = False

    def clear(self, tell: Tell) -> None:
        """Wait for batches in hand, then cancel what a killed driver left in the queue or idle."""
        for program in ("srun", "squeue", "scancel"):
            if shutil.which(program) is None:
                raise MissingPartError(f"slurm needs the command {program}: run the driver where Slurm is")
        Store(self._job.folder).wait_for_workers(tell)
        cancel(self._name, tell)

    def submission(self) -> str:
        """The command of a batch."""
        return shlex.join([*self._srun(), *self._worker()])

    def submit(self, batch: Batch) -> Future[Result]:
        """Run a batch as a job."""
        future = self._threads.submit(self._run, batch)
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    def close(self, wait: bool) -> None:
        """Let the jobs end, or cancel them."""
        self._closing = not wait
        self._threads.shutdown(wait=wait, cancel_futures=not wait)
        while self._open:  # one may be on its way into the queue
            cancel(self._name, lambda text: None)
            time.sleep(ASK_AGAIN)

    def _run(self, batch: Batch) -> Result:
        """The result of a batch. WorkerLost, or what stops the sweep."""
        try:
            from executorlib.api import ExecutorlibSocketError, interface_bootup
        except ImportError:
            raise MissingPartError(MISSING) from None
        with tempfile.TemporaryFile() as log:
            spawner = _spawner(self._srun(), log, lambda: self._closing)
            interface = interface_bootup(self._worker(), spawner, worker_id=0)
            interface._socket.linger = 0  # or a task that a lost job did not take is waited for, for ever
            packed = pickle.dumps((self._job, batch))
            task = {"fn": remote.run, "args": (packed, self._cluster.cache), "kwargs": {}}
            answer = _answered(interface, spawner, task)
            interface.shutdown()
            if isinstance(error := answer.get("error"), ExecutorlibSocketError):
                log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_TAIL))
                raise WorkerLost(*_last_words(log.read().decode(errors="replace")))
        if error is not None:
            raise error
        found: Result = answer["result"][0] if self._cluster.ranks > 1 else answer["result"]
        return found

    def _srun(self) -> list[str]:
        cluster = self._cluster
        command = ["srun", f"--ntasks={cluster.ranks}", "--cpus-per-task=1", f"--job-name={self._name}"]
        # one rank too: Open MPI sees that it was not started by mpirun, and asks
        command += [f"--mpi={cluster.pmi}", "--kill-on-bad-exit=1"] if self._section else []
        for option, value in (("partition", cluster.partition), ("account", cluster.account)):
            command += [f"--{option}={value}"] if value else []
        command += [f"--mem={cluster.memory}G"] if cluster.memory else []
        return command + ([f"--time={math.ceil(cluster.walltime / 60.0)}"] if cluster.walltime else [])

    def _worker(self) -> list[str]:
        try:
            from executorlib.api import get_command_path
        except ImportError:
            raise MissingPartError(MISSING) from None
        return [sys.executable, get_command_path(WORKERS[self._cluster.ranks > 1])]


def _answered(interface: Any, spawner: Any, task: dict[str, Any]) -> dict[str, Any]:
    """What the worker says to a task; executorlib itself waits for ever for one that never connected."""
    import zmq

    interface._socket.setsockopt(zmq.SNDTIMEO, int(1e3 * ASK_AGAIN))
    while spawner.poll():
        with suppress(zmq.Again):
            interface.send_dict(task)
            break
    found: dict[str, Any] = interface.receive_dict()
    return found


def _spawner(srun: list[str], log: IO[bytes], closing: Callable[[], bool]) -> Any:
    from executorlib.api import SubprocessSpawner

    class Srun(SubprocessSpawner):
        """A job with its last words in a file, and out of reach of the terminal's Ctrl-C."""

        def bootup(self, command_lst: list[str], stop_function: Any = None) -> bool:
            if closing():
                return False
            # os.environ has not what Open MPI, started in the driver, has put into the environment of the
            # C library: the worker would take the driver for its launcher
            self._process = subprocess.Popen(
                [*srun, *command_lst],
                env=dict(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            return bool(self.poll())

    return Srun()


def _last_words(log: str) -> tuple[str, str]:
    """Why a job was lost, by what Slurm says of it, and all that was said."""
    return "; ".join(["the job ended before its batch did", *FROM_SLURM.findall(log)]), log


def cancel(name: str, tell: Tell) -> None:
    """Cancel jobs and steps of a name, and wait until they are gone."""
    asked: set[str] = set()
    while left := set(queued(name)):
        if new := sorted(left - asked):
            tell(f"cancelling {len(new)} jobs of an earlier run")
            subprocess.run(["scancel", *new], check=False, capture_output=True)
            asked |= left
        time.sleep(ASK_AGAIN)


def queued(name: str) -> list[str]:
    """Numbers of jobs and steps of a name."""
    found = []
    for arguments in (["--format=%i %j"], ["--steps", "--format=%i %j"]):
        done = subprocess.run(
            ["squeue", "--me", "--noheader", *arguments], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise IsosimError(f"Slurm does not say what is running: {' '.join(done.stderr.split())}")
        rows = [line.split() for line in done.stdout.splitlines()]
        found += [row[0] for row in rows if row[-1] == name]
    return found
