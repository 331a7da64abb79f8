"""Which rank gets which through-thickness columns of cells."""

from __future__ import annotations

import numpy as np

from isosim.errors import InputError, Problem
from isosim.stack.mesh import SectionMesh, SolidMesh


def columns_through(mesh: SectionMesh | SolidMesh) -> np.ndarray:
    """The column through the layers that each cell goes with (cells,): what is beside them, with the last."""
    if isinstance(mesh, SolidMesh):
        return mesh.column
    return np.minimum(mesh.column, mesh.columns_along_x - 1)


def columns_of_rank(mesh: SectionMesh | SolidMesh, ranks: int) -> np.ndarray:
    """Rank of every column, shape (columns,): their grid is halved again and again across its longer side.

    Raises
    ------
    InputError
        More ranks than columns.
    """
    count = int(np.max(columns_through(mesh))) + 1
    if ranks > count:
        raise InputError(
            Problem("ranks", str(ranks), f"at most {count}", "every rank needs a column of the mesh")
        )
    grid = np.arange(count).reshape(-1, mesh.columns_along_x)
    rank = np.empty(count, np.int64)
    parts = [(grid, 0, ranks)]
    while parts:
        block, first, share = parts.pop()
        if share == 1:
            rank[block.ravel()] = first
            continue
        longer = int(np.argmax(block.shape))
        lower = share // 2
        cut = round(block.shape[longer] * lower / share)
        inner, outer = np.split(block, [min(max(cut, 1), block.shape[longer] - 1)], axis=longer)
        lower = min(max(lower, share - outer.size), inner.size)
        parts += [(inner, first, lower), (outer, first + lower, share - lower)]
    return rank


def columns_beside(of_column: np.ndarray, along_x: int, rank: int) -> list[np.ndarray]:
    """For every column of this rank, in ascending order: the other ranks that own a column beside it."""
    grid = of_column.reshape(-1, along_x)
    around = np.pad(grid, 1, mode="edge")
    beside = np.stack([around[1:-1, :-2], around[1:-1, 2:], around[:-2, 1:-1], around[2:, 1:-1]], axis=-1)
    found = beside.reshape(-1, 4)[of_column == rank]
    return [np.setdiff1d(ranks, rank) for ranks in found]
