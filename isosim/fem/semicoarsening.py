"""Coarser grids for multigrid: fewer grid lines in the plane, every layer kept.

The lines are graded to the edges, so that cells are long in one direction there, and a smoother that
relaxes single columns only smooths along the short one. Cells are therefore merged only where
they are short: a level merges neighbouring cells up to a common width, whichever direction they lie in.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from mpi4py import MPI
from petsc4py import PETSc

from isosim.fem.column_grid import ColumnGrid


def merged_lines(lines: np.ndarray, width: float, most: int) -> np.ndarray:
    """Indices of the lines that stay when cells are merged, at most `most` into one of at most `width` [m].

    The cells are merged from the last line inwards; the first and the last line stay.
    """
    stay = [len(lines) - 1]
    while stay[-1] > 0:
        end = stay[-1]
        start = end - 1
        while start > 0 and end - start < most and lines[end] - lines[start - 1] <= width * (1 + 1e-9):
            start -= 1
        stay.append(start)
    return np.array(stay[::-1])


def interpolation(lines: np.ndarray, stay: np.ndarray) -> sp.csr_matrix:
    """Linear interpolation to all lines from those that stay; shape (lines, lines that stay)."""
    coarse = lines[stay]
    right = np.clip(np.searchsorted(coarse, lines, side="left"), 1, len(coarse) - 1)
    weight = (lines - coarse[right - 1]) / (coarse[right] - coarse[right - 1])
    row = np.arange(len(lines))
    matrix = sp.csr_matrix(
        (np.r_[1.0 - weight, weight], (np.r_[row, row], np.r_[right - 1, right])),
        shape=(len(lines), len(coarse)),
    )
    matrix.eliminate_zeros()
    return matrix


def coarsen(grid: ColumnGrid, width: float, most: int) -> tuple[ColumnGrid, PETSc.Mat] | None:
    """The next coarser grid and the prolongation from it; None if no cell can be merged.

    Unknowns of the coarse grid are the free unknowns of the columns that stay, on the rank that has them,
    so that a prescribed displacement is prescribed on every level.

    Parameters
    ----------
    grid
        The finer grid.
    width, most
        See `merged_lines`.
    """
    stay = [merged_lines(lines, width, most) for lines in (grid.x, grid.y)]
    if len(stay[0]) == len(grid.x) and len(stay[1]) == len(grid.y):
        return None
    new = [np.full(len(lines), -1) for lines in (grid.x, grid.y)]
    for number, kept in zip(new, stay, strict=True):
        number[kept] = np.arange(len(kept))
    kept = grid.free & (new[0][grid.i] >= 0) & (new[1][grid.j] >= 0)
    coarse = replace(
        grid,
        x=grid.x[stay[0]],
        y=grid.y[stay[1]],
        i=new[0][grid.i[kept]],
        j=new[1][grid.j[kept]],
        k=grid.k[kept],
        component=grid.component[kept],
        free=grid.free[kept],
    ).sorted()

    plane = sp.kron(interpolation(grid.x, stay[0]), interpolation(grid.y, stay[1]), format="csr")
    return coarse, prolongation(grid, coarse, plane)


def prolongation(grid: ColumnGrid, coarse: ColumnGrid, plane: sp.csr_matrix) -> PETSc.Mat:
    """Matrix from the unknowns of `coarse` to those of `grid`, the same in every layer and component.

    Parameters
    ----------
    plane
        Interpolation between the columns, shape (columns of grid, columns of coarse).
    """
    rows = np.flatnonzero(grid.free)
    weights = plane[grid.column[rows]]  # a row for each free unknown
    within = grid.key[rows] - grid.column[rows] * (len(grid.z) * 3)
    count = np.diff(weights.indptr)
    key = weights.indices.astype(np.int64) * (len(grid.z) * 3) + np.repeat(within, count)
    number = global_numbers(coarse, key)
    there = number >= 0  # prescribed coarse unknowns have no number
    row = np.repeat(rows, count)[there]
    return distributed(grid.comm, len(grid.key), len(coarse.key), row, number[there], weights.data[there])


def global_numbers(grid: ColumnGrid, keys: np.ndarray) -> np.ndarray:
    """PETSc's row numbers of unknowns on any rank, given by their keys; -1 for keys without free unknown."""
    table = PETSc.Vec().createMPI(grid.keys, comm=grid.comm)
    table.set(-1.0)
    number = grid.first + np.flatnonzero(grid.free)
    table.setValues(grid.key[grid.free].astype(PETSc.IntType), number.astype(float))
    table.assemble()
    wanted, back = np.unique(keys, return_inverse=True)
    source = PETSc.IS().createGeneral(wanted.astype(PETSc.IntType), comm=grid.comm)
    found = PETSc.Vec().createSeq(len(wanted), comm=PETSc.COMM_SELF)
    scatter = PETSc.Scatter().create(table, source, found, None)
    scatter.scatter(table, found)
    numbers = found.array.astype(np.int64)[back]
    for thing in (scatter, found, source, table):
        thing.destroy()
    return numbers


def distributed(
    comm: MPI.Intracomm, rows: int, columns: int, row: np.ndarray, column: np.ndarray, value: np.ndarray
) -> PETSc.Mat:
    """A PETSc matrix with so many rows and columns on this rank.

    Parameters
    ----------
    row, column, value
        Entries in growing order of the rows; `row` counts on this rank, `column` over all ranks.
    """
    start = np.searchsorted(row, np.arange(rows + 1)).astype(PETSc.IntType)
    matrix = PETSc.Mat().createAIJ(
        ((rows, None), (columns, None)), csr=(start, column.astype(PETSc.IntType), value), comm=comm
    )
    matrix.assemble()
    return matrix
