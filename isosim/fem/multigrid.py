"""Iterative solution of the tangent system in three dimensions: FGMRES around geometric multigrid.

The smoother solves each through-thickness column exactly, so that the contrast of the layers, their number and their
thinness do not matter to it; coarser grids merge cells in the plane only. See docs/solid-solver.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from petsc4py import PETSc

from isosim.fem.column_blocks import ColumnBlocks, whole_columns
from isosim.fem.column_grid import ColumnGrid
from isosim.fem.plate import plate
from isosim.fem.semicoarsening import coarsen

WIDENING = 4.0  # a coarser grid merges cells up to so many times the narrowest
MERGED = 2  # cells merged into one, at most
COARSEST = 49  # columns that are left to MUMPS
TOLERANCE = 1e-6  # of the right-hand side
PLATE=1.; MODES=3
MAX_ITERATIONS = 200
RESTART = 60


DEFAULTS = {
    "isosim_mg_levels_ksp_type": "chebyshev",
    "isosim_mg_levels_ksp_max_it": "2",
    "isosim_mg_levels_ksp_chebyshev_esteig": "0,0.1,0,1.1",  # damp the upper nine tenths of the spectrum
    "isosim_mg_levels_pc_type": "asm",  # one block a rank: it falls apart into columns
    "isosim_mg_levels_sub_pc_type": "lu",
    "isosim_mg_levels_sub_pc_factor_mat_ordering_type": "rcm",  # up the columns: no fill beyond their band
    "isosim_mg_coarse_ksp_type": "preonly",
    "isosim_mg_coarse_pc_type": "redundant",
    "isosim_mg_coarse_redundant_pc_factor_mat_solver_type": "mumps",
}


class IterationsExhausted(Exception):
    """FGMRES did not reach its tolerance."""


class Level:
    """One grid: its matrix, and the smoother on all but the coarsest."""

    def __init__(self, grid: ColumnGrid, matrix: PETSc.Mat):
        self.grid = grid
        self.matrix = matrix
        self.prolongation: PETSc.Mat | None = None  # from the next coarser level
        self.blocks: ColumnBlocks | None = None


class MultigridSolver:
    """FGMRES, preconditioned by a V-cycle on in-plane coarser grids; for matrices on any number of ranks.

    Parameters
    ----------
    matrix
        AIJ matrix with identity rows where displacements are prescribed. Whole columns should be on one rank:
        the smoother drops the couplings of a column that is on several.
    grid
        Where its rows lie.
    fixed
        Owned rows whose displacement is prescribed, counted on this rank.
    tolerance
        Residual at which the iteration ends, relative to the right-hand side.
    """

    def __init__(self, matrix: PETSc.Mat, grid: ColumnGrid, fixed: np.ndarray, tolerance: float = TOLERANCE):
        self._matrix = matrix
        self._free = np.ones(len(grid.key), dtype=bool)
        self._free[fixed] = False
        self._levels = [Level(grid, matrix)]
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
        """Set up all grids for the matrix as it is now."""
        if self.factorisations == 0:
            self._build()
        else:
            for fine, coarse in zip(self._levels[:-1], self._levels[1:], strict=True):
                fine.blocks.update()
                fine.matrix.ptap(fine.prolongation, result=coarse.matrix)
        self._ksp.setOperators(self._matrix)
        self._ksp.setUp()
        self.factorisations += 1

    def _build(self) -> None:
        self._coarsen()
        multigrid = self._ksp.getPC()
        self._ksp.setOperators(self._matrix)
        multigrid.setType("mg")
        multigrid.setMGLevels(len(self._levels))
        for number, level in enumerate(reversed(self._levels)):
            if level.prolongation is None:
                multigrid.getMGCoarseSolve().setOperators(level.matrix)
            else:
                multigrid.setMGInterpolation(number, level.prolongation)
                smoother = multigrid.getMGSmoother(number)
                smoother.setOperators(level.matrix, level.blocks.matrix)
                smoother.getPC().setType("asm")
                smoother.getPC().setASMType(PETSc.PC.ASMType.BASIC)
                own = whole_columns(level.matrix, level.grid)
                smoother.getPC().setASMLocalSubdomains(1, [own], [own])
        self._ksp.setFromOptions()

    def _coarsen(self) -> None:
        free, width = self._free, 0.0
        while True:
            level = self._levels[-1]
            grid, height = level.grid, level.grid.z[-1] - level.grid.z[0]
            columns = len(grid.x) * len(grid.y)
            if columns <= COARSEST:
                return
            if width >= PLATE * height:
                coarser = plate(grid, free, MODES)
            else:
                width = min(WIDENING * max(width, grid.spacing), PLATE * height)
                coarser = coarsen(grid, free, width, MERGED)
            if coarser is None:
                continue
            grid, level.prolongation = coarser
            level.blocks = ColumnBlocks(level.matrix, level.grid)
            self._levels.append(Level(grid, level.matrix.ptap(level.prolongation)))
            if len(grid.z)==MODES: return
            free = np.ones(len(grid.key), dtype=bool)

    def solve(self, rhs: np.ndarray) -> np.ndarray:
        """One solution to the tolerance; shape (owned unknowns,).

        Raises
        ------
        IterationsExhausted
            When the iterations run out or break down.
        """
        self._left.array = rhs
        self._right.set(0.0)
        self._ksp.solve(self._left, self._right)
        self.iterations = self._ksp.getIterationNumber()
        if self._ksp.getConvergedReason() < 0:
            raise IterationsExhausted(f"multigrid left {self._ksp.getResidualNorm():.1e} after {self.iterations} iterations")
        return self._right.array.copy()

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """In-plane grid lines of all grids, from the finest."""
        return [(len(level.grid.x), len(level.grid.y)) for level in self._levels]

    def destroy(self) -> None:
        """Free the factors and the coarser grids, in a fixed order, or exit hangs under MPI."""
        things: list[Any] = [self._right, self._left, self._ksp]
        for level in self._levels:
            if level.prolongation is not None:
                things += [level.blocks.matrix, level.prolongation]
        things += [level.matrix for level in self._levels[1:]]
        for thing in things:
            thing.destroy()
