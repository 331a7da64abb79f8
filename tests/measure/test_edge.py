"""Readings of the last millimetres to the edge."""

import numpy as np
import pytest
import xarray as xr

from isosim.measure import edge


def with_skin(ds):
    """The dataset with a skin of two sheets: on the face to 25 mm, then 1 mm down."""
    x = np.array([1e-3, 19e-3, 21e-3, 24e-3, 25e-3, 25e-3])
    part = np.array(["top"] * 4 + ["edge"] * 2)
    force = np.zeros((5, 6, 2))
    force[2] = np.array([[1.0, 2.0], [50.0, 50.0], [-4.0, -5.0], [2.0, 2.0], [3.0, -1.0], [-8.0, 1.0]]) * 1e3
    return ds.assign(
        skin_force=(("state", "skin", "sheet"), force),
        skin_plastic_strain=(("state", "skin", "sheet"), 0.0 * force),
    ).assign_coords(skin_x=("skin", x), skin_z=("skin", 0.0 * x), skin_part=("skin", part))


class Stack:
    """What the readings need of the stack pressed by hand."""

    def __init__(self, ds):
        from tests.conftest import stand_in_stack

        own = stand_in_stack(ds.sizes["electrode"])
        self.layers, self.electrodes = own.layers, own.electrodes


def raw(ds):
    return ds.drop_vars([name for name in ds if name.startswith("edge_")]).drop_dims("bound", errors="ignore")


def test_extremes_near_the_edge(pressed):
    """Lowest and highest pressure shall be those of the last 5 mm, the last 0.1 mm left out."""
    ds = pressed(stations=500, edge_loss=0.0)
    shape = 1.0 + 0.1 * ((ds.x > 21e-3) & (ds.x < 22e-3)) - 0.5 * (ds.x > 24.95e-3) + 9.0 * (ds.x < 10e-3)
    changed = raw(ds).assign(axial_pressure_profile=(ds.axial_pressure_profile * shape))
    read = edge.read(changed, Stack(ds))
    np.testing.assert_allclose(read.edge_pressure, [[120e6, 132e6]] * 2)
    assert float(read.from_edge[-1]) == pytest.approx(25e-6)


def test_how_far_the_edge_is_felt(pressed):
    """The edge shall be felt as far as a thickness is off by more than 2 % of the compaction."""
    ds = pressed(stations=500)
    taken_out = ds.state == "disassembled"
    off = xr.where((ds.x > 24e-3) & taken_out, 1.03, 1.0) * xr.where((ds.x > 20e-3) & taken_out, 1.001, 1.0)
    read = edge.read(raw(ds).assign(thickness_profile=ds.thickness_profile * off), Stack(ds))
    np.testing.assert_allclose(read.edge_touched, 1e-3, atol=51e-6)


def test_what_pouch_and_bag_carry(pressed):
    """The largest forces near the edge shall be read with their sign, and their share of the push."""
    ds = with_skin(raw(pressed()))
    read = edge.read(ds, Stack(pressed())).isel(state=2)
    assert float(read.skin_force_centre) == 3e3
    assert float(read.skin_force_top) == -9e3
    assert float(read.skin_force_edge) == -7e3
    height = float(ds.thickness_profile.sel(state="held").isel(x=0).sum())
    assert float(read.skin_share_top) == pytest.approx(-9e3 / (0.5 * 120e6 * height))
    assert float(read.skin_share_edge) == pytest.approx(-7e3 / (120e6 * 5e-3))


def test_column_has_no_edge(pressed):
    """A dataset of one station shall get no readings of an edge."""
    ds = pressed(stations=1)
    assert "edge_pressure" not in ds
