"""What this machine has of what isosim needs, and the command that mends what it lacks."""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any, Literal

from isosim import __version__

State = Literal["ok", "slow", "missing"]

LIBRARIES = (
    "numpy scipy numba xarray pandas pydantic pint meshio matplotlib jinja2 openpyxl typer rich".split()
)
TESTED_DOLFINX = ("0.5", "0.9", "0.11")
GET_LIBRARIES = ("make env", "pip install .")
GET_DOLFINX = (
    "apt-get install --no-install-recommends python3-dolfinx-real python3-venv libopenblas0-serial"
    " gcc libc6-dev python3-dev   (Debian, Ubuntu; make env does this and the rest)",
    "conda env create -f environment.yml && conda activate isosim",
    "docker build -t isosim . && docker run -it isosim",
)


@dataclass(frozen=True)
class Row:
    """One part: what was found, whether that is enough, and the commands that mend it (any one of them)."""

    part: str
    found: str
    state: State = "ok"
    remedy: tuple[str, ...] = ()


def report() -> list[Row]:
    """Look at this machine.

    dolfinx is looked at in a process of its own: one that is broken cannot take this one down.
    """
    probed = _probe_apart()
    rows = [
        Row("isosim", f"{__version__} in {Path(__file__).parent}"),
        Row("python", f"{platform.python_version()} at {sys.executable}"),
        *_libraries(),
        *_finite_elements(probed),
        _compiler(probed.get("ffcx_cache")),
        _cores(),
        _numba_cache(),
    ]
    if "ffcx_cache" in probed:
        rows.append(_cache("FFCx cache", Path(probed["ffcx_cache"]), "XDG_CACHE_HOME"))
    return rows


def healthy(rows: Sequence[Row]) -> bool:
    """Whether every fidelity can run; what is only slow does no harm."""
    return all(row.state != "missing" for row in rows)


def text(rows: Sequence[Row]) -> str:
    """The report as lines to read."""
    lines = []
    for row in rows:
        lines.append(f"{row.state:8s}{row.part:13s} {row.found}")
        lines += [
            f"{'':22s}{'mend:' if n == 0 else 'or:':6s}{command}" for n, command in enumerate(row.remedy)
        ]
    return "\n".join(lines)


def _libraries() -> list[Row]:
    versions, missing = [], []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    rows = [Row("libraries", ", ".join(versions))]
    if missing:
        rows.append(Row("libraries", f"not found: {', '.join(missing)}", "missing", GET_LIBRARIES))
    return rows


def _finite_elements(probed: dict[str, Any]) -> list[Row]:
    if "error" in probed:
        found = f"cannot be imported, so only column fidelity works: {probed['error']}"
        return [Row("dolfinx", found, "missing", GET_DOLFINX)]
    tested = any(probed["dolfinx"].startswith(f"{version}.") for version in TESTED_DOLFINX)
    rows = [
        Row("dolfinx", probed["dolfinx"] + ("" if tested else f" (tested: {', '.join(TESTED_DOLFINX)})")),
        Row("petsc", f"{probed['petsc']} with petsc4py {probed['petsc4py']}"),
        Row("mpi", f"{probed['mpi']} with mpi4py {probed['mpi4py']}"),
    ]
    if probed["scalar"] != "float64":
        remedy = ("unset PETSC_DIR PETSC_ARCH SLEPC_DIR   (Debian, Ubuntu)",)
        rows.append(Row("petsc scalars", f"{probed['scalar']}, needed float64", "missing", remedy))
    if probed["mumps"]:
        rows.append(Row("mumps", "in PETSc"))
    else:
        rows.append(Row("mumps", "not in this PETSc; sections need it", "missing", GET_DOLFINX))
    return [*rows, _blas(probed["blas"])]


def _blas(path: str | None) -> Row:
    """Judge a BLAS by the name of its shared library, or of the folder that Debian keeps it in."""
    if path is None:
        return Row("blas", "could not be determined")
    for name in ("openblas", "mkl", "blis", "nvpl", "armpl", "atlas", "Accelerate"):
        if name in "/".join(Path(path).parts[-2:]):
            return Row("blas", f"{name}: {path}")
    if glob("/usr/lib/*/openblas-*/libblas.so.3"):
        triplet = sysconfig.get_config_var("MULTIARCH")
        remedy = f"update-alternatives --auto libblas.so.3-{triplet}"
    elif shutil.which("apt-get"):
        remedy = "apt-get install libopenblas0-serial"
    else:
        remedy = 'conda install -c conda-forge "libblas=*=*openblas"'
    return Row("blas", f"reference BLAS, factorises 2 to 3 times slower: {path}", "slow", (remedy,))


def _compiler(ffcx_cache: str | None) -> Row:
    compiler = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0])
    header = Path(sysconfig.get_path("include"), "Python.h")
    if compiler and header.exists():
        return Row("C compiler", f"{compiler}, {header}")
    lacking = "no C compiler" if compiler is None else f"no {header}"
    if ffcx_cache and glob(f"{ffcx_cache}/libffcx_*.so"):
        return Row("C compiler", f"{lacking}; what the FFCx cache holds (isosim warmup) runs without")
    remedy = ("apt-get install gcc libc6-dev python3-dev", "conda install -c conda-forge c-compiler")
    return Row("C compiler", f"{lacking}: dolfinx cannot compile forms", "missing", remedy)


def _cores() -> Row:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = {name: os.environ.get(name, "not set") for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}
    told = ", ".join(f"{name} {value}" for name, value in threads.items())
    return Row("cores", f"{usable} usable of {os.cpu_count()}; {told}")


def _numba_cache() -> Row:
    try:
        from isosim.law.batch import _advance
    except ImportError as error:
        return Row("numba cache", f"isosim.law cannot be imported: {error}", "missing", GET_LIBRARIES)
    return _cache("numba cache", Path(_advance.stats.cache_path), "NUMBA_CACHE_DIR")


def _cache(part: str, folder: Path, variable: str) -> Row:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(there, os.W_OK):
        return Row(part, f"{folder}, writable")
    if folder.exists() and any(folder.iterdir()):
        return Row(part, f"{folder}, filled, not writable")
    remedy = f"export {variable}=FOLDER   (a writable one)"
    return Row(part, f"{folder}, not writable: every run compiles anew", "slow", (remedy,))


def _probe_apart() -> dict[str, Any]:
    command = [sys.executable, "-c", "from isosim.doctor import probe; probe()"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        last = done.stderr.strip().rpartition("\n")[2]
        return {"error": last or f"python ended with code {done.returncode}"}


def probe() -> None:
    """Print, as one line of JSON, what dolfinx brings along; `report` calls this in a process of its own."""
    import dolfinx
    import dolfinx.jit
    import mpi4py
    import numpy as np
    import petsc4py
    from mpi4py import MPI
    from petsc4py import PETSc

    matrix = PETSc.Mat().createAIJ((1, 1), comm=MPI.COMM_SELF)
    matrix.setUp()
    matrix[0, 0] = 1.0
    matrix.assemble()
    preconditioner = PETSc.PC().create(MPI.COMM_SELF)
    preconditioner.setOperators(matrix)
    preconditioner.setType("lu")
    preconditioner.setFactorSolverType("mumps")
    try:
        preconditioner.setUp()
        mumps = True
    except PETSc.Error:
        mumps = False
    options = getattr(dolfinx.jit, "get_options", None) or dolfinx.jit.get_parameters
    found = {
        "dolfinx": dolfinx.__version__,
        "petsc": ".".join(map(str, PETSc.Sys.getVersion())),
        "petsc4py": petsc4py.__version__,
        "scalar": np.dtype(PETSc.ScalarType).name,
        "mumps": mumps,
        "mpi": MPI.Get_library_version().strip("\0 \n").partition("\n")[0].partition(",")[0],
        "mpi4py": mpi4py.__version__,
        "blas": _blas_below(PETSc.__file__),
        "ffcx_cache": str(options({})["cache_dir"]),
    }
    print(json.dumps(found))


def _blas_below(library: str) -> str | None:
    """The shared library in which `library` finds its matrix product, symbolic links resolved."""

    class Origin(ctypes.Structure):
        _fields_ = (
            ("file", ctypes.c_char_p),
            ("base", ctypes.c_void_p),
            ("symbol", ctypes.c_char_p),
            ("address", ctypes.c_void_p),
        )

    origin = Origin()
    try:
        product = ctypes.cast(ctypes.CDLL(library).dgemm_, ctypes.c_void_p)
        found = ctypes.CDLL(None).dladdr(product, ctypes.byref(origin))
    except (AttributeError, OSError, TypeError):
        return None
    return os.path.realpath(origin.file.decode()) if found else None
