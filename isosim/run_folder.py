"""The folder a run writes into, claimed before the first cell: the same command can be given again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isosim import manifest
from isosim.errors import InputError, Problem

MANIFEST = "manifest.json"
REPORT = ("figures", "report.html", "summary.csv", "summary.xlsx", "readings.csv", "intervals.csv")


def claim(out: Path, cells: Mapping[str, str], restart: bool = False) -> None:
    """Make `out` ready for these cells: what an earlier run wrote there is removed, nothing else.

    `cells` are texts by name, each another for another case. To `restart` means to keep what an earlier run
    of the same cells wrote; a missing or empty folder is claimed as without it.

    The manifest is written at once, marked as not complete, and names what the run will write.

    Raises
    ------
    InputError
        When `out` holds something else than an earlier run or cannot be written, the name of a cell cannot
        be that of a folder, or the run to restart is one of other cells. Nothing is written or removed then.
    """
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
    if earlier and restart:
        _keep(out, cells)
        return
    for name in earlier:
        path = out / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    manifest.write({"complete": False, "entries": [*cells, *REPORT], "inputs": dict(cells)}, out / MANIFEST)


def finish(out: Path, made_of: dict[str, Any]) -> None:
    """Write the manifest of a finished run."""
    manifest.write({**_manifest(out), "complete": True, **made_of}, out / MANIFEST)


def _keep(out: Path, cells: Mapping[str, str]) -> None:
    """Check that the run in `out` is one of these cells, and remove what was being written when it ended."""
    earlier = _manifest(out).get("inputs", {})
    problems = [
        Problem("--restart", f"{name}, {'not in' if name not in earlier else 'another in'} {out}", "the same")
        for name, text in cells.items()
        if earlier.get(name) != text
    ]
    if left := sorted(set(earlier) - set(cells)):
        problems.append(Problem("--restart", f"{out}, a run of {', '.join(left)} too", "all of its cells"))
    if problems:
        raise InputError(problems, "the run in the folder is one of other input: leave out --restart")
    for name in cells:
        for path in (out / name).glob(".*.part.*"):
            path.unlink()


def _manifest(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / MANIFEST).read_text("utf-8")))


def _entries(out: Path) -> list[str]:
    """What an earlier run wrote into `out`; empty for a folder that is missing or empty."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return []
    try:
        entries = _manifest(out)["entries"]
    except (OSError, ValueError, KeyError, TypeError):
        got = "a folder with other files" if out.is_dir() else "a file"
        needed = "a new or empty folder"
        raise InputError(Problem("--out", f"{out}, {got}", needed, "or that of an earlier run")) from None
    return [name for name in entries if Path(name).name == name]
