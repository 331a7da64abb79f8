"""The law in finite elements: stacks on fenics-dolfinx, the only home of dolfinx and PETSc."""

from __future__ import annotations

from importlib.util import find_spec

from isosim.errors import MissingPartError

__all__ = ["is_root", "leave", "on_root", "petsc_options", "run"]

if find_spec("dolfinx") is None:
    raise MissingPartError(
        "the fidelities section, axisymmetric and solid need fenics-dolfinx, which this Python does not\n"
        "have. Get it by one of\n"
        "  make env                                     (Debian and Ubuntu: installs python3-dolfinx-real)\n"
        "  conda env create -f environment.yml          (conda-forge)\n"
        "  docker build -t isosim . && docker run -it isosim\n"
        "or press with --fidelity column, which does not need it."
    )

from isosim.fem.linear import petsc_options
from isosim.fem.ranks import is_root, leave, on_root
from isosim.fem.run import run
