"""The section's mesh."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isosim import case, materials
from isosim.errors import InputError
from isosim.stack import Layer, Stack, section_mesh, solid_mesh

KNOWN = {name: materials.load(name) for name in ("al_foil", "frame")}


def cell(electrodes=4, overhang=False):
    fill = "frame" if overhang else None
    edge = {"stack.overhang": overhang, "edge_fill": fill, "stack.pouch_edge": "none"}
    return case.load("120RT-2", {"stack.electrodes": electrodes, **edge}).stack()


def areas(mesh):
    x, z = mesh.points[mesh.cells].transpose(2, 0, 1)
    return 0.5 * np.sum(x * np.roll(z, -1, 1) - z * np.roll(x, -1, 1), axis=1)


@pytest.mark.parametrize("overhang", [False, True])
def test_every_layer_has_its_area(overhang):
    """The cells of each layer shall fill exactly its thickness times its half-width, counter-clockwise, and
    the filling the rest."""
    stack = cell(overhang=overhang)
    mesh = section_mesh(stack)
    area = areas(mesh)
    assert area.min() > 0
    for index, layer in enumerate(stack.layers):
        own = mesh.layer == index
        assert area[own].sum() == pytest.approx(layer.thickness * layer.half_width, rel=1e-9)
        assert set(mesh.material[own]) == {mesh.material_names.index(layer.material)}
    assert area.sum() == pytest.approx(stack.height * stack.width, rel=1e-12)
    assert mesh.filling.any() == overhang
    if overhang:
        assert set(mesh.material[mesh.filling]) == {mesh.material_names.index("frame")}


def test_the_top_layer_is_on_top():
    """The first layer of the stack shall be the uppermost row, z counted from the bottom."""
    stack = cell()
    mesh = section_mesh(stack)
    assert set(mesh.layer[mesh.row == mesh.row.max()]) == {0}
    assert set(mesh.layer[mesh.row == 0]) == {len(stack.layers) - 1}
    assert mesh.points[:, 1].max() == stack.height and mesh.points.min() == 0.0


@pytest.mark.parametrize("electrodes", [2, 40])
def test_graded_to_the_edge(electrodes):
    """Columns shall shrink steadily to about a layer's thickness at the edge, with eight or more of them in
    the outermost stack height."""
    stack = cell(electrodes)
    x = np.unique(section_mesh(stack).points[:, 0])
    width = np.diff(x)
    assert len(width) == 24 and x[-1] == stack.width
    assert np.all(np.diff(width) < 0) and np.all(width[:-1] / width[1:] < 1.25)
    assert width[-1] == pytest.approx(stack.height / len(stack.layers), rel=1e-6)
    assert np.count_nonzero(x > stack.width - stack.height) >= 8


def test_lines_at_every_footprint():
    """A mesh line shall run at every footprint, and at least four cells beyond each."""
    stack = cell(overhang=True)
    x = np.unique(section_mesh(stack).points[:, 0])
    for footprint in stack.footprints:
        assert np.abs(x - footprint).min() == 0.0
    for narrow, wide in zip(stack.footprints[:-1], stack.footprints[1:], strict=True):
        assert np.count_nonzero((x > narrow) & (x <= wide)) >= 4


def test_two_hundred_electrodes():
    """The stack of 200 electrodes with overhang shall be meshed whole: 806 rows, tags for every layer."""
    mesh = section_mesh(cell(200, overhang=True))
    assert mesh.row.max() + 1 == 806
    assert set(mesh.layer) == set(range(-1, 806))


def test_elements_through_a_layer():
    """A layer of three elements shall have three rows of equal height."""
    layers = (
        Layer("a", "other", "al_foil", 3e-3, 0.02, elements=3),
        Layer("b", "other", "al_foil", 1e-3, 0.02),
    )
    mesh = section_mesh(Stack(layers, KNOWN), columns=4)
    assert [np.count_nonzero(mesh.layer == i) for i in (0, 1)] == [12, 4]
    np.testing.assert_allclose(np.unique(mesh.points[:, 1]), [0, 1e-3, 2e-3, 3e-3, 4e-3], atol=1e-18)


def test_settings():
    """The number of columns and the width of the edge cell shall be as asked for; others an error."""
    stack = cell()
    x = np.unique(section_mesh(stack, columns=30, edge_cell=1e-4).points[:, 0])
    assert len(x) == 31 and x[-1] - x[-2] == pytest.approx(1e-4)
    for wrong in ({"columns": 1}, {"edge_cell": 0.0}, {"edge_cell": 1e-2}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            section_mesh(stack, **wrong)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1e-6, 5e-3), st.sampled_from([5e-3, 6e-3, 6.5e-3, 9e-3]), st.integers(1, 3)),
        min_size=1,
        max_size=6,
    ),
    st.integers(2, 60),
)
def test_any_body_is_filled_without_overlap(sheets, columns):
    """Whatever the layers, cells shall be positive, fill the rectangle, and give each layer its area."""
    layers = tuple(
        Layer(str(i), "other", "al_foil", thickness, width, elements=elements)
        for i, (thickness, width, elements) in enumerate(sheets)
    )
    fill = "frame" if len({layer.half_width for layer in layers}) > 1 else None
    stack = Stack(layers, KNOWN, fill)
    mesh = section_mesh(stack, columns)
    area = areas(mesh)
    assert area.min() > 0
    assert area.sum() == pytest.approx(stack.height * stack.width, rel=1e-9)
    per_layer = np.bincount(mesh.layer[~mesh.filling], area[~mesh.filling], len(layers))
    np.testing.assert_allclose(per_layer, [x.thickness * x.half_width for x in layers], rtol=1e-9)


def volumes(mesh):
    """Volumes of the hexahedra, which are boxes."""
    corner = mesh.points[mesh.cells]
    a, b, c = (corner[:, k] - corner[:, 0] for k in (1, 3, 4))
    return np.einsum("ni,ni->n", np.cross(a, b), c)


@pytest.mark.parametrize("overhang", [False, True])
def test_a_solid_has_its_layers(overhang):
    """The hexahedra of each layer shall fill its thickness times its quarter footprint, filling the rest."""
    edge = {
        "stack.overhang": overhang,
        "edge_fill": "frame" if overhang else None,
        "stack.pouch_edge": "none",
    }
    stack = case.load("120RT-2", {"stack.half_length": "40 mm", **edge}).stack()
    mesh = solid_mesh(stack, 6)
    volume = volumes(mesh)
    assert volume.min() > 0 and mesh.filling.any() == overhang
    for index, layer in enumerate(stack.layers):
        width, length = layer.extent
        assert length - width == pytest.approx(15e-3)
        assert volume[mesh.layer == index].sum() == pytest.approx(layer.thickness * width * length, rel=1e-9)
    assert volume.sum() == pytest.approx(stack.height * stack.width * max(stack.lengths), rel=1e-12)
    assert (
        np.ptp(volume.reshape(-1, mesh.row.max() + 1) / np.diff(np.unique(mesh.points[:, 2])), axis=1).max()
        < 1e-12
    )


def test_default_solid_of_a_cell_with_overhang_is_small():
    """A shipped cell shall have 12 columns a side by default: 8, and 2 for each of its two overhangs."""
    x = np.unique(solid_mesh(case.load("120RT-2").stack()).points[:, 0])
    assert np.diff(x)[7:] == pytest.approx([2.5e-4, *[5e-4] * 4], rel=1e-9)


def test_columns_of_a_solid_stand_upright():
    """All cells of a column shall follow each other from the bottom up, over one cell of the plan."""
    mesh = solid_mesh(cell(), 4)
    rows = mesh.row.max() + 1
    assert (mesh.row.reshape(-1, rows) == np.arange(rows)).all()
    assert (mesh.column.reshape(-1, rows) == np.arange(16)[:, None]).all()
    plan = mesh.points[mesh.cells][:, :4, :2].reshape(16, rows, -1)
    assert (plan == plan[:, :1]).all()
    assert mesh.columns_along_x == 4


def test_a_solid_is_the_section_swept():
    """With the same columns and edge cell a solid shall have the lines of the section, along x and y."""
    flat, solid = (mesh(cell(), 10, 1e-4) for mesh in (section_mesh, solid_mesh))
    for axis, other in ((0, 0), (1, 0), (2, 1)):
        np.testing.assert_array_equal(np.unique(solid.points[:, axis]), np.unique(flat.points[:, other]))
