"""Iterative solution of the tangent system of a solid: FGMRES around geometric multigrid.

The smoother solves each through-thickness column exactly, so that the number of layers, their contrast and
their thinness do not matter to it; the coarser grids merge cells in the plane, and the coarsest is a plate.
The finest grids have no matrix: products with them go cell by cell. See docs/solid-solver.md.
"""

from __future__ import annotations

import numpy as np
from petsc4py import PETSc

from isosim.fem.column_grid import ColumnGrid, whole_columns
from isosim.fem.line_couplings import LineCouplings
from isosim.fem.plate import plate
from isosim.fem.semicoarsening import coarsen
from isosim.fem.solid_tangent import Galerkin, SolidTangent

WIDENING = 6.0  # a coarser grid merges cells up to so many times the width of the last one
MERGED = 3  # cells merged into one, at most
PLATE = 0.5  # of the height of the stack: cells as wide as this are not merged but turned into a plate
FEW = 25  # columns are not coarsened but solved directly
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


def grids_in_the_plane(finest: ColumnGrid) -> tuple[list[ColumnGrid], list[PETSc.Mat]]:
    """Grids with ever fewer lines, from the finest on, and the prolongations between them."""
    grids, prolongations = [finest], []
    widest, width = PLATE * (finest.z[-1] - finest.z[0]), 0.0
    while columns(grids[-1]) > FEW and width < widest:
        width = min(WIDENING * max(width, grids[-1].spacing), widest)
        coarser = coarsen(grids[-1], width, MERGED)
        if coarser is not None:
            grids.append(coarser[0])
            prolongations.append(coarser[1])
    return grids, prolongations


def columns(grid: ColumnGrid) -> int:
    """How many columns a grid has."""
    return len(grid.x) * len(grid.y)


class MultigridSolver:
    """FGMRES, preconditioned by a V-cycle; for unsymmetric tangents on any number of ranks.

    The finest grids multiply cell by cell; the last one in the plane has a matrix, and so has the plate that
    is made from it. PETSc options with the prefix `isosim_` override `DEFAULTS`. Vectors hold the unknowns
    that this rank owns.

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
        self._grids, self._prolongations = grids_in_the_plane(tangent.grid)
        self._smoothers: list[LineCouplings] = []
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
        """Set up all grids for the tangent as it is now; the first time their patterns as well."""
        self._tangent.take_over()
        if self.factorisations == 0:
            self._last = LineCouplings(self._tangent, self._grids[-1], within=False)
        self._last.update()
        if self.factorisations == 0:
            self._connect()
        for smoother in self._smoothers:
            smoother.update()
        if self._plate is not None:
            self._last.matrix.ptap(self._prolongations[-1], result=self._plate)
        self._ksp.setOperators(self._tangent.matrix)
        self._ksp.setUp()
        self.factorisations += 1

    def _connect(self) -> None:
        """Hand the grids to PETSc, which counts levels from the coarsest."""
        operators = [self._tangent.matrix]
        for prolongation in self._prolongations[:-1]:
            operators.append(Galerkin(operators[-1], prolongation).matrix)
        operators[len(self._grids) - 1 :] = [self._last.matrix]
        self._plate = None
        if columns(self._grids[-1]) > FEW:
            grid, prolongation = plate(self._grids[-1])
            self._grids.append(grid)
            self._prolongations.append(prolongation)
            self._plate = self._last.matrix.ptap(prolongation)
            operators.append(self._plate)
        self._ksp.setOperators(operators[0])
        cycle = self._ksp.getPC()
        cycle.setType("mg")
        cycle.setMGLevels(len(operators))
        cycle.getMGCoarseSolve().setOperators(operators[-1])
        for down in range(len(operators) - 1):
            grid, number = self._grids[down], len(operators) - 1 - down
            within = LineCouplings(self._tangent, grid, within=True)
            within.update()
            self._smoothers.append(within)
            cycle.setMGInterpolation(number, self._prolongations[down])
            smoother = cycle.getMGSmoother(number)
            smoother.setOperators(operators[down], within.matrix)
            own = whole_columns(grid)
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

    def shapes(self) -> list[tuple[int, int]]:
        """In-plane grid lines of all grids, from the finest; the last is a plate if two are alike."""
        return [(len(grid.x), len(grid.y)) for grid in self._grids]

    def destroy(self) -> None:
        """Free what PETSc holds; in a fixed order, or exit hangs under MPI."""
        for thing in (self._right, self._left, self._ksp, *self._prolongations):
            thing.destroy()
        if self.factorisations:
            for couplings in (*self._smoothers, self._last):
                couplings.matrix.destroy()
            if self._plate is not None:
                self._plate.destroy()
        self._tangent.matrix.destroy()

    def __str__(self) -> str:
        return "FGMRES and multigrid, columns solved exactly"
