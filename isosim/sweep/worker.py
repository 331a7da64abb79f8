"""Press some cases of a sweep and write them to its store: what runs where an executor puts it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from isosim import parallel
from isosim.case import Case
from isosim.column import press_many
from isosim.column.many import ALONE, DONE
from isosim.errors import InputError, IsosimError, MissingPartError
from isosim.pressing import press
from isosim.report import netcdf
from isosim.sweep import columns, readings, store
from isosim.sweep.cases import vary
from isosim.sweep.keys import Key
from isosim.sweep.store import Store, StoreError


@dataclass(frozen=True)
class Job:
    """What all cases of a sweep have in common."""

    folder: Path
    base: Case
    keys: tuple[Key, ...]
    fields: bool

    @property
    def alone(self) -> bool:
        """Whether cases are pressed one by one."""
        return self.fields or self.base.model.fidelity == "section"


@dataclass(frozen=True)
class Batch:
    """Some cases: identities and values (cases,). Columns differ only in what can lie side by side."""

    ids: np.ndarray
    values: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, which: slice | np.ndarray) -> Batch:
        """Some of them."""
        return Batch(self.ids[which], {path: column[which] for path, column in self.values.items()})


@dataclass(frozen=True)
class Result:
    """What became of a batch."""

    done: int
    failed: int
    seconds: float


def run(job: Job, batch: Batch) -> Result:
    """Press a batch and write its parts. On many ranks all come here, and the first one writes.

    Raises
    ------
    StoreError
        When the store cannot be written.
    MissingPartError
        When the fidelity needs what is not installed.
    """
    clock = perf_counter()
    rows, reasons = _alone(job, batch) if job.alone else _side_by_side(job, batch)
    frame = pd.DataFrame({"id": batch.ids.astype(str), **batch.values})
    good = np.array([not reason for reason, _ in reasons])
    seconds = perf_counter() - clock
    failed = frame[~good].assign(
        reason=[reason for reason, _ in reasons if reason], log=[log for reason, log in reasons if reason]
    )
    done = pd.concat([frame[good].reset_index(drop=True), rows], axis=1).assign(seconds=seconds / len(batch))

    def write() -> None:
        for kind, part in ((store.FAILED, failed), (store.DONE, done)):
            if len(part):
                Store(job.folder).write(kind, part)

    parallel.on_root(write)
    return Result(len(done), len(failed), perf_counter() - clock)


def lost(job: Job, batch: Batch, reason: str, log: str) -> Result:
    """Write cases down as failed that took their process with them."""
    frame = pd.DataFrame({"id": batch.ids.astype(str), **batch.values}).assign(reason=reason, log=log)
    Store(job.folder).write(store.FAILED, frame)
    return Result(0, len(batch), 0.0)


Reasons = list[tuple[str, str]]  # why a case failed and its log; empty where it did not


def _side_by_side(job: Job, batch: Batch) -> tuple[pd.DataFrame, Reasons]:
    """As columns at once; what differs in a stack is the same in all cases of a batch."""
    by_key = {key: batch.values[key.path] for key in job.keys}
    try:
        base = vary(job.base, {k: v[0] for k, v in by_key.items() if not columns.side_by_side(k)})
        ds = press_many(
            base, columns.overrides(base, {k: v for k, v in by_key.items() if columns.side_by_side(k)})
        )
    except InputError as error:
        return pd.DataFrame(), [(_line(error), str(error))] * len(batch)
    status = ds.status.values
    good = np.isin(status, (DONE, ALONE))
    found = {
        name: np.broadcast_to(values, len(batch))[good] for name, values in readings.of_columns(ds).items()
    }
    reasons = [("", "")] * len(batch)
    for k in np.flatnonzero(~good):
        reasons[k] = _why(job, batch, k, int(status[k]))
    return pd.DataFrame(found), reasons


def _why(job: Job, batch: Batch, k: int, status: int) -> tuple[str, str]:
    try:
        vary(job.base, {key: batch.values[key.path][k] for key in job.keys}).stack()
    except InputError as error:
        return _line(error), str(error)
    words = "no balance was found" if status == -2 else "values that the case cannot have"
    return words, f"{words} (status {status} of press_many, docs/press-many.md)"


def _alone(job: Job, batch: Batch) -> tuple[pd.DataFrame, Reasons]:
    """One after the other; whatever goes wrong in a case is kept with it."""
    rows: list[dict[str, np.ndarray]] = []
    reasons: Reasons = []
    for k, identity in enumerate(batch.ids):
        try:
            case = vary(job.base, {key: batch.values[key.path][k] for key in job.keys})
            ds = press(case)
            if job.fields:
                _keep(ds, Store(job.folder), identity.decode())
            rows.append(readings.of_case(ds))
            reasons.append(("", ""))
        except (StoreError, MissingPartError):
            raise
        except Exception as error:
            if not isinstance(error, IsosimError):  # maybe of one rank: the others must not wait for it
                parallel.leave(error)
            reasons.append((_line(error), traceback.format_exc()))
    return pd.DataFrame({name: [row[name][0] for row in rows] for name in rows[0]} if rows else {}), reasons


def _keep(ds: Any, target: Store, identity: str) -> None:
    def write() -> None:
        try:
            (target.folder / store.FIELDS).mkdir(exist_ok=True)
            netcdf.write(ds.assign_attrs(case_id=identity), target.folder / store.FIELDS / f"{identity}.nc")
        except OSError as error:
            raise StoreError(f"{target.folder} cannot be written: {error}") from None

    parallel.on_root(write)


def _line(error: Exception) -> str:
    """An error on one line."""
    text = (
        "; ".join(map(str, error.problems))
        if isinstance(error, InputError) and error.problems
        else str(error)
    )
    return " ".join(text.split()) or type(error).__name__
