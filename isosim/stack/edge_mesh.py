"""Meshes around the edge: fixtures cut out of the rectangle of a stack, pouch and bag closed around it.

All are structured grids that share the nodes of their common lines. A drape is an offset curve: the point at
distance t from its inner line is C + t m with m . n = 1 on every side, so that each sheet keeps its thickness
exactly, also where the line turns (m is then the mitre).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from isosim.stack.pouch_edge import SkinPath
from isosim.stack.stack import FILL, FRAME, SKIN, Stack

ABSENT = -9  # the layer of cells of the rectangle where nothing is
TAGS = ("layer", "material", "column", "row")
BELOW, RIGHT, ABOVE, LEFT = range(4)  # the edges of a cell


@dataclass
class Patchwork:
    """Points (n, 2) and quadrilaterals with their tags, put together from grids."""

    points: list[np.ndarray] = field(default_factory=list)
    cells: list[np.ndarray] = field(default_factory=list)
    tags: dict[str, list[np.ndarray]] = field(default_factory=lambda: {tag: [] for tag in TAGS})
    nodes: int = 0
    count: int = 0

    def numbered(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """New nodes at x, z; their numbers in the same shape."""
        ids = self.nodes + np.arange(x.size).reshape(x.shape)
        self.points.append(np.column_stack([x.ravel(), z.ravel()]))
        self.nodes += x.size
        return ids

    def add(self, ids: np.ndarray, **tags: np.ndarray) -> np.ndarray:
        """Cells of a grid of nodes (rows + 1, columns + 1), rows upwards; returns their numbers.

        Tags are broadcast to (rows, columns); where the layer is ABSENT there is no cell, numbered -1.
        """
        shape = (ids.shape[0] - 1, ids.shape[1] - 1)
        corners = np.stack([ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]], axis=-1)
        values = {tag: np.broadcast_to(tags[tag], shape) for tag in TAGS}
        there = values["layer"] != ABSENT
        numbers = np.full(shape, -1)
        numbers[there] = self.count + np.arange(there.sum())
        self.cells.append(corners[there])
        for tag in TAGS:
            self.tags[tag].append(values[tag][there])
        self.count += int(there.sum())
        return numbers

    def finished(self) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Points, cells and tags; nodes of no cell are left out."""
        cells = np.concatenate(self.cells)
        used, cells = np.unique(cells, return_inverse=True)
        points = np.concatenate(self.points)[used]
        return points, cells.reshape(-1, 4), {tag: np.concatenate(self.tags[tag]) for tag in TAGS}


@dataclass
class _Path:
    """Collects the steps of a `SkinPath`."""

    cell: list[np.ndarray] = field(default_factory=list)
    sheet: list[np.ndarray] = field(default_factory=list)
    turn: list[int] = field(default_factory=list)
    place: list[tuple[float, float]] = field(default_factory=list)
    part: list[str] = field(default_factory=list)

    def add(self, cells: np.ndarray, sheet: np.ndarray, turn: int, part: str, inner: np.ndarray) -> None:
        """Steps (s, cells across), each beginning at the side `turn`; `inner` (s + 1, 2) on its face."""
        for own, place in zip(cells, 0.5 * (inner[1:] + inner[:-1]), strict=True):
            self.cell.append(own)
            self.sheet.append(sheet)
            self.turn.append(turn)
            self.place.append((place[0], place[1]))
            self.part.append(part)

    def finished(self, sheets: tuple[str, ...]) -> SkinPath:
        size = [len(own) for own in self.cell]
        place = np.array(self.place)
        return SkinPath(
            cell=np.concatenate(self.cell),
            step=np.repeat(np.arange(len(size)), size),
            sheet=np.concatenate(self.sheet),
            turn=np.repeat(self.turn, size),
            x=place[:, 0],
            z=place[:, 1],
            part=np.array(self.part),
            sheets=sheets,
        )


class Builder:
    """Builds the mesh of a stack from the lines and tags of its rectangle.

    x and z are the lines [m]; `layer` (rows, columns) says what each cell of the rectangle belongs to.
    """

    def __init__(self, stack: Stack, x: np.ndarray, z: np.ndarray, layer: np.ndarray, cell: float):
        self.stack, self.x, self.z, self.cell = stack, x, z, cell
        self.work, self.path = Patchwork(), _Path()
        names = stack.material_names
        of_layer = [names.index(own.material) for own in stack.layers]
        self.material_of = dict(enumerate(of_layer)) | {ABSENT: -1}
        if stack.fill_material:
            self.material_of[FILL] = names.index(stack.fill_material)
        if stack.frame:
            self.material_of[FRAME] = names.index(stack.frame.material)
        self.ids = self.work.numbered(*np.meshgrid(x, z))
        row, column = np.indices(layer.shape)
        of_cell = np.vectorize(self.material_of.__getitem__, otypes=[int])(layer)
        self.base = self.work.add(self.ids, layer=layer, material=of_cell, column=column, row=row)
        self.layer = layer
        self._covers()

    def build(self) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], SkinPath | None]:
        """Points, cells, tags, and the path along the skin where there is one."""
        if not self.sheets:
            return *self.work.finished(), None
        last = self.edge  # the column line of the cell's edge
        top = slice(self.inner_top, self.outer_top)
        along = np.column_stack([self.x[: last + 1], np.full(last + 1, self.z[self.inner_top])])
        self.path.add(self.base[top, :last].T, self.sheet, LEFT, "top", along)
        if self.stack.pouch_edge:
            {"conformal": self._conformal, "draped": self._draped}[self.stack.pouch_edge.shape]()
        return *self.work.finished(), self.path.finished(self.sheets)

    def _covers(self) -> None:
        """The rows of pouch and bag: the lines between which they lie and which sheet each row is of."""
        layers = self.stack.layers
        top, bottom = self.stack.covers
        rows = lambda indices: sum(layers[i].elements for i in indices)  # noqa: E731
        cell = [i for i, layer in enumerate(layers) if layer.role != "fixture"]
        self.outer_top = len(self.z) - 1 - rows(range(cell[0]))
        self.outer_bottom = rows(range(cell[-1] + 1, len(layers)))
        self.inner_top = self.outer_top - rows(top)
        self.inner_bottom = self.outer_bottom + rows(bottom)
        self.sheet = np.array([k for k, i in enumerate(top) for _ in range(layers[i].elements)], int)
        self.sheets = tuple(layers[i].name.removesuffix(" top") for i in top)
        self.sheet_material = np.array([self.material_of[i] for i in top], int)
        self.slips_inside = bool(top) and layers[top[0]].role == "slip"
        self.edge = int(np.argmin(np.abs(self.x - self.stack.width)))

    def _conformal(self) -> None:
        """A rectangle beside the edge; in its corners the sheets turn around each other."""
        edge, low, high = self.edge, self.outer_bottom, self.outer_top
        offset = self.z[self.inner_top : high + 1] - self.z[self.inner_top]
        new = self.work.numbered(*np.meshgrid(self.x[edge] + offset[1:], self.z[low : high + 1]))
        ids = np.column_stack([self.ids[low : high + 1, edge], new])
        row, column = np.indices((high - low, len(self.sheet)))
        sheet = np.tile(self.sheet, (high - low, 1))
        for rows, own in (
            (slice(self.inner_top - low, None), self.sheet),
            (slice(0, self.inner_bottom - low), self.sheet[::-1]),
        ):
            sheet[rows] = np.maximum(sheet[rows], own[:, None])
        cells = self.work.add(
            ids,
            layer=np.array(SKIN),
            material=self.sheet_material[sheet],
            column=column + self.layer.shape[1],
            row=row + low,
        )
        z = self.z[self.inner_bottom : self.inner_top + 1][::-1]
        inner = np.column_stack([np.full(len(z), self.x[edge]), z])
        between = cells[self.inner_bottom - low : self.inner_top - low]
        self.path.add(between[::-1], self.sheet, ABOVE, "edge", inner)

    def _draped(self) -> None:
        """The gap under the drape, then above and below mid-height: shoulder, wall, flange."""
        drape = self.stack.pouch_edge
        assert drape is not None
        low, high, edge = self.inner_bottom, self.inner_top, self.edge
        z = self.z[low : high + 1]
        middle = 1 + int(np.argmin(np.abs(z[1:-1] - 0.5 * (z[0] + z[-1]))))
        height = np.where(np.arange(len(z)) >= middle, z[-1] - z[middle], z[middle] - z[0])
        way_down = 1.0 - np.abs(z - z[middle]) / height
        shoulder = self.x[edge] + drape.clearance
        wall = shoulder + drape.run * way_down
        across = max(4, int(np.ceil((drape.clearance + 0.5 * drape.run) / (2.0 * self.cell))))
        part = np.linspace(0.0, 1.0, across + 1)[1:]
        x = self.x[edge] + np.outer(wall - self.x[edge], part)
        new = self.work.numbered(x, np.repeat(z[:, None], across, axis=1))
        gap = np.column_stack([self.ids[low : high + 1, edge], new])
        columns = self.layer.shape[1]
        rows = np.arange(low, high)[:, None]
        self.work.add(
            gap,
            layer=np.array(FILL),
            material=np.array(self.material_of[FILL]),
            column=columns + np.arange(across),
            row=rows,
        )
        along = max(8, int(np.ceil(drape.flange / (4.0 * self.cell))))
        end = wall[middle] + drape.flange * np.linspace(0.0, 1.0, along + 1)[1:]
        seal = np.concatenate([[gap[middle, -1]], self.work.numbered(end, np.full(along, z[middle]))])
        self._half(1, gap, seal, middle, wall, z)
        self._half(-1, gap, seal, middle, wall, z)

    def _half(
        self, up: int, gap: np.ndarray, seal: np.ndarray, middle: int, wall: np.ndarray, z: np.ndarray
    ) -> None:
        """The skin above (up = 1) or below (-1) mid-height; grids run outwards and along the skin first."""
        drape = self.stack.pouch_edge
        assert drape is not None
        columns, across, along = self.layer.shape[1], gap.shape[1] - 1, len(seal) - 1
        shoulder, sheets = wall[-1], len(self.sheet)
        line = self.inner_top if up == 1 else self.inner_bottom
        lines = line + up * np.arange(sheets + 1)
        offset = np.abs(self.z[lines] - self.z[line])
        rows = np.minimum(lines[1:], lines[:-1])
        rise = abs((z[-1] if up == 1 else z[0]) - z[middle])
        mitre = np.tan(0.5 * np.arctan2(rise, drape.run))  # m = (mitre, up) on both sides of either turn

        def grid(inner: np.ndarray, x: np.ndarray, z_inner: np.ndarray, m: np.ndarray) -> np.ndarray:
            """Nodes (along, outwards) on the offsets of an inner line; its own are there already."""
            out = self.work.numbered(
                x[:, None] + m[:, None] * offset[1:], z_inner[:, None] + up * offset[1:] + 0.0 * m[:, None]
            )
            return np.column_stack([inner, out])

        def add(ids: np.ndarray, column: np.ndarray, row: np.ndarray, material: np.ndarray) -> np.ndarray:
            """Cells (along, outwards) of nodes that run so, turned counter-clockwise."""
            turned = ids.T if up == 1 else ids.T[::-1]
            flip = (lambda a: a.T) if up == 1 else (lambda a: a.T[::-1])
            shape = (ids.shape[0] - 1, sheets)
            full = lambda a: flip(np.broadcast_to(a, shape))  # noqa: E731
            cells = self.work.add(
                turned, layer=np.array(SKIN), material=full(material), column=full(column), row=full(row)
            )
            return cells.T if up == 1 else cells[::-1].T

        material = self.sheet_material[self.sheet]
        over = gap[-1 if up == 1 else 0]
        part = np.linspace(0.0, 1.0, across + 1)
        x = self.x[self.edge] + (shoulder - self.x[self.edge]) * part
        ids = grid(over, x, np.full(across + 1, self.z[line]), mitre * part)
        ids[0] = self.ids[lines, self.edge]
        cover = add(ids, columns + np.arange(across)[:, None], rows, material)
        if up == 1:
            inner = np.column_stack([x, np.full(across + 1, self.z[line])])
            self.path.add(cover, self.sheet, LEFT, "top", inner)

        down = np.arange(len(z) - 1, middle - 1, -1) if up == 1 else np.arange(0, middle + 1)
        turn = ids[-1]
        ids = grid(gap[down, -1], wall[down], z[down], np.full(len(down), mitre))
        ids[0] = turn
        of_row = self.inner_bottom + np.minimum(down[1:], down[:-1])
        cells = add(ids, columns + across + np.arange(sheets), of_row[:, None], material)
        if up == 1:
            self.path.add(cells, self.sheet, LEFT, "edge", np.column_stack([wall[down], z[down]]))

        turn = ids[-1]
        part = np.linspace(0.0, 1.0, along + 1)
        x = wall[middle] + drape.flange * part
        ids = grid(seal, x, np.full(along + 1, z[middle]), mitre * (1.0 - part))
        ids[0] = turn
        sealed = material.copy()
        if self.slips_inside:  # the innermost sheets are sealed to each other
            sealed[self.sheet == 0] = self.sheet_material[1]
        column = columns + across + sheets + np.arange(along)
        cells = add(ids, column[:, None], rows, sealed)
        if up == 1:
            inner = np.column_stack([x, np.full(along + 1, z[middle])])
            self.path.add(cells, self.sheet, LEFT, "flange", inner)
