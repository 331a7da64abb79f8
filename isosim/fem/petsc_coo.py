"""PETSc's assembly from coordinates, entries summed and sent to their ranks; petsc4py has it from 3.19 on."""

from __future__ import annotations

import ctypes

import numpy as np
from petsc4py import PETSc

_PETSC = ctypes.CDLL(PETSc.__file__)  # resolves to the PETSc that petsc4py is linked with


def reserve(matrix: PETSc.Mat, row: np.ndarray, column: np.ndarray) -> None:
    """Say where the entries will lie, in PETSc's numbers over all ranks; negative ones are ignored.

    The sizes and the type of the matrix must be set. Collective.
    """
    row, column = (np.array(numbers, PETSc.IntType) for numbers in (row, column))  # PETSc overwrites them
    count = ctypes.c_ssize_t(len(row))
    _check(
        _PETSC.MatSetPreallocationCOO(
            _handle(matrix), count, *(ctypes.c_void_p(a.ctypes.data) for a in (row, column))
        )
    )


def assemble(matrix: PETSc.Mat, value: np.ndarray) -> None:
    """Give the matrix its entries, in the order in which they were reserved; entries in one place add up."""
    assert value.dtype == PETSc.ScalarType and value.flags.c_contiguous
    _check(
        _PETSC.MatSetValuesCOO(
            _handle(matrix), ctypes.c_void_p(value.ctypes.data), ctypes.c_int(PETSc.InsertMode.INSERT)
        )
    )


def _handle(matrix: PETSc.Mat) -> ctypes.c_void_p:
    return ctypes.c_void_p(matrix.handle)


def _check(error: int) -> None:
    if error:
        raise PETSc.Error(error)
