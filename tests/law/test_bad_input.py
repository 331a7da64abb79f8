"""Points that cannot be advanced: a status and NaN, never a silent number."""

import numpy as np
import pytest

from isosim import law
from isosim.law.porous import INVALID
from tests.law.laws import ROOM, aluminium, cathode

GOOD = np.diag([0.99, 0.99, 0.9]).ravel()


def shall_fail(F, state, dt=1.0, model=None):
    model = model or cathode()
    F, state = np.stack([F, GOOD]), np.stack([state, cathode().initial_state()])
    P, A, new, status = law.advance(F, state, dt, ROOM, [model, cathode()], [0, 1])
    assert status[0] == INVALID
    assert np.isnan(P[0]).all() and np.isnan(A[0]).all() and np.isnan(new[0]).all()
    return status[1], P[1]


@pytest.mark.parametrize("model", [cathode(), aluminium()])
@pytest.mark.parametrize("k", [0, 4, 5])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_deformation_that_is_not_finite(model, k, bad):
    """A deformation that is not finite shall give status -1 and leave its neighbours alone."""
    F = GOOD.copy()
    F[k] = bad
    status, P = shall_fail(F, model.initial_state(), model=model)
    assert status == 0 and np.isfinite(P).all()


@pytest.mark.parametrize("diagonal", [[1, 1, -0.9], [1, 1, 0], [-1, -1, -1]])
def test_deformation_turned_inside_out(diagonal):
    """det F <= 0 shall give status -1."""
    assert shall_fail(np.diag(np.array(diagonal, float)).ravel(), cathode().initial_state())[0] == 0


@pytest.mark.parametrize(("k", "bad"), [(0, np.nan), (0, -1.0), (law.U, np.nan), (law.U, 0.1), (law.U, -0.2)])
def test_state_outside_the_law(k, bad):
    """A state that is not finite, not a metric, or too porous for the law shall give status -1."""
    state = cathode().initial_state()
    state[k] = bad
    assert shall_fail(GOOD, state)[0] == 0


@pytest.mark.parametrize("dt", [0.0, -1.0, np.nan, np.inf])
def test_time_step_that_is_none(dt):
    """A time step that is not positive and finite shall give status -1 at every point."""
    assert shall_fail(GOOD, cathode().initial_state(), dt)[0] == INVALID


def test_cap_that_ends_below_the_load():
    """Where the cap ends below the load the status shall be -2, not a number."""
    model = cathode(cap=law.Power(p0=1e6, exponent=2.0, locking=0.0))
    F = 0.7 * np.eye(3).reshape(1, 9)
    P, _, _, status = law.advance(F, model.initial_state()[None], 1.0, ROOM, [model])
    assert status[0] == -2 and np.isnan(P).all()


@pytest.mark.parametrize("stretch", [1e-80, 1e-5, 1e5, 1e80])
def test_absurd_stretches_give_a_number_or_a_status(stretch):
    """Stretches beyond all reason shall give finite numbers or a status, never NaN with status 0."""
    for model in (cathode(), aluminium()):
        F = stretch * np.eye(3).reshape(1, 9)
        P, _, new, status = law.advance(F, model.initial_state()[None], 1.0, ROOM, [model])
        assert (status[0] < 0) == bool(np.isnan(P).any()) == bool(np.isnan(new).any())


def test_arrays_that_do_not_fit():
    """`advance` shall refuse arrays and material indices that do not fit, naming the shapes."""
    state = cathode().initial_state()[None]
    with pytest.raises(ValueError, match=r"\(1, 5\)"):
        law.advance(GOOD[None, :5], state, 1.0, ROOM, [cathode()])
    with pytest.raises(ValueError, match="there are 1 laws"):
        law.advance(GOOD[None], state, 1.0, ROOM, [cathode()], [1])
    with pytest.raises(ValueError, match="state"):
        law.advance(GOOD[None], state[:, :8], 1.0, ROOM, [cathode()])
