"""Small layered bodies for the finite-element tests."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from isosim import law
from isosim.recipe import Schedule
from isosim.stack.mesh import SectionMesh, SolidMesh, section_mesh

MPA = 1e6
FLUSH = {"stack.overhang": False, "edge_fill": None, "stack.pouch_edge": "none"}  # of a shipped cell


def elastic(E: float, nu: float) -> law.Dense:
    return law.Dense(bulk_modulus=E / (3 - 6 * nu), shear_modulus=E / (2 + 2 * nu), yield_stress=np.inf)


def body(laws: list, thickness: list[float], half_width: float = 1e-3, porosity: list | None = None):
    """Layers from the top downwards, each of its own law."""
    porosity = porosity or [None] * len(laws)
    layers = tuple(
        SimpleNamespace(
            name=f"layer {k}",
            role="other",
            material=f"m{k}",
            thickness=t,
            half_width=half_width,
            extent=(half_width, half_width),
            porosity=p,
            electrode=None,
            elements=1,
        )
        for k, (t, p) in enumerate(zip(thickness, porosity, strict=True))
    )
    materials = {f"m{k}": SimpleNamespace(name=f"m{k}", law=own) for k, own in enumerate(laws)}
    return SimpleNamespace(
        layers=layers,
        materials=materials,
        electrodes=(),
        film_planes=(),
        footprints=(half_width,),
        lengths=(half_width,),
        material_names=tuple(materials),
        edge_fill=None,
        fill_material=None,
        frame=None,
        frame_starts=None,
        pouch_edge=None,
        covers=((), ()),
        width=half_width,
        height=sum(thickness),
    )


def mesh_of(stack, columns: int = 8) -> SectionMesh:
    return section_mesh(stack, columns)


def grid(*lines: np.ndarray) -> SectionMesh | SolidMesh:
    """One layer of one material on a grid of x and z lines, or of x, y and z lines."""
    counts = [len(line) - 1 for line in lines]
    points = np.stack(np.meshgrid(*lines[::-1], indexing="ij")[::-1], axis=-1).reshape(-1, len(lines))
    number = np.arange(len(points)).reshape([count + 1 for count in counts[::-1]])
    index = np.stack([i.ravel() for i in np.indices(counts[::-1])])
    square = [(0, 0), (0, 1), (1, 1), (1, 0)]
    corners = square if len(lines) == 2 else [(k, *c) for k in (0, 1) for c in square]
    cells = np.stack([number[tuple(index + np.array(c)[:, None])] for c in corners], axis=1)
    zero = np.zeros(len(cells), int)
    row, column = index[0], np.ravel_multi_index(tuple(index[1:]), counts[-2::-1])
    if len(lines) == 2:
        return SectionMesh(points, cells, zero, zero, column, row, ("m0",))
    return SolidMesh(points, cells, zero, zero, column, row, ("m0",), counts[0])


def distorted(mesh: SectionMesh | SolidMesh, fraction: float = 0.25) -> SectionMesh | SolidMesh:
    """The same mesh with its inner corners moved, so that no cell is a rectangle."""
    points = mesh.points.copy()
    rng = np.random.default_rng(3)
    inner = ((points > points.min(axis=0)) & (points < points.max(axis=0))).all(axis=1)
    size = np.array([np.diff(np.unique(line)).min() for line in points.T])
    points[inner] += fraction * size * rng.uniform(-1, 1, (inner.sum(), len(size)))
    return replace(mesh, points=points)


def cycle(peak: float, steps: int = 10, hold: float = 0.0, seconds: float = 100.0) -> Schedule:
    """Load to `peak` [Pa], hold, release in twice as large steps."""
    up, down = (
        peak * np.arange(1, steps + 1) / steps,
        peak * (1 - np.arange(1, steps // 2 + 1) / (steps // 2)),
    )
    pressure = np.concatenate([[0.0], up, [peak] * (hold > 0), down])
    phase = ["start"] + ["load"] * len(up) + ["hold"] * (hold > 0) + ["release"] * len(down)
    dt = np.concatenate(
        [
            [0.0],
            np.full(len(up), seconds / steps),
            [hold] * (hold > 0),
            np.full(len(down), seconds / len(down)),
        ]
    )
    return Schedule(
        time=np.cumsum(dt),
        pressure=pressure,
        temperature=np.full(len(pressure), 298.15),
        phase=np.array(phase),
    )
