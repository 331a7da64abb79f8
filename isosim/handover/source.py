"""A finished run: its measured datasets and the cases they were pressed from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xarray as xr

from isosim.case import Case, from_document
from isosim.errors import InputError, Problem
from isosim.report import netcdf


def pressed(path: Path) -> Iterator[tuple[xr.Dataset, Case]]:
    """Every cell of a run folder, or the one of a `result.nc` inside it, with its case from the manifest.

    Raises
    ------
    InputError
        When there is no result or no manifest, or the case cannot be read again (a card file of one's own
        that is no longer where it was).
    """
    files = [path] if path.is_file() else sorted((*path.glob("result.nc"), *path.glob("*/result.nc")))
    if not files:
        raise InputError(
            Problem("RESULT", str(path), "the folder of a run of isosim press, or a result.nc in it")
        )
    for file in files:
        manifest = _manifest(file)
        try:
            ds = netcdf.read(file)
            cell = str(ds.attrs["cell"])
            document = manifest["cases"][cell]["case"]
        except (OSError, ValueError, TypeError, KeyError):
            raise InputError(Problem("RESULT", str(file), "a result that isosim press wrote")) from None
        yield ds, from_document(document, cell, file.parent)


def _manifest(result: Path) -> dict[str, Any]:
    for folder in (result.parent, result.parent.parent):
        if (file := folder / "manifest.json").is_file():
            return json.loads(file.read_text("utf-8"))
    raise InputError(
        Problem(
            "RESULT", str(result), "a result beside the manifest.json of its run", "give the run's folder"
        )
    )
