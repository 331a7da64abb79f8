"""The folder of a sweep: parts written whole or not at all, checked by their content.

    manifest.json      what the sweep is made of
    sample.parquet     (position, id), for designs whose rows are in an order
    parts/HASH.parquet one row for each finished case
    failed/HASH.parquet one row for each failed case, with reason and log
    fields/ID.nc       the dataset of a case, where asked for
    log.jsonl          what was run when

The name of a part is the hash of its content, so that a part which was cut short, changed or taken away is
found out by looking at the folder alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pandas as pd

from isosim import manifest
from isosim.errors import InputError, IsosimError, MissingPartError, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DONE, FAILED, FIELDS, SAMPLE = "parts", "failed", "fields", "sample.parquet"
ENTRIES = {"manifest.json", SAMPLE, DONE, FAILED, FIELDS, "log.jsonl", "report.html"}
DRIVER, WORKERS = ".driver", ".workers"  # files to lock
INTERCHANGE, PILOTS = ".interchange", ".pilots"  # process number and folder of an engine
HIDDEN = {DRIVER, WORKERS, INTERCHANGE, PILOTS, ".manifest.part.json"}
DIGITS = 32
INSTALL = "a sweep needs duckdb: pip install 'isosim[sweep]'"


class StoreError(IsosimError):
    """The store cannot be written: a full disk, a folder without permission. The sweep can be continued."""

    exit_code = 1


@dataclass(frozen=True)
class Found:
    """What a look at the parts has found: identities (cases,), and the parts that were no good."""

    done: np.ndarray
    failed: np.ndarray
    damaged: tuple[str, ...]


def database() -> DuckDBPyConnection:
    """A database in memory, one thread."""
    try:
        import duckdb
    except ImportError:
        raise MissingPartError(INSTALL) from None
    return duckdb.connect(config={"threads": 1})


@dataclass(frozen=True)
class Store:
    """A folder as a store."""

    folder: Path

    def create(self) -> None:
        """Make the folder. InputError where it holds something else; nothing is written then."""
        try:
            names = {path.name for path in self.folder.iterdir()}
        except FileNotFoundError:
            names = set()
        except NotADirectoryError:
            raise InputError(Problem("--store", f"{self.folder}, a file", "a folder")) from None
        own = ENTRIES if "manifest.json" in names else {DONE, FAILED}
        if names - own - HIDDEN:
            got = f"{self.folder}, a folder with other files"
            raise InputError(Problem("--store", got, "a new or empty folder, or the store of this sweep"))
        try:
            for name in (DONE, FAILED):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                Problem("--store", f"{self.folder}, {error.strerror}", "a folder that can be written")
            ) from None

    @contextmanager
    def driving(self) -> Iterator[None]:
        """Be the only driver, or InputError. The lock goes with the process, however that ends."""
        with (self.folder / DRIVER).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                got = f"{self.folder}, where another sweep run is working"
                raise InputError(Problem("--store", got, "a store for each run, or patience")) from None
            yield

    def working(self) -> Any:
        """Keep the place of a worker: held until the process ends."""
        file = (self.folder / WORKERS).open("w")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def wait_for_workers(self, tell: Callable[[str], None]) -> None:
        """Let the workers of a killed driver finish what they write."""
        with (self.folder / WORKERS).open("w") as file:
            for attempt in range(2):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | (0 if attempt else fcntl.LOCK_NB))
                    return
                except BlockingIOError:
                    tell("workers of an earlier run are finishing their cases")

    def scan(self) -> Found:
        """Read every part; damaged ones are removed, pieces of parts too.

        Only while driving, and when no worker is left.
        """
        damaged = []
        for kind in (DONE, FAILED):
            for path in (self.folder / kind).iterdir():
                if path.suffix != ".parquet":
                    path.unlink()
                elif _digest(path) != path.stem:
                    damaged.append(f"{kind}/{path.name}")
                    path.unlink()
        return self.found(tuple(damaged))

    def found(self, damaged: tuple[str, ...] = ()) -> Found:
        """What the parts hold, taken on trust."""
        return Found(self._ids(DONE), self._ids(FAILED), damaged)

    def forget_failed(self) -> None:
        """Take the failed cases out, so that they are run again."""
        for path in (self.folder / FAILED).iterdir():
            path.unlink()

    def write(self, kind: str, rows: pd.DataFrame) -> str:
        """Write a part, whole or not at all, and safe from a power cut. The name of the part.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        folder = self.folder / kind
        partial = folder / f"{uuid4().hex}.partial"
        try:
            write_parquet(rows, partial)
            name = f"{_digest(partial)}.parquet"
            _sync(partial)
            os.replace(partial, folder / name)
            _sync(folder)
        except Exception as error:
            partial.unlink(missing_ok=True)
            if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in (
                "duckdb",
                "_duckdb",
            ):
                raise StoreError(f"{self.folder} cannot be written: {error}") from None
            raise
        return name

    def log(self, event: str, **details: Any) -> None:
        """Add a line to the log."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **details})
        try:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error}") from None

    def manifest(self) -> dict[str, Any]:
        """What the sweep is made of. InputError where the folder is no store."""
        try:
            return dict(json.loads((self.folder / "manifest.json").read_text("utf-8"))["sweep"])
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(Problem("store", str(self.folder), "the folder of a sweep")) from None

    def write_manifest(self, content: dict[str, Any]) -> None:
        """Write what the sweep is made of."""
        try:
            manifest.write({"schema_version": 1, "sweep": content}, self.folder / "manifest.json")
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error}") from None

    def _ids(self, kind: str) -> np.ndarray:
        if not any((self.folder / kind).glob("*.parquet")):
            return np.empty(0, "S24")
        query = "SELECT id FROM read_parquet(?, union_by_name = true)"
        found = database().execute(query, [str(self.folder / kind / "*.parquet")]).fetchnumpy()["id"]
        return np.asarray(found).astype("S24")


def write_parquet(rows: pd.DataFrame, path: Path) -> None:
    """Write a table with DuckDB."""
    connection = database()
    connection.register("rows", rows)
    target = str(path).replace("'", "''")
    connection.execute(f"COPY rows TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    connection.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
