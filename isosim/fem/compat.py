"""All that differs between dolfinx 0.5.2 (Debian 12), 0.9 (Debian 13) and 0.11 (conda-forge, Debian sid)."""

from __future__ import annotations

import logging
import os
import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import basix
import dolfinx
import dolfinx.fem.petsc as fem_petsc
import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dolfinx_mesh
from dolfinx.cpp.graph import AdjacencyList_int32 as AdjacencyList
from mpi4py import MPI

from isosim.errors import MissingPartError

VERSION = tuple(int(part) for part in dolfinx.__version__.split(".")[:2])
UFL_ELEMENTS = VERSION < (0, 7)  # elements come from ufl, not yet from basix.ufl
if not UFL_ELEMENTS:
    import basix.ufl

CELLS = {4: "quadrilateral", 8: "hexahedron"}  # by their number of corners


@contextmanager
def compiling() -> Iterator[None]:
    """Around everything that makes FFCx compile: keeps the compiler's command lines from the user.

    Raises
    ------
    MissingPartError
        When something has to be compiled and there is no C compiler.
    """
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    except Exception as error:  # of a kind that depends on the version of FFCx
        compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
        if shutil.which(compiler.split()[0]):
            raise
        raise MissingPartError(
            f"the finite-element forms have to be compiled once and there is no C compiler ({compiler}). Get "
            "one (apt-get install gcc libc6-dev), or run isosim warmup where there is one and bring its "
            "caches (isosim doctor names them)."
        ) from error
    finally:
        logging.disable(before)


def create_mesh(
    comm: MPI.Comm, points: np.ndarray, cells: np.ndarray, seen_by: list[np.ndarray]
) -> dolfinx_mesh.Mesh:
    """Mesh from all points (n, dimension) and the cells (m, 4 or 8) in tensor order (x fastest) that shall be
    this rank's own; `seen_by` are for each of them the other ranks with a cell across a face. No ghost cells.
    """
    name, dimension = CELLS[cells.shape[1]], points.shape[1]
    share = np.array_split(points, comm.size)[comm.rank]  # any will do: the vertices find their ranks

    def keep(*_: Any) -> Any:
        if not UFL_ELEMENTS:
            return AdjacencyList(np.full((len(cells), 1), comm.rank, np.int32))
        # 0.5.2 finds shared vertices through cells seen by several ranks, and then drops those not asked for
        to = [np.concatenate([[comm.rank], others]) for others in seen_by]
        offsets = np.cumsum([0, *(len(ranks) for ranks in to)])
        return AdjacencyList(np.concatenate(to).astype(np.int32), offsets.astype(np.int32))

    if UFL_ELEMENTS:
        # FFCx writes this variant into the element when it compiles: said at once, the first form that is
        # compiled in a process has the same signature as all later ones and is found in the cache
        cell = ufl.Cell(name, geometric_dimension=dimension)
        element = ufl.VectorElement("Lagrange", cell, 1, variant="equispaced")
        ghosts = dolfinx_mesh.GhostMode.none
        return dolfinx_mesh.create_mesh(comm, cells, share, ufl.Mesh(element), ghosts, keep)
    element = basix.ufl.element("Lagrange", name, 1, shape=(dimension,))
    return dolfinx_mesh.create_mesh(comm, cells, x=share, e=element, partitioner=keep)


def vector_space(mesh: dolfinx_mesh.Mesh, degree: int) -> Any:
    """Continuous Lagrange space of vectors."""
    if UFL_ELEMENTS:
        return fem.FunctionSpace(mesh, ufl.VectorElement("Lagrange", mesh.ufl_cell(), degree))
    return fem.functionspace(mesh, ("Lagrange", degree, (mesh.geometry.dim,)))


def quadrature_space(mesh: dolfinx_mesh.Mesh, size: int, degree: int) -> Any:
    """Space of `size` numbers at every quadrature point; its vector is laid out (cell, point, number)."""
    if UFL_ELEMENTS:
        element = ufl.VectorElement(
            "Quadrature", mesh.ufl_cell(), degree=degree, dim=size, quad_scheme="default"
        )
        return fem.FunctionSpace(mesh, element)
    cell = mesh.basix_cell()
    return fem.functionspace(
        mesh, basix.ufl.quadrature_element(cell, value_shape=(size,), scheme="default", degree=degree)
    )


def quadrature_rule(mesh: dolfinx_mesh.Mesh, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (q, dimension) and weights (q,) of the default rule on the reference cell."""
    cell = basix.CellType.hexahedron if mesh.topology.dim == 3 else basix.CellType.quadrilateral
    points, weights = basix.make_quadrature(cell, degree)
    return np.ascontiguousarray(points), np.ascontiguousarray(weights)


def evaluate(expression: fem.Expression, mesh: dolfinx_mesh.Mesh, cells: np.ndarray) -> np.ndarray:
    """Values of an expression, shape (cells, points * components)."""
    values = expression.eval(cells) if UFL_ELEMENTS else expression.eval(mesh, cells)
    return np.asarray(values).reshape(len(cells), -1)


def petsc_vector(function: fem.Function) -> Any:
    """The PETSc vector that shares the function's memory."""
    return function.vector if VERSION < (0, 9) else function.x.petsc_vec


def create_vector(form: Any, space: Any) -> Any:
    """A PETSc vector for a linear form."""
    return fem_petsc.create_vector(space) if VERSION >= (0, 10) else fem_petsc.create_vector(form)
