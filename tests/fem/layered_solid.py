"""Tangent systems of layered quarter cells with linear layers.

Run by itself under mpirun, it prints iterations and the norm of the solution on rank 0.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from mpi4py import MPI

from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.multigrid import MultigridSolver
from isosim.fem.solid_tangent import SolidTangent
from isosim.fem.weak_form import WeakForm
from isosim.stack.mesh import _growth
from tests.fem.bodies import grid

SHEETS = {  # thickness [m], modulus [Pa], Poisson's ratio, unsymmetry of the tangent
    "pouch": (110e-6, 5e9, 0.4, 0.0),
    "separator": (16e-6, 0.2e9, 0.25, 0.3),
    "cathode": (60e-6, 0.8e9, 0.25, 0.3),
    "aluminium": (12e-6, 70e9, 0.33, 0.0),
    "anode": (65e-6, 0.4e9, 0.25, 0.3),
    "copper": (8e-6, 110e9, 0.34, 0.0),
}


def sheets(electrodes: int) -> list[str]:
    """Names of the layers, from the bottom."""
    names = ["pouch"]
    for number in range(electrodes):
        coating, foil = ("anode", "copper") if number % 2 else ("cathode", "aluminium")
        names += ["separator", coating, foil, coating]
    return [*names, "separator", "pouch"]


def layered_solid(
    columns: int,
    electrodes: int,
    half_width: float = 25e-3,
    edge_cell: float = 50e-6,
    held: bool = False,
    comm: MPI.Comm = MPI.COMM_SELF,
) -> tuple[WeakForm, np.ndarray]:
    """One hexahedron a layer, with the tangents of linear layers; and the forces of 100 MPa on its faces.

    `held` rests the bottom on a plate; otherwise only the rigid motion is taken away.
    """
    widths = edge_cell * _growth(half_width / edge_cell, columns) ** np.arange(columns)[::-1]
    x = np.concatenate([[0.0], np.cumsum(widths)])
    names = sheets(electrodes)
    z = np.concatenate([[0.0], np.cumsum([SHEETS[name][0] for name in names])])
    mesh = grid(x, x, z)
    layer = np.searchsorted(z, mesh.points[mesh.cells][..., 2].mean(axis=1)) - 1
    body = Body(replace(mesh, layer=layer), KINEMATICS["solid"], comm)
    form = WeakForm(body, {"top", "edge"} if held else {"top", "bottom", "edge"})
    set_tangents(form, [SHEETS[name][1:] for name in names])
    form.set_load(1e8)
    forces = -form.push()
    form.set_load(0.0)
    return form, forces


def set_tangents(form: WeakForm, constants: list[tuple[float, float, float]]) -> None:
    """Give every point the tangent of its layer."""
    stiffness = np.array([_stiffness(*own) for own in constants]).reshape(-1, 9, 9)
    layer = form.body.source.layer[form.body.source_cell]
    form.stress_tangent[:] = np.repeat(stiffness[layer], form.points_per_cell, axis=0)


def _stiffness(modulus: float, ratio: float, unsymmetry: float) -> np.ndarray:
    """dP/dF of an isotropic layer that yields more under pressure than it hardens, as caps do."""
    first, shear = modulus * ratio / (1 + ratio) / (1 - 2 * ratio), modulus / (2 + 2 * ratio)
    one = np.eye(3)
    up = np.diag([0.0, 0.0, 1.0])
    return (
        first * np.einsum("ij,kl->ijkl", one, one + unsymmetry * up)
        + shear * np.einsum("ik,jl->ijkl", one, one)
        + shear * np.einsum("il,jk->ijkl", one, one)
    )


if __name__ == "__main__":
    world = MPI.COMM_WORLD
    solid, rhs = layered_solid(int(sys.argv[1]), int(sys.argv[2]), comm=world)
    solver = MultigridSolver(SolidTangent(solid))
    solver.factorise()
    size = solid.norm(solver.solve(rhs))
    if world.rank == 0:
        sys.stdout.write(f"{solver.iterations} {size:.12e}\n")
    solver.destroy()
    solid.destroy()
