"""Meshes around the edge: skins, drapes, fixtures."""

import numpy as np
import pytest

from isosim import case
from isosim.errors import InputError
from isosim.stack import section_mesh
from isosim.stack.meshfile import read_mesh, write_mesh
from isosim.stack.stack import FILL, FRAME, SKIN

FLUSH = {"stack.overhang": None, "edge_fill": None, "stack.pouch_edge": "none"}
SLIP = {"bag": True, "pouch": True}


def stack_of(electrodes=4, overhang=None, **stack):
    fill = stack.pop("fill", "frame" if overhang or stack.get("pouch_edge") == "draped" else None)
    changes = {"stack.electrodes": electrodes, "stack.overhang": overhang, "edge_fill": fill}
    changes |= {"stack.pouch_edge": "none"} | {f"stack.{key}": value for key, value in stack.items()}
    return case.load("120RT-2", changes).stack()


def areas(mesh):
    x, z = mesh.points[mesh.cells].transpose(2, 0, 1)
    return 0.5 * np.sum(x * np.roll(z, -1, 1) - z * np.roll(x, -1, 1), axis=1)


def least_turn(mesh):
    """The smallest cross product at a corner of a cell: positive where all cells are convex."""
    corner = mesh.points[mesh.cells]
    ahead, behind = np.roll(corner, -1, axis=1) - corner, np.roll(corner, 1, axis=1) - corner
    return (ahead[..., 0] * behind[..., 1] - ahead[..., 1] * behind[..., 0]).min()


def outline(mesh):
    """Edges that belong to one cell only; and how often the busiest edge is used."""
    edges = np.sort(np.stack([mesh.cells, np.roll(mesh.cells, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return unique[count == 1], count.max()


@pytest.mark.parametrize("edge", ["none", "conformal", "draped"])
@pytest.mark.parametrize("overhang", [0, 0.4, 3.0])
@pytest.mark.parametrize("electrodes", [2, 6, 40])
def test_cells_are_convex_and_share_their_edges(electrodes, overhang, edge):
    """Whatever the stack, no cell shall be inverted, and the outline shall be one closed line."""
    beyond = {"anode": "0.1 mm", "separator": f"{overhang} mm", "film": "0.1 mm"} if overhang else None
    for slip in ({}, SLIP):
        mesh = section_mesh(stack_of(electrodes, beyond, pouch_edge=edge, slip=slip), columns=8)
        assert areas(mesh).min() > 0 and least_turn(mesh) > 0
        boundary, most = outline(mesh)
        assert most == 2
        _, count = np.unique(boundary, return_counts=True)
        assert set(count) == {2}, "every node of the outline has two neighbours on it"
        shoelace = 0.5 * abs(_shoelace(boundary, mesh.points))
        assert shoelace == pytest.approx(areas(mesh).sum(), rel=1e-9)


def _shoelace(boundary, points):
    """Twice the area inside one closed line of edges."""
    after = {}
    for a, b in boundary:
        after.setdefault(a, []).append(b)
        after.setdefault(b, []).append(a)
    start = previous = boundary[0][0]
    here, total, steps = after[start][0], 0.0, 1
    total += points[start, 0] * points[here, 1] - points[here, 0] * points[start, 1]
    while here != start:
        onward = next(node for node in after[here] if node != previous)
        total += points[here, 0] * points[onward, 1] - points[onward, 0] * points[here, 1]
        previous, here, steps = here, onward, steps + 1
    assert steps == len(boundary), "one line"
    return total


@pytest.mark.parametrize("edge", ["none", "conformal", "draped"])
def test_layers_keep_their_area(edge):
    """Around whatever edge, each layer shall fill exactly its thickness times its half-width."""
    stack = stack_of(10, True, pouch_edge=edge)
    mesh = section_mesh(stack, columns=8)
    for index, layer in enumerate(stack.layers):
        own = areas(mesh)[mesh.layer == index].sum()
        assert own == pytest.approx(layer.thickness * layer.half_width, rel=1e-9)


def test_conformal_skin_has_its_thickness_all_around():
    """Each sheet of a conformal skin shall be as thick down the edge as on the faces, corners turned once."""
    stack = stack_of(4, pouch_edge="conformal")
    mesh = section_mesh(stack, columns=8)
    top, _ = stack.covers
    inside = sum(layer.thickness for layer in stack.layers) - 2 * sum(stack.layers[i].thickness for i in top)
    before = 0.0
    for index in top:
        layer = stack.layers[index]
        thickness = layer.thickness
        wall = thickness * (inside + 2.0 * (before + thickness))
        corners = 2.0 * thickness * before
        own = areas(mesh)[(mesh.layer == SKIN) & (mesh.material == mesh.material_names.index(layer.material))]
        assert own.sum() == pytest.approx(wall + corners, rel=1e-9)
        before += thickness


@pytest.mark.parametrize("electrodes", [2, 40])
def test_drape_keeps_the_thickness_of_its_sheets(electrodes):
    """At every step of a drape the cells of a sheet shall be as thick, square to the skin, as the sheet."""
    stack = stack_of(electrodes, pouch_edge={"shape": "draped", "run": "1 mm"}, fill="frame")
    mesh = section_mesh(stack, columns=8)
    path = mesh.skin
    corner = mesh.points[mesh.cells[path.cell]]
    own = np.array([stack.layers[i].thickness for i in stack.covers[0]])[path.sheet]
    for inner, outer in ((corner[:, 0], corner[:, 3]), (corner[:, 1], corner[:, 2])):
        along = corner[:, 1] - corner[:, 0]
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        across = outer - inner
        np.testing.assert_allclose(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0], own, rtol=1e-9)
    assert list(dict.fromkeys(path.part)) == ["top", "edge", "flange"]
    assert np.all(np.diff(path.x) >= 0) and np.all(np.diff(path.z) <= 1e-12)


def test_flange_is_sealed_at_mid_height():
    """The flange shall begin where the drape ends, be as long as asked, two covers high, and bonded."""
    drape = {"shape": "draped", "run": "1 mm", "clearance": "0.2 mm", "flange": "4 mm"}
    stack = stack_of(4, pouch_edge=drape, slip=SLIP, fill="frame")
    mesh = section_mesh(stack, columns=8)
    assert mesh.points[:, 0].max() == pytest.approx(stack.width + 5.2e-3)
    cover = sum(stack.layers[i].thickness for i in stack.covers[0])
    end = mesh.points[np.abs(mesh.points[:, 0] - mesh.points[:, 0].max()) < 1e-9, 1]
    assert np.ptp(end) == pytest.approx(2 * cover)
    assert abs(end.mean() - 0.5 * stack.height) < 0.15e-3
    last = mesh.points[mesh.cells, 0].max(axis=1) > mesh.points[:, 0].max() - 1e-9
    slip = mesh.material_names.index("slip_film")
    assert np.count_nonzero(mesh.material[last] == slip) == 2  # between bag and pouch; the seal does not slip


def test_frame_stands_beside_the_widest_layer():
    """A frame shall have its width, begin after its gap, and reach from cover to cover."""
    stack = stack_of(
        4, True, fixture={"kind": "frame", "width": "3 mm", "gap": "0.5 mm"}, pouch_edge="conformal"
    )
    mesh = section_mesh(stack, columns=8)
    own = mesh.layer == FRAME
    covers = 2 * sum(stack.layers[i].thickness for i in stack.covers[0])
    assert areas(mesh)[own].sum() == pytest.approx(3e-3 * (stack.height - covers))
    assert mesh.points[mesh.cells[own], 0].min() == pytest.approx(27.5e-3)
    assert mesh.material_names[mesh.material[own][0]] == "steel"
    assert (mesh.layer == FILL).any()


def test_plate_has_a_footprint_of_its_own():
    """Beside a narrow plate and under a wide one there shall be nothing."""
    for half_width in ("20 mm", "30 mm"):
        stack = stack_of(2, fixture={"kind": "plate", "thickness": "2 mm", "half_width": half_width})
        mesh = section_mesh(stack, columns=8)
        total = sum(layer.thickness * layer.half_width for layer in stack.layers)
        assert areas(mesh).sum() == pytest.approx(total, rel=1e-9)
        assert stack.width == pytest.approx(25e-3)


@pytest.mark.parametrize("format_name", ["msh", "vtu", "xdmf"])
def test_mesh_files_keep_the_edge(tmp_path, format_name):
    """A draped mesh written and read again shall be the same."""
    stack = stack_of(2, pouch_edge="draped")
    mesh = section_mesh(stack, columns=6)
    write_mesh(mesh, stack, tmp_path / f"mesh.{format_name}")
    again = read_mesh(tmp_path / f"mesh.{format_name}", stack)
    np.testing.assert_array_equal(again.layer, mesh.layer)
    np.testing.assert_allclose(again.points[again.cells], mesh.points[mesh.cells], atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"stack.pouch_edge": "conformal", "stack.pouch": False, "stack.bag": False}, "pouch_edge"),
        ({"stack.pouch_edge": "draped"}, "edge_fill"),
        ({"edge_fill": "frame", "stack.pouch_edge": "conformal"}, "edge_fill"),
        ({"stack.pouch_edge": {"shape": "conformal", "run": "1 mm"}}, "stack.pouch_edge.run"),
        ({"stack.pouch_edge": "wrapped"}, "conformal"),
        ({"stack.slip": {"plate": True}}, "no such interface"),
        ({"stack.slip": {"bag": True}, "stack.bag": False}, "no such interface"),
        ({"stack.slip": {"bag": "nylon"}}, r"\[slip\]"),
        ({"stack.fixture": {"kind": "plate", "thickness": "1 mm"}}, "half_width"),
        ({"stack.fixture": {"kind": "frame", "width": "1 mm", "faces": ["top"]}}, "a frame has none"),
        ({"stack.fixture": {"kind": "frame", "width": "1 mm", "material": "nmc622"}}, "porous"),
        (
            {
                "stack.fixture": {"kind": "plate", "thickness": "1 mm", "half_width": "30 mm"},
                "stack.pouch_edge": "conformal",
            },
            "wider than the cell",
        ),
        (
            {
                "stack.fixture": {"kind": "frame", "width": "1 mm"},
                "stack.pouch_edge": "draped",
                "edge_fill": "frame",
            },
            "beside a draped",
        ),
        ({"stack.pouch_edge": "draped", "edge_fill": "frame", "recipe.faces": ["top"]}, "recipe.faces"),
        ({"stack.pouch_edge": "draped", "edge_fill": "frame", "model.lateral": "confined"}, "model.lateral"),
    ],
)
def test_what_does_not_fit_is_refused(changes, where):
    """A skin without sheets, foreign keys, interfaces that are not there, fixtures in the way: errors."""
    with pytest.raises(InputError, match=where):
        case.load("120RT-2", {**FLUSH, **changes})


def test_the_column_says_what_it_does_not_feel():
    """At fidelity column the pouch's edge, slip and a frame shall be named as without effect."""
    changes = {
        "model.fidelity": "column",
        "stack.pouch_edge": "conformal",
        "stack.slip": {"bag": True},
        "stack.fixture": {"kind": "frame", "width": "2 mm"},
    }
    rows = case.load("120RT-2", {**FLUSH, **changes}).describe()
    without = {row["what"] for row in rows if "without effect" in row["value"]}
    assert {"stack.pouch_edge", "stack.slip", "stack.fixture"} <= without
