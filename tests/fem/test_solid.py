"""Discs and quarter cells against the section and the column."""

import meshio
import numpy as np
import pytest

from isosim import column, fem
from isosim.measure import zones
from isosim.recipe import Schedule
from isosim.stack import section_mesh, solid_mesh
from tests.fem.bodies import MPA, body, cycle, elastic
from tests.fem.press_on_ranks import FACES, press, small_body
from tests.fem.test_tangent import POROUS

STATES = ["loaded", "released", "disassembled"]


def longer(stack, half_length):
    """The stack with another half-length."""
    for layer in stack.layers:
        layer.extent = (layer.half_width, half_length)
    stack.lengths = (half_length,)
    return stack


def sandwich(half_width):
    """Coated foil between soft sheets, the same from above and below: it does not curl."""
    soft, foil = elastic(3e9, 0.35), elastic(70e9, 0.33)
    porosity = [None, 0.5, None, 0.5, None]
    thickness = [5e-5, 4e-5, 2e-5, 4e-5, 5e-5]
    return body([soft, POROUS, foil, POROUS, soft], thickness, half_width=half_width, porosity=porosity)


def compare(
    found, reference, rtol, names=("thickness", "porosity", "axial_pressure", "strain_x", "strain_y")
):
    """Profiles of both alike to rtol of their largest value."""
    for name in names:
        one, other = (ds[f"{name}_profile"].sel(state=STATES).values for ds in (found, reference))
        scale = np.nanmax(np.abs(other))
        np.testing.assert_allclose(one, other, rtol=0, atol=rtol * scale, err_msg=name)


@pytest.fixture(scope="module")
def solid(tmp_path_factory):
    """The small body, square, with its fields."""
    folder = tmp_path_factory.mktemp("solid")
    return press("solid", fields_to=folder), folder


@pytest.mark.parametrize("fidelity", ["section", "axisymmetric", "solid"])
def test_interior_equals_column(fidelity):
    """With their in-plane strains and steps the column shall reproduce the middle of section, disc and solid
    to 0.2 %."""
    stack, schedule = sandwich(1e-3), cycle(60 * MPA, steps=4)
    mesh = solid_mesh(stack, 3) if fidelity == "solid" else section_mesh(stack, 8)
    ds = fem.run(stack, mesh, schedule, FACES, fidelity=fidelity)
    taken = Schedule(ds.time.values, ds.pressure.values, ds.temperature.values, ds.phase.values)
    strain = np.stack([ds.lateral_strain_x, ds.lateral_strain_y], axis=1)
    same = column.run(stack, taken, lateral_strain=strain)
    for state in ("loaded", "released"):
        for name in ("thickness", "porosity"):
            inside, reference = (d[f"{name}_profile"].sel(state=state).isel(x=0) for d in (ds, same))
            np.testing.assert_allclose(inside, reference, rtol=2e-3)
    if fidelity != "section":  # alike all round, or square
        np.testing.assert_allclose(ds.lateral_strain_x, ds.lateral_strain_y, atol=2e-5)


def test_solid_between_plates_is_the_section():
    """Held along y between plates, the solid shall be the plane-strain section, edge and electrodes too."""
    stack, schedule = longer(small_body(), 3e-4), cycle(60 * MPA, steps=4)
    flat = fem.run(stack, section_mesh(stack, 3, 6e-5), schedule, FACES, "one direction")
    ds = fem.run(stack, solid_mesh(stack, 3, 6e-5), schedule, FACES, "one direction", fidelity="solid")
    compare(ds, flat, 1e-6)
    for y in range(ds.sizes["y"]):
        across = ds.thickness_map.isel(y=y).sel(state=STATES)
        np.testing.assert_allclose(across, flat.thickness_profile.sel(state=STATES), rtol=1e-6)


@pytest.mark.long
def test_long_solid_is_the_section():
    """Along the middle of a long cell the solid shall be the generalised plane-strain section to 0.2 %."""
    stack, schedule = longer(sandwich(6e-4), 3e-3), cycle(60 * MPA, steps=4)
    flat = fem.run(stack, section_mesh(stack, 5, 4e-5), schedule, FACES)
    ds = fem.run(stack, solid_mesh(stack, 5, 4e-5), schedule, FACES, fidelity="solid")
    compare(ds, flat, 2e-3, ("thickness", "porosity", "axial_pressure"))


def test_the_square_is_alike_along_x_and_y(solid):
    """In a square cell x and y shall be alike, and the profile the map's first line."""
    ds, _ = solid
    for name in ("thickness", "porosity", "axial_pressure"):
        plan = ds[f"{name}_map"].transpose("state", "layer", "x", "y").values
        np.testing.assert_allclose(plan, plan.swapaxes(2, 3), rtol=0, atol=1e-6 * np.nanmax(np.abs(plan)))
        np.testing.assert_array_equal(ds[f"{name}_profile"], ds[f"{name}_map"].isel(y=0))


def test_means_of_the_map_are_those_of_the_layers(solid):
    """The mean of the map over the footprint shall be the layer's mean thickness, unpressed and released."""
    ds, _ = solid
    whole = zones.whole(ds)
    for state, step in (("unpressed", 0), ("released", -1)):
        mean = zones.mean(whole.thickness_profile.sel(state=state), whole.x_area)
        np.testing.assert_allclose(mean, ds.thickness.isel(step=step), rtol=1e-12)
    assert float(whole.x_area.sum()) == pytest.approx(6e-4**2, rel=1e-12)


def test_fields_are_hexahedra_in_the_order_of_vtk(solid):
    """Nodes on edges, faces and in the middle of a cell shall be the means of the corners that VTK says."""
    ds, folder = solid
    mesh = meshio.read(folder / "held.vtu")
    cells = mesh.cells_dict["hexahedron27"]
    assert len(cells) == ds.attrs["cells"]
    X = mesh.points[cells]
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7)]
    faces = [(0, 3, 4, 7), (1, 2, 5, 6), (0, 1, 4, 5), (2, 3, 6, 7), (0, 1, 2, 3), (4, 5, 6, 7), range(8)]
    for node, corners in enumerate([*edges, *faces], start=8):
        np.testing.assert_allclose(X[:, node], X[:, list(corners)].mean(axis=1), atol=1e-12)
    first, second, third = (X[:, k] - X[:, 0] for k in (1, 3, 4))
    assert (np.einsum("ni,ni->n", np.cross(first, second), third) > 0).all()
