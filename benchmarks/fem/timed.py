"""What a process of its own measures, as one line of JSON.

python -m benchmarks.fem.timed press "2 electrodes, section, flush"
python -m benchmarks.fem.timed newton "40 electrodes, section, flush"
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from mpi4py import MPI
from petsc4py import PETSc

import isosim
from isosim import pressing
from isosim.errors import SolverError
from isosim.fem import compat
from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.newton import Load, Newton
from isosim.fem.points import MaterialPoints
from isosim.fem.weak_form import WeakForm
from isosim.recipe import ROOM

from .cells import CELLS, FLUSH, Cell, elastic

WARM = Cell("120RT-2", FLUSH)  # loads the compiled law and forms
ELASTIC_PRESSURES = (10e6, 20e6)
MODULUS = 1e9  # Pa, of the plain problem; 2 in every second cell


def clocked(call: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a call returns, its CPU and wall time [s]."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = call()
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def press(cell: Cell) -> dict[str, Any]:
    """A whole press, load to disassembly, on all ranks; of a section also one plain iteration on its mesh.

    CPU time and memory are sums over the ranks.
    """
    changes = {key: cell.changes[key] for key in ("model.fidelity",) if key in cell.changes}
    warm = WARM.case().changed(
        {**changes, "model.section.columns": 4, "model.solid.columns": 2} if changes else {}
    )
    isosim.press(warm)
    case = cell.case()
    try:
        ds, cpu, wall = clocked(lambda: isosim.press(case))
    except SolverError as error:
        return {"stopped": str(error)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    cpu, peak = MPI.COMM_WORLD.allreduce(cpu), MPI.COMM_WORLD.allreduce(peak)
    return {
        "cpu_s": cpu,
        "wall_s": wall,
        "steps": int(ds.sizes["step"]) - 1,
        "cuts": int(ds.attrs["cuts"]),
        "iterations": int(ds.iterations.sum()),
        "factorisations": int(ds.attrs["factorisations"]),
        "dofs": int(ds.attrs["dofs"]),
        "peak_MB": peak,
        "cpu_s_per_iteration": cpu / int(ds.attrs["factorisations"]),
        **({} if case.model.fidelity == "solid" else plain(case)),
    }


def plain(case: Any) -> dict[str, float]:
    """CPU time of one iteration of plain dolfinx at small elastic strains: matrix, vector, MUMPS."""
    body = Body(pressing.mesh(case), KINEMATICS["section"], MPI.COMM_SELF)
    space = compat.vector_space(body.mesh, 2)
    u, v, x = ufl.TrialFunction(space), ufl.TestFunction(space), ufl.SpatialCoordinate(body.mesh)
    strain = lambda w: ufl.sym(ufl.grad(w))  # noqa: E731
    stress = MODULUS * (ufl.tr(strain(u)) * ufl.Identity(2) + 2.0 * strain(u))
    a = fem.form(ufl.inner(stress, strain(v)) * ufl.dx)
    b = fem.form((x[0] * v[0] + v[1]) * ufl.dx)
    clamped = fem.locate_dofs_geometrical(space, body.face("bottom"))
    bc = fem.dirichletbc(np.zeros(2), clamped, space)
    matrix = fem_petsc.create_matrix(a)
    ksp = PETSc.KSP().create(MPI.COMM_SELF)
    ksp.setOperators(matrix)
    ksp.setType("preonly")
    ksp.getPC().setType("lu")
    ksp.getPC().setFactorSolverType("mumps")

    def iteration() -> None:
        matrix.zeroEntries()
        fem_petsc.assemble_matrix(matrix, a, bcs=[bc])
        matrix.assemble()
        rhs = fem_petsc.assemble_vector(b)
        fem_petsc.set_bc(rhs, [bc])
        ksp.setOperators(matrix)
        ksp.solve(rhs, rhs.duplicate())

    iteration()
    return {"plain_iteration_cpu_s": min(clocked(iteration)[1] for _ in range(3))}


def newton(cell: Cell, comm: MPI.Comm = MPI.COMM_SELF) -> dict[str, Any]:
    """Time of one Newton iteration of isosim on the cell with elastic layers, no strain along it.

    Iterations are those with a new tangent; corrections with a kept one count as their time alone.
    """
    case = cell.case()
    stack = elastic(case.stack())
    with compat.compiling():
        body = Body(pressing.mesh(case), KINEMATICS[case.model.fidelity], comm)
        form = WeakForm(body, {"top", "bottom", "edge"}, "one direction")
    points = MaterialPoints(stack, body, body.quadrature_points())
    solver = Newton(form, points)
    count, spent, passed = 0, 0.0, 0.0
    for number, pressure in enumerate(ELASTIC_PRESSURES):
        before = solver.tangent.solver.factorisations
        _, cpu, wall = clocked(lambda pressure=pressure: solver.solve(Load(pressure, ROOM, 1.0)))
        points.accept()
        if number:  # the first one loads and analyses
            count += solver.tangent.solver.factorisations - before
            spent, passed = spent + cpu, passed + wall
    return {
        "iterations": count,
        "cpu_s_per_iteration": spent / count,
        "wall_s_per_iteration": passed / count,
        "dofs": form.size,
        "solver": str(solver.tangent.solver),
        "lowest_mm": float(form.u.x.array.reshape(-1, body.kinematics.dimension)[:, -1].min()) * 1e3,
    }


if __name__ == "__main__":
    row = {"press": press, "newton": newton}[sys.argv[1]](CELLS[sys.argv[2]])
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps(row))
