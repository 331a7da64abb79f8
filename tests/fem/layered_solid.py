"""Tangent systems of layered quarter cells, from products of one-dimensional matrices.

Run by itself under mpirun, it prints iterations and the norm of the solution on rank 0.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from mpi4py import MPI
from petsc4py import PETSc

from isosim.stack.mesh import _growth

SHEETS = {  # thickness [m], modulus [Pa], Poisson's ratio, unsymmetry of the tangent
    "pouch": (110e-6, 5e9, 0.4, 0.0),
    "separator": (16e-6, 0.2e9, 0.25, 0.3),
    "cathode": (60e-6, 0.8e9, 0.25, 0.3),
    "aluminium": (12e-6, 70e9, 0.33, 0.0),
    "anode": (65e-6, 0.4e9, 0.25, 0.3),
    "copper": (8e-6, 110e9, 0.34, 0.0),
}


@dataclass(frozen=True)
class System:
    """K u = f in the order x, y, z, component; rows of prescribed unknowns are those of the identity."""

    matrix: sp.csr_matrix
    rhs: np.ndarray
    coordinates: np.ndarray  # (nodes, 3) [m]
    fixed: np.ndarray  # (unknowns,), True where prescribed


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
    softened: float = 1.0,
) -> System:
    """Triquadratic hexahedra, one a layer, under fluid pressure on the outer faces.

    `held` rests the bottom on a plate; otherwise only the rigid motion is taken away. The moduli of the
    coatings and separators are multiplied by `softened`.
    """
    widths = edge_cell * _growth(half_width / edge_cell, columns) ** np.arange(columns)[::-1]
    x = np.concatenate([[0.0], np.cumsum(widths)])
    layers = np.array([SHEETS[name] for name in sheets(electrodes)])
    layers[layers[:, 3] > 0.0, 1] *= softened
    z = np.concatenate([[0.0], np.cumsum(layers[:, 0])])
    plane = [[_line(x, np.ones(columns), i, j) for j in (0, 1)] for i in (0, 1)]
    stiffness = np.array([_stiffness(*layer[1:]) for layer in layers])
    blocks = [[None] * 3 for _ in range(3)]
    for a in range(3):
        for b in range(3):
            total = 0
            for i in range(3):
                for j in range(3):
                    if stiffness[:, a, i, b, j].any():
                        up = _line(z, stiffness[:, a, i, b, j], int(i == 2), int(j == 2))
                        along_x, along_y = plane[i == 0][j == 0], plane[i == 1][j == 1]
                        total = total + sp.kron(sp.kron(along_x, along_y), up, format="csr")
            blocks[a][b] = total
    nodes = blocks[0][0].shape[0]
    order = np.arange(3 * nodes).reshape(3, nodes).T.ravel()
    matrix = sp.bmat(blocks, format="csr")[order][:, order]

    lines = [np.unique(np.concatenate([line, (line[1:] + line[:-1]) / 2])) for line in (x, x, z)]
    coordinates = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)
    load = [np.asarray(_line(line, np.ones(len(line) - 1), 0, 0).sum(axis=1)).ravel() for line in (x, x, z)]
    ends = [np.eye(len(line))[-1] for line in lines]
    force = np.zeros((nodes, 3))
    for axis in range(3):
        factors = [ends[d] if d == axis else load[d] for d in range(3)]
        force[:, axis] -= 1e8 * np.kron(np.kron(factors[0], factors[1]), factors[2])
    bottom = coordinates[:, 2] == 0.0
    force[bottom, 2] += 1e8 * np.kron(load[0], load[1])
    fixed = np.zeros((nodes, 3), dtype=bool)
    fixed[:, :2] = coordinates[:, :2] == 0.0
    fixed[:, 2] = bottom if held else (coordinates == 0.0).all(axis=1)
    fixed = fixed.ravel()
    free = sp.diags((~fixed).astype(float))
    matrix = (free @ matrix @ free + sp.diags(fixed.astype(float))).tocsr()
    matrix.sort_indices()
    return System(matrix, np.where(fixed, 0.0, force.ravel()), coordinates, fixed)


def _line(lines: np.ndarray, factor: np.ndarray, left: int, right: int) -> sp.csr_matrix:
    """Integrals of quadratic shape functions (or, for 1, their derivatives) over cells with a factor each."""
    point, weight = np.polynomial.legendre.leggauss(3)
    shape = np.array([point * (point - 1) / 2, 1 - point**2, point * (point + 1) / 2])
    slope = np.array([point - 0.5, -2 * point, point + 0.5])
    width = np.diff(lines)
    reference = np.einsum("aq,bq,q->ab", (shape, slope)[left], (shape, slope)[right], weight)
    cell = (factor * (width / 2) ** (1 - left - right))[:, None, None] * reference
    node = 2 * np.arange(len(width))[:, None] + np.arange(3)
    row, column = np.broadcast_arrays(node[:, :, None], node[:, None, :])
    return sp.csr_matrix((cell.ravel(), (row.ravel(), column.ravel())))


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


def distribute(system: System, comm: MPI.Comm) -> tuple[PETSc.Mat, np.ndarray]:
    """The matrix on the ranks of comm, and this rank's rows. The column between two ranks is on both."""
    nodes = len(system.coordinates)
    ends = [3 * (nodes * rank // comm.size) for rank in range(comm.size + 1)]
    mine = slice(ends[comm.rank], ends[comm.rank + 1])
    own = system.matrix[mine]
    rows = (own.shape[0], None)
    csr = (own.indptr.astype(PETSc.IntType), own.indices.astype(PETSc.IntType), own.data)
    return PETSc.Mat().createAIJ((rows, rows), csr=csr, comm=comm), np.arange(mine.start, mine.stop)


if __name__ == "__main__":
    from isosim.fem.column_grid import column_grid
    from isosim.fem.multigrid import MultigridSolver

    world = MPI.COMM_WORLD
    problem = layered_solid(int(sys.argv[1]), int(sys.argv[2]))
    K, rows = distribute(problem, world)
    grid = column_grid(problem.coordinates[rows[::3] // 3], world)
    solver = MultigridSolver(K, grid, np.flatnonzero(problem.fixed[rows]))
    solver.factorise()
    u = solver.solve(problem.rhs[rows])
    size = world.allreduce(float(u @ u)) ** 0.5
    if world.rank == 0:
        sys.stdout.write(f"{solver.iterations} {size:.12e}\n")
    solver.destroy()
