"""Sweeps through a real Slurm: MPI sections, killed drivers and workers, cancelled jobs."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import isosim
from isosim.sweep.cluster import job_name
from isosim.sweep.slurm import queued
from isosim.sweep.store import WORKERS
from tests.slurm.node import answer, queue
from tests.sweep.specs import CELL, spec_text

pytestmark = [pytest.mark.slurm, pytest.mark.fem]

COLUMNS = {"samples": 80, "batch": 10}
SECTION = ['"model.section.columns" = [4]', '"recipe.hold" = ["1 s"]']
SECTIONS = {"fidelity": "section", "vary": ['"recipe.pressure" = { from = "2 MPa", to = "4 MPa" }', *SECTION]}
ONE = {"fidelity": "section", "method": "grid", "samples": None, "seed": None, "batch": None}
PATIENCE = 240.0  # s


class Study:
    """A spec and its store, run through Slurm."""

    def __init__(self, folder, cluster="jobs = 3", **keys):
        self.spec, self.store = folder / "spec.toml", folder / "store"
        self.spec.write_text(f"{spec_text(**keys)}[sweep.cluster]\n{cluster}\n", "utf-8")
        self.cases = keys.get("samples") or 1

    def start(self, *before):
        """A driver as its own process."""
        command = [sys.executable, "-m", "isosim.cli", "sweep", "run", self.spec, "--store", self.store]
        with (self.spec.parent / "driver.txt").open("a") as said:
            arguments = [*before, *map(str, command), "--executor", "slurm"]
            return subprocess.Popen(arguments, stdout=said, stderr=said)

    def wait_for_parts(self, count, driver):
        """Until the store has so many parts."""
        end = time.monotonic() + PATIENCE
        while len(list((self.store / "parts").glob("*.parquet"))) < count:
            assert time.monotonic() < end, "no parts"
            assert driver.poll() is None, (self.spec.parent / "driver.txt").read_text()
            time.sleep(0.05)

    def jobs(self):
        """Numbers of its jobs that run."""
        rows = answer("squeue", "--me", "--noheader", "--states=R", "--format=%i %j").splitlines()
        return [row.split()[0] for row in rows if row.split()[1] == job_name(self.store.resolve())]

    def in_hand(self):
        """Job and process of a batch that is being pressed: the process holds its place in the store."""
        place, end = str(self.store.resolve() / WORKERS), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for job in self.jobs():
                for row in answer("scontrol", "listpids", job).splitlines()[1:]:
                    pid = int(row.split()[0])
                    with suppress(FileNotFoundError):
                        if any(os.readlink(link) == place for link in Path(f"/proc/{pid}/fd").iterdir()):
                            return job, pid
            time.sleep(0.02)
        raise AssertionError("no batch is in hand")

    def log(self, event):
        """Lines of the run log of a kind."""
        lines = map(json.loads, (self.store / "log.jsonl").read_text().splitlines())
        return [line for line in lines if line["event"] == event]

    def assert_complete(self):
        """Every case is there once, none failed, and nothing is left in the queue."""
        view = isosim.open_sweep(self.store)
        ids = view.frame(["id"]).id
        assert len(ids) == len(set(ids)) == view.manifest["cases"] == self.cases
        assert not list((self.store / "failed").iterdir())
        assert {path.suffix for path in (self.store / "parts").iterdir()} == {".parquet"}
        assert all(line["todo"] + line["done"] == self.cases for line in self.log("begin"))
        assert queue() == []


def test_section_on_two_ranks(tmp_path):
    """A section that srun starts on two ranks shall be that of one process, and be written once."""
    vary = ['"recipe.pressure" = ["2 MPa"]', *SECTION]
    frames = []
    for ranks in (1, 2):
        (tmp_path / str(ranks)).mkdir()
        study = Study(tmp_path / str(ranks), f"jobs = 1\nranks = {ranks}", **ONE, vary=vary, fields=True)
        assert study.start().wait(PATIENCE) == 0, (study.spec.parent / "driver.txt").read_text()
        study.assert_complete()
        view = isosim.open_sweep(study.store)
        frames.append(view.frame().drop(columns="seconds"))
        assert view.fields(frames[-1].id[0]).attrs["ranks"] == ranks
    alone, together = frames
    assert alone.id[0] == together.id[0]
    numbers = alone.select_dtypes("number").columns
    np.testing.assert_allclose(together[numbers], alone[numbers], rtol=1e-7, atol=1e-12)


def test_press_under_srun(tmp_path):
    """`isosim press` that srun starts on two ranks shall print and write as one."""
    case = tmp_path / "case.toml"
    case.write_text(
        CELL.replace("120 MPa", "2 MPa")
        + 'hold = "1 s"\n\n[model]\nfidelity = "section"\nsection.columns = 4\n'
    )
    command = [sys.executable, "-m", "isosim.cli", "press", case, "--out", tmp_path / "out"]
    done = subprocess.run(
        ["srun", "--ntasks=2", "--mpi=pmix", *map(str, command)],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(str(tmp_path / "out")) == 1
    assert "on 2 ranks" in done.stderr + done.stdout


def test_killed_driver(tmp_path):
    """After SIGKILL of the driver the same command shall run the rest, and leave no job and no case twice."""
    study = Study(tmp_path, **COLUMNS)
    driver = study.start()
    study.wait_for_parts(2, driver)
    driver.kill()
    driver.wait()
    assert study.start().wait(PATIENCE) == 0, (tmp_path / "driver.txt").read_text()
    study.assert_complete()
    first, second = study.log("begin")
    assert first["done"] == 0
    assert 20 <= second["done"] < 80


def test_killed_worker_and_cancelled_job(tmp_path):
    """A worker that is killed and a job that is cancelled shall be told, and cost no case."""
    study = Study(tmp_path, samples=12, **{**SECTIONS, "batch": 2})
    driver = study.start()
    os.kill(study.in_hand()[1], signal.SIGKILL)
    while not study.log("lost"):
        assert driver.poll() is None
        time.sleep(0.05)
    subprocess.run(["scancel", study.in_hand()[0]], check=True)
    assert driver.wait(PATIENCE) == 0, (tmp_path / "driver.txt").read_text()
    study.assert_complete()
    reasons = [line["reason"] for line in study.log("lost")]
    assert "Killed" in reasons[0]
    assert "CANCELLED" in reasons[1]


def test_interrupt_leaves_no_job(tmp_path):
    """Ctrl-C shall end with 130 and take the jobs with it; the same command shall run the rest."""
    study = Study(tmp_path, **COLUMNS)
    driver = study.start()
    study.wait_for_parts(1, driver)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(PATIENCE) == 130
    assert queued(job_name(study.store.resolve())) == []
    assert study.start().wait(PATIENCE) == 0
    study.assert_complete()


def test_inside_an_allocation(tmp_path):
    """Where the driver runs inside a job, batches shall be steps of it, side by side."""
    study = Study(tmp_path, samples=40, batch=10, cluster="jobs = 2")
    assert study.start("salloc", "--quiet", "--ntasks=2").wait(PATIENCE) == 0
    study.assert_complete()


@pytest.mark.long
def test_two_hundred_sections(tmp_path):
    """Two hundred sections shall each be there once, though the driver is killed twice and a worker once."""
    study = Study(tmp_path, "jobs = 4", samples=200, **{**SECTIONS, "batch": 5})
    for parts in (8, 20):
        driver = study.start()
        study.wait_for_parts(parts, driver)
        driver.kill()
        driver.wait()
    driver = study.start()
    study.wait_for_parts(28, driver)
    os.kill(study.in_hand()[1], signal.SIGKILL)
    assert driver.wait() == 0, (tmp_path / "driver.txt").read_text()
    study.assert_complete()
    assert len(study.log("lost")) == 1
