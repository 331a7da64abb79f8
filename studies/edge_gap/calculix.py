"""Contact at 120 MPa by CalculiX: the first cell, on a flat plate, all layers neo-Hookean.

    python -m studies.edge_gap.calculix

CalculiX's law for large strains is not isosim's, so both get one that CalculiX has,

    W = G/2 (J^(-2/3) I1 - 3) + K/2 (J - 1)^2

The plate (bottom held at its height) is there because without it the whole cell bends away in CalculiX.
Writes `calculix.csv`: the cathode's compaction and pressure by both. Needs ccx, 3 minutes of CPU.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.fem import calculix
from benchmarks.fem.calculix import MM, MPA
from isosim.stack import SectionMesh, Stack
from studies.edge_gap import cell, run
from studies.edge_gap.contact import PENALTY, Answer, ContactSection, Gap
from studies.edge_gap.third_medium import neo_hooke, volume

FIRST_STEP, SMALLEST_STEP, LARGEST_STEP = 1e-4, 1e-7, 0.1  # of the pressure


def stress(F: np.ndarray, K: np.ndarray, G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P (..., 4) and its derivative by F (..., 4, 4) of CalculiX's law in plane strain [Pa]; moduli (...)."""
    return neo_hooke(F, G, K * (volume(F) - 1), K)


class OnPlate(ContactSection):
    """Half a neo-Hookean section with empty gaps on a flat plate without friction, pressed from the top."""

    def __init__(self, stack: Stack, mesh: SectionMesh):
        super().__init__(stack, mesh)
        shape = (len(self.section.elements), 9)
        self.K = np.array([law.bulk_modulus for law in self.laws])[self.material].reshape(shape)
        self.G = np.array([law.shear_modulus for law in self.laws])[self.material].reshape(shape)
        self.plate = self.section.at(1, 0.0)
        self.free = np.setdiff1d(self.free, 2 * self.plate + 1)
        height = self.section.nodes[self.pressed, 1].max(axis=1)
        self.pressed = self.pressed[height > 0]

    def answer(self, u: np.ndarray) -> Answer:
        """At given displacements (nodes, 2) [m]."""
        F = np.einsum("egad,ed->ega", self.B, u.ravel()[self.dofs]) + np.array([1.0, 0, 0, 1.0])
        return Answer(self.section, u, F, stress(F, self.K, self.G)[0])

    def _respond(self, F: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray] | None:
        return None if volume(F).min() <= 0 else stress(F, self.K, self.G)


def deck(stack: Stack, mesh: SectionMesh, body: OnPlate) -> str:
    """The input of the same body, contact face to face."""
    section = body.section
    lines = ["*NODE, NSET=all"]
    lines += [f"{i}, {x:.12g}, {z:.12g}" for i, (x, z) in enumerate(section.nodes * MM, 1)]
    for index in np.unique(mesh.material[section.cell]):
        law = stack.materials[mesh.material_names[index]].law
        own = np.flatnonzero(mesh.material[section.cell] == index)
        lines.append(f"*ELEMENT, TYPE=CPE8, ELSET=e{index}")
        lines += [f"{e + 1}, " + ", ".join(map(str, section.elements[e] + 1)) for e in own]
        lines += [f"*MATERIAL, NAME=m{index}", "*HYPERELASTIC, NEO HOOKE"]
        lines += [f"{law.shear_modulus * MPA / 2:.12g}, {2 / (law.bulk_modulus * MPA):.12g}"]
        lines += [f"*SOLID SECTION, ELSET=e{index}, MATERIAL=m{index}", "1."]
    lines += ["*SURFACE INTERACTION, NAME=touch", "*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=LINEAR"]
    lines += [f"{PENALTY * MPA / MM:.6g}, 1e-6, 1e-3", *_contact(mesh, section)]
    outer = section.nodes[:, 0].max()
    lines += ["*BOUNDARY", *(f"{i + 1}, 1, 1" for x in (0.0, outer) for i in section.at(0, x))]
    lines += [f"{i + 1}, 2, 2" for i in body.plate]
    lines += ["*STEP, NLGEOM, INC=2000", "*STATIC", f"{FIRST_STEP}, 1., {SMALLEST_STEP}, {LARGEST_STEP}"]
    top = section.sides(1, section.nodes[:, 1].max(), 2)
    lines += ["*DLOAD", *(f"{e + 1}, P3, {cell.PRESSURE * MPA:.10g}" for e in top)]
    return "\n".join([*lines, "*NODE PRINT, NSET=all, FREQUENCY=100000", "U", "*END STEP", ""])


def _contact(mesh: SectionMesh, section: calculix.Section) -> Iterator[str]:
    middle = section.nodes[section.elements][:, :4, 0].mean(axis=1)
    for number, gap in enumerate(Gap.of(mesh)):
        for name, height, edge in (("upper", gap.top, 0), ("lower", gap.bottom, 2)):
            sides = [e for e in section.sides(1, height, edge) if gap.inner < middle[e] < gap.outer]
            yield f"*SURFACE, NAME={name}{number}, TYPE=ELEMENT"
            yield from (f"{e + 1}, S{edge + 1}" for e in sides)
        yield "*CONTACT PAIR, INTERACTION=touch, TYPE=SURFACE TO SURFACE"
        yield f"upper{number}, lower{number}"


def main() -> None:
    """Press by both, and compare."""
    electrodes, overhang = run.CELLS[0]
    stack = cell.stack(electrodes, run.FILLINGS[0], overhang)
    mesh = cell.mesh(stack)
    body = OnPlate(stack, mesh)
    mine = body.solve(cell.PRESSURE, run.MOST_STEP)
    with tempfile.TemporaryDirectory() as folder:
        theirs = calculix.run(deck(stack, mesh, body), Path(folder), len(body.section.nodes))
    own, other = (run.read(stack, mesh, body, each) for each in (mine, body.answer(theirs.displacement)))
    columns = {"from_edge_mm": (cell.HALF_WIDTH - own.x) * 1e3}
    for name, pressed in (("contact", own), ("calculix", other)):
        columns[f"compaction_%_{name}"] = 100 * (1 - pressed.thickness)
        columns[f"pressure_MPa_{name}"] = pressed.pressure / 1e6
    pd.DataFrame(columns).to_csv(run.HERE / "calculix.csv", index=False, float_format="%.6g")
    apart = 1e6 * np.abs(mine.u - theirs.displacement)
    under = body.section.nodes[:, 0] <= cell.HALF_WIDTH + 1e-9
    print(
        f"displacements apart by {apart[under].max():.2f} um under the cathode, {apart.max():.2f} um beyond"
    )


if __name__ == "__main__":
    main()
