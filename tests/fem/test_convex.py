"""The tangent of fillings that open again."""

import numpy as np
from mpi4py import MPI

from isosim import case as cases
from isosim import law
from isosim.fem.body import Body
from isosim.fem.convex import convex
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.points import MaterialPoints
from isosim.stack import section_mesh


def test_convex_moduli():
    """Moduli shall become symmetric, keep their eigenvalues above zero and lose those below."""
    rng = np.random.default_rng(5)
    moduli = rng.standard_normal((20, 5, 5))
    symmetric = 0.5 * (moduli + moduli.transpose(0, 2, 1))
    found = convex(moduli)
    np.testing.assert_allclose(found, found.transpose(0, 2, 1), atol=1e-13)
    expected = np.maximum(np.linalg.eigvalsh(symmetric), 0.0)
    np.testing.assert_allclose(np.linalg.eigvalsh(found), expected, atol=1e-13)
    definite = symmetric @ symmetric + np.eye(5)
    np.testing.assert_allclose(convex(definite), definite, rtol=1e-12, atol=1e-12)


def gap(points, where, height, shear):
    """Stress tangent (n, 5, 5) where the filling alone is deformed, from the accepted state."""
    F = np.tile([1.0, 0.0, 0.0, 1.0, 1.0], (where.layer.size, 1))
    filling = where.layer.ravel() < 0
    F[filling, 1], F[filling, 3] = shear, height
    stress, tangent = np.empty_like(F), np.empty((len(F), 5, 5))
    points.update(F, 1.0, 298.15, stress, tangent)
    return tangent


def test_a_gap_that_opens_again_gets_convex_moduli():
    """Where a filling closes and where there is no filling the moduli shall stay as they are; where it opens
    again they are indefinite, and shall have no negative eigenvalue left."""
    changes = {"stack.overhang": True, "edge_fill": "open gap", "stack.pouch_edge": None}
    stack = cases.load("120RT-2", changes).stack()
    body = Body(section_mesh(stack, 4), KINEMATICS["section"], MPI.COMM_SELF)
    where = body.quadrature_points()
    points = MaterialPoints(stack, body, where)
    filling = where.layer.ravel() < 0
    for height in np.linspace(0.95, 0.3, 14):
        closing = gap(points, where, height, 0.3 * (1.0 - height))
        points.convexify(closing_convex := closing.copy())
        np.testing.assert_array_equal(closing_convex, closing)
        points.accept()
    opening = gap(points, where, 0.4, 0.25)
    assert (points.trial[filling, law.U] > points.accepted[filling, law.U]).all()
    least = lambda moduli: np.linalg.eigvalsh(0.5 * (moduli + moduli.transpose(0, 2, 1)))[:, 0]  # noqa: E731
    assert (least(opening[filling]) < -1e6).all()
    points.convexify(found := opening.copy())
    np.testing.assert_array_equal(found[~filling], opening[~filling])
    assert (least(found[filling]) > -1e-6 * np.abs(found[filling]).max()).all()
