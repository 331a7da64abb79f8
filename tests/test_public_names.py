"""What `import isosim` offers."""

import subprocess
import sys

import pytest

import isosim


@pytest.mark.parametrize("name", isosim.__all__)
def test_public_name(name):
    """Every public name shall be a function or class, whatever else was imported before."""
    assert callable(getattr(isosim, name))
    assert callable(getattr(isosim, name))


def test_import_is_light():
    """`import isosim` alone shall import none of the libraries that it needs later."""
    heavy = ("numba", "scipy", "xarray", "matplotlib", "pint", "pydantic", "dolfinx", "mpi4py", "petsc4py")
    code = f"import isosim, sys; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_unknown_name():
    """An unknown name shall be an AttributeError."""
    with pytest.raises(AttributeError, match="no attribute 'squeeze'"):
        _ = isosim.squeeze
