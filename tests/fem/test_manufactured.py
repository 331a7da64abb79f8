"""Manufactured solutions in finite strain: the observed order of the displacement, for every kinematics."""

import numpy as np
import pytest
import ufl
from dolfinx import fem

from isosim import law
from isosim.fem import compat
from isosim.fem.body import QUADRATURE_DEGREE
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.newton import Load, Newton
from tests.fem.bodies import body, elastic, grid
from tests.fem.test_patch import problem

SIZE = 1e-3  # of the body [m]
ROOM = 298.15
ELASTIC = elastic(2e9, 0.3)
AMPLITUDE = {2: [0.12, -0.16], 3: [0.12, -0.10, -0.16]}


def displacement(X, fidelity):
    """A smooth displacement (n, d) of up to a sixth of the body, zero on the axis of a disc."""
    x = X / SIZE
    bumps = [
        np.sin(1.2 * np.roll(x, k, axis=1) @ np.arange(1, x.shape[1] + 1) / 2 + k) for k in range(x.shape[1])
    ]
    u = SIZE * np.stack(bumps, axis=1) * AMPLITUDE[x.shape[1]]
    if fidelity == "axisymmetric":
        u[:, 0] *= x[:, 0] / 2
    return u


def stress(X, fidelity):
    """First Piola-Kirchhoff stress (n, 3, 3) of the law for that displacement, by differences of it."""
    h, d, n = 1e-4 * SIZE, X.shape[1], len(X)
    places = [0, 2] if d == 2 else [0, 1, 2]
    F = np.tile(np.eye(3), (n, 1, 1))
    for j in range(d):
        step = h * np.eye(d)[j]
        # of fourth order
        near = displacement(X + step, fidelity) - displacement(X - step, fidelity)
        far = displacement(X + 2 * step, fidelity) - displacement(X - 2 * step, fidelity)
        F[:, places, places[j]] += (8 * near - far) / (12 * h)
    if fidelity == "axisymmetric":
        F[:, 1, 1] += displacement(X, fidelity)[:, 0] / X[:, 0]
    state = np.tile(ELASTIC.initial_state(), (n, 1))
    P, *_ = law.advance(F.reshape(n, 9), state, 1.0, ROOM, [ELASTIC], np.zeros(n, int))
    return P.reshape(n, 3, 3)[:, :, places], P.reshape(n, 3, 3)[:, 1, 1], places


def body_force(X, fidelity):
    """Minus the divergence of that stress, (n, d)."""
    h, d = 3e-4 * SIZE, X.shape[1]
    force = np.zeros_like(X)
    for j in range(d):
        step = h * np.eye(d)[j]
        for weight, distance in ((8, 1), (-1, 2)):
            for sign in (1, -1):
                P, _, places = stress(X + sign * distance * step, fidelity)
                force -= sign * weight * P[:, places, j] / (12 * h)
    if fidelity == "axisymmetric":
        P, hoop, places = stress(X, fidelity)
        force -= P[:, places, 0] / X[:, :1]
        force[:, 0] += hoop / X[:, 0]
    return force


def error(fidelity, cells):
    """L2 norm of the error of the displacement, over that of the body's size."""
    line = np.linspace(0.0, SIZE, cells + 1)
    dimension = KINEMATICS[fidelity].dimension
    form, points = problem(
        body([ELASTIC], [SIZE], half_width=SIZE),
        grid(*[line] * dimension),
        lateral="confined" if fidelity == "axisymmetric" else "one direction",
        fidelity=fidelity,
    )
    space, mesh = form.space, form.body.mesh
    rule, _ = compat.quadrature_rule(mesh, QUADRATURE_DEGREE)
    here = ufl.SpatialCoordinate(mesh)
    X = compat.evaluate(fem.Expression(here, rule), mesh, form.body.cells).reshape(-1, dimension)
    force = fem.Function(compat.quadrature_space(mesh, dimension, QUADRATURE_DEGREE))
    force.x.array[:] = body_force(X, fidelity).ravel()
    dx = ufl.Measure(
        "dx", mesh, metadata={"quadrature_degree": QUADRATURE_DEGREE, "quadrature_scheme": "default"}
    )
    v = ufl.TestFunction(space)
    work = form.body.kinematics.weight(here) * sum(force[i] * v[i] for i in range(dimension)) * dx

    newton = Newton(form, points)  # measures the fluid's forces before the boundary is held
    nodes = space.tabulate_dof_coordinates()[:, :dimension]
    outside = np.flatnonzero(((nodes < 1e-9 * SIZE) | (nodes > (1 - 1e-9) * SIZE)).any(axis=1))
    exact = displacement(nodes, fidelity)
    form.bcs = [fem.dirichletbc(fem.Function(space), outside.astype(np.int32))]
    form.fixed = (outside[:, None] * dimension + np.arange(dimension)).ravel()
    given, residual = form._assemble(fem.form(work)), form.residual
    form.residual = lambda: residual() - form._free(given.copy())
    form.u.x.array[:] = exact.ravel()
    newton.solve(Load(pressure=0.0, temperature=ROOM, dt=1.0))
    found = compat.evaluate(fem.Expression(form.u, rule), mesh, form.body.cells).reshape(-1, dimension)
    volume = form.body.quadrature_points().volume.ravel()
    square = np.sum((found - displacement(X, fidelity)) ** 2, axis=1)
    return np.sqrt(square @ volume / volume.sum()) / SIZE


@pytest.mark.parametrize("fidelity, cells", [("section", 6), ("axisymmetric", 6), ("solid", 3)])
def test_displacement_converges_at_third_order(fidelity, cells):
    """Under the body force of a smooth finite deformation the error of the displacement shall fall with the
    third power of the cells' size (Q2), to below 1e-4 of the body."""
    coarse, fine = error(fidelity, cells), error(fidelity, 2 * cells)
    assert fine < 1e-4
    assert np.log2(coarse / fine) > 2.8
