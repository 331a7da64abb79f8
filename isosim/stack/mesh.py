"""Structured meshes, graded to the edge: half the cross-section, or a quarter of a rectangular cell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from isosim.errors import InputError, Problem
from isosim.stack.edge_mesh import ABSENT, Builder
from isosim.stack.pouch_edge import SkinPath
from isosim.stack.stack import FILL, FRAME, Stack

SOLID_EDGE_CELL = 0.25e-3  # [m] of a solid by default: half of an overhang of 1 mm in one cell
CELLS_BEYOND = {"section": 4, "solid": 2}  # at least, between one footprint and the next


@dataclass(frozen=True)
class LayeredMesh:
    """Cells of a stack, from the symmetry planes outwards and from the bottom upwards [m].

    points (n, 2 or 3). Per cell, shape (m,): layer is the index into the stack's layers (FILL in the edge
    filling, SKIN in the pouch and bag beside the cell, FRAME in a frame), material the index into
    material_names, column the number of the in-plane cell, row counts from the bottom.
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


@dataclass(frozen=True)
class SectionMesh(LayeredMesh):
    """Quadrilaterals of half a section in (x, z); columns count from the symmetry plane.

    cells (m, 4) counter-clockwise from the lower inner corner. `skin` follows pouch and bag around the edge;
    None without a pouch, a bag, or in a mesh read from a file.
    """

    skin: SkinPath | None = None

    @property
    def columns_along_x(self) -> int:
        """Number of columns through the layers; what closes around the edge has columns beyond them."""
        return int(np.max(self.column[self.layer >= 0])) + 1


@dataclass(frozen=True)
class SolidMesh(LayeredMesh):
    """Hexahedra of a quarter of a cell in (x, y, z); columns are numbered x first.

    cells (m, 8), counter-clockwise below and then above. A column's cells follow each other.
    """

    columns_along_x: int


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
    z, of_row = _rows(stack)
    extents = tuple(sorted({*stack.footprints, stack.frame_starts or stack.footprints[0]}))
    x = _lines(stack, extents, columns, edge_cell, CELLS_BEYOND["section"])

    n_column = len(x) - 1
    half_width = np.array([layer.half_width for layer in stack.layers])
    fixture = np.array([layer.role == "fixture" for layer in stack.layers])
    tiny = 1e-9 * stack.width
    layer = np.repeat(of_row[:, None], n_column, axis=1)
    beyond = x[:-1] > half_width[layer] - tiny
    beside = np.where(x[:-1] > (stack.frame_starts or np.inf) - tiny, FRAME, FILL)
    outside = fixture[layer] | (x[:-1] > stack.width - tiny)
    layer = np.where(beyond, np.where(outside, ABSENT, beside), layer)
    cell = _edge_cell(stack, stack.footprints[0], columns, edge_cell)
    points, cells, tags, skin = Builder(stack, x, z, layer, cell).build()
    return SectionMesh(points, cells, **tags, material_names=stack.material_names, skin=skin)


def solid_mesh(stack: Stack, columns: int = 8, edge_cell: float | None = None) -> SolidMesh:
    """Mesh a quarter of a stack of rectangular layers: the section's rows, over a grid of x and y lines.

    Pouch and bag end with the widest layer: how they close around the edge is not meshed.

    Parameters
    ----------
    stack
        What to mesh; corners are sharp.
    columns
        Columns along x and along y up to the narrowest footprint; beyond as in `section_mesh`, but at least
        two.
    edge_cell
        Width of the column at the narrowest footprint, along x and along y [m]; 0.25 mm when None, or an even
        column where that is narrower.

    Raises
    ------
    InputError
        As `section_mesh`, and for fixtures.
    """
    if stack.frame or any(layer.role == "fixture" for layer in stack.layers):
        raise InputError(Problem("fixture", "a solid", "a section", "fixtures are meshed in sections only"))
    z, of_row = _rows(stack)
    extents = (stack.footprints, stack.lengths)
    widths = [min(SOLID_EDGE_CELL, along[0] / max(columns, 1)) for along in extents]
    x, y = (
        _lines(stack, along, columns, width if edge_cell is None else edge_cell, CELLS_BEYOND["solid"])
        for along, width in zip(extents, widths, strict=True)
    )
    n_x, n_y, n_z = len(x) - 1, len(y) - 1, len(z) - 1
    grid = np.meshgrid(z, y, x, indexing="ij")
    points = np.stack(grid[::-1], axis=-1).reshape(-1, 3)
    column, row = (index.ravel() for index in np.indices((n_x * n_y, n_z)))
    j, i = np.divmod(column, n_x)
    corner = (row * (n_y + 1) + j) * (n_x + 1) + i
    face = np.stack([corner, corner + 1, corner + n_x + 2, corner + n_x + 1], axis=1)
    cells = np.hstack([face, face + (n_x + 1) * (n_y + 1)])

    layer = of_row[row]
    reach = np.array([layer.extent for layer in stack.layers]) - 1e-9 * stack.width
    beyond = (x[i] > reach[layer, 0]) | (y[j] > reach[layer, 1])
    layer, material = _filled(stack, layer, beyond)
    return SolidMesh(points, cells, layer, material, column, row, stack.material_names, n_x)


def _rows(stack: Stack) -> tuple[np.ndarray, np.ndarray]:
    """Heights of the lines between rows [m], and the layer of every row, from the bottom up."""
    rows = np.array([layer.elements for layer in reversed(stack.layers)])
    heights = np.array([layer.thickness for layer in reversed(stack.layers)]) / rows
    z = np.concatenate([[0.0], np.cumsum(np.repeat(heights, rows))])
    z[-1] = stack.height
    return z, np.repeat(np.arange(len(rows))[::-1], rows)


def _filled(stack: Stack, layer: np.ndarray, beyond: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Layer and material of cells, those beyond the end of their layer given to the edge filling."""
    names = stack.material_names
    material = np.array([names.index(layer.material) for layer in stack.layers])[layer]
    if not stack.fill_material:
        return layer, material
    return np.where(beyond, FILL, layer), np.where(beyond, names.index(stack.fill_material), material)


def _lines(
    stack: Stack, extents: tuple[float, ...], columns: int, edge_cell: float | None, beyond: int
) -> np.ndarray:
    """Distances of the lines between columns from the symmetry plane [m], one at every extent.

    From one extent to the next there are at least `beyond` columns.
    """
    if columns < 2:
        raise InputError(Problem("columns", str(columns), "2 or more"))
    inner = extents[0]
    cell = _edge_cell(stack, inner, columns, edge_cell)
    widths = cell * _growth(inner / cell, columns) ** np.arange(columns)[::-1]
    lines = [np.concatenate([[0.0], np.cumsum(widths)])]
    lines[0] *= inner / lines[0][-1]
    for start, end in pairwise(extents):
        count = max(beyond, int(np.ceil((end - start) / (2.0 * cell) - 1e-9)))
        lines.append(np.linspace(start, end, count + 1)[1:])
    lines[0][-1] = inner
    return np.concatenate(lines)


def _edge_cell(stack: Stack, inner: float, columns: int, asked: float | None) -> float:
    """Width of the column at the narrowest footprint [m]."""
    even = inner / columns
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
