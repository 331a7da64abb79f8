"""Meshes to and from files."""

import meshio
import numpy as np
import pytest

from isosim import case
from isosim.errors import InputError
from isosim.stack import read_mesh, section_mesh, solid_mesh, write_mesh

EXTENSIONS = (".msh", ".vtu", ".xdmf")


@pytest.fixture(scope="module")
def stack():
    """Two electrodes with overhang."""
    return case.load("120RT-2", {"edge_fill": "open gap", "stack.pouch_edge": "none"}).stack()


@pytest.fixture(scope="module")
def mesh(stack):
    """Its mesh."""
    return section_mesh(stack, columns=12)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_round_trip(mesh, stack, tmp_path, extension):
    """A mesh shall come back from a file as it was: points, cells, layers, materials, columns and rows."""
    path = tmp_path / f"mesh{extension}"
    write_mesh(mesh, stack, path)
    back = read_mesh(path, stack)
    np.testing.assert_allclose(back.points, mesh.points, rtol=1e-15)
    for name in ("cells", "layer", "material", "column", "row"):
        np.testing.assert_array_equal(getattr(back, name), getattr(mesh, name))
    assert back.material_names == mesh.material_names


def test_gmsh_groups_are_the_layers(mesh, stack, tmp_path):
    """In a .msh file the layers and the edge filling shall be physical groups by name."""
    path = tmp_path / "mesh.msh"
    write_mesh(mesh, stack, path)
    names = meshio.read(path).field_data
    assert list(names) == [*(layer.name for layer in stack.layers), "edge filling"]


def test_xdmf_needs_no_hdf5(mesh, stack, tmp_path):
    """An .xdmf file shall hold its data itself, with no file beside it."""
    write_mesh(mesh, stack, tmp_path / "mesh.xdmf")
    assert [path.name for path in tmp_path.iterdir()] == ["mesh.xdmf"]


@pytest.mark.parametrize("name", ["mesh.obj", "mesh", "mesh.vtk"])
def test_unknown_extensions(mesh, stack, tmp_path, name):
    """An extension that is not .msh, .vtu or .xdmf shall be refused, both ways, and nothing written."""
    for action in (lambda path: write_mesh(mesh, stack, path), lambda path: read_mesh(path, stack)):
        with pytest.raises(InputError, match=r"\.msh, \.vtu, \.xdmf"):
            action(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_files_that_are_no_mesh(stack, tmp_path, extension):
    """A file that is no mesh, or none at all, shall be an input error."""
    path = tmp_path / f"mesh{extension}"
    with pytest.raises(InputError, match="a file"):
        read_mesh(path, stack)
    path.write_text("nothing of the kind")
    with pytest.raises(InputError, match=f"a {extension} mesh"):
        read_mesh(path, stack)


def test_a_mesh_of_another_stack(mesh, stack, tmp_path):
    """A mesh whose tags are not those of the stack shall be refused."""
    path = tmp_path / "mesh.vtu"
    write_mesh(mesh, stack, path)
    bare = case.load(
        "120RT-2", {"stack.bag": False, "stack.pouch": False, "stack.pouch_edge": "none"}
    ).stack()
    with pytest.raises(InputError, match="layer"):
        read_mesh(path, bare)


def test_a_mesh_of_triangles(stack, tmp_path):
    """A mesh without quadrilaterals shall be refused."""
    path = tmp_path / "mesh.vtu"
    meshio.Mesh(np.eye(3), [("triangle", [[0, 1, 2]])]).write(path)
    with pytest.raises(InputError, match="quadrilaterals"):
        read_mesh(path, stack)


def test_cells_that_are_turned_over(mesh, stack, tmp_path):
    """Cells that run clockwise shall be refused."""
    path = tmp_path / "mesh.vtu"
    turned = type(mesh)(**{**vars(mesh), "cells": mesh.cells[:, ::-1]})
    write_mesh(turned, stack, path)
    with pytest.raises(InputError, match="clockwise"):
        read_mesh(path, stack)


def test_a_solid_is_written_as_hexahedra(stack, tmp_path):
    """A solid's file shall hold its hexahedra, with layer and column."""
    mesh = solid_mesh(stack, 3)
    for name in ("solid.vtu", "solid.msh", "solid.xdmf"):
        write_mesh(mesh, stack, tmp_path / name)
    for name in ("solid.vtu", "solid.msh"):
        found = meshio.read(tmp_path / name)
        np.testing.assert_array_equal(found.cells_dict["hexahedron"], mesh.cells)
        np.testing.assert_allclose(found.points, mesh.points, rtol=1e-12)
        for tag in ("layer", "column"):
            np.testing.assert_array_equal(np.ravel(found.cell_data[tag][0]), getattr(mesh, tag))
