"""Meshes to and section meshes from files, through meshio."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np

from isosim.errors import InputError, Problem
from isosim.stack.mesh import SectionMesh, SolidMesh
from isosim.stack.stack import FILL, FRAME, SKIN, Stack
from isosim.units import brief

FORMATS = {".msh": "gmsh22", ".vtu": "vtu", ".xdmf": "xdmf"}
TAGS = ("layer", "material", "column", "row")
BESIDE = {FILL: "edge filling", SKIN: "pouch edge", FRAME: "frame"}


def write_mesh(mesh: SectionMesh | SolidMesh, stack: Stack, path: Path) -> None:
    """Write a mesh with cell data layer, material (counted as in `SectionMesh`), column and row.

    Coordinates are in m: x, z, 0 of a section, x, y, z of a solid. A .msh file also names its layers and
    the edge filling as physical groups; an .xdmf file is a series of one step with its data in the XML.

    Raises
    ------
    InputError
        An extension other than .msh, .vtu, .xdmf.
    """
    format_name = _format(path)
    data: dict[str, list[np.ndarray]] = {tag: [getattr(mesh, tag).astype(np.int32)] for tag in TAGS}
    names: dict[str, np.ndarray] = {}
    if format_name == "gmsh22":
        own = dict(enumerate(layer.name for layer in stack.layers)) | BESIDE
        number = {code: k for k, code in enumerate(own, 1)}
        group = np.vectorize(number.__getitem__, otypes=[np.int32])(mesh.layer)
        data |= {"gmsh:physical": [group], "gmsh:geometrical": [group]}
        dimension = mesh.points.shape[1]
        names = {own[code]: np.array([number[code], dimension]) for code in own if code in mesh.layer}
    points = np.zeros((len(mesh.points), 3))
    points[:, : mesh.points.shape[1]] = mesh.points
    blocks = [("quad" if mesh.cells.shape[1] == 4 else "hexahedron", mesh.cells)]
    if format_name == "xdmf":  # meshio's other writer wants h5py even where the data are in the XML
        with meshio.xdmf.TimeSeriesWriter(path, data_format="XML") as series:
            series.write_points_cells(points, blocks)
            series.write_data(0.0, cell_data=data)
        return
    out = meshio.Mesh(points, blocks, cell_data=data, field_data=names)
    out.write(path, file_format=format_name, **({"binary": True} if format_name == "gmsh22" else {}))


def read_mesh(path: Path, stack: Stack) -> SectionMesh:
    """Read a mesh of a stack that `write_mesh` wrote, or one made elsewhere with the same cell data.

    Raises
    ------
    InputError
        No such file or no mesh of quadrilaterals, cell data missing or not of this stack, cells that are
        not convex and counter-clockwise. All problems at once.
    """
    format_name = _format(path)
    if not path.is_file():
        raise InputError(Problem("mesh", str(path), "a file"))
    try:
        found = _read(path, format_name)
    except (Exception, SystemExit) as error:  # meshio raises anything, or exits, on a file that is no mesh
        hint = "" if isinstance(error, SystemExit) else brief(str(error))
        raise InputError(Problem("mesh", str(path), f"a {path.suffix} mesh", hint)) from None
    quads = [number for number, block in enumerate(found.cells) if block.type == "quad"]
    if not quads:
        types = ", ".join(sorted({block.type for block in found.cells})) or "no cells"
        raise InputError(Problem("cells", types, "quadrilaterals"), str(path))
    if missing := [tag for tag in TAGS if tag not in found.cell_data]:
        raise InputError(Problem("cell data", "no " + ", ".join(missing), ", ".join(TAGS)), str(path))
    tags = {
        tag: np.concatenate([np.ravel(found.cell_data[tag][number]) for number in quads]).astype(int)
        for tag in TAGS
    }
    cells = np.concatenate([found.cells[number].data for number in quads]).astype(int)
    mesh = SectionMesh(
        np.ascontiguousarray(found.points[:, :2]),
        cells,
        tags["layer"],
        tags["material"],
        tags["column"],
        tags["row"],
        stack.material_names,
    )
    if problems := _problems(mesh, stack):
        raise InputError(problems, str(path))
    return mesh


def _format(path: Path) -> str:
    if path.suffix not in FORMATS:
        raise InputError(Problem("mesh", f"extension {path.suffix!r}", f"one of {', '.join(FORMATS)}"))
    return FORMATS[path.suffix]


def _read(path: Path, format_name: str) -> meshio.Mesh:
    if format_name != "xdmf":
        return meshio.read(path, file_format="gmsh" if format_name == "gmsh22" else format_name)
    with meshio.xdmf.TimeSeriesReader(path) as series:
        points, cells = series.read_points_cells()
        _, _, cell_data = series.read_data(0)
    return meshio.Mesh(points, cells, cell_data=cell_data)


def _lowest(stack: Stack) -> int:
    """The lowest number of a "layer" that a mesh of the stack may have."""
    return FRAME if stack.frame else SKIN if stack.pouch_edge else FILL if stack.fill_material else 0


def _problems(mesh: SectionMesh, stack: Stack) -> list[Problem]:
    problems = []
    for tag, low, count in (
        ("layer", _lowest(stack), len(stack.layers)),
        ("material", 0, len(stack.material_names)),
    ):
        values = getattr(mesh, tag)
        if values.min() < low or values.max() >= count:
            got = f"{values.min()} to {values.max()}"
            problems.append(Problem(f"cell data {tag}", got, f"{low} to {count - 1}", "those of this stack"))
    corner = mesh.points[mesh.cells]
    ahead, behind = np.roll(corner, -1, axis=1) - corner, np.roll(corner, 1, axis=1) - corner
    if (turn := ahead[..., 0] * behind[..., 1] - ahead[..., 1] * behind[..., 0]).min() <= 0.0:
        bad = int(np.count_nonzero(turn.min(axis=1) <= 0.0))
        problems.append(Problem("cells", f"{bad} not convex or clockwise", "convex, counter-clockwise cells"))
    return problems
