"""The small cells of the study: all layers elastic, stiff enough that laws for large strains agree."""

from __future__ import annotations

from isosim import law, materials
from isosim.materials import Material
from isosim.stack import SectionMesh, Stack, section_mesh
from isosim.stack.generator import CoatedFoil, DummyCell, Sheet
from isosim.stack.stack import EDGE_FILLS, EdgeFill

PRESSURE = 120e6
HALF_WIDTH = 8e-3
COLUMNS = 24
MODULI = {"coating": 3e9, "foil": 70e9, "separator": 1e9, "film": 4e9, "pouch": 4e9}  # E [Pa], nu = 0.3
POISSON = 0.3


def elastic(name: str, E: float, nu: float = POISSON) -> Material:
    """A body by its constants."""
    own = law.Dense(bulk_modulus=E / (3 - 6 * nu), shear_modulus=E / (2 + 2 * nu), yield_stress=float("inf"))
    return Material(name, "dense", f"elastic, {E / 1e9:g} GPa", own)


def stack(electrodes: int, filling: EdgeFill | None, overhang: float) -> Stack:
    """A dummy cell with this filling and this overhang of its separators [m], half of it of anodes and films.

    Flush without a filling.
    """
    anode, separator = (0.5 * overhang, overhang) if filling else (0.0, 0.0)
    coating, foil = Sheet("coating", 50e-6), Sheet("foil", 15e-6)
    cell = DummyCell(
        electrodes=electrodes,
        cathode=CoatedFoil(coating, foil),
        anode=CoatedFoil(coating, foil),
        separator=Sheet("separator", 25e-6),
        film=Sheet("film", 50e-6),
        pouch={"pouch": Sheet("pouch", 110e-6, elements=2)},
        bag=None,
        half_width=HALF_WIDTH,
        anode_overhang=anode,
        separator_overhang=separator,
        film_overhang=anode,
    )
    known = {name: elastic(name, E) for name, E in MODULI.items()}
    if filling:
        card = EDGE_FILLS[filling]
        known[card] = materials.load(card)
    return Stack(cell.layers(), known, filling)


def mesh(of: Stack) -> SectionMesh:
    """Its mesh."""
    return section_mesh(of, COLUMNS)
