"""Run a sweep: what is in the store is skipped, the rest is handed to an executor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import pandas as pd

import isosim
from isosim import manifest
from isosim.errors import InputError, InterruptedRun, MissingPartError, Problem
from isosim.sweep import columns, identity, store, worker
from isosim.sweep.executors import Executor, Tell
from isosim.sweep.spec import Sweep
from isosim.sweep.store import Store, StoreError
from isosim.sweep.worker import Batch, Job, Result

IN_HAND = 2  # batches for each process, one of them waiting
TRIES = 2  # of a batch whose process dies


class Watch(Protocol):
    """Told how a sweep is going."""

    def begin(self, total: int, done: int, failed: int) -> None:
        """Cases of the sweep, and of them what is there."""

    def advance(self, done: int, failed: int) -> None:
        """More cases came to an end."""

    def note(self, text: str) -> None:
        """Something the user may want to know."""


@dataclass(frozen=True)
class Count:
    """Cases of a sweep."""

    total: int
    done: int
    failed: int


def job_of(sweep: Sweep, target: Store) -> Job:
    """What all cases of a sweep have in common."""
    return Job(target.folder.resolve(), sweep.base, sweep.keys, sweep.table.fields)


def run(sweep: Sweep, target: Store, executor: Executor, watch: Watch, retry_failed: bool = False) -> Count:
    """Run all cases that are not in the store.

    Raises
    ------
    InputError
        When the store holds something else; nothing is written then.
    StoreError
        When the store cannot be written; what was finished is in it.
    InterruptedRun
        When the user stops it; what was finished is in the store.
    """
    target.create()
    with target.driving():
        waited = False
        try:
            executor.clear(watch.note)
            todo, count = _prepare(sweep, target, watch, retry_failed)
            target.log("begin", cases=count.total, done=count.done, failed=count.failed, todo=len(todo))
            watch.begin(count.total, count.done, count.failed)
            clock = perf_counter()
            for result in _results(sweep, target, executor, todo, watch.note):
                count = Count(count.total, count.done + result.done, count.failed + result.failed)
                target.log("part", done=result.done, failed=result.failed, seconds=round(result.seconds, 4))
                watch.advance(result.done, result.failed)
            target.log("end", done=count.done, failed=count.failed, seconds=round(perf_counter() - clock, 3))
            waited = True
        except KeyboardInterrupt:
            with suppress(StoreError):
                target.log("interrupted")
            raise InterruptedRun(
                f"interrupted; {count.done} of {count.total} cases are in {target.folder}: "
                "the same command runs the rest"
            ) from None
        finally:
            executor.close(waited)
    return count


def _prepare(sweep: Sweep, target: Store, watch: Watch, retry_failed: bool) -> tuple[np.ndarray, Count]:
    """Which cases are to be run (indices), and what is there."""
    found = target.scan()
    for name in found.damaged:
        watch.note(f"{name} was damaged: its cases are run again")
        target.log("damaged", part=name)
    ids, first = np.unique(sweep.ids, return_index=True)
    strangers = len(np.setdiff1d(found.done, ids)) + len(np.setdiff1d(found.failed, ids))
    if strangers:
        raise _other_sweep(sweep, target, strangers)
    if retry_failed:
        target.forget_failed()
        found = store.Found(found.done, found.failed[:0], ())
    target.write_manifest(describe(sweep))
    if sweep.table.method == "saltelli":
        store.write_parquet(
            pd.DataFrame({"position": np.arange(sweep.count), "id": sweep.ids.astype(str)}),
            target.folder / store.SAMPLE,
        )
    there = np.isin(ids, found.done) | np.isin(ids, found.failed)
    return np.sort(first[~there]), Count(len(ids), len(np.unique(found.done)), len(np.unique(found.failed)))


def _other_sweep(sweep: Sweep, target: Store, strangers: int) -> InputError:
    got = f"{target.folder}, which holds {strangers} cases that are not of this sweep"
    with suppress(InputError):
        if target.manifest()["code"] != identity.code(sweep.base.model.fidelity):
            got += ", made with another version of isosim"
    return InputError(
        Problem("--store", got, "a new folder", "a store grows with its sweep, but keeps to it")
    )


def describe(sweep: Sweep) -> dict[str, Any]:
    """What the sweep is made of, in types of JSON."""
    cards = {name: manifest.card_values(m) for name, m in sorted(sweep.base.stack().materials.items())}
    return {
        "isosim": isosim.__version__,
        "code": identity.code(sweep.base.model.fidelity),
        "written_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "spec": sweep.document,
        "base": sweep.base.name,
        "title": sweep.base.title,
        "fidelity": sweep.base.model.fidelity,
        "case": sweep.base.to_dict(),
        "cards": cards,
        "keys": [
            {"path": key.path, "unit": key.unit, "number": key.quantity is not None} for key in sweep.keys
        ],
        "cases": len(np.unique(sweep.ids)),
        "versions": manifest.versions(),
    }


def batches(sweep: Sweep, todo: np.ndarray) -> Iterator[Batch]:
    """The cases to run in parts; columns of one stack beside each other."""
    groups = [todo]
    if sweep.base.model.fidelity == "column" and not sweep.table.fields:
        apart = [sweep.values[key.path] for key in sweep.keys if not columns.side_by_side(key)]
        if apart:
            codes = [np.unique(column.astype(str), return_inverse=True)[1][todo] for column in apart]
            _, group = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
            groups = [todo[group.ravel() == k] for k in range(group.max() + 1)] if len(todo) else []
    for indices in groups:
        for begin in range(0, len(indices), sweep.batch):
            some = indices[begin : begin + sweep.batch]
            yield Batch(sweep.ids[some], {path: column[some] for path, column in sweep.values.items()})


def _results(
    sweep: Sweep, target: Store, executor: Executor, todo: np.ndarray, tell: Tell
) -> Iterator[Result]:
    """Results as they come; a batch that kills its process is run again, then halved down to the culprit."""
    waiting = batches(sweep, todo)
    again: list[tuple[Batch, int]] = []
    running: dict[Future[Result], tuple[Batch, int]] = {}
    while True:
        while len(running) < IN_HAND * executor.slots:
            batch, tries = again.pop() if again else (next(waiting, None), 0)
            if batch is None:
                break
            running[executor.submit(batch)] = batch, tries + 1
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            batch, tries = running.pop(future)
            try:
                yield future.result()
            except (StoreError, MissingPartError):
                raise
            except Exception as error:  # whatever an engine says when the process of a batch is gone
                reason = " ".join(str(error).split()) or type(error).__name__
                target.log("lost", cases=len(batch), reason=reason)
                tell(f"{reason}, with {len(batch)} cases in hand")
                written, batch = _written(target, batch)
                if written.done or written.failed:
                    yield written
                if not len(batch):
                    continue
                if tries < TRIES:
                    again.append((batch, tries))
                elif len(batch) == 1:
                    yield worker.lost(
                        job_of(sweep, target), batch, reason, getattr(error, "log", repr(error))
                    )
                else:
                    middle = len(batch) // 2
                    again += [(batch.part(slice(middle)), 1), (batch.part(slice(middle, None)), 1)]


def _written(target: Store, batch: Batch) -> tuple[Result, Batch]:
    """What a process wrote of a batch before it was lost, and the rest of the batch."""
    found = target.found()
    done, failed = np.isin(batch.ids, found.done), np.isin(batch.ids, found.failed)
    return Result(int(done.sum()), int(failed.sum()), 0.0), batch.part(~(done | failed))
