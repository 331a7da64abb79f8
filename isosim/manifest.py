"""What a run was made of: inputs, versions, times. Nothing about the person or the machine unless asked."""

from __future__ import annotations

import getpass
import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import isosim
from isosim.atomic import replacing

PACKAGES = ("numpy", "scipy", "numba", "xarray", "pandas", "matplotlib", "meshio", "pydantic", "pint")
# A Debian dolfinx has no package metadata: its version is that of the module, when a run has loaded it.
MODULES = ("dolfinx", "petsc4py", "mpi4py")


def build(
    cases: Sequence[Any],
    timings: Mapping[str, Mapping[str, float]],
    started: datetime,
    petsc_options: Mapping[str, Any] | None = None,
    identify: bool = False,
) -> dict[str, Any]:
    """Describe a run.

    Parameters
    ----------
    cases
        The `isosim.case.Case` that were pressed.
    timings
        Wall time [s] of each phase, by case.
    started
        When the run started, with its time zone.
    petsc_options
        Options of the linear solver; None for the column.
    identify
        Add host, user and paths.

    Returns
    -------
    A dict that JSON can hold. `input_hash` is the SHA-256 of the canonical text of all cases and of the
    cards they use: same hash, same input.

    Raises
    ------
    ValueError
        When `started` has no time zone.
    """
    if started.tzinfo is None:
        raise ValueError(f"started {started}: needed a time with its time zone")
    materials = {name: material for case in cases for name, material in case.stack().materials.items()}
    cards = {name: card_values(material) for name, material in sorted(materials.items())}
    inputs = {case.name: case.to_dict() for case in cases}
    manifest: dict[str, Any] = {
        "schema_version": 1,
        "isosim": isosim.__version__,
        "git_commit": git_commit(Path(__file__).parent),
        "started_utc": started.astimezone(UTC).isoformat(timespec="seconds"),
        "input_hash": digest({"cases": inputs, "cards": cards}),
        "cases": inputs,
        "assumptions": {case.name: list(case.choices) for case in cases},
        "cards": cards,
        "versions": versions(),
        "petsc_options": dict(petsc_options or {}),
        "seconds": {case: dict(phases) for case, phases in timings.items()},
    }
    if identify:
        manifest["host"] = platform.node()
        manifest["user"] = getpass.getuser()
        manifest["folder"] = str(Path.cwd())
        manifest["package"] = str(Path(__file__).parent)
    return manifest


def card_values(material: Any) -> dict[str, Any]:
    """Title, values (as the card writes them) and assumptions of an `isosim.materials.Material`."""
    values = material.card.values() if material.card else ()
    return {
        "title": material.title,
        "values": [
            {
                "quantity": quantity,
                "value": value.text,
                "range": value.range,
                "confidence": value.confidence,
                "provenance": value.provenance,
                "source": value.source,
            }
            for quantity, value in values
        ],
        "assumptions": list(material.assumptions),
    }


def write(manifest: Mapping[str, Any], path: Path) -> None:
    """Write a manifest, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON of `content`: keys sorted, no spaces, floats in their shortest form."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on, as far as they are in use."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    for name in MODULES:
        if module := sys.modules.get(name):
            found[name] = module.__version__
    return found


def git_commit(folder: Path) -> str | None:
    """Commit of the checkout that `folder` is part of, "+" appended when tracked files differ; else None.

    A package installed inside somebody else's checkout is not theirs: only a tracked `folder` counts.
    """
    if shutil.which("git") is None:
        return None

    def git(*arguments: str) -> str | None:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    if not git("ls-files", "--", "."):
        return None
    commit = git("rev-parse", "HEAD")
    return f"{commit}+" if commit and git("status", "--porcelain", "--untracked-files=no") else commit
