"""The identity of a case: a hash of all that its result depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

import isosim
from isosim.case import Case
from isosim.manifest import digest
from isosim.sweep.keys import Key

DIGITS = 24  # hexadecimal: 96 bits, so that a billion cases collide with probability 1e-11
PACKAGES = {
    "column": ("law", "materials", "stack", "case", "column", "measure"),
    "section": ("law", "materials", "stack", "case", "fem", "measure"),
}
MODULES = (
    "recipe.py", "press_log.py", "pressing.py", "dataset.py", "units.py", "tables.py",
    "sweep/cases.py", "sweep/columns.py", "sweep/readings.py",
)  # fmt: skip
CARDS = "cards"  # of them a case holds what it uses


@cache
def code(fidelity: str) -> str:
    """A fingerprint of the sources that a result of this fidelity depends on."""
    root = Path(isosim.__file__).parent
    files = [root / name for name in MODULES]
    for package in PACKAGES[fidelity]:
        files += sorted(p for p in (root / package).rglob("*") if p.suffix in (".py", ".toml"))
    total = hashlib.sha256()
    for file in files:
        if file.parent.name != CARDS:
            total.update(file.read_bytes())
    if fidelity == "section":
        import dolfinx

        total.update(dolfinx.__version__.encode())
    return total.hexdigest()


def ids(base: Case, keys: Sequence[Key], values: Mapping[str, np.ndarray], fields: bool) -> np.ndarray:
    """(cases,) identities as hexadecimal bytes, from the base, its cards, the code and the values in SI."""
    content = [base.to_dict(), code(base.model.fidelity), fields, [key.path for key in keys]]
    start = hashlib.sha256(digest(content).encode())
    rows = np.concatenate([_as_bytes(values[key.path]) for key in keys], axis=1)
    found = np.empty(len(rows), f"S{DIGITS}")
    for k, row in enumerate(rows):
        total = start.copy()
        total.update(row)
        found[k] = total.hexdigest()[:DIGITS].encode()
    return found


def _as_bytes(column: np.ndarray) -> np.ndarray:
    """(cases, bytes) of a column: a float as it is, anything else by the hash of its JSON."""
    if column.dtype == float:
        return (column + 0.0).astype("<f8").view(np.uint8).reshape(-1, 8)  # 0.0 for -0.0
    texts = [json.dumps(value, sort_keys=True) for value in column]
    hashes = {text: hashlib.sha256(text.encode()).digest()[:16] for text in set(texts)}
    return np.frombuffer(b"".join(hashes[text] for text in texts), np.uint8).reshape(-1, 16)
