"""The results of a sweep as a table, for SQL, pandas and xarray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from isosim.errors import InputError, Problem
from isosim.report import netcdf
from isosim.sweep.readings import meaning
from isosim.sweep.store import DONE, FAILED, FIELDS, Store, database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OTHERS = ("id", "seconds")  # columns that are neither values nor readings


@dataclass(frozen=True)
class View:
    """A store as it is now; all numbers in SI. Made by `open_sweep`."""

    folder: Path
    manifest: dict[str, Any]

    @cached_property
    def connection(self) -> DuckDBPyConnection:
        """A database with the views `cases` and `failed`, one row for each case."""
        connection = database()
        connection.execute("SET threads = 2")
        columns = ", ".join(
            f'NULL::{"DOUBLE" if k["number"] else "VARCHAR"} AS "{k["path"]}"' for k in self.manifest["keys"]
        )
        empty = {DONE: "0.0 AS seconds", FAILED: "'' AS reason, '' AS log"}
        for view, kind in (("cases", DONE), ("failed", FAILED)):
            pattern = str(self.folder / kind / "*.parquet").replace("'", "''")
            if any((self.folder / kind).glob("*.parquet")):
                source = f"SELECT * FROM read_parquet('{pattern}', union_by_name = true)"
            else:
                source = f"SELECT '' AS id, {columns}, {empty[kind]} WHERE false"
            connection.execute(f"CREATE VIEW {view} AS {source}")
        return connection

    @property
    def keys(self) -> list[str]:
        """The paths that vary."""
        return [key["path"] for key in self.manifest["keys"]]

    @cached_property
    def readings(self) -> list[str]:
        """The columns that were computed."""
        names = [row[0] for row in self.connection.execute("DESCRIBE cases").fetchall()]
        return [name for name in names if name not in (*OTHERS, *self.keys)]

    def unit(self, column: str) -> str:
        """SI unit of a column; "1" for a number without."""
        units = {key["path"]: key["unit"] for key in self.manifest["keys"]}
        return (units[column] if column in units else meaning(column)[0]) or "1"

    def sql(self, query: str) -> pd.DataFrame:
        """The answer to a query on `cases` and `failed`. InputError with DuckDB's words where it is none."""
        import duckdb

        try:
            return self.connection.execute(query).df()
        except duckdb.Error as error:
            raise InputError(
                Problem("--sql", query, "a query on the tables cases, failed", str(error))
            ) from None

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The finished cases, all columns or some."""
        chosen = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
        return self.sql(f"SELECT {chosen} FROM cases")

    def dataset(self) -> xr.Dataset:
        """The finished cases with the dimension `case`: what varies as coordinates, readings with units."""
        frame = self.frame()
        data = {
            name: ("case", frame[name].to_numpy(), {"units": self.unit(name), "long_name": meaning(name)[1]})
            for name in self.readings
        }
        coords = {
            name: ("case", frame[name].to_numpy(), {"units": self.unit(name)} if name in self.keys else {})
            for name in ("id", *self.keys)
        }
        return xr.Dataset(
            data, coords, {"fidelity": self.manifest["fidelity"], "base": self.manifest["base"]}
        )

    def fields(self, identity: str) -> xr.Dataset:
        """The whole dataset of a case by its id. InputError where it was not kept."""
        path = self.folder / FIELDS / f"{identity}.nc"
        if not path.exists():
            raise InputError(Problem("id", identity, "a case of a sweep with fields = true"))
        return netcdf.read(path)


def open_sweep(store: Path | str) -> View:
    """Open the store of a sweep, finished or not.

    Raises
    ------
    InputError
        When the folder is no store.
    MissingPartError
        When duckdb is not installed.
    """
    return View(Path(store), Store(Path(store)).manifest())
