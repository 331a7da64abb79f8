"""CalculiX input for an elastic section, its run and its answer.

The mesh is that of `isosim.stack.section_mesh` with quadratic elements of eight nodes (CPE8: full
integration, plane strain, large deformations), in mm and MPa. CalculiX makes each a hexahedron of 20 nodes
with front and back tied together.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isosim.stack import SectionMesh, Stack

MM, MPA = 1e3, 1e-6  # from m and Pa
EDGES = ((0, 1), (1, 2), (2, 3), (3, 0))  # of a cell; CalculiX counts its faces so, from 1
SAME_PLACE = 1e-9  # m


@dataclass(frozen=True)
class Section:
    """Elements of eight nodes: corners counter-clockwise, then the middles of `EDGES`.

    nodes (n, 2) [m]; elements (m, 8); cell (m,) is that of the mesh they come from.
    """

    nodes: np.ndarray
    elements: np.ndarray
    cell: np.ndarray

    @classmethod
    def of(cls, mesh: SectionMesh) -> Section:
        """All cells of a mesh but its edge filling."""
        cell = np.flatnonzero(~mesh.filling)
        corner = mesh.points[mesh.cells[cell]]
        middle = np.stack([corner[:, list(edge)].mean(axis=1) for edge in EDGES], axis=1)
        places = np.concatenate([corner, middle], axis=1).reshape(-1, 2)
        _, first, number = np.unique(
            np.round(places / SAME_PLACE).astype(np.int64), axis=0, return_index=True, return_inverse=True
        )
        return cls(places[first], number.reshape(-1, 8), cell)

    def sides(self, axis: int, value: float, edge: int) -> np.ndarray:
        """Elements whose side `edge` lies at a coordinate [m]."""
        ends = self.nodes[self.elements[:, EDGES[edge]], axis]
        return np.flatnonzero(np.abs(ends - value).max(axis=1) < SAME_PLACE)

    def at(self, axis: int, value: float) -> np.ndarray:
        """Nodes at a coordinate [m]."""
        return np.flatnonzero(np.abs(self.nodes[:, axis] - value) < SAME_PLACE)


def deck(stack: Stack, mesh: SectionMesh, pressure: float, increments: int) -> str:
    """The input file: fluid pressure [Pa] on top, bottom and edge, which it follows, in even increments."""
    section = Section.of(mesh)
    lines = ["*NODE, NSET=all"]
    lines += [f"{i}, {x:.10g}, {z:.10g}" for i, (x, z) in enumerate(section.nodes * MM, 1)]
    for index, name in enumerate(mesh.material_names):
        own = np.flatnonzero(mesh.material[section.cell] == index)
        lines.append(f"*ELEMENT, TYPE=CPE8, ELSET=e{index}")
        lines += [f"{e + 1}, " + ", ".join(map(str, section.elements[e] + 1)) for e in own]
        lines += [f"*MATERIAL, NAME=m{index}", "*ELASTIC", _moduli(stack.materials[name].law)]
        lines += [f"*SOLID SECTION, ELSET=e{index}, MATERIAL=m{index}", "1."]
    lines += ["*BOUNDARY", *_supports(section)]
    lines += [f"*STEP, NLGEOM, INC={increments}", "*STATIC, DIRECT", f"{1.0 / increments:.10g}, 1."]
    lines += ["*DLOAD", *_load(section, pressure), "*NODE PRINT, NSET=all, FREQUENCY=100000", "U"]
    return "\n".join([*lines, "*END STEP", ""])


@dataclass(frozen=True)
class Run:
    """What a run of CalculiX gave."""

    cpu_s: float
    peak_MB: float
    increments: int
    iterations: int
    equations: int
    solver: str
    displacement: np.ndarray  # (nodes, 2) [m]; empty where none was written


def installed() -> bool:
    """Whether there is a CalculiX."""
    return shutil.which("ccx") is not None


def run(text: str, folder: Path, nodes: int = 0) -> Run:
    """Run an input on one thread.

    Raises
    ------
    RuntimeError
        When CalculiX did not reach the full load.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "section.inp").write_text(text)
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "CCX_NPROC_EQUATION_SOLVER": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["ccx", "-i", "section"], cwd=folder, env={**os.environ, **threads}, capture_output=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (folder / "section.log").write_text(done.stdout)
    if done.returncode or "Job finished" not in done.stdout or "*ERROR" in done.stdout:
        raise RuntimeError(f"CalculiX stopped: see {folder / 'section.log'}")
    status = np.loadtxt(folder / "section.sta", skiprows=2, ndmin=2)
    found = re.search(r"number of equations\s+(\d+)", done.stdout)
    solver = re.search(r"Factoring the system of equations using the (.*)", done.stdout)
    return Run(
        cpu_s=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        peak_MB=after.ru_maxrss / 1024.0,
        increments=len(status),
        iterations=len(re.findall(r"^ iteration\s+\d+", done.stdout, re.MULTILINE)),
        equations=int(found[1]) if found else 0,
        solver=solver[1].strip() if solver else "",
        displacement=_displacement(folder / "section.dat", nodes),
    )


def _moduli(law: Any) -> str:
    """E [MPa] and Poisson's ratio."""
    K, G = law.bulk_modulus * MPA, law.shear_modulus * MPA
    return f"{9 * K * G / (3 * K + G):.10g}, {(3 * K - 2 * G) / (6 * K + 2 * G):.10g}"


def _supports(section: Section) -> Iterator[str]:
    axis = section.at(0, 0.0)
    yield from (f"{node + 1}, 1, 1" for node in axis)
    yield f"{axis[np.argmin(section.nodes[axis, 1])] + 1}, 2, 2"


def _load(section: Section, pressure: float) -> Iterator[str]:
    (_, bottom), (outer, top) = section.nodes.min(axis=0), section.nodes.max(axis=0)
    for axis, value, edge in ((1, bottom, 0), (0, outer, 1), (1, top, 2)):
        yield from (f"{e + 1}, P{edge + 1}, {pressure * MPA:.10g}" for e in section.sides(axis, value, edge))


def _displacement(path: Path, nodes: int) -> np.ndarray:
    """Of the last printed increment [m]; CalculiX numbers the nodes that it adds after ours."""
    if not nodes:
        return np.empty((0, 2))
    rows = [line.split() for line in path.read_text().splitlines() if re.match(r"\s+\d+\s+\S*E", line)]
    table = np.array([[float(value) for value in row] for row in rows])
    last = table[
        -int(np.count_nonzero(table[:, 0] == 1) and len(table) // np.count_nonzero(table[:, 0] == 1)) :
    ]
    found = np.full((nodes, 2), np.nan)
    own = last[last[:, 0] <= nodes]
    found[own[:, 0].astype(int) - 1] = own[:, 1:3] / MM
    return found


def version() -> str:
    """What CalculiX says it is."""
    said = subprocess.run(["ccx", "-v"], capture_output=True, text=True).stdout
    return " ".join(said.split())
