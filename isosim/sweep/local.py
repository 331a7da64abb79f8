"""Batches in processes of this machine, one thread each."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import Future
from multiprocessing.connection import Pipe
from queue import SimpleQueue
from threading import Thread

from isosim.sweep.executors import Tell, WorkerLost
from isosim.sweep.remote import ONE_THREAD
from isosim.sweep.store import Store
from isosim.sweep.worker import Batch, Job, Result

SECTIONS_A_PROCESS = 50  # dolfinx keeps communicators and compiled forms: a process is not used for ever
COMMAND = (sys.executable, "-m", "isosim.sweep.serve")
LOG_TAIL = 4000


class Worker:
    """A process that runs one batch at a time."""

    def __init__(self, job: Job):
        self._pipe, theirs = Pipe()
        self._log = tempfile.TemporaryFile()
        self.cases = 0
        self.process = subprocess.Popen(
            [*COMMAND, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # the driver alone decides what an interrupt means
        )
        theirs.close()
        self._first = job

    def run(self, batch: Batch) -> Result:
        """The result of a batch. WorkerLost, or what stops the sweep."""
        try:
            if not self.cases:
                self._pipe.send(self._first)
            self.cases += len(batch)
            self._pipe.send(batch)
            answer = self._pipe.recv()
        except (EOFError, OSError):
            code = self.process.wait()
            end = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise WorkerLost(f"the worker process ended with {end}", self._tail()) from None
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Result)
        return answer

    def close(self) -> None:
        """End the process, which ends when its pipe does."""
        self._pipe.close()
        self.process.wait()
        self._log.close()

    def _tail(self) -> str:
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - LOG_TAIL))
        return self._log.read().decode(errors="replace")


class Local:
    """Processes side by side, each served by a thread of the driver."""

    def __init__(self, job: Job, processes: int):
        self.slots = processes
        self._job = job
        self._queue: SimpleQueue[tuple[Batch, Future[Result]] | None] = SimpleQueue()
        self._workers: dict[int, Worker] = {}
        self._threads = [Thread(target=self._serve, args=(k,), daemon=True) for k in range(processes)]
        for thread in self._threads:
            thread.start()

    def clear(self, tell: Tell) -> None:
        """Wait for the workers of a driver that was killed: each ends after the batch that it has."""
        Store(self._job.folder).wait_for_workers(tell)

    def submission(self) -> str:
        """The command of a worker."""
        return f"{self.slots} processes of: {' '.join([*COMMAND, 'PIPE'])}"

    def submit(self, batch: Batch) -> Future[Result]:
        """Run a batch when a process is free."""
        future: Future[Result] = Future()
        self._queue.put((batch, future))
        return future

    def close(self, wait: bool) -> None:
        """End the processes, at once unless `wait`."""
        for _ in self._threads:
            self._queue.put(None)
        if not wait:
            for worker in list(self._workers.values()):
                worker.process.kill()
        for thread in self._threads:
            thread.join()

    def _serve(self, slot: int) -> None:
        while (item := self._queue.get()) is not None:
            batch, future = item
            if not future.set_running_or_notify_cancel():
                continue
            worker = self._workers.get(slot) or Worker(self._job)
            self._workers[slot] = worker
            try:
                future.set_result(worker.run(batch))
            except Exception as error:
                future.set_exception(error)
            if worker.process.poll() is not None or (self._job.alone and worker.cases >= SECTIONS_A_PROCESS):
                self._workers.pop(slot).close()
        if slot in self._workers:
            self._workers.pop(slot).close()
