"""A batch on another machine. Imports nothing of isosim before the threads and the caches are settled."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import Future
from typing import Any

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
CACHES = {"NUMBA_CACHE_DIR": "numba", "XDG_CACHE_HOME": "forms"}


def submit(executor: Any, job: Any, batch: Any, cache: str | None) -> Future[Any]:
    """Hand `run` of a batch to an executor that starts processes elsewhere."""
    future: Future[Any] = executor.submit(run, pickle.dumps((job, batch)), cache)
    return future


def run(packed: bytes, cache: str | None) -> Any:
    """Run a pickled (job, batch): `worker.run` in one thread.

    `cache` is a folder of the node for compiled code, so that nodes do not write into one that they share.
    """
    os.environ.update(ONE_THREAD)
    if cache:
        folder = os.path.expandvars(cache)
        os.environ.update({name: os.path.join(folder, part) for name, part in CACHES.items()})
    from isosim.sweep import worker
    from isosim.sweep.store import Store

    job, batch = pickle.loads(packed)
    with Store(job.folder).working():
        return worker.run(job, batch)
