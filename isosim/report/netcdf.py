"""The dataset as a file: NetCDF-3, which every tool reads and no other library is needed for."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from isosim.atomic import replacing


def write(ds: xr.Dataset, path: Path) -> None:
    """Write a dataset, whole or not at all."""
    with replacing(path) as partial:
        ds.to_netcdf(partial, engine="scipy", format="NETCDF3_64BIT")


def read(path: Path) -> xr.Dataset:
    """Read a dataset that `write` wrote; texts come back as NumPy strings."""
    ds = xr.load_dataset(path, engine="scipy")
    for name, variable in ds.variables.items():
        if variable.dtype == object:
            ds[name] = variable.astype(str)
    return ds
