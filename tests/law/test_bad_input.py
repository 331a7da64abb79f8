"""Points that cannot be advanced: a status and NaN, never a silent number."""

import numpy as np
import pytest

from isosim import law
from isosim.law import batch
from isosim.law.porous import INVALID
from tests.law.laws import ROOM, VISCOSITY, aluminium, cathode

GOOD = np.diag([0.99, 0.99, 0.9]).ravel()


@pytest.fixture(params=[1.0, batch.UNIT], ids=["scalar", "lanes"], autouse=True)
def unit(request, monkeypatch):
    """Every test one number at a time, and in the lanes of this machine."""
    monkeypatch.setattr(batch, "UNIT", request.param)


def shall_fail(F, state, model):
    """The point shall get status -1 and NaN, and its neighbours in its block what they get without it.

    To rounding: a block with a lane far from the others takes logarithms by eigenvectors in all of them.
    """
    good = model.initial_state()
    F, state = np.stack([GOOD, F, GOOD]), np.stack([good, state, good])
    P, A, new, status = law.advance(F, state, 1.0, ROOM, [model])
    assert status.tolist() == [0, INVALID, 0]
    assert np.isnan(P[1]).all() and np.isnan(A[1]).all() and np.isnan(new[1]).all()
    alone = law.advance(F[::2], state[::2], 1.0, ROOM, [model])
    for with_it, without in zip((P, A, new), alone, strict=False):
        np.testing.assert_allclose(with_it[::2], without, rtol=0.0, atol=1e-13 * np.abs(without).max())


@pytest.mark.parametrize("model", [cathode(), aluminium()])
@pytest.mark.parametrize("k", [0, 4, 5])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_deformation_that_is_not_finite(model, k, bad):
    """A deformation that is not finite shall give status -1 and leave its neighbours alone."""
    F = GOOD.copy()
    F[k] = bad
    shall_fail(F, model.initial_state(), model)


@pytest.mark.parametrize("model", [cathode(), aluminium()])
@pytest.mark.parametrize("diagonal", [[1, 1, -0.9], [1, 1, 0], [-1, -1, -1]])
def test_deformation_turned_inside_out(model, diagonal):
    """det F <= 0 shall give status -1 and leave its neighbours alone."""
    shall_fail(np.diag(np.array(diagonal, float)).ravel(), model.initial_state(), model)


@pytest.mark.parametrize(
    ("k", "bad"),
    [
        (0, np.nan),
        (0, -1.0),
        (law.U, np.nan),
        (law.U_HIST, np.inf),
        (law.EQPS, np.nan),
        (law.U, 0.1),
        (law.U, -0.2),
    ],
)
def test_state_outside_the_law(k, bad):
    """A state that is not finite, not a metric, or too porous for the law shall give status -1."""
    state = cathode().initial_state()
    state[k] = bad
    shall_fail(GOOD, state, cathode())


@pytest.mark.parametrize("model", [cathode(), cathode(viscosity=VISCOSITY), aluminium()])
@pytest.mark.parametrize("dt", [0.0, -1.0, np.nan, np.inf])
def test_time_step_that_is_none(model, dt):
    """A time step that is not positive and finite shall give status -1 at every point."""
    state = np.tile(model.initial_state(), (3, 1))
    P, A, new, status = law.advance(np.tile(GOOD, (3, 1)), state, dt, ROOM, [model])
    assert (status == INVALID).all()
    assert np.isnan(P).all() and np.isnan(A).all() and np.isnan(new).all()


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
