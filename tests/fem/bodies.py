"""Small layered bodies for the finite-element tests."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from isosim import law
from isosim.recipe import Schedule
from isosim.stack.mesh import SectionMesh, section_mesh

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
        material_names=tuple(materials),
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


def distorted(mesh: SectionMesh, fraction: float = 0.25) -> SectionMesh:
    """The same mesh with its inner corners moved, so that no cell is a rectangle."""
    points = mesh.points.copy()
    x, z = np.unique(points[:, 0]), np.unique(points[:, 1])
    rng = np.random.default_rng(3)
    inner = (points[:, 0] > x[0]) & (points[:, 0] < x[-1]) & (points[:, 1] > z[0]) & (points[:, 1] < z[-1])
    size = np.array([np.diff(x).min(), np.diff(z).min()])
    points[inner] += fraction * size * rng.uniform(-1, 1, (inner.sum(), 2))
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
