"""What doctor says of a machine, whole or lacking."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from isosim import doctor

PROBED = {
    "dolfinx": "0.9.0",
    "petsc": "3.22.5",
    "petsc4py": "3.22.4",
    "scalar": "float64",
    "mumps": True,
    "mpi": "Open MPI v5.0.7",
    "mpi4py": "4.0.3",
    "blas": "/usr/lib/x86_64-linux-gnu/openblas-serial/libblas.so.3",
    "ffcx_cache": "/nowhere/fenics",
}


def row(rows: list[doctor.Row], part: str) -> doctor.Row:
    (found,) = (row for row in rows if row.part == part)
    return found


@pytest.fixture
def probed(monkeypatch):
    """Reports as if dolfinx had brought along what PROBED says, with the changes given."""

    def report(**changes):
        monkeypatch.setattr(doctor, "_probe_apart", lambda: {**PROBED, **changes})
        return doctor.report()

    return report


def stub_dolfinx(folder: Path, body: str, monkeypatch) -> None:
    (folder / "dolfinx.py").write_text(body)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_import_loads_no_finite_elements():
    """Importing doctor shall not import dolfinx, petsc4py or mpi4py."""
    code = "import sys, isosim.doctor; print(*{'dolfinx', 'petsc4py', 'mpi4py'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_versions_are_those_in_use(probed):
    """The report shall name the versions that Python imports."""
    libraries = row(probed(), "libraries").found
    assert f"numpy {np.__version__}" in libraries
    assert f"numba {numba.__version__}" in libraries


@pytest.mark.fem
def test_this_machine_is_healthy():
    """Where dolfinx, PETSc, MUMPS and a compiler are there, the report shall say so and name the BLAS."""
    rows = doctor.report()
    assert doctor.healthy(rows), doctor.text(rows)
    assert row(rows, "dolfinx").found.startswith(doctor.TESTED_DOLFINX)
    assert row(rows, "mumps").state == "ok"
    assert "/" in row(rows, "blas").found or sys.platform != "linux"


def test_missing_dolfinx_names_three_ways_to_get_it(tmp_path, monkeypatch):
    """Without dolfinx the report shall say what still works and name the ways by apt, conda and docker."""
    stub_dolfinx(tmp_path, "raise ModuleNotFoundError(\"No module named 'dolfinx'\")", monkeypatch)
    rows = doctor.report()
    lacking = row(rows, "dolfinx")
    assert not doctor.healthy(rows)
    assert lacking.state == "missing"
    assert "No module named 'dolfinx'" in lacking.found
    assert "column" in lacking.found
    assert [remedy.split()[0] for remedy in lacking.remedy] == ["apt-get", "conda", "docker"]
    assert all(remedy in doctor.text(rows) for remedy in lacking.remedy)


def test_crashing_dolfinx_is_reported(tmp_path, monkeypatch):
    """A dolfinx that takes its process down at import shall be reported, not take doctor down."""
    stub_dolfinx(tmp_path, "import os; os._exit(11)", monkeypatch)
    lacking = row(doctor.report(), "dolfinx")
    assert lacking.state == "missing"
    assert "code 11" in lacking.found


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0",
        "conda/lib/libblas.so.3.9.0",
    ],
)
def test_reference_blas_is_slow(probed, path):
    """The reference BLAS shall be named as slow with a command that replaces it, and do no other harm."""
    rows = probed(blas=path)
    blas = row(rows, "blas")
    assert blas.state == "slow"
    assert "reference" in blas.found and path in blas.found
    assert blas.remedy
    assert row(rows, "dolfinx").state == "ok"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/usr/lib/x86_64-linux-gnu/openblas-serial/libblas.so.3", "openblas"),
        ("conda/lib/libopenblasp-r0.3.28.so", "openblas"),
        ("conda/lib/libmkl_rt.so.2", "mkl"),
    ],
)
def test_fast_blas_is_recognised(probed, path, name):
    """A tuned BLAS shall be recognised by its file or, as on Debian, by its folder."""
    blas = row(probed(blas=path), "blas")
    assert blas.state == "ok"
    assert blas.found == f"{name}: {path}"


def test_untested_dolfinx_is_named(probed):
    """A version of dolfinx that is not tested shall be told apart from one that is."""
    assert "tested" in row(probed(dolfinx="0.7.3"), "dolfinx").found
    assert row(probed(dolfinx="0.9.0"), "dolfinx").found == "0.9.0"


@pytest.mark.parametrize(
    ("change", "part"), [({"mumps": False}, "mumps"), ({"scalar": "complex128"}, "petsc scalars")]
)
def test_unfit_petsc_is_unhealthy(probed, change, part):
    """A PETSc without MUMPS or with complex scalars shall make the report unhealthy."""
    rows = probed(**change)
    assert not doctor.healthy(rows)
    assert row(rows, part).remedy


def test_missing_compiler(probed, tmp_path, monkeypatch):
    """Without a compiler the report shall say what to install, unless the FFCx cache is filled."""
    monkeypatch.setenv("PATH", str(tmp_path))
    rows = probed(ffcx_cache=str(tmp_path))
    assert row(rows, "C compiler").state == "missing"
    assert any("gcc" in remedy for remedy in row(rows, "C compiler").remedy)
    (tmp_path / "libffcx_forms_0.so").touch()
    assert row(probed(ffcx_cache=str(tmp_path)), "C compiler").state == "ok"


def test_caches_are_shown(probed, tmp_path, monkeypatch):
    """The report shall show where the caches are and whether they can be written."""
    rows = probed(ffcx_cache=str(tmp_path / "fenics"))
    assert str(tmp_path) in row(rows, "FFCx cache").found
    assert row(rows, "FFCx cache").state == "ok"
    assert "writable" in row(rows, "numba cache").found
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    unwritable = row(probed(ffcx_cache=str(tmp_path / "fenics")), "FFCx cache")
    assert unwritable.state == "slow"
    assert "XDG_CACHE_HOME" in unwritable.remedy[0]
