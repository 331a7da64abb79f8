"""Solution of the tangent system of the displacements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
from petsc4py import PETSc

from isosim.errors import InputError, Problem
from isosim.fem.multigrid import IterationsExhausted, MultigridSolver
from isosim.fem.solid_tangent import SolidTangent
from isosim.fem.weak_form import WeakForm

MOST_FACTORISED = 10_000  # unknowns of a solid: above, multigrid is cheaper (docs/solid-solver.md)
INEXACT = 2e-2  # of the right-hand side, left by an iterative solution: less hardly saves a Newton iteration
CHOICE = "isosim_pc_type"  # the option that overrides it
MUMPS = {
    "isosim_mat_mumps_icntl_14": "60",  # per cent of extra workspace for pivoting
    "isosim_mat_mumps_icntl_8": "0",  # no scaling: the same residual for 13 % less time
}


class LinearSolver(Protocol):
    """Solves with the tangent of a form. Vectors hold the degrees of freedom that this rank owns."""

    factorisations: int

    def factorise(self) -> None:
        """Take over the tangent at the present state of the form."""

    def solve(self, rhs: np.ndarray) -> np.ndarray:
        """One solution with the present factors; shape (owned,)."""

    def destroy(self) -> None:
        """Free what PETSc holds, in the same order on every rank."""

    def __str__(self) -> str:
        """What it is, for the user."""


def linear_solver(form: WeakForm) -> LinearSolver:
    """The solver for a body of this dimension and size; the one place where it is chosen.

    A solid of more than `MOST_FACTORISED` unknowns gets multigrid, all else MUMPS. PETSc options with the
    prefix `isosim_` override that and what the solver consists of: `-isosim_pc_type mg` is multigrid.

    Raises
    ------
    InputError
        When multigrid is asked for a section or a disc, or chosen and the mesh is no tensor grid.
    """
    large = form.body.kinematics.dimension == 3 and form.size > MOST_FACTORISED
    asked = PETSc.Options().getString(CHOICE, "mg" if large else "lu")
    if asked != "mg":
        return DirectSolver(form)
    if form.body.kinematics.dimension < 3:
        raise InputError(Problem(f"-{CHOICE}", asked, "lu", "multigrid is for solids: leave the option out"))
    return MultigridSolver(SolidTangent(form), INEXACT)


@contextmanager
def multigrid_always() -> Iterator[None]:
    """Small solids get multigrid too, if PETSc's options do not say otherwise: to compile it."""
    options = PETSc.Options()
    if options.hasName(CHOICE):
        yield
        return
    options[CHOICE] = "mg"
    try:
        yield
    finally:
        options.delValue(CHOICE)


class DirectSolver:
    """A PETSc solver, MUMPS by default: analysis once, each new matrix costs one factorisation.

    PETSc options with the prefix `isosim_` override that.
    """

    def __init__(self, form: WeakForm):
        self._form = form
        matrix = form.assemble_matrix()
        options = PETSc.Options()
        for name, value in MUMPS.items():
            if not options.hasName(name):
                options[name] = value
        self._ksp = PETSc.KSP().create(matrix.comm)
        self._ksp.setOptionsPrefix("isosim_")
        self._ksp.setOperators(matrix)
        self._ksp.setType("preonly")
        self._ksp.getPC().setType("lu")
        self._ksp.getPC().setFactorSolverType("mumps")
        self._ksp.setFromOptions()
        self._right, self._left = matrix.createVecs()
        self.factorisations = 0

    def factorise(self) -> None:
        """Assemble and factorise the tangent at the present state of the form."""
        self._ksp.setOperators(self._form.assemble_matrix())
        self._ksp.setUp()
        self.factorisations += 1

    def solve(self, rhs: np.ndarray) -> np.ndarray:
        """One solution with the present factors; shape (owned,).

        Raises
        ------
        IterationsExhausted
            When PETSc gives up: a singular matrix, or iterative options that do not converge.
        """
        self._left.array = rhs
        self._ksp.solve(self._left, self._right)
        if self._ksp.getConvergedReason() < 0:
            raise IterationsExhausted(f"PETSc gave up with reason {self._ksp.getConvergedReason()}")
        return self._right.array.copy()

    def destroy(self) -> None:
        """Free the factors; PETSc objects go in a fixed order, or exit hangs under MPI."""
        for thing in (self._right, self._left, self._ksp):
            thing.destroy()

    def __str__(self) -> str:
        package = self._ksp.getPC().getFactorSolverType() or ""
        return f"{self._ksp.getType()}, {self._ksp.getPC().getType()} {package}".rstrip()


def petsc_options() -> dict[str, str]:
    """All options that PETSc was given, ours and the user's."""
    return dict(PETSc.Options().getAll())
