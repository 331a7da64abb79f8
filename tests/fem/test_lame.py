"""Rings and spheres under fluid pressure against Lame's closed forms."""

import numpy as np
import pytest
from mpi4py import MPI

from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.newton import Load, Newton
from isosim.fem.points import MaterialPoints
from isosim.fem.weak_form import WeakForm
from isosim.stack.mesh import SectionMesh
from tests.fem.bodies import body, elastic, grid
from tests.fem.test_patch import problem

E, NU = 70e9, 0.3
INNER, OUTER, PRESSURE = 1e-3, 2e-3, 1e4  # strains of 1e-7: linear
LOAD = Load(pressure=PRESSURE, temperature=298.15, dt=1.0)


def stand_in(height):
    return body([elastic(E, NU)], [height], half_width=OUTER)


def solve(form, points):
    """Newton's method below its tolerance, which is for pressures of presses."""
    newton = Newton(form, points)
    newton.solve(LOAD)
    newton._correct(LOAD, newton._evaluate(LOAD), np.inf)


def test_ring_under_pressure_from_outside():
    """A disc with a hole, pressed on its rim, shall carry the stresses of Lame's ring."""
    form, points = problem(
        stand_in(5e-4),
        grid(np.linspace(INNER, OUTER, 17), np.linspace(0, 5e-4, 3)),
        pressed={"edge"},
        fidelity="axisymmetric",
    )
    solve(form, points)
    where = form.body.quadrature_points()
    r = where.stations.place[where.station.ravel(), 0]
    P_rr, P_tt = form.stress[:, 0], form.stress[:, 4]
    scale = PRESSURE * OUTER**2 / (OUTER**2 - INNER**2)
    np.testing.assert_allclose(P_rr, -scale * (1 - INNER**2 / r**2), atol=2e-3 * scale)
    np.testing.assert_allclose(P_tt, -scale * (1 + INNER**2 / r**2), rtol=2e-3)


class Sphere(Body):
    """A hollow hemisphere; its outer surface is its edge."""

    def face(self, name):
        if name == "edge":
            return lambda X: np.hypot(X[0], X[1]) > OUTER * (1 - 1e-9)
        if name == "bottom":
            return lambda X: X[1] < 1e-9 * OUTER
        return lambda X: X[0] < 1e-9 * OUTER


def sphere(cells):
    """Largest error of the radial displacement at the nodes, over the largest displacement."""
    polar = grid(np.linspace(INNER, OUTER, cells + 1), np.linspace(0, 1, 2 * cells + 1))
    r, turn = polar.points[:, 0], 0.5 * np.pi * polar.points[:, 1]
    points = r[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points[np.abs(points) < 1e-12] = 0.0
    mesh = SectionMesh(points, polar.cells, polar.layer, polar.material, polar.column, polar.row, ("m0",))
    whole = Sphere(mesh, KINEMATICS["axisymmetric"], MPI.COMM_SELF)
    form = WeakForm(whole, {"edge"})
    solve(form, MaterialPoints(stand_in(OUTER), whole, whole.quadrature_points()))
    X = form.space.tabulate_dof_coordinates()[:, :2]
    radius = np.hypot(*X.T)
    # u = A r + B / r^2, sigma_rr = 3 K A - 4 G B / r^3
    bulk, shear = E / (3 - 6 * NU), E / (2 + 2 * NU)
    A = -PRESSURE * OUTER**3 / (3 * bulk * (OUTER**3 - INNER**3))
    B = 3 * bulk * A * INNER**3 / (4 * shear)
    exact = A * radius + B / radius**2
    found = np.sum(form.u.x.array.reshape(-1, 2) * X, axis=1) / radius
    return np.abs(found - exact).max() / np.abs(exact).max()


def test_hollow_sphere_under_pressure_from_outside():
    """A hollow sphere of straight-edged cells shall approach Lame's displacement at second order."""
    coarse, fine = sphere(4), sphere(8)
    assert fine < 2e-3
    assert np.log2(coarse / fine) == pytest.approx(2.0, abs=0.3)
