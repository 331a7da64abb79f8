"""The couplings of a matrix within its through-thickness columns: what the multigrid smoother solves exactly."""

from __future__ import annotations

import ctypes

import numba
import numpy as np
from petsc4py import PETSc

_PETSC = ctypes.CDLL(PETSc.__file__)  # resolves to the PETSc that petsc4py is linked with
_INT, _SCALAR = np.ctypeslib.as_ctypes_type(PETSc.IntType), np.ctypeslib.as_ctypes_type(PETSc.ScalarType)


def csr_arrays(matrix: PETSc.Mat) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row starts, columns and values of a matrix on one rank, without a copy.

    petsc4py only copies them, and a 3D tangent has gigabytes. The arrays live as long as the matrix.
    """
    start, column, value = ctypes.POINTER(_INT)(), ctypes.POINTER(_INT)(), ctypes.POINTER(_SCALAR)()
    memory = ctypes.c_int()
    error = _PETSC.MatSeqAIJGetCSRAndMemType(
        ctypes.c_void_p(matrix.handle), *(ctypes.byref(thing) for thing in (start, column, value, memory))
    )
    if error:
        raise PETSc.Error(error)
    rows = matrix.getSize()[0]
    starts = np.ctypeslib.as_array(start, (rows + 1,))
    return starts, np.ctypeslib.as_array(column, (starts[-1],)), np.ctypeslib.as_array(value, (starts[-1],))


class ColumnBlocks:
    """A block-diagonal copy of a matrix: the couplings between unknowns of one column on one rank.

    Parameters
    ----------
    source
        AIJ matrix whose pattern stays as it is.
    column
        Number of the column of each owned unknown, shape (unknowns,).
    """

    def __init__(self, source: PETSc.Mat, column: np.ndarray):
        self._source = source
        self._column = np.ascontiguousarray(column, dtype=np.int64)
        starts, columns, values = csr_arrays(_own_block(source))
        kept = np.zeros(len(starts), dtype=PETSc.IntType)
        _count(starts, columns, self._column, kept)
        kept = np.cumsum(kept, dtype=PETSc.IntType)
        where, value = np.empty(kept[-1], dtype=PETSc.IntType), np.empty(kept[-1])
        _copy(starts, columns, values, self._column, where, value)
        where += PETSc.IntType(source.getOwnershipRange()[0])
        rows = (len(starts) - 1, None)
        self.matrix = PETSc.Mat().createAIJ((rows, rows), csr=(kept, where, value), comm=source.comm)
        self.matrix.assemble()

    def update(self) -> None:
        """Take over the values that the source has now."""
        block = _own_block(self.matrix)
        _, where, value = csr_arrays(block)
        _copy(*csr_arrays(_own_block(self._source)), self._column, where, value)
        block.assemble()
        self.matrix.assemble()


def _own_block(matrix: PETSc.Mat) -> PETSc.Mat:
    """The block of a matrix that couples the unknowns of this rank with each other."""
    return matrix if matrix.comm.size == 1 else matrix.getDiagonalBlock()


@numba.njit(cache=True)
def _count(start: np.ndarray, column: np.ndarray, block: np.ndarray, kept: np.ndarray) -> None:
    for row in range(len(start) - 1):
        for entry in range(start[row], start[row + 1]):
            if block[column[entry]] == block[row]:
                kept[row + 1] += 1


@numba.njit(cache=True)
def _copy(
    start: np.ndarray, column: np.ndarray, value: np.ndarray, block: np.ndarray,
    where: np.ndarray, copied: np.ndarray,
) -> None:  # fmt: skip
    target = 0
    for row in range(len(start) - 1):
        for entry in range(start[row], start[row + 1]):
            if block[column[entry]] == block[row]:
                where[target] = column[entry]
                copied[target] = value[entry]
                target += 1
