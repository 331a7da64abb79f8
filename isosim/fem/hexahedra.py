"""The tangent of a solid, added straight into the arrays of its PETSc matrix.

What `weak_form` states in UFL for the law's part of the tangent,

    K_(a i)(b k) = int dN_a/dX_J A_iJkL dN_b/dX_L dV,

is two thirds of the cost of a Newton iteration when FFCx and MatSetValues do it: FFCx does not use that the
nine gradients of a vector-valued test function are three of a scalar one. Cells that have a node of another
rank are left to dolfinx, which sends their rows.
"""

from __future__ import annotations

from typing import Any

import basix
import numba
import numpy as np
from petsc4py import PETSc

from isosim.fem import compat
from isosim.fem.petsc_arrays import blocks

NODES = 27


class Hexahedra:
    """The triquadratic cells of this rank whose nodes are all its own.

    Parameters
    ----------
    space
        Vector space of degree 2 on hexahedra.
    cells
        Of this rank.
    degree
        Of the quadrature rule.

    Attributes
    ----------
    inner
        Which of the cells have no node of another rank, shape (cells,).
    """

    def __init__(self, space: Any, cells: np.ndarray, degree: int):
        points, self._weights = compat.quadrature_rule(space.mesh, degree)
        shape = basix.create_element(basix.ElementFamily.P, basix.CellType.hexahedron, 2)
        self._slopes = np.ascontiguousarray(shape.tabulate(1, points)[1:, :, :, 0].transpose(1, 0, 2))
        self._nodes = np.array([space.dofmap.cell_dofs(cell) for cell in cells])
        self._places = np.ascontiguousarray(space.tabulate_dof_coordinates())
        self.inner = (self._nodes < space.dofmap.index_map.size_local).all(axis=1)

    def reserve(self, matrix: PETSc.Mat) -> None:
        """Give the matrix all entries that its cells have, with the value zero."""
        nothing = np.zeros(9 * NODES**2)
        for nodes in self._nodes:
            matrix.setValuesBlockedLocal(nodes, nodes, nothing, PETSc.InsertMode.ADD)
        matrix.assemble()

    def add_to(self, matrix: PETSc.Mat, tangent: np.ndarray, fixed: np.ndarray) -> None:
        """Add the tangent of the inner cells, but to rows and columns of prescribed displacements.

        Parameters
        ----------
        tangent
            dP/dF, shape (cells * points, 9, 9) [Pa].
        fixed
            Owned rows whose displacement is prescribed, counted on this rank.
        """
        own = blocks(matrix)[0][0]
        free = np.ones(len(own.start) - 1)
        free[fixed] = 0.0
        tangent = tangent.reshape(len(self._nodes), len(self._weights), 9, 9)
        _add(self._nodes, self.inner, self._places, self._slopes, self._weights, tangent, free, *own)


@numba.njit(cache=True)
def _add(nodes, inner, places, slopes, weights, tangent, free, start, column, value) -> None:  # type: ignore[no-untyped-def]
    slope = np.empty_like(slopes)
    stress = np.empty((3 * len(weights), 3 * NODES))
    block = np.empty((3, NODES, 3 * NODES))
    offset = np.empty(len(places), np.int64)
    for cell in range(len(nodes)):
        if inner[cell]:
            own = nodes[cell]
            _cell(own, places, slopes, weights, tangent[cell], slope, stress, block)
            for a in range(NODES):
                row = 3 * own[a]
                for entry in range(start[row], start[row + 1], 3):  # three columns a node, in this order
                    offset[column[entry] // 3] = entry - start[row]
                for i in range(3):
                    if free[row + i] != 0.0:
                        for b in range(NODES):
                            at, other = start[row + i] + offset[own[b]], 3 * own[b]
                            for k in range(3):
                                value[at + k] += block[i, a, NODES * k + b] * free[other + k]


@numba.njit(cache=True, fastmath={"contract"})
def _cell(nodes, places, slopes, weights, tangent, slope, stress, block) -> None:  # type: ignore[no-untyped-def]
    """The matrix of a cell, `block` (i, a, k b); `slope` and `stress` of unit changes are work space."""
    count = len(weights)
    volume = np.empty(count)
    for q in range(count):
        jacobian = np.zeros((3, 3))
        for a in range(NODES):
            for i in range(3):
                for j in range(3):
                    jacobian[i, j] += places[nodes[a], i] * slopes[q, j, a]
        cofactor = np.empty((3, 3))  # LAPACK is slow for so small a matrix
        for i in range(3):
            m, n = (i + 1) % 3, (i + 2) % 3
            for j in range(3):
                o, p = (j + 1) % 3, (j + 2) % 3
                cofactor[i, j] = jacobian[m, o] * jacobian[n, p] - jacobian[m, p] * jacobian[n, o]
        determinant = (jacobian[0] * cofactor[0]).sum()
        volume[q] = weights[q] * abs(determinant)
        inverse = cofactor.T / determinant
        for j in range(3):
            for a in range(NODES):
                slope[q, j, a] = (
                    inverse[0, j] * slopes[q, 0, a]
                    + inverse[1, j] * slopes[q, 1, a]
                    + inverse[2, j] * slopes[q, 2, a]
                )
    transposed = slope.reshape(3 * count, NODES).T
    for i in range(3):
        for q in range(count):
            for j in range(3):
                for k in range(3):
                    x, y, z = volume[q] * tangent[q, 3 * i + j, 3 * k : 3 * k + 3]
                    for b in range(NODES):
                        stress[3 * q + j, NODES * k + b] = (
                            x * slope[q, 0, b] + y * slope[q, 1, b] + z * slope[q, 2, b]
                        )
        np.dot(transposed, stress, block[i])
