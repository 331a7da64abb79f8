"""docs/law.md is enough to write the law again."""

import numpy as np
import pytest

from isosim import law
from tests.law.from_the_page import Step
from tests.law.laws import CAPS, MPA, VISCOSITY, anode, cathode, random_steps, separator

THERMAL = law.Thermal(280.0, strength=2e-3, bulk=1e-3, shear=5e-4, expansion=2e-5)
MODELS = {
    **{name: cathode(cap=cap) for name, cap in CAPS.items()},
    "viscous": cathode(viscosity=VISCOSITY),
    "symmetric": anode(tension_ratio=1.0),
    "separator": separator(),
    "warm": anode(thermal=THERMAL, viscosity=VISCOSITY),
    "soil": cathode(
        elasticity=law.PressureProportional(1 * MPA, 0.02), stiffness_porosity=np.inf, cohesion=1 * MPA
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_page_is_the_law(name):
    """The law written again from docs/law.md shall give stress and state of random steps to 1e-9."""
    model, T, dt = MODELS[name], 310.0, 3.0
    F, state = random_steps(model, np.random.default_rng(11), 20, size=0.02)
    P, _, new, status = law.advance(F, state, dt, T, [model])
    assert (status == 0).all()
    yielded = 0
    for k in range(len(F)):
        stress, metric, u, plastic = Step(model, F[k], state[k], dt, T).solve()
        np.testing.assert_allclose(stress, P[k], atol=1e-9 * np.abs(P[k]).max(), rtol=0.0)
        np.testing.assert_allclose(metric[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]], new[k, :6], atol=1e-9)
        assert u == pytest.approx(new[k, law.U], abs=1e-9)
        assert state[k, law.EQPS] + plastic == pytest.approx(new[k, law.EQPS], abs=1e-9)
        yielded += u != state[k, law.U]
    assert yielded > 10
