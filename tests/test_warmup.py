"""Once warmed up, nothing is compiled any more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sweep.specs import write

COMPILER = re.compile(r"(^|-)(cc|gcc|c\+\+|g\+\+|clang|icx|tcc|c[89]9)(-|\+|$)")
# a network of its own with nothing but the machine itself, which MPI talks to: SIOCSIFFLAGS, IFF_UP
LOOPBACK = """
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))
os.execv(sys.argv[1], sys.argv[1:])
"""
UNSHARE = ("unshare", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--net")
NO_NETWORK = (*UNSHARE, sys.executable, "-c", LOOPBACK)
PRESS = ("press", "120RT-2", "--fidelity", "section", "--out", "out")
SMALL_SOLID = """
schema_version = 1
scenario = "coating"
stack = { electrodes = 2, cathode.loading = "11.45 mg/cm^2", anode.loading = "7.5 mg/cm^2" }
recipe = { pressure = "1 MPa", hold = "1 s" }
model = { fidelity = "solid", solid.columns = 2 }
"""


def tools_but_no_compiler(folder: Path) -> Path:
    """A folder to put on PATH in place of all others: MPI needs programs of its own, but no compiler."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*"):
            link = folder / program.name
            if not COMPILER.search(program.name) and not link.is_symlink():
                link.symlink_to(program)
    return folder


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Runs isosim with caches of its own in `folder`: as here, or without compiler and network."""
    folder = tmp_path_factory.mktemp("machine")
    without_compiler = {**os.environ, "PATH": str(tools_but_no_compiler(folder / "bin")), "CC": "cc"}

    def run(*arguments: str, compiler: bool, forms: Path = folder / "cache", **more: str):
        environment = (os.environ if compiler else without_compiler) | {
            **more,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "XDG_CACHE_HOME": str(forms),
            "NUMBA_CACHE_DIR": str(folder / "cache" / "numba"),
        }
        command = [*(() if compiler else NO_NETWORK), sys.executable, "-m", "isosim.cli", *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)

    run.folder = folder
    warmed = run("warmup", compiler=True)
    assert warmed.returncode == 0, warmed.stderr
    return run


def compiled(folder: Path) -> set[Path]:
    """Compiled forms and numba kernels below a folder."""
    return {path for path in folder.rglob("*") if path.suffix in (".so", ".nbc")}


@pytest.mark.fem
def test_press_without_compiler(machine):
    """After warmup a section shall be pressed without compiler and network, and compile nothing."""
    before = compiled(machine.folder / "cache")
    assert {path.suffix for path in before} == {".so", ".nbc"}
    done = machine(*PRESS, compiler=False)
    assert done.returncode == 0, done.stderr
    assert (machine.folder / "out" / "report.html").exists()
    assert compiled(machine.folder / "cache") == before


@pytest.mark.fem
def test_solid_with_multigrid_without_compiler(machine):
    """After warmup a solid shall be pressed with multigrid, as large ones are, and compile nothing."""
    before = compiled(machine.folder / "cache")
    (machine.folder / "small.toml").write_text(SMALL_SOLID)
    options = "-isosim_pc_type mg"
    done = machine("press", "small.toml", "--out", "solid", compiler=False, PETSC_OPTIONS=options)
    assert done.returncode == 0, done.stderr
    assert "multigrid" in done.stdout + done.stderr
    assert compiled(machine.folder / "cache") == before


@pytest.mark.fem
@pytest.mark.parametrize("fidelity", ["column", "section"])
def test_sweep_without_compiler(machine, fidelity):
    """After warmup a batch of a sweep shall run without compiler and network, and compile nothing."""
    before = compiled(machine.folder / "cache")
    vary = ['"recipe.pressure" = ["1 MPa", "2 MPa"]', '"model.section.columns" = [4]']
    keys = {"method": "grid", "samples": None, "seed": None, "batch": 2, "processes": 1}
    spec = write(machine.folder, f"{fidelity}.toml", vary=vary, fidelity=fidelity, **keys)
    done = machine("sweep", "run", str(spec), "--store", fidelity, compiler=False)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 cases done" in done.stdout
    assert compiled(machine.folder / "cache") == before


@pytest.mark.fem
def test_compiler_is_really_hidden(machine, tmp_path):
    """Without warmup the same press shall fail where there is no compiler: the test above can fail."""
    done = machine(*PRESS, compiler=False, forms=tmp_path)
    assert done.returncode == 4, done.stderr
    assert "there is no C compiler" in done.stderr
