"""The cells of the benchmark: what is pressed, and what was aimed at."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from isosim import law
from isosim.case import Case, load
from isosim.stack import Stack

FLUSH = {"stack.overhang": False, "stack.pouch_edge": None, "edge_fill": None}
OVERHANG = {"stack.overhang": True, "stack.pouch_edge": None}
SOLID = {**FLUSH, "model.fidelity": "solid", "model.solid.columns": 40}


class Cell(NamedTuple):
    """A row of the table: a published cell with changes.

    Its aims: seconds (of CPU time on one rank, of wall time on more) and memory of all ranks [MB].
    """

    cell: str
    changes: dict[str, object]
    aim_s: float | None = None
    stretch_s: float | None = None
    peak_MB: float | None = None
    opt_in: bool = False
    ranks: int = 1

    def case(self) -> Case:
        """The case of the row."""
        return load(self.cell, self.changes)


CELLS = {
    "2 electrodes, section, flush": Cell("120RT-2", FLUSH, 1.0),
    "10 electrodes, section, overhang, frame": Cell("120RT-10", {**OVERHANG, "edge_fill": "frame"}, 6.0),
    "10 electrodes, section, overhang, open gap": Cell(
        "120RT-10", {**OVERHANG, "edge_fill": "open gap"}, 6.0
    ),
    "40 electrodes, section, flush": Cell("120RT-40", FLUSH, 20.0),
    "40 electrodes, section, overhang, frame": Cell(
        "120RT-40", {**OVERHANG, "edge_fill": "frame"}, 30.0, 15.0
    ),
    "40 electrodes, section, overhang, open gap": Cell(
        "120RT-40", {**OVERHANG, "edge_fill": "open gap"}, 30.0, 15.0, opt_in=True
    ),
    "10 electrodes, section, as shipped": Cell("120RT-10", {}),
    "40 electrodes, section, as shipped": Cell("120RT-40", {}),
    "10 electrodes, solid, 40 x 40 columns": Cell(
        "120RT-10", SOLID, 900.0, peak_MB=12e3, opt_in=True, ranks=2
    ),
}


def elastic(stack: Stack) -> Stack:
    """The same layers with the elastic constants of their unpressed state and nothing else."""
    materials = {}
    for layer in stack.layers:
        material = stack.materials[layer.material]
        own, soften = material.law, 1.0
        if isinstance(own, law.Porous):
            porosity = own.reference_porosity if layer.porosity is None else layer.porosity
            soften = (1.0 - porosity / own.stiffness_porosity) ** 2
        constants = law.Dense(soften * own.bulk_modulus, soften * own.shear_modulus, float("inf"))
        materials[layer.material] = replace(material, kind="dense", law=constants, card=None)
    return Stack(tuple(replace(layer, porosity=None) for layer in stack.layers), materials)
