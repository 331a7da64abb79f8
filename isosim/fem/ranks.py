"""What the ranks of a parallel run do together, so that none waits for another for ever."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from mpi4py import MPI

from isosim.errors import IsosimError

T = TypeVar("T")
PATIENCE = 60.0  # [s] that a rank waits for the others before it ends them


@contextmanager
def together(comm: MPI.Comm, kind: type[IsosimError]) -> Iterator[None]:
    """Around work without communication: an error of this kind on one rank is raised on all of them."""
    failure: IsosimError | None = None
    try:
        yield
    except kind as error:
        failure = error
    messages = [message for message in comm.allgather(str(failure) if failure else None) if message]
    if failure is not None:
        raise failure
    if messages:
        raise kind(messages[0])


def on_root(action: Callable[[], T]) -> T:
    """Let rank 0 alone do something; every rank gets the value, or raises rank 0's error."""
    comm = MPI.COMM_WORLD
    if comm.size == 1:
        return action()
    value: T | None = None
    failure: IsosimError | None = None
    if comm.rank == 0:
        try:
            value = action()
        except IsosimError as error:
            failure = error
    value, failure = comm.bcast((value, failure))
    if failure is not None:
        raise failure
    return value  # type: ignore[return-value]  # rank 0's


def is_root() -> bool:
    """Whether this rank prints and writes."""
    return bool(MPI.COMM_WORLD.rank == 0)


def leave(error: BaseException, code: int) -> None:
    """End this rank because of an error; returns when all ranks have come here, ends them all otherwise."""
    comm = MPI.COMM_WORLD
    if comm.size == 1:
        return
    arrived, deadline = comm.Ibarrier(), time.monotonic() + PATIENCE
    while isinstance(error, IsosimError) and time.monotonic() < deadline:
        if arrived.Test():
            return
        time.sleep(0.01)
    print(
        f"isosim, rank {comm.rank}:", "".join(traceback.format_exception(error)), file=sys.stderr, flush=True
    )
    comm.Abort(code)
