"""Multigrid for layered solids: the right solution, in few iterations whatever the stack and the mesh."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from mpi4py import MPI
from petsc4py import PETSc

from isosim.errors import InputError
from isosim.fem.column_blocks import ColumnBlocks
from isosim.fem.column_grid import column_grid
from isosim.fem.multigrid import IterationsExhausted, MultigridSolver
from isosim.fem.petsc_arrays import blocks
from isosim.fem.semicoarsening import interpolation, merged_lines
from tests.fem.layered_solid import distribute, layered_solid

pytestmark = pytest.mark.fem


def solver_of(system, tolerance=1e-6):
    """A solver that is not yet set up, and its matrix."""
    matrix, _ = distribute(system, MPI.COMM_SELF)
    grid = column_grid(system.coordinates, MPI.COMM_SELF)
    return MultigridSolver(matrix, grid, np.flatnonzero(system.fixed), tolerance), matrix


def iterations(columns, electrodes, held=False):
    """How many iterations one solution takes."""
    system = layered_solid(columns, electrodes, held=held)
    solver, matrix = solver_of(system)
    solver.factorise()
    u = solver.solve(system.rhs)
    assert np.linalg.norm(system.matrix @ u - system.rhs) <= 2e-6 * np.linalg.norm(system.rhs)
    solver.destroy()
    matrix.destroy()
    return solver.iterations


def direct(matrix, rhs):
    """The solution by MUMPS."""
    ksp = PETSc.KSP().create(matrix.comm)
    ksp.setOperators(matrix)
    ksp.setType("preonly")
    ksp.getPC().setType("lu")
    ksp.getPC().setFactorSolverType("mumps")
    right, left = matrix.createVecs()
    left.array = rhs
    ksp.solve(left, right)
    return right.array.copy()


def test_the_solution_is_that_of_a_direct_solver():
    """Multigrid shall solve the unsymmetric tangent to the solution of MUMPS, to 1e-6."""
    system = layered_solid(6, 2)
    scale = sp.diags(system.matrix.diagonal() ** -0.5)
    assert abs(scale @ (system.matrix - system.matrix.T) @ scale).max() > 0.02
    solver, matrix = solver_of(system, 1e-10)
    solver.factorise()
    u, exact = solver.solve(system.rhs), direct(matrix, system.rhs)
    assert np.linalg.norm(u - exact) <= 1e-6 * np.linalg.norm(exact)


def test_a_new_matrix_is_taken_over():
    """After factorise() the solver shall be that of the values the matrix has then."""
    system, other = layered_solid(6, 2), layered_solid(6, 2, softened=0.5)
    fresh, changed = solver_of(other, 1e-10)
    solver, matrix = solver_of(system, 1e-10)
    solver.factorise()
    changed.copy(matrix, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
    for each in (solver, fresh):
        each.factorise()
    u, expected = solver.solve(other.rhs), fresh.solve(other.rhs)
    assert np.linalg.norm(u - expected) <= 1e-6 * np.linalg.norm(expected)
    assert solver.iterations == fresh.iterations
    assert solver.factorisations == 2


def test_iterations_do_not_depend_on_the_number_of_electrodes():
    """Iterations for 10 electrodes shall be at most 1.35 times those for 4, and fewer than 20."""
    assert iterations(6, 10) <= min(1.35 * iterations(6, 4), 19)


@pytest.mark.parametrize("held", [False, True])
def test_iterations_hardly_grow_with_the_columns(held):
    """Twice the columns a side shall cost at most 1.35 times the iterations, free or on a plate."""
    assert iterations(12, 2, held) <= 1.35 * iterations(6, 2, held)


@pytest.mark.long
@pytest.mark.parametrize(("columns", "electrodes"), [(16, 2), (32, 2), (16, 10), (8, 40)])
def test_iterations_at_size(columns, electrodes):
    """The same shall hold for 8, 16 and 32 columns a side and for 10 and 40 electrodes."""
    fewer = iterations(columns // 2, electrodes) if columns > 8 else iterations(columns, 10)
    assert iterations(columns, electrodes) <= 1.35 * fewer


def test_ranks_do_not_change_the_solution():
    """Two ranks, with a column split between them, shall need the iterations of one, within two."""
    found = []
    for ranks in (1, 2):
        command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1"]
        command += ["-n", str(ranks), sys.executable, "-m", "tests.fem.layered_solid", "5", "2"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env=environment,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        found.append([float(word) for word in run.stdout.split()])
    assert abs(found[0][0] - found[1][0]) <= 2
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-5)


def test_column_blocks_are_the_couplings_within_columns():
    """The copy shall hold exactly the entries between unknowns above one point of the plane."""
    system = layered_solid(2, 2)
    matrix, _ = distribute(system, MPI.COMM_SELF)
    grid = column_grid(system.coordinates, MPI.COMM_SELF)
    own = ColumnBlocks(matrix, grid)  # kept: what follows looks into its memory
    (found,), _ = blocks(own.matrix)
    full = system.matrix.tocoo()
    within = grid.column[full.row] == grid.column[full.col]
    expected = sp.csr_matrix((full.data[within], (full.row[within], full.col[within])), shape=full.shape)
    copy = sp.csr_matrix((found.value, found.column, found.start), shape=full.shape)
    assert abs(copy - expected).max() == 0.0


def test_narrow_cells_are_merged_and_wide_ones_are_not():
    """Only cells that together stay within the width shall be merged, from the edge inwards."""
    lines = np.array([0.0, 8.0, 12.0, 14.0, 15.0, 15.5, 16.0])
    stay = merged_lines(lines, 2.0, 2)
    assert lines[stay].tolist() == [0.0, 8.0, 12.0, 14.0, 15.0, 16.0]
    assert interpolation(lines, stay) @ lines[stay] == pytest.approx(lines)


def test_running_out_of_iterations_is_an_error():
    """A solution that misses the tolerance shall not be returned."""
    system = layered_solid(4, 2)
    solver, _ = solver_of(system, 1e-30)
    solver.factorise()
    with pytest.raises(IterationsExhausted):
        solver.solve(system.rhs)


def test_a_mesh_without_whole_columns_is_refused():
    """Nodes that do not fill a tensor grid shall be an input error that says what to do."""
    system = layered_solid(2, 2)
    with pytest.raises(InputError, match="filling"):
        column_grid(system.coordinates[:-1], MPI.COMM_SELF)
