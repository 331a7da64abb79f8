"""Specs and stores for the tests of sweeps."""

import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

from isosim.sweep import driver, worker
from isosim.sweep.spec import load_sweep
from isosim.sweep.store import Store

PRESSURE = '"recipe.pressure" = { from = "100 MPa", to = "400 MPa" }'
POROSITY = '"nmc622.porosity" = { from = 0.3, to = 0.4 }'
CELL = """
schema_version = 1

[stack]
electrodes = 2
cathode = { material = "nmc622", loading = "11 mg/cm^2", porosity = "35 %" }
anode = { material = "graphite", loading = "7.5 mg/cm^2", porosity = "50 %" }

[recipe]
pressure = "120 MPa"
"""


def spec_text(vary=(PRESSURE, POROSITY), case="120RT-2", **keys):
    """A spec; keys of [sweep] by name, None leaves one out."""
    keys = {"method": "latin hypercube", "samples": 200, "seed": 1, "fidelity": "column", "batch": 20, **keys}
    lines = [
        f"{k} = {str(v).lower() if isinstance(v, bool) else repr(v)}"
        for k, v in keys.items()
        if v is not None
    ]
    table = ["[sweep.vary]", *vary] if vary else []
    return "\n".join(["schema_version = 1", "[sweep]", f"case = {case!r}", *lines, *table, ""])


def write(folder: Path, name="spec.toml", **keys) -> Path:
    """The file of a spec."""
    path = folder / name
    path.write_text(spec_text(**keys), "utf-8")
    return path


def sweep(folder: Path, **keys):
    """A sweep ready to run."""
    return load_sweep(write(folder, **keys))


class Here:
    """An executor in this process; a batch with the culprit loses it."""

    slots = 1

    def __init__(self, job, culprit=None):
        self._job, self._culprit = job, culprit

    def clear(self, tell):
        """Nothing runs."""

    def submit(self, batch):
        """At once."""
        future = Future()
        try:
            if self._culprit in batch.ids:
                raise OSError("the worker process ended with signal 11")
            future.set_result(worker.run(self._job, batch))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self, wait):
        """Nothing to end."""


class Quiet:
    """A watch that says nothing."""

    def __init__(self):
        self.notes = []

    def begin(self, total, done, failed): ...

    def advance(self, done, failed): ...

    def note(self, text):
        """Kept."""
        self.notes.append(text)


def run_here(ready, folder, retry_failed=False, culprit=None, watch=None):
    """Run a sweep in this process."""
    target = Store(folder)
    engine = Here(driver.job_of(ready, target), culprit)
    return driver.run(ready, target, engine, watch or Quiet(), retry_failed)


def isosim(*arguments, **options):
    """The command line."""
    command = [sys.executable, "-m", "isosim.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)
