"""The tangent between the unknowns of through-thickness lines, cell by cell, on any grid of multigrid.

A function of a coarser grid is, in the plane, a combination of the fine grid's, and the matrix of a coarser
grid is made from the same tangents at the same points as that of the finest: the Galerkin product P^T K P
without K. Only the couplings that are asked for are made: within each line, for the smoother, or all.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import scipy.sparse as sp
from petsc4py import PETSc

from isosim.fem.column_grid import ColumnGrid
from isosim.fem.hexahedra import PAIRS, SLOPES, VALUES
from isosim.fem.petsc_coo import assemble, reserve
from isosim.fem.semicoarsening import global_numbers, interpolation
from isosim.fem.solid_tangent import SolidTangent

BATCH = 16  # cells of a column that go through one product of dense matrices
# Over the height: nodes (a, b) from points and from whether z derives the left, the right function, or both
HEIGHT = np.stack(
    [
        np.einsum("aq,bq->abq", left, right).reshape(9, 3)
        for left in (VALUES, SLOPES)
        for right in (VALUES, SLOPES)
    ],
    axis=1,
).reshape(9, 12)


class Lanes(NamedTuple):
    """Columns of cells in which equally many pairs of lines meet."""

    columns: np.ndarray  # as in `Hexahedra.of_column`, shape (columns,)
    pair: np.ndarray  # numbers of the pairs, shape (columns, lanes)
    left: np.ndarray  # share of the fine lines in the left one of each pair, shape (columns, lanes, 9)
    right: np.ndarray  # in the right one
    tables: np.ndarray  # see `_tables`


class LineCouplings:
    """A matrix on a grid with the couplings within lines, or with all.

    Parameters
    ----------
    tangent
        Of the finest grid.
    grid
        Of the level; rows of prescribed unknowns are those of the identity.
    within
        Only the couplings within lines.

    Attributes
    ----------
    matrix
        AIJ, distributed as the level's unknowns.
    """

    def __init__(self, tangent: SolidTangent, grid: ColumnGrid, within: bool):
        cells = self._cells = tangent.cells
        self._faces = tangent.faces
        along = [
            interpolation(fine, np.searchsorted(fine, lines))
            for fine, lines in ((tangent.grid.x, grid.x), (tangent.grid.y, grid.y))
        ]
        shares = [_shares(weights, cells.line[:, axis]) for axis, weights in enumerate(along)]
        meeting = [_meeting(shares[0][i], shares[1][j], len(grid.y), within) for i, j in cells.line.tolist()]
        pairs = np.unique(np.concatenate([lines for lines, _, _ in meeting]), axis=0)
        number = {tuple(pair): at for at, pair in enumerate(pairs.tolist())}
        counts = np.array([len(lines) for lines, _, _ in meeting])
        self._lanes = []
        for count in np.unique(counts):
            columns = np.flatnonzero(counts == count)
            pair = np.array([[number[tuple(p)] for p in meeting[c][0].tolist()] for c in columns], np.int32)
            left, right = (np.array([meeting[c][side] for c in columns]) for side in (1, 2))
            self._lanes.append(Lanes(columns, pair, left, right, _tables(left, right)))
        shape = (len(pairs), cells.of_column.shape[1], 9, 9)
        self._values = np.ones(np.prod(shape) + np.count_nonzero(~grid.free))
        self._blocks = self._values[: np.prod(shape)].reshape(shape)
        self.matrix = self._create(grid, pairs)

    def _create(self, grid: ColumnGrid, pairs: np.ndarray) -> PETSc.Mat:
        lines, height = np.unique(pairs), len(grid.z) * 3
        keys = lines[:, None] * height + np.arange(height)
        numbers = global_numbers(grid, keys.ravel()).reshape(len(lines), len(grid.z), 3)
        layers = self._blocks.shape[1]
        nodes = 2 * np.arange(layers)[:, None] + np.arange(3)
        of_line = numbers[:, nodes].astype(PETSc.IntType)  # (lines, layers, 3 nodes, 3 components)
        left, right = (of_line[np.searchsorted(lines, pairs[:, side])] for side in (0, 1))
        shape = (len(pairs), layers, 3, 3, 3, 3)  # left and right node, left and right component
        row = np.broadcast_to(left[:, :, :, None, :, None], shape).ravel()
        column = np.broadcast_to(right[:, :, None, :, None, :], shape).ravel()
        own = (len(grid.key), None)
        matrix = PETSc.Mat().create(comm=grid.comm)
        matrix.setSizes((own, own))
        matrix.setType(PETSc.Mat.Type.AIJ)
        ends = (grid.first + np.flatnonzero(~grid.free)).astype(PETSc.IntType)
        reserve(matrix, np.concatenate([row, ends]), np.concatenate([column, ends]))
        return matrix

    def update(self) -> None:
        """Take over the present tangents of cells and faces."""
        self._blocks[:] = 0.0
        for lanes in self._lanes:
            cells = self._cells.of_column[lanes.columns]
            _add_cells(cells, self._cells.tangent, lanes.tables, HEIGHT, lanes.pair, self._blocks)
            here = np.full(len(self._cells.of_column), -1)
            here[lanes.columns] = np.arange(len(lanes.columns))
            column = here[self._faces.column]
            on = column >= 0
            faces = self._faces.layer[on], self._faces.local[on], self._faces.moment[on]
            _add_faces(column[on], *faces, lanes.left, lanes.right, lanes.pair, self._blocks)
        assemble(self.matrix, self._values)


def _shares(weights: sp.csr_matrix, middles: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """For the middle line of a cell: the level's lines (n,) in it, and their shares of its lines (n, 3)."""
    found = {}
    for middle in np.unique(middles).tolist():
        here = weights[middle - 1 : middle + 2]
        lines = np.unique(here.indices)
        found[middle] = lines, here[:, lines].toarray().T
    return found


def _meeting(
    x: tuple[np.ndarray, np.ndarray], y: tuple[np.ndarray, np.ndarray], lines_along_y: int, within: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of a level's lines that meet in a column of cells (pairs, 2), their shares in it (pairs, 9)."""
    lines = (x[0] * lines_along_y + y[0][:, None]).ravel()
    shares = np.kron(y[1], x[1])  # of the fine lines in tensor order, x fastest
    if within:
        return np.stack([lines, lines], axis=1), shares, shares
    left, right = (side.ravel() for side in np.indices((len(lines), len(lines))))
    return np.stack([lines[left], lines[right]], axis=1), shares[left], shares[right]


def _tables(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Products of a pair's functions in the plane, shape (columns, 9 of `PAIRS` x 9 points, lanes)."""
    plane = [np.kron(VALUES, SLOPES), np.kron(SLOPES, VALUES), np.kron(VALUES, VALUES)]  # derived by x, y, z
    kinds = np.stack(plane)  # (3, 9 lines, 9 points)
    of_left, of_right = (np.einsum("cla,jaq->jcql", side, kinds) for side in (left, right))
    product = of_left[PAIRS // 3] * of_right[PAIRS % 3]  # (9, columns, 9, lanes)
    columns, lanes = left.shape[:2]
    return np.ascontiguousarray(product.transpose(1, 0, 2, 3)).reshape(columns, 81, lanes)


@numba.njit(cache=True, fastmath={"contract"})
def _add_cells(cells, tangent, tables, height, pair, blocks) -> None:  # type: ignore[no-untyped-def]
    columns, layers = cells.shape
    lanes = tables.shape[2]
    none, right_z = np.empty((3, BATCH, 9, 36)), np.empty((3, BATCH, 9, 18))
    left_z, both = np.empty((3, BATCH, 9, 18)), np.empty((3, BATCH, 9, 9))
    rows = 27 * BATCH
    plane, found = np.zeros((4, rows, lanes)), np.empty((9, 9 * BATCH * lanes))
    for column in range(columns):
        table = tables[column]
        for first in range(0, layers, BATCH):
            count = min(BATCH, layers - first)
            for cell in range(count):
                of_cell = tangent[cells[column, first + cell]]
                for ik in range(9):
                    for up in range(3):
                        for point in range(9):
                            at = 9 * up + point
                            for n in range(4):
                                none[up, cell, ik, 9 * n + point] = of_cell[ik, n, at]
                            for n in range(2):
                                right_z[up, cell, ik, 9 * n + point] = of_cell[ik, 4 + n, at]
                                left_z[up, cell, ik, 9 * n + point] = of_cell[ik, 6 + n, at]
                            both[up, cell, ik, point] = of_cell[ik, 8, at]
            np.dot(none.reshape(rows, 36), table[:36], plane[0])
            np.dot(right_z.reshape(rows, 18), table[36:54], plane[1])
            np.dot(left_z.reshape(rows, 18), table[54:72], plane[2])
            np.dot(both.reshape(rows, 9), table[72:], plane[3])
            np.dot(height, plane.reshape(12, 9 * BATCH * lanes), found)
            split = found.reshape(9, BATCH, 9, lanes)
            for cell in range(count):
                for lane in range(lanes):
                    block = blocks[pair[column, lane], first + cell]
                    for ab in range(9):
                        for ik in range(9):
                            block[ab, ik] += split[ab, cell, ik, lane]


@numba.njit(cache=True)
def _add_faces(column, layer, local, moment, left, right, pair, blocks) -> None:  # type: ignore[no-untyped-def]
    for face in range(len(column)):
        for lane in range(pair.shape[1]):
            block = blocks[pair[column[face], lane], layer[face]]
            for m in range(9):
                here, up = local[face, m] % 9, local[face, m] // 9
                of_left = left[column[face], lane, here]
                if of_left != 0.0:
                    for n in range(9):
                        there, other = local[face, n] % 9, local[face, n] // 9
                        share = of_left * right[column[face], lane, there]
                        if share != 0.0:
                            x, y, z = moment[face, m, n]
                            entry = block[3 * up + other]
                            entry[1] += share * z
                            entry[2] -= share * y
                            entry[3] -= share * z
                            entry[5] += share * x
                            entry[6] += share * y
                            entry[7] -= share * x
