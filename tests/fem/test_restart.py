"""A run that was ended goes on from its checkpoint, to the same answer."""

import json
import pickle
import subprocess
import sys
import time

import numpy as np
import pytest

from isosim import case as cases
from isosim.errors import InputError
from isosim.fem import checkpoint
from isosim.pressing import press as press_case
from isosim.report import netcdf
from tests.fem.press_on_ranks import press
from tests.fem.test_ranks import compare, on_ranks

TWO = """
schema_version = 1
model = { fidelity = "section", section = { columns = 4 } }

[[cell]]
name = "first"
recipe = { pressure = "100 MPa", hold = "1 min" }

[[cell]]
name = "second"
recipe = { pressure = "200 MPa", hold = "1 min" }
"""
LAYER = """
[[{table}layer]]
name = "{name}"
material = {material}
thickness = "{thickness} um"
half_width = "2 mm"
elements = 6
"""


class Ended(Exception):
    """The end of a run, as by kill -9."""


class EndAfter:
    """Ends a run after so many steps."""

    def __init__(self, steps):
        self.left = steps

    def step(self, *_):
        self.left -= 1
        if self.left < 0:
            raise Ended

    def note(self, text):
        """Nothing."""


@pytest.fixture
def ended(tmp_path, monkeypatch):
    """The checkpoint of a run of the draped body that was ended in its fourth step."""
    monkeypatch.setattr(checkpoint, "SHARE", np.inf)
    path = tmp_path / "checkpoint.npz"
    with pytest.raises(Ended):
        press("draped", checkpoint=path, progress=EndAfter(3))
    return path


def test_one_rank_goes_on_to_the_last_bit(ended):
    """On one rank a run that goes on shall give what an uninterrupted one gives, bit by bit."""
    ds, whole = press("draped", checkpoint=ended), press("draped")
    for name in whole.data_vars:
        np.testing.assert_array_equal(ds[name], whole[name], err_msg=name)
    assert (ds.attrs["restarts"], whole.attrs["restarts"]) == (1, 0)
    assert ds.attrs["factorisations"] == whole.attrs["factorisations"]


def test_ranks_may_change(ended, tmp_path):
    """A run of one rank shall go on on two, and one of two on one, to the same answer to 1e-9."""
    run = on_ranks(2, tmp_path, "restart")
    assert run.returncode == 0, run.stderr
    on_two = pickle.loads((tmp_path / "datasets").read_bytes())["draped"]
    back = press("draped", checkpoint=ended)  # as written by two ranks after the last step
    whole = press("draped")
    for ds, restarts in ((on_two, 1), (back, 2)):
        assert ds.attrs["restarts"] == restarts
        compare(ds, whole, 1e-9)


def test_a_damaged_or_foreign_checkpoint_is_refused(ended):
    """A checkpoint that is cut off, changed or of another case shall be an input error that names it."""
    content = ended.read_bytes()
    with pytest.raises(InputError, match=r"checkpoint\.npz, of another case"):
        press("draped", checkpoint=ended, identity="another")
    middle = len(content) // 2
    for damaged in (content[:middle], content[:middle] + b"####" + content[middle + 4 :], b""):
        ended.write_bytes(damaged)
        with pytest.raises(InputError, match=r"checkpoint\.npz, damaged"):
            press("draped", checkpoint=ended)


def test_a_damaged_checkpoint_ends_all_ranks(tmp_path):
    """On two ranks a damaged checkpoint shall end both with its message."""
    (tmp_path / "checkpoint.npz").write_bytes(b"no archive")
    run = on_ranks(2, tmp_path, "restart")
    assert run.returncode != 0
    assert "checkpoint.npz, damaged" in run.stderr


def test_a_killed_press_goes_on(tmp_path):
    """After kill -9 `press --restart` shall skip finished cells, go on with the running one to the same
    answer, and leave no checkpoint; a run of other input shall be refused and left alone."""
    layers = [("foil", '"al_foil"', 15), ("coating", '"nmc622"', 70), ("sheet", '"celgard2325"', 25)]
    text = TWO.split("[[cell]]", 1)
    body = "".join(
        LAYER.format(table="", name=name, material=material, thickness=t) for name, material, t in layers
    )
    spec = tmp_path / "two.toml"
    spec.write_text(text[0] + body + "\n[[cell]]" + text[1])
    out = tmp_path / "out"
    command = [sys.executable, "-m", "isosim.cli", "press", str(spec), "--out", str(out)]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    second, until = out / "second" / "checkpoint.npz", time.monotonic() + 300.0
    while not second.exists() and run.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    run.kill()
    run.wait()
    assert second.exists() and not (out / "report.html").exists()
    first = (out / "first" / "result.nc").stat().st_mtime_ns

    other = tmp_path / "other.toml"
    other.write_text(spec.read_text().replace("200 MPa", "201 MPa"))
    command[4] = str(other)
    refused = subprocess.run([*command, "--restart"], capture_output=True, text=True)
    assert refused.returncode == 2 and "second" in refused.stderr
    assert second.exists()

    command[4] = str(spec)
    again = subprocess.run([*command, "--restart"], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert (out / "first" / "result.nc").stat().st_mtime_ns == first
    assert not second.exists()
    assert json.loads((out / "manifest.json").read_text())["complete"] is True
    ds = netcdf.read(out / "second" / "result.nc")
    assert ds.attrs["restarts"] == 1
    whole = press_case(cases.load_set(spec)[1])
    for name in whole.data_vars:
        np.testing.assert_array_equal(ds[name], whole[name], err_msg=name)
