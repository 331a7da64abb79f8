"""A structured quadrilateral mesh of half the cross-section, graded to the edge."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from isosim.errors import InputError, Problem
from isosim.stack.stack import Stack

FILL = -1  # the layer index of cells of the edge filling


@dataclass(frozen=True)
class SectionMesh:
    """Quadrilaterals of half a section: x from the symmetry plane outwards, z from the bottom upwards [m].

    points (n, 2); cells (m, 4) counter-clockwise from the lower inner corner. Per cell, shape (m,): layer is
    the index into the stack's layers (-1 in the edge filling), material the index into material_names,
    column and row count from the symmetry plane and from the bottom.
    """

    points: np.ndarray
    cells: np.ndarray
    layer: np.ndarray
    material: np.ndarray
    column: np.ndarray
    row: np.ndarray
    material_names: tuple[str, ...]

    @property
    def filling(self) -> np.ndarray:
        """True for the cells of the edge filling, shape (m,)."""
        return self.layer == FILL


def section_mesh(stack: Stack, columns: int = 24, edge_cell: float | None = None) -> SectionMesh:
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

    n_column, n_row = len(x) - 1, len(z) - 1
    points = np.stack(np.meshgrid(x, z), axis=-1).reshape(-1, 2)
    row, column = (index.ravel() for index in np.indices((n_row, n_column)))
    corner = row * (n_column + 1) + column
    cells = np.stack([corner, corner + 1, corner + n_column + 2, corner + n_column + 1], axis=1)

    of_row = np.repeat(np.arange(len(rows))[::-1], rows)
    layer = of_row[row]
    half_width = np.array([layer.half_width for layer in stack.layers])
    names = stack.material_names
    material = np.array([names.index(layer.material) for layer in stack.layers])[layer]
    beyond = x[column] > half_width[layer] - 1e-9 * stack.width
    if stack.fill_material:
        material[beyond] = names.index(stack.fill_material)
        layer = np.where(beyond, FILL, layer)
    return SectionMesh(points, cells, layer, material, column, row, names)


def _x_lines(stack: Stack, columns: int, edge_cell: float | None) -> np.ndarray:
    if columns < 2:
        raise InputError(Problem("columns", str(columns), "2 or more"))
    inner = stack.footprints[0]
    cell = _mean_row(stack) if edge_cell is None else edge_cell
    even = inner / columns
    if edge_cell is None:
        cell = min(cell, even)
    elif not 0.0 < cell <= even:
        raise InputError(
            Problem("edge_cell", f"{cell:g} m", f"a positive width of at most {even:g} m", "an even column's")
        )
    widths = cell * _growth(inner / cell, columns) ** np.arange(columns)[::-1]
    lines = [np.concatenate([[0.0], np.cumsum(widths)])]
    lines[0] *= inner / lines[0][-1]
    for start, end in pairwise(stack.footprints):
        count = max(4, int(np.ceil((end - start) / (2.0 * cell))))
        lines.append(np.linspace(start, end, count + 1)[1:])
    lines[0][-1] = inner
    return np.concatenate(lines)


def _mean_row(stack: Stack) -> float:
    return stack.height / sum(layer.elements for layer in stack.layers)


def _growth(ratio: float, count: int) -> float:
    """The factor q for which 1 + q + ... + q^(count - 1) equals a ratio of at least count."""
    if ratio <= count * (1.0 + 1e-9):
        return 1.0
    power = np.arange(count)
    return float(brentq(lambda q: np.sum(q**power) - ratio, 1.0, ratio ** (1.0 / (count - 1)), xtol=1e-14))
