"""The process of a worker: `python -m isosim.sweep.serve FD` takes batches from a pipe until it ends."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection
from typing import Any

from isosim.errors import MissingPartError
from isosim.sweep import worker
from isosim.sweep.store import Store, StoreError


def main() -> None:
    """Answer every batch with its result, or with the error that stops the sweep."""
    pipe = Connection(int(sys.argv[1]))
    job = pipe.recv()
    place = Store(job.folder).working()
    while True:
        try:
            batch = pipe.recv()
        except EOFError:  # the driver is done, or dead
            break
        answer: Any
        try:
            answer = worker.run(job, batch)
        except (StoreError, MissingPartError) as error:
            answer = error
        try:
            pipe.send(answer)
        except BrokenPipeError:
            break
    place.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # MPI and PETSc have nothing to say at the end


if __name__ == "__main__":
    main()
