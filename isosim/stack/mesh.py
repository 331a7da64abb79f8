"""A structured quadrilateral mesh of half the cross-section, graded to the edge."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from isosim.errors import InputError, Problem
from isosim.stack.edge_mesh import ABSENT, Builder
from isosim.stack.pouch_edge import SkinPath
from isosim.stack.stack import FILL, FRAME, Stack


@dataclass(frozen=True)
class SectionMesh:
    """Quadrilaterals of half a section: x from the symmetry plane outwards, z from the bottom upwards [m].

    points (n, 2); cells (m, 4) counter-clockwise from the lower inner corner. Per cell, shape (m,): layer is
    the index into the stack's layers (FILL in the edge filling, SKIN in the pouch and bag beside the cell,
    FRAME in a frame), material the index into material_names, column and row count from the symmetry plane
    and from the bottom. `skin` follows pouch and bag around the edge; None without a pouch, a bag, or in a
    mesh read from a file.
    """

    points: np.ndarray
    cells: np.ndarray
    layer: np.ndarray
    material: np.ndarray
    column: np.ndarray
    row: np.ndarray
    material_names: tuple[str, ...]
    skin: SkinPath | None = None

    @property
    def filling(self) -> np.ndarray:
        """True for the cells of the edge filling, shape (m,)."""
        return self.layer == FILL


def section_mesh(stack: Stack, columns: int = 48, edge_cell: float | None = None) -> SectionMesh:
    """Mesh the right half of a stack: one row per element of a layer, columns growing away from the edge.

    Parameters
    ----------
    stack
        What to mesh.
    columns
        Columns from the symmetry plane to the narrowest footprint; the zones beyond get cells of at most two
        edge cells, at least four of them.
    edge_cell
        Width of the column at the narrowest footprint [m]; the mean row height when None.

    Raises
    ------
    InputError
        Fewer than two columns, or an edge cell that is not positive or wider than an even column.
    """
    rows = np.array([layer.elements for layer in reversed(stack.layers)])
    heights = np.array([layer.thickness for layer in reversed(stack.layers)]) / rows
    z = np.concatenate([[0.0], np.cumsum(np.repeat(heights, rows))])
    z[-1] = stack.height
    x = _x_lines(stack, columns, edge_cell)

    n_column = len(x) - 1
    of_row = np.repeat(np.arange(len(rows))[::-1], rows)
    half_width = np.array([layer.half_width for layer in stack.layers])
    fixture = np.array([layer.role == "fixture" for layer in stack.layers])
    tiny = 1e-9 * stack.width
    layer = np.repeat(of_row[:, None], n_column, axis=1)
    beyond = x[:-1] > half_width[layer] - tiny
    beside = np.where(x[:-1] > (stack.frame_starts or np.inf) - tiny, FRAME, FILL)
    outside = fixture[layer] | (x[:-1] > stack.width - tiny)
    layer = np.where(beyond, np.where(outside, ABSENT, beside), layer)
    points, cells, tags, skin = Builder(stack, x, z, layer, _edge_cell(stack, columns, edge_cell)).build()
    return SectionMesh(points, cells, **tags, material_names=stack.material_names, skin=skin)


def _x_lines(stack: Stack, columns: int, edge_cell: float | None) -> np.ndarray:
    if columns < 2:
        raise InputError(Problem("columns", str(columns), "2 or more"))
    inner = stack.footprints[0]
    cell = _edge_cell(stack, columns, edge_cell)
    widths = cell * _growth(inner / cell, columns) ** np.arange(columns)[::-1]
    lines = [np.concatenate([[0.0], np.cumsum(widths)])]
    lines[0] *= inner / lines[0][-1]
    for start, end in pairwise(sorted({*stack.footprints, stack.frame_starts or inner})):
        count = max(4, int(np.ceil((end - start) / (2.0 * cell))))
        lines.append(np.linspace(start, end, count + 1)[1:])
    lines[0][-1] = inner
    return np.concatenate(lines)


def _edge_cell(stack: Stack, columns: int, asked: float | None) -> float:
    """Width of the column at the narrowest footprint [m]."""
    even = stack.footprints[0] / columns
    if asked is None:
        cell = [layer for layer in stack.layers if layer.role not in ("fixture", "slip")]
        return min(even, sum(layer.thickness for layer in cell) / sum(layer.elements for layer in cell))
    if not 0.0 < asked <= even:
        raise InputError(
            Problem(
                "edge_cell", f"{asked:g} m", f"a positive width of at most {even:g} m", "an even column's"
            )
        )
    return asked


def _growth(ratio: float, count: int) -> float:
    """The factor q for which 1 + q + ... + q^(count - 1) equals a ratio of at least count."""
    if ratio <= count * (1.0 + 1e-9):
        return 1.0
    power = np.arange(count)
    return float(brentq(lambda q: np.sum(q**power) - ratio, 1.0, ratio ** (1.0 / (count - 1)), xtol=1e-14))
