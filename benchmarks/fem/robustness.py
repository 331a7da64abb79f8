"""Which cells with overhang are pressed to their end, and at what cost.

    python -m benchmarks.fem.robustness            # all, an hour or two
    python -m benchmarks.fem.robustness 2 10       # those of 2 and 10 electrodes

Load, hold, release and disassembly of 2 to 100 electrodes at 120 and 414 MPa, with the usual overhang (anode
and film 1 mm, separator 2 mm) and with 3 mm (anode and film 2 mm), both fillings, pouch and bag on the faces
only. Adds to benchmarks/out/robustness.json row by row. What does not complete stands there with its reason.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from typing import Any

import isosim
from isosim.errors import SolverError
from isosim.stack.stack import EDGE_FILLS

from .bench import OUT
from .cells import Cell
from .timed import WARM, clocked

ELECTRODES = (2, 10, 40, 100)
PRESSURES = ("120 MPa", "414 MPa")
OVERHANGS = {"2 mm": True, "3 mm": {"anode": "2 mm", "film": "2 mm", "separator": "3 mm"}}


def row(electrodes: int, pressure: str, overhang: str, filling: str) -> dict[str, Any]:
    """Press one cell of the matrix."""
    changes = {
        "stack.electrodes": electrodes,
        "stack.overhang": OVERHANGS[overhang],
        "stack.pouch_edge": None,
        "recipe.pressure": pressure,
        "edge_fill": filling,
    }
    case = Cell("120RT-2", changes).case()
    found: dict[str, Any] = {
        "electrodes": electrodes,
        "pressure": pressure,
        "overhang": overhang,
        "filling": filling,
    }
    try:
        ds, found["cpu_s"], _ = clocked(lambda: isosim.press(case))
    except SolverError as error:
        return {**found, "done": False, "reason": str(error)}
    counts = {name: int(ds.attrs[name]) for name in ("cuts", "factorisations", "dofs")}
    return {**found, "done": True, "steps": int(ds.sizes["step"]) - 1, **counts}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    isosim.press(WARM.case().changed({"model.section.columns": 4}))
    chosen = [int(text) for text in sys.argv[1:]] or ELECTRODES
    file = OUT / "robustness.json"
    rows = json.loads(file.read_text())["rows"] if file.exists() else []
    for which in product(chosen, PRESSURES, OVERHANGS, EDGE_FILLS):
        rows = [old for old in rows if tuple(old.values())[:4] != which] + [row(*which)]
        print(json.dumps(rows[-1]), flush=True)
        file.write_text(json.dumps({"rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
