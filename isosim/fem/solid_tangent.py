"""The tangent of a solid as an operator of PETSc, cell by cell and face by face."""

from __future__ import annotations

import numpy as np
from mpi4py import MPI
from petsc4py import PETSc

from isosim.fem.body import QUADRATURE_DEGREE
from isosim.fem.column_grid import column_grid
from isosim.fem.hexahedra import Hexahedra
from isosim.fem.pressed_faces import PressedFaces
from isosim.fem.weak_form import WeakForm


class SolidTangent:
    """The tangent of the displacements, with identity rows and columns where they are prescribed.

    Collective over the ranks of the form.

    Parameters
    ----------
    form
        Of a solid on a tensor grid.

    Attributes
    ----------
    cells, faces
        What it is made of.
    grid
        Where its unknowns lie.
    matrix
        It can multiply, and has no entries.

    Raises
    ------
    InputError
        When the nodes do not fill a tensor grid.
    """

    def __init__(self, form: WeakForm):
        self._form = form
        comm = form.body.comm
        assert isinstance(comm, MPI.Intracomm)
        self._places = form.space.tabulate_dof_coordinates()
        self.grid = column_grid(self._places[: form.owned // 3], form.fixed, comm)
        self.cells = Hexahedra(form.space, form.body.cells, QUADRATURE_DEGREE, self.grid)
        self.faces = PressedFaces(self.cells, self.grid, form.pressed)
        rows = (form.owned, None)
        self.matrix = PETSc.Mat().createPython((rows, rows), context=self, comm=comm)
        self.matrix.setUp()

    def take_over(self) -> None:
        """Be the tangent at the present state of the form."""
        form = self._form
        self.cells.take_over(form.stress_tangent)
        self.faces.take_over(self._places + form.u.x.array.reshape(-1, 3), form.pressure)

    def free(self) -> None:
        """Free what PETSc holds, in the same order on every rank. (PETSc itself would call a `destroy`.)"""
        self.matrix.destroy()

    def mult(self, matrix: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """PETSc's name for the product y = K x."""
        form = self._form
        given = x.array_r.copy()
        prescribed = given[form.fixed]
        given[form.fixed] = 0.0
        u = form.spread(given)
        force = np.zeros_like(u)
        self.cells.add_product(u, force)
        self.faces.add_product(u, force)
        found = form.gather(force)
        found[form.fixed] = prescribed
        y.array = found


class Galerkin:
    """The operator P^T K P of a coarser grid.

    Attributes
    ----------
    matrix
        It can multiply, and has no entries.
    """

    def __init__(self, finer: PETSc.Mat, prolongation: PETSc.Mat):
        self._finer, self._prolongation = finer, prolongation
        self._fine, self._force = finer.createVecs()
        own = prolongation.getSizes()[1]
        self.matrix = PETSc.Mat().createPython((own, own), context=self, comm=finer.comm)
        self.matrix.setUp()

    def free(self) -> None:
        """Free what PETSc holds, in the same order on every rank. (PETSc itself would call a `destroy`.)"""
        for thing in (self._fine, self._force, self.matrix):
            thing.destroy()

    def mult(self, matrix: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """PETSc's name for the product y = P^T K P x."""
        self._prolongation.mult(x, self._fine)
        self._finer.mult(self._fine, self._force)
        self._prolongation.multTranspose(self._force, y)
