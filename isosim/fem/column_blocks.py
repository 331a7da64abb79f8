"""The couplings of a matrix within its through-thickness columns: the multigrid smoother solves them."""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
from mpi4py import MPI
from petsc4py import PETSc

from isosim.fem.column_grid import ColumnGrid
from isosim.fem.petsc_arrays import PETSC_INT, Block, blocks


class ColumnBlocks:
    """A copy of a matrix with only the couplings between unknowns of one column, distributed as the matrix.

    Parameters
    ----------
    source
        AIJ matrix whose pattern stays as it is.
    grid
        Where its rows lie.
    """

    def __init__(self, source: PETSc.Mat, grid: ColumnGrid):
        self._source = source
        self._row_column = grid.column
        first, end = source.getOwnershipRange()
        ghosts = blocks(source)[1]
        self._of_columns = [grid.column, _of_ghosts(source, grid.column, ghosts)]
        numbers = [np.arange(first, end, dtype=PETSC_INT), ghosts]
        start = np.zeros(end - first + 1, dtype=PETSC_INT)
        for part, column in self._parts():
            _count(part.start, part.column, self._row_column, column, start)
        start = np.cumsum(start, dtype=PETSC_INT)
        where, value, fill = np.empty(start[-1], dtype=PETSC_INT), np.empty(start[-1]), start[:-1].copy()
        for (part, column), number in zip(self._parts(), numbers, strict=False):
            _copy(*part, self._row_column, column, number, fill, where, value)
        rows = (end - first, None)
        self.matrix = PETSc.Mat().createAIJ((rows, rows), csr=(start, where, value), comm=source.comm)
        self.matrix.assemble()

    def update(self) -> None:
        """Take over the values that the source has now."""
        for (part, column), copied in zip(self._parts(), blocks(self.matrix)[0], strict=True):
            _copy_values(*part, self._row_column, column, copied.value)
        if self.matrix.comm.size > 1:
            self.matrix.getDiagonalBlock().assemble()
        self.matrix.assemble()

    def _parts(self) -> Iterator[tuple[Block, np.ndarray]]:
        return zip(blocks(self._source)[0], self._of_columns, strict=False)


def whole_columns(matrix: PETSc.Mat, grid: ColumnGrid) -> PETSc.IS:
    """PETSc's row numbers of the columns that this rank solves.

    dolfinx gives the unknowns of a column between two ranks partly to the one, partly to the other; such a
    column is solved by the higher of them.
    """
    comm = grid.comm
    solver = np.full(len(grid.x) * len(grid.y), -1)
    solver[grid.column] = comm.rank
    comm.Allreduce(MPI.IN_PLACE, solver, MPI.MAX)
    numbers = np.arange(*matrix.getOwnershipRange(), dtype=PETSC_INT)
    rank = solver[grid.column]
    found = np.concatenate(comm.alltoall([numbers[rank == other] for other in range(comm.size)]))
    return PETSc.IS().createGeneral(np.sort(found), comm=PETSc.COMM_SELF)


def _of_ghosts(matrix: PETSc.Mat, column: np.ndarray, ghosts: np.ndarray) -> np.ndarray:
    """Columns of the unknowns of other ranks that this rank's rows couple to; shape (ghosts,)."""
    everywhere = matrix.createVecRight()
    everywhere.array = column
    source = PETSc.IS().createGeneral(ghosts, comm=matrix.comm)
    found = PETSc.Vec().createSeq(len(ghosts), comm=PETSc.COMM_SELF)
    scatter = PETSc.Scatter().create(everywhere, source, found, None)
    scatter.scatter(everywhere, found)
    columns = found.array.astype(np.int64)
    for thing in (scatter, found, source, everywhere):
        thing.destroy()
    return columns


@numba.njit(cache=True)
def _count(start, entry_column, of_row, of_column, count) -> None:  # type: ignore[no-untyped-def]
    for row in range(len(start) - 1):
        for entry in range(start[row], start[row + 1]):
            if of_column[entry_column[entry]] == of_row[row]:
                count[row + 1] += 1


@numba.njit(cache=True)
def _copy(start, entry_column, value, of_row, of_column, number, fill, where, copied) -> None:  # type: ignore[no-untyped-def]
    for row in range(len(start) - 1):
        for entry in range(start[row], start[row + 1]):
            if of_column[entry_column[entry]] == of_row[row]:
                where[fill[row]] = number[entry_column[entry]]
                copied[fill[row]] = value[entry]
                fill[row] += 1


@numba.njit(cache=True)
def _copy_values(start, entry_column, value, of_row, of_column, copied) -> None:  # type: ignore[no-untyped-def]
    target = 0
    for row in range(len(start) - 1):
        for entry in range(start[row], start[row + 1]):
            if of_column[entry_column[entry]] == of_row[row]:
                copied[target] = value[entry]
                target += 1
