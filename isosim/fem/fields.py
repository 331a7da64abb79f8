"""Fields of a body for ParaView: a VTU file for each state (and rank), and a PVD that lists them."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

import meshio
import numpy as np

from isosim.fem.body import QuadraturePoints
from isosim.fem.weak_form import WeakForm

# dolfinx has the nodes of a Q2 cell as vertices (x fastest), edges, faces, interior; VTK goes round the cell
VTK_ORDER = {
    2: [0, 1, 3, 2, 4, 6, 7, 5, 8],
    3: [0, 1, 3, 2, 4, 5, 7, 6, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 15, 14, 22, 23, 21, 24, 20, 25, 26],
}
CELLS = {2: "quad9", 3: "hexahedron27"}

NAMES = {  # ParaView knows no units: they are in the names
    "thickness": "thickness over unpressed thickness",
    "porosity": "porosity",
    "axial_pressure": "pressure square to the layer [Pa]",
    "stress_x": "stress along the layer [Pa]",
    "stress_y": "stress across the cut [Pa]",
    "plastic_strain": "equivalent plastic strain",
    "strain_x": "log strain along the layer",
    "strain_y": "log strain across the cut",
}


class FieldWriter:
    """Writes the deformed body with its cell values; collective."""

    def __init__(self, folder: Path, form: WeakForm, where: QuadraturePoints):
        self._folder = folder
        self._weight = where.volume / where.volume.sum(axis=1, keepdims=True)
        self._form = form
        self._constant = {"layer": where.layer[:, 0], "material": where.material[:, 0]}
        self._dimension = form.body.kinematics.dimension
        dofmap = form.space.dofmap
        cells = np.array([dofmap.cell_dofs(cell) for cell in form.body.cells])
        self._cells = cells[:, VTK_ORDER[self._dimension]]
        self._points = form.space.tabulate_dof_coordinates()[:, :3].copy()
        self.written: list[tuple[float, str]] = []

    def restore(self, written: list[tuple[float, str]]) -> None:
        """Go on after these (time, file); what was written later goes, it may be in other pieces."""
        self.written = written
        kept = {Path(file).stem for _, file in written}
        if self._form.body.comm.rank == 0:
            for path in self._folder.glob("*.*vtu"):
                if path.stem.partition("_")[0] not in kept:
                    path.unlink()

    def write(self, name: str, time: float, fields: dict[str, np.ndarray]) -> None:
        """Write one state; `fields` are point values of shape (cells * quadrature points,)."""
        comm, dimension = self._form.body.comm, self._dimension
        self._folder.mkdir(parents=True, exist_ok=True)
        displacement = np.zeros_like(self._points)
        displacement[:, :dimension] = self._form.u.x.array.reshape(-1, dimension)
        count = len(self._cells)
        mean = lambda value: (value.reshape(count, -1) * self._weight).sum(axis=1)  # noqa: E731
        data = {**self._constant, **{NAMES[key]: mean(value) for key, value in fields.items()}}
        mesh = meshio.Mesh(
            self._points,
            [(CELLS[dimension], self._cells)],
            point_data={"displacement [m]": displacement},
            cell_data={key: [value] for key, value in data.items()},
        )
        pieces = [f"{name}.vtu"] if comm.size == 1 else [f"{name}_{rank}.vtu" for rank in range(comm.size)]
        meshio.write(self._folder / pieces[comm.rank], mesh)
        self.written.append((time, f"{name}.vtu" if comm.size == 1 else f"{name}.pvtu"))
        comm.Barrier()  # what is listed is there
        if comm.rank == 0:
            if comm.size > 1:
                (self._folder / f"{name}.pvtu").write_text(_parallel(mesh, pieces))
            rows = "\n".join(f'    <DataSet timestep="{t}" file="{file}"/>' for t, file in self.written)
            (self._folder / f"{self._form.body.kinematics.fidelity}.pvd").write_text(
                '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n'
                f"  <Collection>\n{rows}\n  </Collection>\n</VTKFile>\n"
            )


def _parallel(mesh: meshio.Mesh, pieces: list[str]) -> str:
    """The PVTU file of pieces with the arrays of this one."""
    kind = {"f": "Float", "i": "Int"}

    def array(name: str, value: np.ndarray) -> str:
        size = "" if value.ndim == 1 else f' NumberOfComponents="{value.shape[1]}"'
        dtype = f"{kind[value.dtype.kind]}{8 * value.dtype.itemsize}"
        return f'      <PDataArray type="{dtype}" Name={quoteattr(name)}{size}/>'

    cell = "\n".join(array(name, blocks[0]) for name, blocks in mesh.cell_data.items())
    point = "\n".join(array(name, value) for name, value in mesh.point_data.items())
    sources = "\n".join(f'    <Piece Source="{piece}"/>' for piece in pieces)
    return (
        '<?xml version="1.0"?>\n<VTKFile type="PUnstructuredGrid" version="0.1">\n'
        '  <PUnstructuredGrid GhostLevel="0">\n'
        f"    <PPointData>\n{point}\n    </PPointData>\n    <PCellData>\n{cell}\n    </PCellData>\n"
        f"    <PPoints>\n{array('Points', mesh.points)}\n    </PPoints>\n"
        f"{sources}\n  </PUnstructuredGrid>\n</VTKFile>\n"
    )
