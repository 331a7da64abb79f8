"""Where the unknowns of a layered mesh lie: in which through-thickness column, and how high in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from mpi4py import MPI
from petsc4py import PETSc

from isosim.errors import InputError, Problem

SAME = 1e-9  # of the size of the mesh: coordinates closer than this are on one grid line


@dataclass(frozen=True)
class ColumnGrid:
    """A tensor grid of nodes and the unknowns that this rank owns on it.

    A column is all nodes above one point of the plane. Coordinates are those of the unloaded state [m].

    x, y, z
        Grid lines, the same on every rank.
    i, j, k, component
        Grid lines and component of each owned unknown, shape (unknowns,).
    free
        Which of them are not prescribed, shape (unknowns,).
    """

    comm: MPI.Intracomm
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    i: np.ndarray
    j: np.ndarray
    k: np.ndarray
    component: np.ndarray
    free: np.ndarray

    @property
    def column(self) -> np.ndarray:
        """A number for the column of each owned unknown, the same on every rank; shape (unknowns,)."""
        return self.i * len(self.y) + self.j

    @cached_property
    def key(self) -> np.ndarray:
        """A number for each owned unknown, the same on every rank; shape (unknowns,)."""
        return (self.column * len(self.z) + self.k) * 3 + self.component

    @property
    def first(self) -> int:
        """PETSc's number of the first unknown of this rank; collective."""
        return int(self.comm.scan(len(self.i))) - len(self.i)

    @property
    def keys(self) -> int:
        """How many keys there are, used or not."""
        return len(self.x) * len(self.y) * len(self.z) * 3

    def sorted(self) -> ColumnGrid:
        """The same unknowns in the order of their keys."""
        order = np.argsort(self.key)
        return replace(
            self,
            i=self.i[order],
            j=self.j[order],
            k=self.k[order],
            component=self.component[order],
            free=self.free[order],
        )

    @property
    def spacing(self) -> float:
        """Smallest distance of neighbouring in-plane grid lines [m]."""
        return float(min(np.diff(self.x).min(), np.diff(self.y).min()))


def column_grid(coordinates: np.ndarray, fixed: np.ndarray, comm: MPI.Intracomm) -> ColumnGrid:
    """The grid of a tensor-product mesh whose vector unknowns are blocked by node.

    Parameters
    ----------
    coordinates
        Of the nodes that this rank owns, in the order of the matrix's rows; shape (nodes, 3) [m].
    fixed
        Their unknowns whose displacement is prescribed, counted on this rank.
    comm
        The matrix's communicator.

    Raises
    ------
    InputError
        When the nodes of all ranks do not fill a tensor grid.
    """
    lines, index = zip(*(_grid_lines(on_axis, comm) for on_axis in coordinates.T), strict=True)
    nodes = comm.allreduce(len(coordinates))
    if nodes != np.prod([len(on_axis) for on_axis in lines]):
        shape = " x ".join(str(len(on_axis)) for on_axis in lines)
        raise InputError(
            Problem(
                "mesh",
                f"{nodes} nodes on {shape} grid lines",
                "a node at each crossing",
                "Multigrid needs columns that reach from the bottom to the top: choose an edge filling, "
                "or solve directly with -isosim_pc_type lu.",
            )
        )
    i, j, k = (np.repeat(on_axis, 3) for on_axis in index)
    component = np.tile(np.arange(3), len(coordinates))
    free = np.ones(len(component), dtype=bool)
    free[fixed] = False
    x, y, z = lines
    return ColumnGrid(comm, x, y, z, i, j, k, component, free)


def whole_columns(grid: ColumnGrid) -> PETSc.IS:
    """PETSc's row numbers of the columns that this rank solves.

    dolfinx gives the unknowns of a column between two ranks partly to the one, partly to the other; such a
    column is solved by the higher of them.
    """
    comm = grid.comm
    solver = np.full(len(grid.x) * len(grid.y), -1)
    solver[grid.column] = comm.rank
    comm.Allreduce(MPI.IN_PLACE, solver, MPI.MAX)
    numbers = (grid.first + np.arange(len(grid.column))).astype(PETSc.IntType)
    rank = solver[grid.column]
    found = np.concatenate(comm.alltoall([numbers[rank == other] for other in range(comm.size)]))
    return PETSc.IS().createGeneral(np.sort(found), comm=PETSc.COMM_SELF)


def _grid_lines(values: np.ndarray, comm: MPI.Intracomm) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values on all ranks, and which of them each value is."""
    here = np.unique(values)
    everywhere = np.unique(np.concatenate(comm.allgather(here)))
    new = np.diff(everywhere, prepend=-np.inf) > SAME * (everywhere[-1] - everywhere[0])
    lines = everywhere[new]
    return lines, np.searchsorted(lines, values + SAME * (lines[-1] - lines[0]), side="right") - 1
