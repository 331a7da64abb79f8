"""Batches as jobs or job steps of Slurm or Flux, through executorlib."""

from __future__ import annotations

import math
import pickle
import shlex
import shutil
import subprocess
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from typing import Any

from isosim.errors import InputError, MissingPartError, Problem
from isosim.sweep import remote
from isosim.sweep.cluster import ClusterTable, job_name
from isosim.sweep.executors import Tell
from isosim.sweep.store import Store
from isosim.sweep.worker import Batch, Job, Result

ASK_AGAIN = 0.5  # s


class Jobs:
    """One `srun`, or one Flux job, for each batch: steps inside an allocation, jobs of their own outside."""

    def __init__(self, engine: str, job: Job, cluster: ClusterTable):
        if cluster.setup:
            needed = f"nothing: jobs of {engine} inherit the environment of the driver"
            raise InputError(Problem("sweep.cluster.setup", "shell lines", needed))
        if engine == "flux" and (given := cluster.model_fields_set & {"partition", "account", "memory"}):
            needed = "nothing: a Flux instance has what it was started with"
            raise InputError(Problem(f"sweep.cluster, {', '.join(sorted(given))}", "a value", needed))
        self.slots = cluster.jobs
        self._engine, self._job, self._cluster = engine, job, cluster
        self._executor: Any = None

    def clear(self, tell: Tell) -> None:
        """Wait for batches in hand, then cancel what a killed driver left in the queue or idle."""
        Store(self._job.folder).wait_for_workers(tell)
        if self._engine == "slurm":
            cancel(job_name(self._job.folder), tell)

    def submission(self) -> str:
        """The command of a batch."""
        from executorlib.standalone.command import generate_slurm_command, get_interactive_execute_command

        worker = get_interactive_execute_command(cores=1)
        if self._engine == "flux":
            return shlex.join(["flux", "run", "-n", "1", *worker])
        resources = self._resources()
        command = generate_slurm_command(
            cores=resources["cores"],
            cwd=resources["cwd"],
            threads_per_core=resources["threads_per_core"],
            slurm_cmd_args=resources["slurm_cmd_args"],
        )
        return shlex.join([*command, *worker])

    def submit(self, batch: Batch) -> Future[Result]:
        """Run a batch as a job."""
        self._executor = self._executor or self._start()
        packed = pickle.dumps((self._job, batch))
        future: Future[Result] = self._executor.submit(remote.run, packed, self._cluster.cache)
        return future

    def close(self, wait: bool) -> None:
        """Let the jobs end, or cancel them."""
        if self._executor is None:
            return
        if not wait and self._engine == "slurm":
            cancel(
                job_name(self._job.folder), lambda text: None
            )  # first: executorlib waits for those that queue
        self._executor.shutdown(wait=wait, cancel_futures=not wait)

    def _start(self) -> Any:
        try:
            import executorlib
        except ImportError:
            raise MissingPartError(
                f"{self._engine} needs executorlib: pip install 'isosim[cluster]'"
            ) from None
        _notice_lost_jobs()
        if self._engine == "flux":
            return executorlib.FluxJobExecutor(max_workers=self.slots, resource_dict=self._resources())
        if shutil.which("srun") is None:
            raise MissingPartError("slurm needs the command srun: run the driver where Slurm is")
        return executorlib.SlurmJobExecutor(max_workers=self.slots, resource_dict=self._resources())

    def _resources(self) -> dict[str, Any]:
        cluster = self._cluster
        found: dict[str, Any] = {"cores": 1, "threads_per_core": 1, "cwd": str(self._job.folder)}
        if self._engine == "flux":
            return found
        arguments = [f"--job-name={job_name(self._job.folder)}"]
        for option, value in (("partition", cluster.partition), ("account", cluster.account)):
            arguments += [f"--{option}={value}"] if value else []
        arguments += [f"--mem={cluster.memory}G"] if cluster.memory else []
        arguments += [f"--time={math.ceil(cluster.walltime / 60.0)}"] if cluster.walltime else []
        return {**found, "slurm_cmd_args": arguments}


@cache
def _notice_lost_jobs() -> None:
    """Keep executorlib 1.11 from waiting for ever for a job that ended before it connected.

    It hands over a task without looking whether the job is still there; its own reading of the answer does.
    """
    import cloudpickle
    import zmq
    from executorlib.standalone.interactive.communication import SocketInterface

    def send_dict(self: Any, input_dict: dict[str, Any]) -> None:
        message = cloudpickle.dumps(input_dict)
        self._socket.setsockopt(zmq.SNDTIMEO, int(1e3 * ASK_AGAIN))
        while self._spawner.poll():
            with suppress(zmq.Again):
                self._socket.send(message)
                return

    SocketInterface.send_dict = send_dict


def cancel(name: str, tell: Tell) -> None:
    """Cancel jobs and steps of a name, and wait until they are gone."""
    told = False
    while left := _queued(name):
        if not told:
            tell(f"cancelling {len(left)} jobs of an earlier run")
            subprocess.run(["scancel", *left], check=False, capture_output=True)
            told = True
        time.sleep(ASK_AGAIN)


def _queued(name: str) -> list[str]:
    """Numbers of jobs and steps of a name."""
    if shutil.which("squeue") is None:
        raise MissingPartError("slurm needs the command squeue: run the driver where Slurm is")
    found = []
    for arguments in (["--format=%i %j"], ["--steps", "--format=%i %j"]):
        done = subprocess.run(
            ["squeue", "--me", "--noheader", *arguments], check=False, capture_output=True, text=True
        )
        rows = [line.split() for line in done.stdout.splitlines()]
        found += [row[0] for row in rows if row[-1] == name]
    return found
