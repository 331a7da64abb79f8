"""Which rank gets which through-thickness columns of cells."""

from __future__ import annotations

import numpy as np

from isosim.errors import InputError, Problem
from isosim.stack.mesh import SectionMesh, SolidMesh


def columns_of_rank(mesh: SectionMesh | SolidMesh, ranks: int) -> np.ndarray:
    """Rank of every column, shape (columns,): the grid of columns halved again and again across its longer side.

    Raises
    ------
    InputError
        More ranks than columns.
    """
    count = int(np.max(mesh.column)) + 1
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
