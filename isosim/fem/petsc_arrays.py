"""The arrays inside PETSc's matrices. petsc4py only copies them, and a 3D tangent has gigabytes."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import numpy as np
from petsc4py import PETSc

_PETSC = ctypes.CDLL(PETSc.__file__)  # resolves to the PETSc that petsc4py is linked with
PETSC_INT = np.dtype(PETSc.IntType)
_INT = np.ctypeslib.as_ctypes_type(PETSc.IntType)
_SCALAR = np.ctypeslib.as_ctypes_type(PETSc.ScalarType)


class Block(NamedTuple):
    """Compressed rows of a part of a matrix; the arrays live as long as the matrix."""

    start: np.ndarray  # (rows + 1,)
    column: np.ndarray  # (entries,)
    value: np.ndarray  # (entries,)


def blocks(matrix: PETSc.Mat) -> tuple[list[Block], np.ndarray]:
    """This rank's rows of an AIJ matrix, and the matrix's columns that the second block has.

    On one rank there is one block. On several the first couples the unknowns of this rank with each other,
    the second, whose columns are numbered anew, with those of other ranks.
    """
    rows = matrix.getLocalSize()[0]
    handle = ctypes.c_void_p(matrix.handle)
    if matrix.comm.size == 1:
        return [_block(handle, rows)], np.empty(0, dtype=PETSC_INT)
    own, other, numbers = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.POINTER(_INT)()
    _check(_PETSC.MatMPIAIJGetSeqAIJ(handle, *(ctypes.byref(thing) for thing in (own, other, numbers))))
    width = _INT()
    _check(_PETSC.MatGetSize(other, None, ctypes.byref(width)))
    ghosts = np.ctypeslib.as_array(numbers, (width.value,)) if width.value else np.empty(0, dtype=PETSC_INT)
    return [_block(own, rows), _block(other, rows)], ghosts


def _block(handle: Any, rows: int) -> Block:
    start, column, value = ctypes.POINTER(_INT)(), ctypes.POINTER(_INT)(), ctypes.POINTER(_SCALAR)()
    memory = ctypes.c_int()
    found = (ctypes.byref(thing) for thing in (start, column, value, memory))
    _check(_PETSC.MatSeqAIJGetCSRAndMemType(handle, *found))
    starts = np.ctypeslib.as_array(start, (rows + 1,))
    entries = (int(starts[-1]),)
    if entries == (0,):
        return Block(starts, np.empty(0, dtype=PETSC_INT), np.empty(0))
    return Block(starts, np.ctypeslib.as_array(column, entries), np.ctypeslib.as_array(value, entries))


def _check(error: int) -> None:
    if error:
        raise PETSc.Error(error)
