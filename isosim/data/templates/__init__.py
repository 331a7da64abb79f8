"""Empty tables for the numbers behind the figures of a publication."""

from __future__ import annotations

import shutil
from pathlib import Path

from isosim.errors import InputError, Problem
from isosim.tables import nearest

_FOLDER = Path(__file__).parent


def write(name: str, out: Path) -> list[Path]:
    """Copy the templates of a publication into a folder that is made if need be; their paths.

    Raises
    ------
    InputError
        An unknown publication, a folder that cannot be written, or files that are there already.
    """
    known = sorted(folder.name for folder in _FOLDER.iterdir() if any(folder.glob("*.csv")))
    if name not in known:
        raise InputError(Problem("template", repr(name), f"one of {', '.join(known)}", nearest(name, known)))
    sources = sorted((_FOLDER / name).glob("*.csv"))
    targets = [out / source.name for source in sources]
    if there := [path.name for path in targets if path.exists()]:
        raise InputError(Problem("--out", f"{out} with {', '.join(there)}", "a folder without these files"))
    try:
        out.mkdir(parents=True, exist_ok=True)
        for source, target in zip(sources, targets, strict=True):
            shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(
            Problem("--out", f"{out}, {error.strerror}", "a folder that can be written")
        ) from None
    return targets
