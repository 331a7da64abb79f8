"""The dataset as a file."""

import numpy as np
import pytest
import xarray as xr

from isosim.report import netcdf


def test_dataset_comes_back(pressed, tmp_path):
    """A measured dataset shall come back with the same values, dtypes of texts and flags, and attributes."""
    ds = pressed()
    netcdf.write(ds, tmp_path / "cell.nc")
    back = netcdf.read(tmp_path / "cell.nc")
    xr.testing.assert_identical(back, ds)
    for name in ("phase", "state", "layer", "role", "electrode_kind", "definition"):
        assert back[name].dtype.kind == "U", name
    assert back.film_valid.dtype == bool


def test_failed_write_leaves_nothing(pressed, tmp_path):
    """A dataset that cannot be written shall leave neither a file nor a piece of one."""
    with pytest.raises(Exception, match="attr"):
        netcdf.write(pressed().assign_attrs(broken={"a": np}), tmp_path / "cell.nc")
    assert not list(tmp_path.iterdir())
