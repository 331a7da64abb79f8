"""Iterative solution of the tangent system of a solid: FGMRES around geometric multigrid.

The smoother solves each through-thickness column exactly, so that the number of layers, their contrast and
their thinness do not matter to it; the coarser grids merge cells in the plane, and the coarsest is a plate.
The finest grids have no matrix: products with them go cell by cell. See docs/solid-solver.md.
"""

from __future__ import annotations

import numpy as np
from petsc4py import PETSc

from isosim.fem.column_grid import whole_columns
from isosim.fem.levels import Levels
from isosim.fem.solid_tangent import SolidTangent

TOLERANCE = 1e-6  # of the right-hand side
MAX_ITERATIONS = 150
RESTART = 50

DEFAULTS = {
    "isosim_mg_levels_ksp_type": "chebyshev",
    "isosim_mg_levels_ksp_max_it": "2",
    "isosim_mg_levels_ksp_chebyshev_esteig": "0,0.1,0,1.1",  # damp the upper nine tenths of the spectrum
    "isosim_mg_levels_pc_type": "asm",  # one block a rank, which falls apart into columns
    "isosim_mg_levels_sub_pc_type": "lu",
    "isosim_mg_levels_sub_pc_factor_mat_ordering_type": "rcm",  # up the columns: no fill beyond their band
    "isosim_mg_coarse_ksp_type": "preonly",
    "isosim_mg_coarse_pc_type": "redundant",  # a plate is small: solved on every rank
    "isosim_mg_coarse_redundant_pc_type": "lu",
    "isosim_mg_coarse_redundant_pc_factor_mat_solver_type": "mumps",
}


class IterationsExhausted(Exception):
    """FGMRES did not reach its tolerance."""


class MultigridSolver:
    """FGMRES, preconditioned by a V-cycle; for unsymmetric tangents on any number of ranks.

    PETSc options with the prefix `isosim_` override `DEFAULTS`. Vectors hold the unknowns that this rank
    owns.

    Parameters
    ----------
    tangent
        Of a solid.
    tolerance
        Norm of the residual at which the iteration ends, relative to that of the right-hand side.

    Attributes
    ----------
    factorisations
        How often the grids were set up.
    iterations
        Of the last solution.
    """

    def __init__(self, tangent: SolidTangent, tolerance: float = TOLERANCE):
        self._tangent = tangent
        self._levels = Levels(tangent)
        self._right, self._left = tangent.matrix.createVecs()
        options = PETSc.Options()
        for name, value in DEFAULTS.items():
            if not options.hasName(name):
                options[name] = value
        self._ksp = PETSc.KSP().create(tangent.matrix.comm)
        self._ksp.setOptionsPrefix("isosim_")
        self._ksp.setType("fgmres")
        self._ksp.setGMRESRestart(RESTART)
        self._ksp.setTolerances(rtol=tolerance, max_it=MAX_ITERATIONS)
        self.factorisations = 0
        self.iterations = 0

    def factorise(self) -> None:
        """Set up all grids for the tangent as it is now."""
        self._tangent.take_over()
        self._levels.update()
        self._ksp.setOperators(self._tangent.matrix)
        if self.factorisations == 0:
            self._connect()
        self._ksp.setUp()
        self.factorisations += 1

    def _connect(self) -> None:
        """Hand the grids to PETSc, which counts levels from the coarsest."""
        levels, cycle = self._levels, self._ksp.getPC()
        *finer, coarsest = levels.operators
        cycle.setType("mg")
        cycle.setMGLevels(len(finer) + 1)
        cycle.getMGCoarseSolve().setOperators(coarsest)
        for down, operator in enumerate(finer):
            number = len(finer) - down
            cycle.setMGInterpolation(number, levels.prolongations[down])
            smoother, own = cycle.getMGSmoother(number), whole_columns(levels.grids[down])
            smoother.setOperators(operator, levels.smoothers[down].matrix)
            smoother.getPC().setType("asm")
            smoother.getPC().setASMType(PETSc.PC.ASMType.BASIC)
            smoother.getPC().setASMLocalSubdomains(1, [own], [own])
        self._ksp.setFromOptions()

    def solve(self, rhs: np.ndarray) -> np.ndarray:
        """One solution to the tolerance; shape (owned,).

        Raises
        ------
        IterationsExhausted
            When the tolerance is not reached, or the iteration breaks down.
        """
        self._left.array = rhs
        self._right.set(0.0)
        self._ksp.solve(self._left, self._right)
        self.iterations = self._ksp.getIterationNumber()
        if self._ksp.getConvergedReason() < 0:
            left = self._ksp.getResidualNorm() / self._left.norm()
            raise IterationsExhausted(f"{self.iterations} iterations left a residual of {left:.1e}")
        return self._right.array.copy()

    def destroy(self) -> None:
        """Free what PETSc holds; in a fixed order, or exit hangs under MPI."""
        for thing in (self._right, self._left, self._ksp):
            thing.destroy()
        self._levels.free()
        self._tangent.free()

    def __str__(self) -> str:
        return "FGMRES and multigrid, columns solved exactly"
