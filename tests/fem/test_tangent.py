"""The assembled tangent, follower pressure and stretch along the cell included, against differences."""

import numpy as np
import pytest

from isosim import law
from isosim.stack import solid_mesh
from tests.fem.bodies import MPA, body, elastic, mesh_of
from tests.fem.test_patch import problem

POROUS = law.Porous(
    bulk_modulus=8e9,
    shear_modulus=5e9,
    reference_porosity=0.5,
    cap=law.Heckel(p0=8 * MPA, hardening=74 * MPA, minimum_porosity=0.077),
    friction=1.2,
    matrix_strength=400 * MPA,
    cohesion=1 * MPA,
)


def deformed(fidelity):
    """A two-layer body in a random deformed state with plastic flow, under 60 MPa."""
    stack = body([elastic(70e9, 0.33), POROUS], [2e-5, 7e-5], half_width=4e-4, porosity=[None, 0.5])
    mesh = solid_mesh(stack, 2) if fidelity == "solid" else mesh_of(stack, 6)
    form, points = problem(stack, mesh, fidelity=fidelity)
    X = form.space.tabulate_dof_coordinates()[:, : form.body.kinematics.dimension]
    rng = np.random.default_rng(7)
    strain = [-0.01, -0.02, -0.15] if fidelity == "solid" else [-0.01, -0.15]
    u = X * strain + 1e-7 * rng.uniform(-1, 1, X.shape)
    form.u.x.array[:] = u.ravel()
    form.u.x.array[form.fixed] = 0.0
    form.stretch = 0.995
    form.set_load(60 * MPA)
    return form, points


@pytest.fixture
def pressed():
    """A deformed section."""
    return deformed("section")


def evaluate(form, points):
    points.update(form.deformation(), 1.0, 298.15, form.stress, form.stress_tangent)
    return form.residual(), form.end_force() if form.free_along else 0.0


@pytest.mark.parametrize("fidelity", ["section", "axisymmetric", "solid"])
def test_assembled_tangent(fidelity):
    """The assembled tangent, follower pressure included, shall be the derivative of the residual in any
    direction; so shall the row of a section's border."""
    form, points = deformed(fidelity)
    evaluate(form, points)
    matrix = form.assemble_matrix()
    rng = np.random.default_rng(11)
    direction = 1e-10 * rng.standard_normal(form.u.x.array.size)
    direction[form.fixed] = 0.0
    vector = matrix.createVecRight()
    vector.array = direction
    product = (matrix * vector).array
    u = form.u.x.array.copy()
    (plus, end_plus), (minus, end_minus) = _around(form, points, lambda s: _set(form, u + s * direction))
    np.testing.assert_allclose(product, (plus - minus) / 2, rtol=0, atol=1e-7 * np.abs(product).max())
    if form.free_along:
        _set(form, u)
        evaluate(form, points)
        assert form.border().row @ direction == pytest.approx((end_plus - end_minus) / 2, rel=1e-6)


def test_stretch_along_the_cell(pressed):
    """Column and corner of the border shall be the derivatives with respect to the stretch along the cell."""
    form, points = pressed
    evaluate(form, points)
    border, step = form.border(), 1e-6

    def stretch(sign):
        form.stretch = 0.995 + sign * step

    (plus, end_plus), (minus, end_minus) = _around(form, points, stretch)
    column = (plus - minus) / (2 * step)
    np.testing.assert_allclose(border.column, column, rtol=0, atol=1e-7 * np.abs(column).max())
    assert border.corner == pytest.approx((end_plus - end_minus) / (2 * step), rel=1e-6)


def _set(form, u):
    form.u.x.array[:] = u


def _around(form, points, move):
    results = []
    for sign in (1.0, -1.0):
        move(sign)
        results.append(evaluate(form, points))
    return results
