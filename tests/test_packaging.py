"""The road without make, root, compiler or dolfinx: a wheel in a bare virtual environment."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel that `pip install .` makes."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run(command, check=True)
    (built,) = folder.glob("isosim-*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """Runs a command of a virtual environment that holds the wheel, its dependencies and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
    hidden = ("PYTHONPATH", "PYTHONHOME", "CC", "CXX")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}

    def run(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [programs / program, *arguments],
            cwd=cwd,
            env={**kept, "PATH": str(programs)},
            capture_output=True,
            text=True,
        )

    return run


def test_wheel_is_complete(wheel):
    """The wheel shall hold every file of the package: code, cards, cases and templates."""
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "isosim").rglob("*") if path.is_file()}
    needed = {name for name in there if "__pycache__" not in name}
    assert any(name.endswith(".toml") for name in needed)
    assert needed == {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("isosim/")}


def test_column_in_a_bare_environment(bare, tmp_path):
    """Without dolfinx, compiler and make, a column case shall be pressed."""
    assert "ModuleNotFoundError" in bare("python", "-c", "import dolfinx", cwd=tmp_path).stderr
    done = bare("isosim", "press", "120RT-2", "--fidelity", "column", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "summary.csv").stat().st_size > 0


def test_section_in_a_bare_environment(bare, tmp_path):
    """Without dolfinx, section fidelity shall end with exit code 4, say how to get it, and write nothing."""
    done = bare("isosim", "press", "120RT-2", "--fidelity", "section", "--out", "out", cwd=tmp_path)
    assert done.returncode == 4
    assert all(way in done.stderr for way in ("conda", "docker", "make env"))
    assert not (tmp_path / "out").exists()


def test_doctor_in_a_bare_environment(bare, tmp_path):
    """Without dolfinx, doctor shall end with exit code 4 and say how to get it."""
    done = bare("isosim", "doctor", cwd=tmp_path)
    assert done.returncode == 4
    assert all(way in done.stdout for way in ("apt-get", "conda", "docker"))
