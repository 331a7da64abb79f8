"""Direct solution of the tangent system, bordered by the stretch along the cell where that is free."""

from __future__ import annotations

import numpy as np
from petsc4py import PETSc

from isosim.fem.weak_form import Border

DEFAULTS = {
    "isosim_ksp_type": "preonly",
    "isosim_pc_type": "lu",
    "isosim_pc_factor_mat_solver_type": "mumps",
    "isosim_mat_mumps_icntl_14": "60",  # per cent of extra workspace, for pivoting
}


class DirectSolver:
    """MUMPS on one rank: the analysis is done once, each new matrix costs one factorisation.

    PETSc options with the prefix `isosim_` override `DEFAULTS`.
    """

    def __init__(self, matrix: PETSc.Mat):
        self._matrix = matrix
        options = PETSc.Options()
        for name, value in DEFAULTS.items():
            if not options.hasName(name):
                options[name] = value
        self._ksp = PETSc.KSP().create(matrix.comm)
        self._ksp.setOptionsPrefix("isosim_")
        self._ksp.setOperators(matrix)
        self._ksp.setFromOptions()
        self._right, self._left = matrix.createVecs()
        self.factorisations = 0

    def factorise(self) -> None:
        """Factorise the matrix as it is now."""
        self._ksp.setOperators(self._matrix)
        self._ksp.setUp()
        self.factorisations += 1

    def solve(self, rhs: np.ndarray) -> np.ndarray:
        """One solution with the present factors; shape (dofs,)."""
        self._left.array = rhs
        self._ksp.solve(self._left, self._right)
        return self._right.array.copy()

    def solve_bordered(self, rhs: np.ndarray, border: Border) -> tuple[np.ndarray, float]:
        """Newton correction (du, d ly) for the residual (-rhs, border.residual)."""
        first, second = self.solve(rhs), self.solve(border.column)
        change = -(border.residual + border.row @ first) / (border.corner - border.row @ second)
        return first - second * change, change

    def destroy(self) -> None:
        """Free the factors; PETSc objects go in a fixed order, or exit hangs under MPI."""
        for thing in (self._right, self._left, self._ksp):
            thing.destroy()


def petsc_options() -> dict[str, str]:
    """All options that PETSc was given, ours and the user's."""
    return {**DEFAULTS, **PETSc.Options().getAll()}
