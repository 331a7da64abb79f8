"""The grids of multigrid for the tangent of a solid, from the finest to the one that is solved directly.

The finest ones multiply cell by cell. The last one in the plane has a matrix, and so has the plate that is
made from it.
"""

from __future__ import annotations

from petsc4py import PETSc

from isosim.fem.column_grid import ColumnGrid
from isosim.fem.line_couplings import LineCouplings
from isosim.fem.plate import plate
from isosim.fem.semicoarsening import coarsen
from isosim.fem.solid_tangent import Galerkin, SolidTangent

WIDENING = 6.0  # a coarser grid merges cells up to so many times the width of the last one
MERGED = 3  # cells merged into one, at most
PLATE = 0.5  # of the height of the stack: cells as wide as this are not merged but turned into a plate
FEW = 25  # columns are not coarsened but solved directly


def columns(grid: ColumnGrid) -> int:
    """How many columns a grid has."""
    return len(grid.x) * len(grid.y)


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


class Levels:
    """What multigrid consists of; everything is counted from the finest grid. Collective.

    Parameters
    ----------
    tangent
        Of the finest grid.

    Attributes
    ----------
    grids
        In the plane, then perhaps a plate.
    prolongations
        To each grid from the next coarser one.
    smoothers
        The couplings within columns of each grid but the coarsest.
    """

    def __init__(self, tangent: SolidTangent):
        self.grids, self.prolongations = grids_in_the_plane(tangent.grid)
        self._products: list[SolidTangent | Galerkin] = [tangent] if self.prolongations else []
        for prolongation in self.prolongations[:-1]:
            self._products.append(Galerkin(self._products[-1].matrix, prolongation))
        self._last = LineCouplings(tangent, self.grids[-1], within=False)
        self._plate: PETSc.Mat | None = None
        self._plated = columns(self.grids[-1]) > FEW
        if self._plated:
            grid, prolongation = plate(self.grids[-1])
            self.grids.append(grid)
            self.prolongations.append(prolongation)
        self.smoothers = [LineCouplings(tangent, grid, within=True) for grid in self.grids[:-1]]

    def update(self) -> None:
        """Take over the tangent as it is now."""
        for couplings in (*self.smoothers, self._last):
            couplings.update()
        if self._plated:
            self._plate = self._last.matrix.ptap(self.prolongations[-1], result=self._plate)

    @property
    def operators(self) -> list[PETSc.Mat]:
        """Of all grids, once they are up to date."""
        of_plate = [self._plate] if self._plated else []
        return [*(product.matrix for product in self._products), self._last.matrix, *of_plate]

    def free(self) -> None:
        """Free what PETSc holds but the tangent, in the same order on every rank."""
        for prolongation in self.prolongations:
            prolongation.destroy()
        for product in self._products[1:]:
            product.free()
        for couplings in (*self.smoothers, self._last):
            couplings.matrix.destroy()
        if self._plate is not None:
            self._plate.destroy()
