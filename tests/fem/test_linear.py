"""The choice of the linear solver, and presses with either."""

import os
import pickle

import pytest
from mpi4py import MPI
from petsc4py import PETSc

from isosim.errors import InputError, SolverError
from isosim.fem import linear, newton, weak_form
from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.multigrid import MultigridSolver
from isosim.stack import solid_mesh
from tests.fem.press_on_ranks import press, small_body
from tests.fem.test_ranks import compare, on_ranks


@pytest.fixture
def petsc():
    """PETSc options that are gone after the test."""
    options, before = PETSc.Options(), PETSc.Options().getAll()
    yield options
    for name in set(options.getAll()) - set(before):
        options.delValue(name)


@pytest.fixture(scope="module")
def factorised():
    """The small solid of 9 x 9 columns of nodes, pressed with MUMPS to 1e-8 of the load."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(newton, "TOLERANCE", 1e-8)
        return press("solid", columns=4).drop_vars("iterations")


def form_of(mesh, faces):
    """The weak form of a solid."""
    return weak_form.WeakForm(Body(mesh, KINEMATICS["solid"], MPI.COMM_SELF), faces)


@pytest.mark.parametrize(
    "asked, most, kind", [("", 10**9, "mumps"), ("", 0, "multigrid"), ("lu", 0, "mumps")]
)
def test_solver_is_chosen_by_size_and_can_be_overridden(asked, most, kind, petsc, monkeypatch):
    """A large solid shall get multigrid, a small one factors, and PETSc options shall have the last word."""
    monkeypatch.setattr(linear, "MOST_FACTORISED", most)
    if asked:
        petsc["isosim_pc_type"] = asked
    form = form_of(solid_mesh(small_body(), 2), {"top"})
    solver = linear.linear_solver(form)
    assert kind in str(solver)
    solver.destroy()
    form.destroy()


def test_multigrid_is_refused_for_sections(petsc):
    """A section that is to be solved with multigrid shall be an input error that says what to do."""
    petsc["isosim_pc_type"] = "mg"
    with pytest.raises(InputError, match="leave the option out"):
        press("section")


def test_multigrid_presses_as_factors_do(factorised, petsc, monkeypatch):
    """A solid pressed with multigrid shall be the one pressed with MUMPS to 1e-5, and really iterate."""
    petsc["isosim_pc_type"] = "mg"
    solve, iterations = MultigridSolver.solve, []

    def counted(solver, rhs):
        found = solve(solver, rhs)
        iterations.append(solver.iterations)
        return found

    monkeypatch.setattr(MultigridSolver, "solve", counted)
    monkeypatch.setattr(newton, "TOLERANCE", 1e-8)
    compare(press("solid", columns=4), factorised, 1e-5)
    assert max(iterations) > 1


@pytest.mark.long
def test_multigrid_presses_on_two_ranks(factorised, tmp_path, monkeypatch):
    """On two ranks, and chosen in the environment, multigrid shall press a solid as MUMPS does to 1e-4.

    Newton's method leaves 1e-5 of the load.
    """
    monkeypatch.setitem(os.environ, "PETSC_OPTIONS", "-isosim_pc_type mg")
    run = on_ranks(2, tmp_path, "solid")
    assert run.returncode == 0, run.stderr
    compare(pickle.loads((tmp_path / "datasets").read_bytes())["solid"], factorised, 1e-4)


def test_exhausted_iterations_end_the_press_with_the_reason(petsc):
    """A linear solver that gives up shall cut the steps, and end the press with its reason at last."""
    for name, value in {"pc_type": "mg", "ksp_max_it": "1", "ksp_rtol": "1e-12"}.items():
        petsc[f"isosim_{name}"] = value
    with pytest.raises(SolverError, match="the linear solver: 1 iterations left a residual"):
        press("solid", columns=4)
