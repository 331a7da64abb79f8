"""Iterative solution of the tangent system of a solid: FGMRES around geometric multigrid.

The smoother solves each through-thickness column exactly, so that the number of layers, their contrast and
their thinness do not matter to it; the coarser grids merge cells in the plane, and the coarsest is a plate.
See docs/solid-solver.md.
"""

from __future__ import annotations

import numpy as np
from petsc4py import PETSc

from isosim.fem.column_blocks import ColumnBlocks, whole_columns
from isosim.fem.column_grid import ColumnGrid
from isosim.fem.plate import plate
from isosim.fem.semicoarsening import coarsen

WIDENING = 6.0  # a coarser grid merges cells up to so many times the width of the last one
MERGED = 3  # cells merged into one, at most
PLATE = 0.5  # of the height of the stack: cells as wide as this are not merged but turned into a plate
FEW = 49  # columns are not coarsened but solved directly
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


class Level:
    """One grid with its matrix; all but the coarsest have column blocks and a prolongation to them."""

    def __init__(self, grid: ColumnGrid, matrix: PETSc.Mat, free: np.ndarray):
        self.grid = grid
        self.matrix = matrix
        self.free = free  # which of the owned unknowns are not prescribed

    def attach(self, coarser: tuple[ColumnGrid, PETSc.Mat]) -> Level:
        """The next coarser level, with the Galerkin product as its matrix."""
        grid, self.prolongation = coarser
        self.blocks = ColumnBlocks(self.matrix, self.grid)
        return Level(grid, self.matrix.ptap(self.prolongation), np.ones(len(grid.key), dtype=bool))

    def update(self, coarser: Level) -> None:
        """Bring the blocks and the matrix of the next coarser level up to date with this level's matrix."""
        self.blocks.update()
        self.matrix.ptap(self.prolongation, result=coarser.matrix)

    def destroy(self) -> None:
        """Free the blocks and the prolongation."""
        self.blocks.matrix.destroy()
        self.prolongation.destroy()


def levels(grid: ColumnGrid, matrix: PETSc.Mat, free: np.ndarray) -> list[Level]:
    """All grids from the finest to the one that is solved directly."""
    found = [Level(grid, matrix, free)]
    plate_width, width = PLATE * (grid.z[-1] - grid.z[0]), 0.0
    while len(found[-1].grid.x) * len(found[-1].grid.y) > FEW:
        finest = found[-1]
        if width >= plate_width:
            return [*found, finest.attach(plate(finest.grid, finest.free))]
        width = min(WIDENING * max(width, finest.grid.spacing), plate_width)
        coarser = coarsen(finest.grid, finest.free, width, MERGED)
        if coarser is not None:
            found.append(finest.attach(coarser))
    return found


class MultigridSolver:
    """FGMRES, preconditioned by a V-cycle; for unsymmetric matrices on any number of ranks.

    PETSc options with the prefix `isosim_` override `DEFAULTS`. Vectors hold the unknowns
    that this rank owns.

    Parameters
    ----------
    matrix
        AIJ matrix with identity rows and columns where displacements are prescribed.
    grid
        Where its rows lie.
    fixed
        Owned rows whose displacement is prescribed, counted on this rank.
    tolerance
        Norm of the residual at which the iteration ends, relative to that of the right-hand side.

    Attributes
    ----------
    factorisations
        How often the grids were set up.
    iterations
        Of the last solution.
    """

    def __init__(self, matrix: PETSc.Mat, grid: ColumnGrid, fixed: np.ndarray, tolerance: float = TOLERANCE):
        self._matrix = matrix
        self._grid = grid
        self._free = np.ones(len(grid.key), dtype=bool)
        self._free[fixed] = False
        self._levels: list[Level] = []
        self._right, self._left = matrix.createVecs()
        options = PETSc.Options()
        for name, value in DEFAULTS.items():
            if not options.hasName(name):
                options[name] = value
        self._ksp = PETSc.KSP().create(matrix.comm)
        self._ksp.setOptionsPrefix("isosim_")
        self._ksp.setType("fgmres")
        self._ksp.setGMRESRestart(RESTART)
        self._ksp.setTolerances(rtol=tolerance, max_it=MAX_ITERATIONS)
        self.factorisations = 0
        self.iterations = 0

    def factorise(self) -> None:
        """Set up all grids for the matrix as it is now; the first time their patterns as well."""
        if self._levels:
            for finer, coarser in zip(self._levels[:-1], self._levels[1:], strict=True):
                finer.update(coarser)
        self._ksp.setOperators(self._matrix)
        if not self._levels:
            self._levels = levels(self._grid, self._matrix, self._free)
            self._connect()
            self._ksp.setFromOptions()
        self._ksp.setUp()
        self.factorisations += 1

    def _connect(self) -> None:
        """Hand the grids to PETSc, which counts levels from the coarsest."""
        cycle = self._ksp.getPC()
        cycle.setType("mg")
        cycle.setMGLevels(len(self._levels))
        *finer, coarsest = self._levels
        cycle.getMGCoarseSolve().setOperators(coarsest.matrix)
        for number, level in enumerate(reversed(finer), start=1):
            cycle.setMGInterpolation(number, level.prolongation)
            smoother = cycle.getMGSmoother(number)
            smoother.setOperators(level.matrix, level.blocks.matrix)
            columns = whole_columns(level.matrix, level.grid)
            smoother.getPC().setType("asm")
            smoother.getPC().setASMType(PETSc.PC.ASMType.BASIC)
            smoother.getPC().setASMLocalSubdomains(1, [columns], [columns])

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
        return [(len(level.grid.x), len(level.grid.y)) for level in self._levels]

    def destroy(self) -> None:
        """Free what PETSc holds; in a fixed order, or exit hangs under MPI."""
        for thing in (self._right, self._left, self._ksp):
            thing.destroy()
        for level in self._levels[:-1]:
            level.destroy()
        for level in self._levels[1:]:
            level.matrix.destroy()

    def __str__(self) -> str:
        return "FGMRES and multigrid, columns solved exactly"
