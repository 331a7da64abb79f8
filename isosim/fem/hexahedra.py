"""The tangent of a solid, cell by cell: products with it without a matrix.

A matrix of triquadratic hexahedra has some 175 entries an unknown. What they are made of,

    K_(a i)(b k) = int dN_a/dX_j A_ijkl dN_b/dX_l dV,

dP/dF at 27 points of a cell, has 91 numbers an unknown, and a product with it reads each of them once. They
are kept in single precision: sums are in double, and rounding changes moduli, by 6e-8, not equilibrium.
"""

from __future__ import annotations

from typing import Any

import basix
import numba
import numpy as np

from isosim.fem import compat
from isosim.fem.column_grid import ColumnGrid

NODES = POINTS = 27  # of a cell, in tensor order: x fastest
BATCH = 32  # cells whose gradients are taken with one product of dense matrices
PRECISION = np.float32  # of the tangents that are kept
GAUSS, WEIGHTS = 0.5 * np.array(np.polynomial.legendre.leggauss(3))  # of a line of length one
VALUES = np.array([GAUSS * (2 * GAUSS - 1), 1 - 4 * GAUSS**2, GAUSS * (2 * GAUSS + 1)])  # (3 nodes, 3 points)
SLOPES = np.array([4 * GAUSS - 1, -8 * GAUSS, 4 * GAUSS + 1])
PAIRS = np.array([0, 1, 3, 4, 2, 5, 6, 7, 8])  # 3 j + l: without z, with z on the right, the left, both


class Hexahedra:
    """The triquadratic cells of this rank, boxes of a tensor grid.

    Parameters
    ----------
    space
        Vector space of degree 2 on hexahedra.
    cells
        Of this rank: whole columns.
    degree
        Of the quadrature rule, three points a direction.
    grid
        The tensor grid of the nodes.

    Attributes
    ----------
    nodes
        Local numbers in tensor order, shape (cells, 27).
    of_column
        The cells of every column on this rank, from the bottom; shape (columns, layers).
    line
        Middle grid lines of these columns, along x and y; shape (columns, 2).
    tangent
        dP_ij/dF_kl times volume and shape's scale, shape (cells, 3 i + k, jl in the order of `PAIRS`, point).
    """

    def __init__(self, space: Any, cells: np.ndarray, degree: int, grid: ColumnGrid):
        points, weights = compat.quadrature_rule(space.mesh, degree)
        element = basix.create_element(basix.ElementFamily.P, basix.CellType.hexahedron, 2)
        self._point_order = _tensor_order(points)
        self._weights = weights[self._point_order]
        order = _tensor_order(element.points)
        self.nodes = np.array([space.dofmap.cell_dofs(cell)[order] for cell in cells], np.int32)
        places = space.tabulate_dof_coordinates()
        corner = places[self.nodes[:, 0]]
        self._size = places[self.nodes[:, -1]] - corner
        middle = corner + 0.5 * self._size
        lines = np.stack([_nearest(on, middle[:, d]) for d, on in enumerate((grid.x, grid.y, grid.z))])
        self.of_column = np.lexsort(lines[::-1]).reshape(-1, (len(grid.z) - 1) // 2)
        self.line = lines[:2, self.of_column[:, 0]].T
        slopes = element.tabulate(1, points[self._point_order])[1:, :, order, 0]  # (3, points, nodes)
        self._slopes = np.ascontiguousarray(slopes.transpose(2, 0, 1).reshape(NODES, 3 * POINTS))
        self._back = np.ascontiguousarray(self._slopes.T)
        self.tangent = np.empty((len(cells), 9, 9, POINTS), PRECISION)

    def take_over(self, tangent: np.ndarray) -> None:
        """Keep the tangents dP/dF at the points, shape (cells * points, 9, 9) [Pa]."""
        tangent = tangent.reshape(len(self.nodes), POINTS, 9, 9)
        _take_over(tangent, self._point_order, self._weights, self._size, PAIRS, self.tangent)

    def add_product(self, u: np.ndarray, force: np.ndarray) -> None:
        """Add K u to the nodal forces; both are of the unknowns that this rank sees."""
        _add_product(self.nodes, self.tangent, self._slopes, self._back, u, force)


def _nearest(lines: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Indices of the grid lines nearest to values."""
    between = 0.5 * (lines[1:] + lines[:-1])
    return np.searchsorted(between, values)


def _tensor_order(points: np.ndarray) -> np.ndarray:
    """Order of points (n, 3) of a tensor grid in which x grows fastest, then y."""
    x, y, z = np.round(points, 9).T
    return np.lexsort((x, y, z))


@numba.njit(cache=True)
def _take_over(given, order, weights, size, pairs, kept) -> None:  # type: ignore[no-untyped-def]
    for cell in range(len(given)):
        volume = size[cell, 0] * size[cell, 1] * size[cell, 2]
        for point in range(POINTS):
            of_point = given[cell, order[point]]
            factor = weights[point] * volume
            for at in range(9):
                j, l = pairs[at] // 3, pairs[at] % 3  # noqa: E741
                scale = factor / (size[cell, j] * size[cell, l])
                for i in range(3):
                    for k in range(3):
                        kept[cell, 3 * i + k, at, point] = scale * of_point[3 * i + j, 3 * k + l]


@numba.njit(cache=True, fastmath={"contract"})
def _add_product(nodes, tangent, slopes, back, u, force) -> None:  # type: ignore[no-untyped-def]
    # dense products over a batch: they run at the speed of the BLAS, loops over one cell do not
    moved, found = np.zeros((3 * BATCH, NODES)), np.empty((3 * BATCH, NODES))
    gradient, stress = np.empty((3 * BATCH, 3 * POINTS)), np.zeros((3 * BATCH, 3 * POINTS))
    for first in range(0, len(nodes), BATCH):
        count = min(BATCH, len(nodes) - first)
        for cell in range(count):
            for a in range(NODES):
                at = 3 * nodes[first + cell, a]
                for k in range(3):
                    moved[3 * cell + k, a] = u[at + k]
        np.dot(moved, slopes, gradient)
        for cell in range(count):
            dP, g = tangent[first + cell], gradient[3 * cell : 3 * cell + 3]
            for i in range(3):
                row = stress[3 * cell + i]
                for q in range(POINTS):
                    x, y, z = 0.0, 0.0, 0.0
                    for k in range(3):
                        by_x, by_y, by_z, n = g[k, q], g[k, POINTS + q], g[k, 2 * POINTS + q], 3 * i + k
                        x += dP[n, 0, q] * by_x + dP[n, 1, q] * by_y + dP[n, 4, q] * by_z
                        y += dP[n, 2, q] * by_x + dP[n, 3, q] * by_y + dP[n, 5, q] * by_z
                        z += dP[n, 6, q] * by_x + dP[n, 7, q] * by_y + dP[n, 8, q] * by_z
                    row[q], row[POINTS + q], row[2 * POINTS + q] = x, y, z
        np.dot(stress, back, found)
        for cell in range(count):
            for a in range(NODES):
                at = 3 * nodes[first + cell, a]
                for k in range(3):
                    force[at + k] += found[3 * cell + k, a]
