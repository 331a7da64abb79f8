"""The mesh of a stack in dolfinx, with the maps between its cells and the layers of the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dolfinx_mesh
from mpi4py import MPI

from isosim.fem import compat
from isosim.fem.kinematics import Kinematics
from isosim.fem.partition import columns_beside, columns_of_rank, columns_through
from isosim.fem.stations import Stations
from isosim.stack.mesh import SectionMesh, SolidMesh

QUADRATURE_DEGREE = 4  # 3 Gauss points a direction: 2 leave Q2 with hourglass modes
PRESSED = 1  # the one facet tag: forms do not depend on which faces are pressed
TENSOR_ORDER = {4: [0, 1, 3, 2], 8: [0, 1, 3, 2, 4, 5, 7, 6]}  # from round the cell to x fastest


@dataclass(frozen=True)
class QuadraturePoints:
    """Where the quadrature points of this rank lie in the stack; arrays of shape (cells, points).

    All points of a station are on one rank.
    """

    x: np.ndarray
    z: np.ndarray
    volume: np.ndarray  # reference volume that a point stands for: [m2] in a section, else [m3]
    layer: np.ndarray  # index into the layers of the stack; FILL, SKIN or FRAME beside them
    material: np.ndarray  # index into the material names of the mesh
    station: np.ndarray  # number of the vertical line of points through the layers; -1 beside them
    stations: Stations


class Body:
    """The meshed part of a stack: half a section, a disc from its axis, or a quarter cell; z from the bottom.

    Collective over `comm`. Columns of cells through the thickness stay whole on a rank.
    """

    def __init__(self, source: SectionMesh | SolidMesh, kinematics: Kinematics, comm: MPI.Comm):
        self.kinematics = kinematics
        self.comm = comm
        order = TENSOR_ORDER[source.cells.shape[1]]
        of_column = columns_of_rank(source, comm.size)
        column = columns_through(source)
        mine = np.flatnonzero(of_column[column] == comm.rank)
        cells = np.asarray(source.cells)[mine][:, order].astype(np.int64)
        beside = columns_beside(of_column, source.columns_along_x, comm.rank)
        own_column = np.unique(column[mine], return_inverse=True)[1]
        seen_by = [beside[column] for column in own_column]
        points = np.ascontiguousarray(source.points, dtype=float)
        self.mesh = compat.create_mesh(comm, points, cells, seen_by)
        self.extent = points.max(axis=0)
        first = sum(comm.allgather(len(mine))[: comm.rank])
        self.source_cell = mine[np.asarray(self.mesh.topology.original_cell_index) - first]
        self.source = source
        self.cells = np.arange(len(mine), dtype=np.int32)

    def face(self, name: str) -> Any:
        """Marker of an outer face: "top", "bottom", "edge", or a symmetry plane "x", "y"."""
        small, last = 1e-9 * self.extent[0], len(self.extent) - 1
        near = {
            "bottom": lambda X: X[last] < small,
            "top": lambda X: X[last] > self.extent[last] - small,
            "x": lambda X: X[0] < small,
            "y": lambda X: X[1] < small,
            "x edge": lambda X: X[0] > self.extent[0] - small,
            "y edge": lambda X: X[1] > self.extent[1] - small,
        }
        if name == "edge":
            return lambda X: np.any([near[f"{axis} edge"](X) for axis in "xy"[:last]], axis=0)
        return near[name]

    def tag(self, faces: set[str]) -> Any:
        """Tag the facets on some of the outer faces "top", "bottom", "edge" as PRESSED.

        All three are the whole outline but the symmetry planes, however stepped it is.
        """
        dimension = self.kinematics.dimension - 1

        def on(marker: Any) -> np.ndarray:
            return dolfinx_mesh.locate_entities_boundary(self.mesh, dimension, marker)

        if faces == {"top", "bottom", "edge"}:
            outline = on(lambda X: np.full(X.shape[1], True))
            planes = [on(self.face(axis)) for axis in "xy"[:dimension]]
            found = np.setdiff1d(outline, np.concatenate(planes)).astype(np.int32)
        else:
            found = np.unique(np.concatenate([on(self.face(face)) for face in sorted(faces)])).astype(
                np.int32
            )
        return dolfinx_mesh.meshtags(self.mesh, dimension, found, np.full(len(found), PRESSED, np.int32))

    def quadrature_points(self) -> QuadraturePoints:
        """Locate the quadrature points of this rank in the stack."""
        dimension = self.kinematics.dimension
        points, weights = compat.quadrature_rule(self.mesh, QUADRATURE_DEGREE)
        X = ufl.SpatialCoordinate(self.mesh)
        volume = ufl.JacobianDeterminant(self.mesh) * self.kinematics.weight(X)
        at = fem.Expression(ufl.as_vector([*(X[i] for i in range(dimension)), volume]), points)
        values = compat.evaluate(at, self.mesh, self.cells).reshape(len(self.cells), -1, dimension + 1)
        volume, place = np.abs(values[..., -1]) * weights, values[..., : dimension - 1]
        station, along_x, count = self._station_numbers(points)

        of_cell = lambda array: np.repeat(np.asarray(array)[self.source_cell, None], len(weights), axis=1)  # noqa: E731
        layer = of_cell(self.source.layer)
        in_layer = layer >= 0  # cells beside the layers are not all upright in columns
        station[~in_layer] = -1

        def total(value: np.ndarray) -> np.ndarray:
            own = np.bincount(station[in_layer], value[in_layer], count)
            return np.asarray(self.comm.allreduce(own))

        height = of_cell(np.ptp(self.source.points[self.source.cells][..., -1], axis=1))
        layers_there = total(np.ones(layer.shape)) / len(np.unique(np.round(points[:, -1], 9)))
        centre = np.stack([total(volume * place[..., i]) for i in range(dimension - 1)], axis=1)
        return QuadraturePoints(
            x=values[..., 0],
            z=values[..., dimension - 1],
            volume=volume,
            layer=layer,
            material=of_cell(self.source.material),
            station=station,
            stations=Stations(
                place=centre / total(volume)[:, None],
                area=total(volume / height) / layers_there,
                along_x=along_x,
                extent=self.extent[:-1],
                round_axis=self.kinematics.fidelity == "axisymmetric",
            ),
        )

    def _station_numbers(self, points: np.ndarray) -> tuple[np.ndarray, int, int]:
        """Station of every point (cells, points); how many there are on a line along x, and in all."""
        lines = [np.unique(np.round(p, 9), return_inverse=True)[1].ravel() for p in points.T[:-1]]
        per_cell = lines[0].max() + 1
        column = np.asarray(self.source.column)
        j, i = np.divmod(column[self.source_cell, None], self.source.columns_along_x)
        along_x = int(self.source.columns_along_x * per_cell)
        columns = self.source.columns_along_x if len(lines) == 1 else column.max() + 1
        count = int(columns * per_cell ** len(lines))
        number = i * per_cell + lines[0]
        if len(lines) == 2:
            number = number + (j * per_cell + lines[1]) * along_x
        return number, along_x, count
