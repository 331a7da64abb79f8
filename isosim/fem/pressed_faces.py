"""The load stiffness of fluid pressure on the deformed faces of a solid, face by face.

With the surface tangents x,s and x,t of a face, s x t outward, the fluid's nodal forces and their change are

    r_a = p int N_a x,s x x,t ds dt,    dr_a = p int N_a (du,s x x,t + x,s x du,t) ds dt = sum_b du_b x M_ab

    M_ab = p int N_a (N_b,s x,t - N_b,t x,s) ds dt
"""

from __future__ import annotations

import numba
import numpy as np

from isosim.fem.column_grid import ColumnGrid
from isosim.fem.hexahedra import SLOPES, VALUES, WEIGHTS, Hexahedra

TENSOR = np.arange(27).reshape(3, 3, 3)  # local nodes of a cell, [z, y, x]
SIDES = {  # nodes (t, s) of a cell's face, s x t outward
    "top": TENSOR[2],
    "bottom": TENSOR[0].T,
    "x edge": TENSOR[:, :, 2],
    "y edge": TENSOR[:, 2, :].T,
}


class PressedFaces:
    """The faces of this rank's cells that the fluid presses.

    Parameters
    ----------
    cells
        Of this rank.
    grid
        The tensor grid of their nodes.
    pressed
        Outer faces under fluid pressure, of "top", "bottom", "edge".

    Attributes
    ----------
    column, layer
        Of the cell behind every face, shape (faces,); the column counts as in `cells.of_column`.
    local
        Which nodes of that cell the face has, shape (faces, 9).
    moment
        M_ab of the present state, shape (faces, 9, 9, 3) [N/m].
    """

    def __init__(self, cells: Hexahedra, grid: ColumnGrid, pressed: set[str]):
        columns, layers = cells.of_column.shape
        last = [cells.line[:, d] == len(lines) - 2 for d, lines in enumerate((grid.x, grid.y))]
        behind = {
            "top": (np.arange(columns), np.array([layers - 1])),
            "bottom": (np.arange(columns), np.array([0])),
            "x edge": (np.flatnonzero(last[0]), np.arange(layers)),
            "y edge": (np.flatnonzero(last[1]), np.arange(layers)),
        }
        column, layer, local = [np.empty(0, int)], [np.empty(0, int)], [np.empty((0, 9), int)]
        for side, (of_columns, of_layers) in behind.items():
            if side.split()[-1] in pressed:
                count = len(of_columns) * len(of_layers)
                column.append(np.repeat(of_columns, len(of_layers)))
                layer.append(np.tile(of_layers, len(of_columns)))
                local.append(np.tile(SIDES[side].ravel(), (count, 1)))
        self.column, self.layer, self.local = (np.concatenate(parts) for parts in (column, layer, local))
        cell = cells.of_column[self.column, self.layer]
        self._nodes = np.take_along_axis(cells.nodes[cell], self.local, axis=1)
        self._test = np.kron(VALUES * WEIGHTS, VALUES * WEIGHTS)  # (9 nodes, 9 points)
        self._along_s, self._along_t = np.kron(VALUES, SLOPES), np.kron(SLOPES, VALUES)
        self.moment = np.zeros((len(self.column), 9, 9, 3))

    def take_over(self, x: np.ndarray, pressure: float) -> None:
        """Keep the load stiffness at present places of the nodes (nodes, 3) [m], for a pressure [Pa]."""
        places = x[self._nodes]
        s = np.einsum("bq,fbl->fql", self._along_s, places)
        t = np.einsum("bq,fbl->fql", self._along_t, places)
        change = self._along_s.T[:, :, None] * t[:, :, None] - self._along_t.T[:, :, None] * s[:, :, None]
        by_point = change.reshape(len(places), 9, 27)
        self.moment = pressure * np.matmul(self._test, by_point).reshape(-1, 9, 9, 3)

    def add_product(self, u: np.ndarray, force: np.ndarray) -> None:
        """Add the change of the fluid's forces to the nodal forces, as in `Hexahedra.add_product`."""
        _add_product(self._nodes, self.moment, u, force)


@numba.njit(cache=True)
def _add_product(nodes, moment, u, force) -> None:  # type: ignore[no-untyped-def]
    for face in range(len(nodes)):
        for a in range(9):
            at = 3 * nodes[face, a]
            for b in range(9):
                x, y, z = moment[face, a, b]
                other = 3 * nodes[face, b]
                force[at] += u[other + 1] * z - u[other + 2] * y
                force[at + 1] += u[other + 2] * x - u[other] * z
                force[at + 2] += u[other] * y - u[other + 1] * x
