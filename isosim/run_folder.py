"""The folder a run writes into, claimed before the first cell: the same command can be given again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from isosim import manifest
from isosim.errors import InputError, Problem

MANIFEST = "manifest.json"
REPORT = ("figures", "report.html", "summary.csv", "summary.xlsx")


def claim(out: Path, cells: Iterable[str]) -> None:
    """Make `out` ready for these cells: what an earlier run wrote there is removed, nothing else.

    The manifest is written at once, marked as not complete, and names what the run will write.

    Raises
    ------
    InputError
        When `out` holds something else than an earlier run or cannot be written, or the name of a cell
        cannot be that of a folder. Nothing is written or removed then.
    """
    cells = list(cells)
    for name in cells:
        if Path(name).name != name or name in (*REPORT, MANIFEST):
            raise InputError(Problem("name", repr(name), "a name that can be that of a folder"))
    try:
        earlier = _entries(out)
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            Problem("--out", f"{out}, {error.strerror}", "a folder that can be written")
        ) from error
    for name in earlier:
        path = out / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    manifest.write({"complete": False, "entries": [*cells, *REPORT]}, out / MANIFEST)


def finish(out: Path, made_of: dict[str, Any]) -> None:
    """Write the manifest of a finished run."""
    entries = json.loads((out / MANIFEST).read_text("utf-8"))["entries"]
    manifest.write({"complete": True, "entries": entries, **made_of}, out / MANIFEST)


def _entries(out: Path) -> list[str]:
    """What an earlier run wrote into `out`; empty for a folder that is missing or empty."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return []
    try:
        entries = json.loads((out / MANIFEST).read_text("utf-8"))["entries"]
    except (OSError, ValueError, KeyError, TypeError):
        got = "a folder with other files" if out.is_dir() else "a file"
        needed = "a new or empty folder"
        raise InputError(Problem("--out", f"{out}, {got}", needed, "or that of an earlier run")) from None
    return [name for name in entries if Path(name).name == name]
