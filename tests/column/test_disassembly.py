"""Disassembly: each electrode alone, in balance with nothing."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from isosim import column, law
from isosim.errors import SolverError
from tests.law.laws import MPA, ROOM, VISCOSITY, aluminium, cathode

COATING, FOIL = cathode(viscosity=VISCOSITY), aluminium()


def pressed_lines(n=20, shear=0.0, seed=0):
    """Lines of two coating points and a foil point, pressed unevenly: F, state, thickness, parameters."""
    rng = np.random.default_rng(seed)
    laws = [COATING, COATING, FOIL]
    F = np.zeros((n, 3, 3, 3))
    F[..., 0, 0] = 0.985 + 0.005 * rng.random((n, 1))
    F[..., 1, 1] = 0.99
    F[..., 2, 2] = np.array([0.74, 0.76, 1.01]) * (1 + 0.005 * rng.normal(size=(n, 3)))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        F[..., i, j] = shear * rng.normal(size=(n, 3))
    state = np.tile([model.initial_state() for model in laws], (n, 1, 1))
    which = np.tile(np.arange(3), n)
    _, _, state, status = law.advance(F.reshape(-1, 9), state.reshape(-1, 9), 10.0, ROOM, laws, which)
    assert (status >= 0).all()
    parameters = np.stack([model.at(ROOM) for model in laws])
    return F, state.reshape(n, 3, -1), np.array([20.0, 20.0, 15.0]), parameters


def stresses(F, state):
    """First Piola-Kirchhoff stresses (lines, points, 3, 3) after disassembly."""
    which = np.tile(np.arange(3), len(F))
    laws = [COATING, COATING, FOIL]
    P, *_ = law.advance(F.reshape(-1, 9), state.reshape(-1, 9), 1e-6, ROOM, laws, which)
    return P.reshape(len(F), 3, 3, 3)


@pytest.mark.parametrize("shear", [0.0, 0.005])
def test_disassembled_electrodes_are_free_of_force(shear):
    """After disassembly no point shall carry stress through the thickness, no line a net force."""
    F, state, thickness, parameters = pressed_lines(shear=shear)
    new_F, new_state = column.relax(F, state, thickness, parameters)
    P = stresses(new_F, new_state)
    assert np.abs(P[..., 2, 2]).max() < 100.0
    for i in (0, 1):
        along = np.sum(P[..., i, :] * new_F[..., i, :], axis=-1)
        assert np.abs(along @ thickness).max() < 100.0 * thickness.sum()
    assert np.abs(P[..., 0, 0]).max() > 1 * MPA  # coating against foil


def test_disassembled_electrodes_are_flat_and_hold_together():
    """The points of a line shall share the in-plane stretch of the relaxation, and lie flat."""
    F, state, thickness, parameters = pressed_lines()
    new_F, _ = column.relax(F, state, thickness, parameters)
    assert (new_F[..., [1, 2, 2, 0, 1], [0, 0, 1, 1, 2]] == 0.0).all()
    for k in (0, 1):
        ratio = new_F[..., k, k] / F[..., k, k]
        np.testing.assert_allclose(ratio, ratio[:, :1] * np.ones(3), rtol=1e-13)


def test_disassembly_does_not_depend_on_rotation():
    """Lines turned any way shall relax to the same flat shape."""
    F, state, thickness, parameters = pressed_lines(shear=0.004)
    turn = Rotation.from_euler("xyz", [0.2, 0.3, -0.4]).as_matrix()
    new_F, new_state = column.relax(F, state, thickness, parameters)
    turned_F, turned_state = column.relax(turn @ F, state, thickness, parameters)
    np.testing.assert_allclose(np.linalg.det(turned_F), np.linalg.det(new_F), rtol=1e-9)
    np.testing.assert_allclose(turned_state, new_state, atol=1e-9)


def test_disassembly_keeps_solid():
    """Disassembly shall keep solid volume to rounding."""
    F, state, thickness, parameters = pressed_lines()
    _, new_state = column.relax(F, state, thickness, parameters)
    np.testing.assert_allclose(law.solid(new_state, parameters), law.solid(state, parameters), rtol=1e-13)


def test_a_line_that_is_not_one_is_an_error():
    """Lines turned inside out shall end in a SolverError, not in numbers."""
    F, state, thickness, parameters = pressed_lines()
    F[3, 1, 1, 1] *= -1.0
    with pytest.raises(SolverError, match="disassembly"):
        column.relax(F, state, thickness, parameters)
