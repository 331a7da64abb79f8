"""Fills the caches of compiled code, so that isosim runs later without compiler, network or root."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from isosim.case import load
from isosim.column import press_many
from isosim.pressing import press

SMALL = {
    "recipe.pressure": "1 MPa",
    "recipe.hold": "1 s",
    "model.section.columns": 4,
    "model.solid.columns": 2,
}


def run(tell: Callable[[str], None]) -> None:
    """Press the smallest cell at every fidelity and as one of many; the forms of a fidelity serve all cases.

    numba compiles the law and keeps it where `NUMBA_CACHE_DIR` says, dolfinx the forms and
    keeps them below `XDG_CACHE_HOME`; `isosim doctor` shows both folders. Without dolfinx only the law is
    compiled.

    Parameters
    ----------
    tell
        Given one line before each press.
    """
    fidelities = ["column", *(["section", "axisymmetric", "solid"] if find_spec("dolfinx") else [])]
    for fidelity in fidelities:
        tell(f"warmup: {fidelity}")
        case = load("120RT-2", {**SMALL, "model.fidelity": fidelity})
        if fidelity == "solid":
            from isosim.fem.linear import multigrid_always

            with multigrid_always():  # it has kernels that MUMPS has not
                press(case)
        else:
            press(case)
    tell("warmup: many columns")
    press_many(load("120RT-2", SMALL), {})
    if "section" not in fidelities:
        tell("warmup: the column only, because there is no dolfinx (isosim doctor)")
