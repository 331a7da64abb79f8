"""The same answers on any number of ranks, and no rank left waiting."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import meshio
import numpy as np
import pytest

from isosim import cli, fem
from isosim.fem.partition import columns_beside, columns_of_rank
from isosim.stack import solid_mesh
from tests.fem.press_on_ranks import press, small_body

ROOT = Path(__file__).parents[2]
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1", "-n"]


def on_ranks(count, *arguments):
    """A finished run of `press_on_ranks.py`."""
    command = [*MPIRUN, str(count), sys.executable, "-m", "tests.fem.press_on_ranks", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def compare(found, reference, rtol):
    """All variables alike to rtol of their largest value."""
    for name in reference.data_vars:
        if reference[name].dtype.kind == "f":
            scale = np.nanmax(np.abs(reference[name]))
            np.testing.assert_allclose(found[name], reference[name], rtol=0, atol=rtol * scale, err_msg=name)


@pytest.mark.parametrize("count", [2, 3])
def test_any_number_of_ranks_gives_the_same(count, tmp_path):
    """A section and a solid on two and three ranks shall be those of one rank to 1e-9, with fields whole."""
    run = on_ranks(count, tmp_path)
    assert run.returncode == 0, run.stderr
    datasets = pickle.loads((tmp_path / "datasets").read_bytes())
    for fidelity, ds in datasets.items():
        assert ds.attrs["ranks"] == count
        compare(ds, press(fidelity), 1e-9)
        pieces = [meshio.read(tmp_path / fidelity / f"held_{rank}.vtu") for rank in range(count)]
        assert sum(len(piece.cells[0].data) for piece in pieces) == ds.attrs["cells"]
        listed = (tmp_path / fidelity / "held.pvtu").read_text()
        assert all(f"held_{rank}.vtu" in listed for rank in range(count))


def test_all_ranks_cut_when_one_fails(tmp_path):
    """When the law fails on one rank alone, all shall cut the step, and go on."""
    run = on_ranks(2, tmp_path, "law")
    assert run.returncode == 0, run.stderr
    broken = pickle.loads((tmp_path / "datasets").read_bytes())["section"]
    whole = press("section")
    assert broken.attrs["cuts"] == whole.attrs["cuts"] + 1
    compare(
        broken.isel(step=-1)[["thickness", "porosity"]], whole.isel(step=-1)[["thickness", "porosity"]], 1e-2
    )


def test_a_crash_of_one_rank_ends_all(tmp_path):
    """An error that only one rank meets shall end the run with its message and an exit code, not hang."""
    run = on_ranks(2, tmp_path, "crash")
    assert run.returncode != 0
    assert "a defect of one rank" in run.stderr


def test_a_column_on_many_ranks_is_refused(monkeypatch, tmp_path, capsys):
    """A column under mpirun shall be refused with exit code 2 before anything is written."""
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "0")
    monkeypatch.setattr("sys.argv", ["isosim", "press", "120RT-2", "--fidelity", "column", "--out", "out"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert "2 ranks" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_root_acts_alone():
    """What rank 0 does shall give its value, and raise its error."""
    assert fem.is_root() and fem.on_root(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        fem.on_root(lambda: 1 // 0)


@pytest.mark.parametrize("ranks", [1, 2, 3, 5, 8, 30])
def test_columns_are_shared_out_evenly(ranks):
    """Every rank shall get whole columns that hang together, about as many as the others."""
    mesh = solid_mesh(small_body(), 6)
    of_column = columns_of_rank(mesh, ranks)
    counts = np.bincount(of_column, minlength=ranks)
    assert len(of_column) == 36 and counts.min() >= 1
    assert counts.max() <= 2 * max(1, 36 // ranks)
    grid = of_column.reshape(-1, mesh.columns_along_x)
    for rank in range(ranks):
        j, i = np.nonzero(grid == rank)
        assert (grid[j.min() : j.max() + 1, i.min() : i.max() + 1] == rank).all()  # a rectangle
        beside = columns_beside(of_column, mesh.columns_along_x, rank)
        assert len(beside) == counts[rank] and rank not in np.concatenate([[-1], *beside])
