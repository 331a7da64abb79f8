"""The command line as a user meets it: exit codes, what is written and what is not."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import xarray as xr

from isosim.data import validate as data
from tests.interruptible import interruptible

HIDE_DOLFINX = "import sys; sys.modules['dolfinx'] = None; from isosim.cli import main; main()"
BAD = """
schema_version = 1
recipe = { pressure = "400", faces = ["top"] }

[[layer]]
name = "plate"
material = { E = "200 GPa", nu = 0.3 }
thickness = "0.2 kg"
half_width = "2 mm"
"""


def isosim(*arguments, cwd, program=("-m", "isosim.cli")):
    return subprocess.run([sys.executable, *program, *arguments], cwd=cwd, capture_output=True, text=True)


def test_press_writes_a_complete_folder(tmp_path):
    """Exit code 0 shall mean that dataset, tables, figures, report and manifest are there."""
    done = isosim("press", "120RT-2", "--fidelity", "column", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out" / "120RT-2"
    for name in ("120RT-2/result.nc", "summary.csv", "summary.xlsx", "report.html", "manifest.json"):
        assert (out / name).stat().st_size > 0, name
    manifest = json.loads((out / "manifest.json").read_text())
    assert "host" not in manifest
    assert manifest["input_hash"]


def test_bad_case_writes_nothing(tmp_path):
    """A bad case shall end with 2, name all that is wrong, and leave no file behind."""
    (tmp_path / "bad.toml").write_text(BAD)
    done = isosim("press", "bad.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "without a unit" in done.stderr
    assert "0.2 kg" in done.stderr
    assert os.listdir(tmp_path) == ["bad.toml"]


def test_foreign_folder_is_left_alone(tmp_path):
    """A folder with other files shall be refused before anything is computed."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("precious")
    done = isosim("press", "120RT-2", "--fidelity", "column", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert os.listdir(tmp_path / "out") == ["thesis.tex"]


@pytest.mark.fem
def test_solver_failure_keeps_the_finished_steps(monkeypatch, tmp_path, capsys):
    """When a step cannot be solved the run shall end with 3 and leave the converged ones on disk."""
    from isosim import cli
    from isosim.fem.newton import Newton, NoConvergence

    solve = Newton.solve

    def solve_up_to_30_MPa(self, load):
        if load.pressure > 30e6:
            raise NoConvergence("beyond 30 MPa")
        return solve(self, load)

    monkeypatch.setattr(Newton, "solve", solve_up_to_30_MPa)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["isosim", "press", "120RT-2", "--out", "run"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 3
    assert "no equilibrium beyond 29." in capsys.readouterr().err
    partial = xr.open_dataset(tmp_path / "run" / "120RT-2" / "partial.nc", engine="scipy")
    assert partial.attrs["complete"] == 0
    assert 29e6 < float(partial.pressure.max()) < 30e6
    assert not (tmp_path / "run" / "report.html").exists()


def test_missing_dolfinx_names_the_remedies(tmp_path):
    """Without dolfinx a section shall end with 4 and three ways out; a column shall work."""
    program = ("-c", HIDE_DOLFINX)
    done = isosim("press", "120RT-2", "--fidelity", "section", cwd=tmp_path, program=program)
    assert done.returncode == 4
    for remedy in ("make env", "conda", "docker"):
        assert remedy in done.stderr
    done = isosim("press", "120RT-2", "--fidelity", "column", cwd=tmp_path, program=program)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_validate_ends_with_1_when_a_judged_row_fails(monkeypatch, tmp_path, holds, code):
    """`validate` shall end with 1 exactly when a judged row does not hold, and write its rows either way."""
    from isosim import cli

    row = data.Row("120RT-2", "cathode reduction", "%", 23.0, 20.0, 30.0, holds, "fitted")
    monkeypatch.setattr(data, "validate", lambda datasets: [row])
    path = tmp_path / "rows.json"
    arguments = ["isosim", "validate", "dixit2024", "--fidelity", "column", "--json", str(path)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == code
    assert json.loads(path.read_text())[0]["holds"] is holds


@pytest.mark.fem
def test_interrupt_keeps_finished_cells(tmp_path):
    """Ctrl-C shall leave the cells that are finished readable and end with 130."""
    command = "isosim.cli press dixit2024 --fidelity section --out run".split()
    run = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    )
    first = tmp_path / "run" / "120RT-2" / "result.nc"
    until = time.monotonic() + 300.0
    while not first.exists() and run.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 130, errors
    assert "interrupted" in errors
    assert xr.open_dataset(first, engine="scipy").attrs["complete"] == 1
    again = isosim("press", "120RT-2", "--fidelity", "column", "--out", "run", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


def test_rerun_replaces_the_earlier_run(tmp_path):
    """The same folder shall hold the last run only, and what a user put beside it."""
    assert isosim("press", "120RT-2", "--fidelity", "column", "--out", "run", cwd=tmp_path).returncode == 0
    (tmp_path / "run" / "notes.txt").write_text("mine")
    assert isosim("press", "120RT-4", "--fidelity", "column", "--out", "run", cwd=tmp_path).returncode == 0
    names = set(os.listdir(tmp_path / "run"))
    assert "120RT-2" not in names
    assert {"120RT-4", "notes.txt", "report.html"} <= names
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["complete"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "dixit2024", "--json", "no/such/rows.json"),
        ("mesh", "120RT-2", "no/such/mesh.vtu"),
        ("press", "120RT-2", "--fidelity", "column", "--out", "/proc/isosim"),
    ],
)
def test_a_place_that_cannot_be_written_is_bad_input(arguments, tmp_path):
    """An output that cannot be written shall be refused before anything is computed, with 2."""
    done = isosim(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert os.listdir(tmp_path) == []
