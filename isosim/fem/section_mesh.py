"""The section's mesh in dolfinx, with the maps between its cells and the layers of the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dolfinx_mesh
from mpi4py import MPI

from isosim.fem import compat
from isosim.stack.mesh import SectionMesh

QUADRATURE_DEGREE = 4  # 3 x 3 Gauss points: 2 x 2 leaves Q2 with hourglass modes
PRESSED = 1  # the one facet tag: forms do not depend on which faces are pressed


@dataclass(frozen=True)
class QuadraturePoints:
    """Where the quadrature points lie; all arrays have shape (cells, points)."""

    x: np.ndarray
    z: np.ndarray
    area: np.ndarray  # reference area that a point stands for [m2]
    layer: np.ndarray  # index into the layers of the stack; FILL, SKIN or FRAME beside them
    material: np.ndarray  # index into the material names of the mesh
    station: (
        np.ndarray
    )  # index of the vertical line of points, from the centre outwards; -1 beside the layers
    station_x: np.ndarray  # (stations,) reference x [m]
    station_width: np.ndarray  # (stations,) width that a station stands for [m]


class Section:
    """Mesh of half the cross-section, x from the symmetry plane to the edge, z from the bottom up."""

    def __init__(self, source: SectionMesh):
        self.source = source
        tensor_order = np.asarray(source.cells)[:, [0, 1, 3, 2]].astype(np.int64)
        points = np.ascontiguousarray(source.points, dtype=float)
        self.mesh = compat.create_quadrilateral_mesh(MPI.COMM_SELF, points, tensor_order)
        self.width, self.height = points.max(axis=0)
        self.original = np.asarray(self.mesh.topology.original_cell_index)
        self.cells = np.arange(len(self.original), dtype=np.int32)

    def tag(self, faces: set[str]) -> Any:
        """Tag the facets on some of the outer faces "top", "bottom", "edge" as PRESSED.

        All three are the whole outline but the symmetry plane, however stepped it is.
        """
        small = 1e-9 * self.width
        if faces == {"top", "bottom", "edge"}:
            outline = dolfinx_mesh.locate_entities_boundary(self.mesh, 1, lambda X: np.full(X.shape[1], True))
            inside = dolfinx_mesh.locate_entities_boundary(self.mesh, 1, lambda X: X[0] < small)
            return self._tagged(np.setdiff1d(outline, inside))
        on_face = {
            "top": lambda X: X[1] > self.height - small,
            "bottom": lambda X: X[1] < small,
            "edge": lambda X: X[0] > self.width - small,
        }
        facets = np.concatenate(
            [dolfinx_mesh.locate_entities_boundary(self.mesh, 1, on_face[face]) for face in faces]
        )
        return self._tagged(np.unique(facets))

    def _tagged(self, facets: np.ndarray) -> Any:
        facets = facets.astype(np.int32)
        return dolfinx_mesh.meshtags(self.mesh, 1, facets, np.full(len(facets), PRESSED, np.int32))

    def quadrature_points(self) -> QuadraturePoints:
        """Locate every quadrature point in the stack."""
        points, weights = compat.quadrature_rule(QUADRATURE_DEGREE)
        X = ufl.SpatialCoordinate(self.mesh)
        expression = fem.Expression(ufl.as_vector([X[0], X[1], ufl.JacobianDeterminant(self.mesh)]), points)
        values = compat.evaluate(expression, self.mesh, self.cells).reshape(len(self.cells), -1, 3)
        area = np.abs(values[..., 2]) * weights
        of_cell = lambda array: np.repeat(np.asarray(array)[self.original, None], len(weights), axis=1)  # noqa: E731
        layer, height = of_cell(self.source.layer), np.ptp(self.source.points[self.source.cells, 1], axis=1)
        in_layer = layer >= 0  # cells beside the layers are not all rectangles in columns
        x_unique, found = np.unique(np.round(values[in_layer, 0] / self.width, 12), return_inverse=True)
        station = np.full(layer.shape, -1)
        station[in_layer] = found.ravel()
        part = (area / of_cell(height))[in_layer]  # the points of a cell above each other make up its height
        cells_at = np.bincount(found.ravel()) / np.sqrt(len(weights))
        station_width = np.bincount(found.ravel(), part) / cells_at
        return QuadraturePoints(
            x=values[..., 0],
            z=values[..., 1],
            area=area,
            layer=layer,
            material=of_cell(self.source.material),
            station=station,
            station_x=x_unique * self.width,
            station_width=station_width,
        )
