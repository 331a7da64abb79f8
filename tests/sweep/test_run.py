"""A sweep that runs: nothing lost, nothing twice, failures kept."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import isosim
from isosim.errors import InputError, SolverError
from isosim.sweep import session, show
from isosim.sweep.store import Store, StoreError
from tests.interruptible import interruptible
from tests.sweep.specs import Quiet, run_here, sweep, write
from tests.sweep.specs import isosim as command

CASES = 600


def log(store):
    """The lines of the run log."""
    return [json.loads(line) for line in (store / "log.jsonl").read_text().splitlines()]


def start(spec, store):
    """A driver as its own process."""
    arguments = [sys.executable, "-m", "isosim.cli", "sweep", "run", str(spec), "--store", str(store)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(arguments, **quiet, preexec_fn=interruptible)


def wait_for_parts(store, count, driver=None):
    """Until a store has so many parts."""
    end = time.monotonic() + 120.0
    while len(list((store / "parts").glob("*.parquet"))) < count:
        assert time.monotonic() < end, "no parts"
        assert driver is None or driver.poll() is None, "the driver ended early"
        time.sleep(0.01)


def workers_of(driver):
    """Process numbers of the workers of a driver."""
    task = Path(f"/proc/{driver.pid}/task")
    return [int(pid) for thread in task.iterdir() for pid in (thread / "children").read_text().split()]


def assert_complete(spec, store, failed=0):
    """Every case of the spec is in the store, once."""
    view = isosim.open_sweep(store)
    ids = view.frame(["id"]).id.to_numpy().astype("S24")
    expected = sweep(spec.parent, **KEYS).ids
    assert len(ids) == len(set(ids)) == len(expected) - failed
    assert not set(ids) - set(expected)


KEYS = {"samples": CASES, "batch": 10, "processes": 2}
LISTED = {"method": "list", "file": "cases.csv", "samples": None, "seed": None, "vary": ()}


@pytest.fixture
def store(tmp_path):
    """A finished store of a hundred columns in parts of ten, and its sweep."""
    ready = sweep(tmp_path, samples=100, batch=10)
    run_here(ready, tmp_path / "store")
    return ready, tmp_path / "store"


def begins(store):
    """How many cases were to run, each time."""
    return [event["todo"] for event in log(store) if event["event"] == "begin"]


def test_killed_driver_and_worker(tmp_path):
    """After SIGKILL of the driver, of a worker and of the driver again, every case shall be there once."""
    spec, store = write(tmp_path, **KEYS), tmp_path / "store"
    driver = start(spec, store)
    wait_for_parts(store, 3, driver)
    driver.kill()
    driver.wait()
    driver = start(spec, store)
    wait_for_parts(store, 12, driver)
    os.kill(workers_of(driver)[0], signal.SIGKILL)
    wait_for_parts(store, 20, driver)
    driver.kill()
    driver.wait()
    last = command("sweep", "run", spec, "--store", store)
    assert last.returncode == 0, last.stderr
    assert_complete(spec, store)
    lines = [event for event in log(store) if event["event"] == "begin"]
    assert [b["todo"] + b["done"] for b in lines] == [CASES] * 3
    assert lines[0]["done"] < lines[1]["done"] < lines[2]["done"]
    assert any(event["event"] == "lost" and "signal 9" in event["reason"] for event in log(store))
    assert {path.suffix for path in (store / "parts").iterdir()} == {".parquet"}


def test_interrupt_ends_at_once(tmp_path):
    """Ctrl-C shall end with 130, keep what is finished, and leave no process."""
    spec, store = write(tmp_path, **KEYS), tmp_path / "store"
    driver = start(spec, store)
    wait_for_parts(store, 2, driver)
    workers = workers_of(driver)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(30.0) == 130
    assert workers
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_same_sweep_does_nothing_again(store):
    """The same sweep on a finished store shall run no case."""
    ready, folder = store
    before = sorted(path.name for path in (folder / "parts").iterdir())
    run_here(ready, folder)
    assert sorted(path.name for path in (folder / "parts").iterdir()) == before
    assert begins(folder) == [100, 0]


@pytest.mark.parametrize("harm", ["truncated", "changed", "removed"])
def test_harmed_parts_are_run_again(store, harm):
    """A part that was cut, altered in one byte or taken away shall be run again, and only that."""
    ready, folder = store
    frame = isosim.open_sweep(folder).frame().set_index("id").sort_index()
    part = sorted((folder / "parts").iterdir())[0]
    content = bytearray(part.read_bytes())
    if harm == "removed":
        part.unlink()
    elif harm == "truncated":
        part.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
    watch = Quiet()
    assert run_here(ready, folder, watch=watch).done == 100
    assert any("damaged" in note for note in watch.notes) == (harm != "removed")
    assert begins(folder) == [100, 10]
    again = isosim.open_sweep(folder).frame().set_index("id").sort_index()
    np.testing.assert_array_equal(again.drop(columns="seconds"), frame.drop(columns="seconds"))


@pytest.mark.parametrize("room", [8_000, 60_000])  # for the manifest too little, for a part
def test_full_disk_stops_and_goes_on(tmp_path, room):
    """A store that cannot be written shall stop the sweep and say so; it shall be finished later."""
    ready, folder = sweep(tmp_path, samples=400, batch=400), tmp_path / "store"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            run_here(ready, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((folder / "parts").iterdir())
    assert run_here(ready, folder).done == 400


def test_failed_cases_are_kept_and_retried(tmp_path):
    """A case that cannot be shall be recorded with its reason, stop nothing, and be run again when asked."""
    (tmp_path / "cases.csv").write_text(
        "nmc622.cap.minimum_porosity,nmc622.porosity\n0.05,0.35\n0.30,0.30\n0.06,0.35\n0.32,0.31\n"
    )
    ready, folder = sweep(tmp_path, **LISTED), tmp_path / "store"
    count = run_here(ready, folder)
    assert (count.done, count.failed) == (2, 2)
    failed = isosim.open_sweep(folder).sql("SELECT * FROM failed")
    assert all("porosity" in reason for reason in failed.reason)
    numbers = show.numbers(isosim.open_sweep(folder))
    assert (numbers["cases"], numbers["done"], numbers["failed"], numbers["to_run"]) == (4, 2, 2, 0)
    run_here(ready, folder)
    run_here(ready, folder, retry_failed=True)
    assert begins(folder) == [4, 0, 2]


def test_failed_section_does_not_stop_the_others(tmp_path, monkeypatch):
    """What goes wrong inside a case shall be kept with its log."""

    def broken(case):
        raise SolverError(f"no balance at {case.recipe.pressure:.4g} Pa")

    monkeypatch.setattr("isosim.sweep.worker.press", broken)
    count = run_here(sweep(tmp_path, samples=3, fields=True), tmp_path / "store")
    assert (count.done, count.failed) == (0, 3)
    failed = isosim.open_sweep(tmp_path / "store").sql("SELECT reason, log FROM failed")
    assert all("no balance at" in reason for reason in failed.reason)
    assert all("Traceback" in text for text in failed.log)


def test_case_that_kills_its_process(tmp_path):
    """A case that takes its process down shall be found, recorded, and cost no other case."""
    ready = sweep(tmp_path, samples=8, batch=8)
    count = run_here(ready, tmp_path / "store", culprit=ready.ids[3])
    assert (count.done, count.failed) == (7, 1)
    failed = isosim.open_sweep(tmp_path / "store").sql("SELECT id, reason FROM failed")
    assert failed.id[0].encode() == ready.ids[3]
    assert "signal 11" in failed.reason[0]


def test_two_drivers_are_one_too_many(store):
    """A second driver on a store that is being worked on shall be refused."""
    ready, folder = store
    with Store(folder).driving(), pytest.raises(InputError, match="another sweep run"):
        run_here(ready, folder)


def test_store_keeps_to_its_sweep(store, tmp_path):
    """A store of another sweep and a folder with other files shall be refused, and left as they are."""
    _, folder = store
    before = sorted(path.name for path in (folder / "parts").iterdir())
    other = sweep(tmp_path, samples=100, seed=2)
    with pytest.raises(InputError, match="not of this sweep"):
        run_here(other, folder)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("precious")
    with pytest.raises(InputError, match="other files"):
        run_here(other, foreign)
    assert os.listdir(foreign) == ["thesis.tex"]
    assert sorted(path.name for path in (folder / "parts").iterdir()) == before


def test_store_grows_with_its_sequence(tmp_path):
    """Twice the samples of a Sobol sequence in the same store shall run only the new ones."""
    for samples in (32, 64):
        run_here(sweep(tmp_path, method="sobol", samples=samples), tmp_path / "store")
    assert begins(tmp_path / "store") == [32, 32]


def test_stacks_of_their_own(tmp_path):
    """Keys that change the stack shall be swept with those that do not."""
    vary = ['"stack.electrodes" = [2, 4]', '"recipe.pressure" = ["100 MPa", "200 MPa"]']
    ready = sweep(tmp_path, method="grid", samples=None, seed=None, vary=vary)
    assert run_here(ready, tmp_path / "store").done == 4
    height = isosim.open_sweep(tmp_path / "store").frame().groupby("stack.electrodes").height_held.mean()
    assert height[4] > 1.4 * height[2]


def test_dry_run_writes_nothing(tmp_path):
    """A dry run shall count the cases and write nothing."""
    text = session.dry_run(write(tmp_path), tmp_path / "store")
    assert text.startswith("200 cases")
    assert not (tmp_path / "store").exists()


def test_fields_are_kept_where_asked(tmp_path):
    """With fields = true every case shall leave its whole dataset under its id."""
    run_here(sweep(tmp_path, samples=2, fields=True, batch=None), tmp_path / "store")
    view = isosim.open_sweep(tmp_path / "store")
    row = view.frame().iloc[0]
    ds = view.fields(row["id"])
    assert float(ds.cell_reduction.sel(kind="cathode", definition="coating")) == pytest.approx(
        row["reduction_cathode_coating"], rel=1e-12
    )


def test_view_has_units(store):
    """A store shall open as an xarray dataset in SI with units, and answer SQL; bad SQL is bad input."""
    view = isosim.open_sweep(store[1])
    ds = view.dataset()
    assert ds.sizes["case"] == 100
    assert ds["recipe.pressure"].attrs["units"] == "Pa"
    assert ds.thickness_cathode_coating_held.attrs["units"] == "m"
    assert json.loads(session.answer(view, "select count(*) as n from cases", True)) == [{"n": 100}]
    with pytest.raises(InputError, match="nowhere"):
        view.sql("select nothing from nowhere")


def test_show_is_the_command(store):
    """The command shall print the same counts as JSON, and end with 0 where nothing failed."""
    done = command("sweep", "show", store[1], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["done"] == 100


@pytest.mark.fem
def test_sections_run_too(tmp_path):
    """A sweep of sections shall have the readings of the column and those of its films."""
    vary = [
        '"recipe.pressure" = ["4 MPa", "20 MPa"]',
        '"model.section.columns" = [4]',
        '"recipe.hold" = ["1 s"]',
    ]
    keys = {"fidelity": "section", "method": "grid", "samples": None, "seed": None, "batch": None}
    assert run_here(sweep(tmp_path, vary=vary, **keys), tmp_path / "store").done == 2
    frame = isosim.open_sweep(tmp_path / "store").frame().sort_values("recipe.pressure")
    assert frame.porosity_cathode_disassembled.is_monotonic_decreasing
    np.testing.assert_allclose(frame.film_pressure_highest, [4e6, 20e6], rtol=0.1)
