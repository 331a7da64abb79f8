"""What the command line does with a sweep."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from isosim.sweep import driver, executors
from isosim.sweep.driver import Count, Watch
from isosim.sweep.estimate import estimate
from isosim.sweep.spec import Sweep, load_sweep
from isosim.sweep.store import Store, database
from isosim.sweep.view import View, open_sweep

__all__ = ["answer", "dry_run", "open_sweep", "run", "submission"]


def run(spec: Path, folder: Path, executor: str, watch: Watch, retry_failed: bool) -> Count:
    """Run what is not in the store; see `driver.run`."""
    sweep = _ready(spec)
    target = Store(folder)
    engine = executors.make(executor, sweep, driver.job_of(sweep, target))
    return driver.run(sweep, target, engine, watch, retry_failed)


def dry_run(spec: Path, folder: Path) -> str:
    """What a run would cost."""
    sweep = _ready(spec)
    ids = np.unique(sweep.ids)
    there = Store(folder).found() if folder.exists() else None
    todo = ids if there is None else np.setdiff1d(ids, np.concatenate([there.done, there.failed]))
    words = f"{len(ids)} cases, {len(ids) - len(todo)} of them in {folder}"
    return f"{words}; {estimate(sweep, todo).text(sweep.processes)}" if len(todo) else words


def submission(spec: Path, folder: Path, executor: str) -> str:
    """What a run would submit."""
    sweep = _ready(spec)
    engine = executors.make(executor, sweep, driver.job_of(sweep, Store(folder)))
    ids = np.unique(sweep.ids)
    return f"{len(ids)} cases, at most {sweep.batch} in a batch; for a batch:\n{engine.submission()}"


def answer(view: View, query: str, as_json: bool) -> str:
    """The answer to a query as text."""
    found = view.sql(query)
    return str(found.to_json(orient="records", indent=1)) if as_json else found.to_csv(index=False).rstrip()


def _ready(spec: Path) -> Sweep:
    """The sweep of a spec, once what it needs is known to be installed."""
    database().close()
    sweep = load_sweep(spec)
    if sweep.base.model.fidelity == "section":
        from isosim import fem  # noqa: F401  # says what is missing before anything is written
    return sweep
