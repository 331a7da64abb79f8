"""The coarsest grid of multigrid: the layers move together, as in a plate.

Linear interpolation between columns farther apart than the stack is high makes it too stiff in bending. From
there on the plane is not coarsened any more; each column keeps a few polynomials through the thickness.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from petsc4py import PETSc

from isosim.fem.column_grid import ColumnGrid
from isosim.fem.semicoarsening import distributed, global_numbers

MODES = 3  # polynomials for each component of a column: shift, rotation or stretch, and one more


def plate(grid: ColumnGrid, modes: int = MODES) -> tuple[ColumnGrid, PETSc.Mat]:
    """The plate's unknowns, `modes` for each component of a column, and the prolongation from them.

    In the plate's grid `z` and `k` number the Legendre polynomials. A column whose top does not
    move in a component has none in that component.
    """
    top = np.flatnonzero(grid.free & (grid.k == len(grid.z) - 1))
    coarse = replace(
        grid,
        z=np.arange(float(modes)),
        i=np.repeat(grid.i[top], modes),
        j=np.repeat(grid.j[top], modes),
        k=np.tile(np.arange(modes), len(top)),
        component=np.repeat(grid.component[top], modes),
        free=np.ones(len(top) * modes, dtype=bool),
    ).sorted()

    height = 2.0 * (grid.z - grid.z[0]) / (grid.z[-1] - grid.z[0]) - 1.0
    values = np.polynomial.legendre.legvander(height, modes - 1)  # of each grid line
    rows = np.flatnonzero(grid.free)
    keys = (grid.column[rows, None] * modes + np.arange(modes)) * 3
    number = global_numbers(coarse, (keys + grid.component[rows, None]).ravel())
    there = number >= 0
    row, value = np.repeat(rows, modes), values[grid.k[rows]].ravel()
    return coarse, distributed(
        grid.comm, len(grid.key), len(coarse.key), row[there], number[there], value[there]
    )
