"""Executors beyond one machine, as far as they go without a batch system."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import isosim
from isosim.errors import InputError, MissingPartError
from isosim.sweep import driver, executors, session
from isosim.sweep.spec import load_sweep
from isosim.sweep.store import INTERCHANGE, Store
from tests.sweep.specs import Quiet, spec_text, sweep

CLUSTER = '[sweep.cluster]\njobs = 2\nwalltime = "90 min"\npartition = "long"\naccount = "lab"\n'


def spec(folder, cluster=CLUSTER, **keys):
    """The file of a spec with a cluster."""
    path = folder / "spec.toml"
    path.write_text(spec_text(**{"batch": 50, **keys}) + cluster, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("slurm", ["srun", "--job-name=isosim-", "--partition=long", "--account=lab", "--time=90"]),
        ("pbs", ["PBSProProvider", "queue='long'", "account='lab'", "walltime='01:30:00'", "max_blocks=2"]),
        ("lsf", ["LSFProvider", "queue='long'", "project='lab'", "walltime='01:30:00'"]),
    ],
)
def test_print_says_what_would_be_submitted(tmp_path, name, words):
    """Walltime, partition and account shall be in what would be submitted, and nothing be written."""
    text = session.submission(spec(tmp_path), tmp_path / "store", name)
    assert "200 cases" in text
    assert all(word in text for word in words), text
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("name", "cluster"),
    [
        ("flux", 'partition = "long"'),
        ("flux", 'setup = ["module load python"]'),
        ("slurm", 'setup = ["module load python"]'),
        ("slurm", "ranks = 2"),  # of a column
        ("pbs", "ranks = 2"),
        ("flux", 'pmi = "pmix"'),
        ("pilot", 'walltime = "1 h"'),
        ("pbs", "memory = 4"),
        ("condor", "jobs = 2"),
    ],
)
def test_options_without_effect_are_refused(tmp_path, name, cluster):
    """An option that an executor cannot follow shall be refused before anything is written."""
    with pytest.raises(InputError):
        session.submission(spec(tmp_path, f"[sweep.cluster]\n{cluster}\n"), tmp_path / "store", name)


def test_slurm_without_slurm(tmp_path, monkeypatch):
    """Where there is no Slurm, the sweep shall say so and run nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    ready, target = sweep(tmp_path), Store(tmp_path / "store")
    engine = executors.make("slurm", ready, driver.job_of(ready, target))
    with pytest.raises(MissingPartError, match="where Slurm is"):
        driver.run(ready, target, engine, Quiet())


@pytest.mark.long
def test_pilots_and_a_killed_driver(tmp_path):
    """A sweep in pilots whose driver is killed shall be finished by the same command, every case once."""
    path, store = spec(tmp_path, "[sweep.cluster]\njobs = 2\n", samples=400, batch=10), tmp_path / "store"
    command = [
        sys.executable,
        "-m",
        "isosim.cli",
        "sweep",
        "run",
        path,
        "--store",
        store,
        "--executor",
        "pilot",
    ]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(list((store / "parts").glob("*.parquet"))) < 4:
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    interchange = int((store / INTERCHANGE).read_text())
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not os.path.exists(f"/proc/{interchange}")
    ids = isosim.open_sweep(store).frame(["id"]).id
    assert len(ids) == len(np.unique(ids)) == 400


SRUN = """#!/bin/sh
# a stand-in: leaves out the options and runs the command; the first job is killed before it begins
printf '%s\\n' "$*" >> "$(dirname "$0")/calls"
while [ "$1" != "{python}" ]; do shift; done
mkdir "$(dirname "$0")/first" 2>/dev/null && exit 137
exec "$@"
"""


def test_jobs_through_srun(tmp_path, monkeypatch):
    """Batches shall go through srun with the spec's resources; one whose job dies shall be run again."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"srun": SRUN.format(python=sys.executable), "squeue": "#!/bin/sh\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    ready, target = load_sweep(spec(tmp_path, samples=20, batch=10)), Store(tmp_path / "store")
    engine = executors.make("slurm", ready, driver.job_of(ready, target))
    watch = Quiet()
    count = driver.run(ready, target, engine, watch)
    assert (count.done, count.failed) == (20, 0)
    calls = (programs / "calls").read_text().splitlines()
    assert len(calls) == 3
    assert all("--partition=long" in call and "--account=lab" in call for call in calls)
    assert len(watch.notes) == 1
