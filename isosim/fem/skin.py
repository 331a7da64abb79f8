"""What pouch and bag carry around the edge, and which layers yield there.

The force through a cross-section of the skin is that of virtual work: with phi rising from 0 to 1 across the
cells of a step, t = int (P + p J F^-T) grad phi dA. The sum over all cells of a cut through the whole body is
then zero to the residual of the solver, whatever the mesh: what the skin carries above the fluid's pressure,
the stack carries below it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from isosim import dataset
from isosim.fem.body import Body, QuadraturePoints
from isosim.stack.pouch_edge import SkinPath

CORNERS = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
# by the side where a step begins (below, right, above, left): the local direction of the step and its sense
ALONG = {0: (1, 1.0), 1: (0, -1.0), 2: (1, -1.0), 3: (0, 1.0)}


def local_gradients(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Gradients of the local coordinates of bilinear cells at points in them.

    corners (m, 4, 2) counter-clockwise, points (m, q, 2) -> (m, q, 2, 2): [.., i, :] is the gradient of local
    coordinate i, which goes from -1 to 1 across the cell.
    """
    local = np.zeros_like(points)
    for _ in range(20):
        one = 1.0 + local[:, :, None, :] * CORNERS
        shape = 0.25 * one[..., 0] * one[..., 1]
        slope = 0.25 * CORNERS * one[..., ::-1]
        jacobian = np.einsum("mci,mqcj->mqij", corners, slope)
        off = points - np.einsum("mci,mqc->mqi", corners, shape)
        inverse = np.linalg.inv(jacobian)
        change = np.einsum("mqij,mqj->mqi", inverse, off)
        local += change
        if np.abs(change).max() < 1e-13:
            break
    return inverse


def excess(F: np.ndarray, P: np.ndarray, pressure: float) -> np.ndarray:
    """In-plane first Piola-Kirchhoff stress above the fluid's, P + p J F^-T, as (n, 2, 2) [Pa]."""
    xx, xz, zx, zz, yy = F.T
    cofactor = np.stack([zz, -zx, -xz, xx], axis=1) * yy[:, None]
    return (P[:, :4] + pressure * cofactor).reshape(-1, 2, 2)


class Skin:
    """Readings along the path of a mesh's skin, kept at the states of a press."""

    def __init__(self, body: Body, path: SkinPath, where: QuadraturePoints):
        """`body` is a section, `path` that of its mesh."""
        mesh = body.source
        self.path = path
        self._comm = body.comm
        here = np.full(len(mesh.cells), -1)
        here[body.source_cell] = np.arange(len(body.source_cell))
        own = here[path.cell] >= 0  # the cells of the path on this rank
        self._cells, self._step = here[path.cell[own]], path.step[own]
        corners = mesh.points[mesh.cells[path.cell[own]]]
        points = np.stack([where.x, where.z], axis=-1)[self._cells]
        gradient = local_gradients(corners, points)
        axis = np.array([ALONG[turn][0] for turn in path.turn[own]], int)
        sense = np.array([ALONG[turn][1] for turn in path.turn[own]])
        self._area = where.volume[self._cells]
        along = np.take_along_axis(gradient, axis[:, None, None, None], axis=2)[:, :, 0]
        self._gradient = 0.5 * sense[:, None, None] * along
        length = np.linalg.norm(self._gradient, axis=-1, keepdims=True)
        self._forward = self._gradient / length**2  # the way along the step: F of it is its present direction
        self._shape = (len(path.x), len(path.sheets))
        self._line = self._step * self._shape[1] + path.sheet[own]
        states = len(dataset.STATES)
        self.force = np.full((states, *self._shape), np.nan)
        self.strain = np.full((states, *self._shape), np.nan)

    def keep(self, state: str, F: np.ndarray, P: np.ndarray, plastic: np.ndarray, pressure: float) -> None:
        """Read one state from F (n, 5), P (n, 5) [Pa], plastic strain (n,) of all points and the pressure."""
        cells, points = self._area.shape
        pick = lambda a: a.reshape(-1, points, *a.shape[1:])[self._cells]  # noqa: E731
        stress = excess(F, P, pressure).reshape(-1, 2, 2)
        own_F = pick(F)
        pull = np.einsum("kqij,kqj,kq->ki", pick(stress), self._gradient, self._area)
        F2 = own_F[..., :4].reshape(cells, points, 2, 2)
        way = np.einsum("kqij,kqj,kq->ki", F2, self._forward, self._area)
        of_step = np.zeros((self._shape[0], 2))
        np.add.at(of_step, self._step, way)
        of_step = self._comm.allreduce(of_step)
        of_step /= np.linalg.norm(of_step, axis=1, keepdims=True)
        force = (pull * of_step[self._step]).sum(axis=1) / own_F[:, 0, 4]
        index = dataset.STATES.index(state)
        self.force[index] = self._sum(force)
        strained = self._sum((pick(plastic) * self._area).sum(axis=1))
        self.strain[index] = strained / self._sum(self._area.sum(axis=1))

    def _sum(self, values: np.ndarray) -> np.ndarray:
        """Sums by step and sheet over the path's cells of all ranks."""
        total = np.bincount(self._line, values, self._shape[0] * self._shape[1])
        return self._comm.allreduce(total).reshape(self._shape)

    def dataset(self) -> xr.Dataset:
        """The readings, labelled: dimensions state, skin (steps along the path), sheet (from the inside)."""
        dims = ("state", "skin", "sheet")
        named: Any = lambda values, unit, meaning: (dims, values, {"units": unit, "long_name": meaning})  # noqa: E731
        return xr.Dataset(
            {
                "skin_force": named(
                    self.force, "N/m", "membrane force above the fluid's pressure, tension > 0"
                ),
                "skin_plastic_strain": named(self.strain, "1", "mean equivalent plastic strain"),
            },
            coords={
                "state": list(dataset.STATES),
                "sheet": list(self.path.sheets),
                "skin_x": ("skin", self.path.x, {"units": "m", "long_name": "inner face, unpressed"}),
                "skin_z": ("skin", self.path.z, {"units": "m", "long_name": "inner face, unpressed"}),
                "skin_part": ("skin", self.path.part),
            },
        )
