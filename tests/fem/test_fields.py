"""Fields for ParaView."""

import meshio
import numpy as np
import pytest

import isosim
from isosim import case as cases
from tests.fem.bodies import FLUSH


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("fields")
    case = cases.load("120RT-2", {**FLUSH, "model.section.columns": 6})
    return isosim.press(case, "section", fields_to=out), out


def test_every_state_is_listed_and_readable(folder):
    """The PVD shall list the four states in order of time, each a readable file of all cells."""
    ds, out = folder
    listed = [
        line.split('file="')[1].split('"')[0]
        for line in (out / "section.pvd").read_text().splitlines()
        if "file=" in line
    ]
    assert listed == ["unpressed.vtu", "loaded.vtu", "held.vtu", "released.vtu"]
    for name in listed:
        assert len(meshio.read(out / name).cells_dict["quad9"]) == ds.attrs["cells"]


def test_fields_are_those_of_the_dataset(folder):
    """Area means of the fields shall be the layer means of the dataset, and the mesh as high as the stack."""
    ds, out = folder
    mesh = meshio.read(out / "held.vtu")
    layer = mesh.cell_data["layer"][0]
    corners = mesh.points[mesh.cells_dict["quad9"][:, :4], :2]
    first, second = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    area = 0.5 * np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    step = int(np.flatnonzero(ds.phase == "hold")[-1])
    pressure = mesh.cell_data["pressure square to the layer [Pa]"][0]
    for index in range(ds.sizes["layer"]):
        inside = layer == index
        mean = np.average(pressure[inside], weights=area[inside])
        assert mean == pytest.approx(float(ds.axial_pressure[step, index]), rel=1e-9)
    deformed = mesh.points[:, 1] + mesh.point_data["displacement [m]"][:, 1]
    middle = np.isclose(mesh.points[:, 0], 0.0)
    height = float(ds.thickness_profile.sel(state="held").isel(x=0).sum())
    assert np.ptp(deformed[middle]) == pytest.approx(height, rel=1e-3)
