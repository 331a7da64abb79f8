"""Fields of a section for ParaView: one VTU file a state and a PVD that lists them."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np

from isosim.fem.weak_form import WeakForm

# dolfinx puts the nodes of a Q2 cell as vertices (tensor order), edges, interior; VTK goes round the cell
VTK_ORDER = [0, 1, 3, 2, 4, 6, 7, 5, 8]

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
    """Writes the deformed section with its cell values."""

    def __init__(self, folder: Path, form: WeakForm, area: np.ndarray, cell_data: dict[str, np.ndarray]):
        """`area` of each quadrature point (cells, points); `cell_data` never change, (cells,)."""
        self._folder = folder
        self._weight = area / area.sum(axis=1, keepdims=True)
        self._form = form
        self._constant = cell_data
        dofmap = form.space.dofmap
        cells = np.array([dofmap.cell_dofs(cell) for cell in form.section.cells])
        self._cells = cells[:, VTK_ORDER]
        self._points = form.space.tabulate_dof_coordinates()[:, :3].copy()
        self._written: list[tuple[float, str]] = []

    def write(self, name: str, time: float, fields: dict[str, np.ndarray]) -> None:
        """Write one state; `fields` are point values of shape (cells * quadrature points,)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        displacement = np.zeros_like(self._points)
        displacement[:, :2] = self._form.u.x.array.reshape(-1, 2)
        count = len(self._cells)
        mean = lambda value: (value.reshape(count, -1) * self._weight).sum(axis=1)  # noqa: E731
        data = {NAMES[key]: mean(value) for key, value in fields.items()}
        mesh = meshio.Mesh(
            self._points,
            [("quad9", self._cells)],
            point_data={"displacement [m]": displacement},
            cell_data={key: [value] for key, value in {**self._constant, **data}.items()},
        )
        meshio.write(self._folder / f"{name}.vtu", mesh)
        self._written.append((time, f"{name}.vtu"))
        rows = "\n".join(f'    <DataSet timestep="{t}" file="{file}"/>' for t, file in self._written)
        (self._folder / "section.pvd").write_text(
            '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n'
            f"  <Collection>\n{rows}\n  </Collection>\n</VTKFile>\n"
        )
