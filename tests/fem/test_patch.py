import numpy as np
import pytest
from dolfinx import fem
from mpi4py import MPI

from isosim.fem import newton
from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.newton import Load, Newton
from isosim.fem.points import MaterialPoints
from isosim.fem.readings import Readings
from isosim.fem.weak_form import WeakForm
from tests.fem.bodies import MPA, body, distorted, elastic, grid, mesh_of

ALL = {"top", "bottom", "edge"}


def problem(stack, mesh, pressed=ALL, lateral="free", fidelity="section"):
    body = Body(mesh, KINEMATICS[fidelity], MPI.COMM_SELF)
    form = WeakForm(body, pressed, lateral)
    return form, MaterialPoints(stack, body, body.quadrature_points())


@pytest.mark.parametrize("fidelity", ["section", "axisymmetric", "solid"])
def test_uniform_pressure_on_a_distorted_mesh(fidelity, monkeypatch):
    """A homogeneous body on a distorted Q2 mesh shall shrink alike all three ways, and read so."""
    monkeypatch.setattr(newton, "TOLERANCE", 1e-9)
    K = 3e9
    stack = body([elastic(K * (3 - 6 * 0.3), 0.3)], [4e-4])
    lines = [np.linspace(0, 1e-3, 4), np.linspace(0, 7e-4, 3), np.linspace(0, 4e-4, 4)]
    mesh = grid(*lines) if fidelity == "solid" else grid(lines[0], lines[2])
    form, points = problem(stack, distorted(mesh), fidelity=fidelity)
    Newton(form, points).solve(Load(pressure=300 * MPA, temperature=298.15, dt=1.0))
    F = form.body.kinematics.full(form.deformation(), 1.0)
    # hydrostatic: sigma = K ln J / J = -p
    stretch = F[0, 0, 0]
    assert K * 3 * np.log(stretch) / stretch**3 == pytest.approx(-300 * MPA, rel=1e-9)
    np.testing.assert_allclose(F, np.tile(stretch * np.eye(3), (len(F), 1, 1)), atol=1e-10)
    where = form.body.quadrature_points()
    readings = Readings(stack, form.body, where)
    state, parameters = points.trial, points.of_point(298.15)
    means = readings.means(readings.fields(form.deformation(), form.stress, state, parameters))
    assert means["thickness"] == pytest.approx(4e-4 * stretch, rel=1e-10)
    for name in ("axial_pressure", "stress_x", "stress_y"):
        np.testing.assert_allclose(np.abs(means[name]), 300 * MPA, rtol=1e-7)


def test_affine_boundary_on_a_distorted_mesh():
    """With affine displacements on the boundary every point inside shall see the same deformation."""
    stack = body([elastic(2e9, 0.35)] * 4, [1e-4] * 4)
    form, points = problem(stack, distorted(mesh_of(stack)), lateral="one direction")
    gradient = np.array([[-0.05, 0.08], [0.02, -0.2]])
    space, (width, height) = form.space, form.body.extent
    X = space.tabulate_dof_coordinates()[:, :2]
    small = 1e-9 * width
    outside = (X[:, 0] < small) | (X[:, 0] > width - small) | (X[:, 1] < small) | (X[:, 1] > height - small)
    dofs = np.flatnonzero(outside).astype(np.int32)
    newton = Newton(form, points)  # measures the fluid's forces before the boundary is held
    form.bcs = [fem.dirichletbc(fem.Function(space), dofs)]
    form.fixed = np.sort(np.concatenate([2 * dofs, 2 * dofs + 1]))
    rng = np.random.default_rng(1)
    start = X @ gradient.T
    start[~outside] *= 1 + 0.05 * rng.uniform(-1, 1, (np.count_nonzero(~outside), 2))
    form.u.x.array[:] = start.ravel()
    newton.solve(Load(pressure=0.0, temperature=298.15, dt=1.0))
    expected = [0.95, 0.08, 0.02, 0.8, 1.0]
    np.testing.assert_allclose(form.deformation(), np.tile(expected, (len(form.deformation()), 1)), atol=1e-9)
