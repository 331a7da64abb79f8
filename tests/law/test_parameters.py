"""Parameters: what is refused, and what temperature does."""

import math

import numpy as np
import pytest

from isosim import law
from isosim.law.row import Row
from tests.law.laws import (
    CAPS,
    GPA,
    MPA,
    ROOM,
    VISCOSITY,
    aluminium,
    cathode,
    hydrostatic,
    march,
    read,
    separator,
    uniaxial,
)


def value(model, name, T=ROOM):
    return model.at(T)[Row._fields.index(name)]


@pytest.mark.parametrize(
    "changes",
    [
        {"bulk_modulus": 0.0},
        {"shear_modulus": -1.0},
        {"friction": math.nan},
        {"cohesion": -1.0},
        {"tension_ratio": -0.1},
        {"reference_porosity": 0.85},
        {"reference_porosity": 0.069},
        {"elasticity": law.PressureProportional(1e5, 0.01)},
        {"initial_pressure": 0.0},
    ],
)
def test_bad_constants_are_refused(changes):
    """A porous law shall refuse constants that make no law, and name them."""
    name = next(iter(changes))
    if name == "initial_pressure":
        changes = {"elasticity": law.PressureProportional(0.0, 0.01), "stiffness_porosity": math.inf}
    with pytest.raises(ValueError, match=name):
        cathode(**changes)


def test_bad_dense_constants_are_refused():
    """A dense law shall refuse moduli that are not positive and a negative yield stress."""
    with pytest.raises(ValueError, match="bulk_modulus"):
        aluminium(bulk_modulus=-1.0)
    with pytest.raises(ValueError, match="yield_stress"):
        aluminium(yield_stress=-1.0)


@pytest.mark.parametrize("porosity", [0.069, 0.85, -0.1, 1.2, math.nan])
def test_initial_porosity_outside_the_law_is_refused(porosity):
    """The initial state shall refuse a porosity the law does not reach."""
    with pytest.raises(ValueError, match="porosity"):
        cathode().initial_state(porosity)


def test_dense_layers_have_no_porosity():
    """A dense layer shall refuse a porosity and report none."""
    model = aluminium()
    with pytest.raises(ValueError, match="dense"):
        model.initial_state(0.1)
    assert law.porosity(model.initial_state(), model.at(ROOM)) == 0.0


@pytest.mark.parametrize("name", CAPS)
def test_initial_state_has_the_porosity_asked_for(name):
    """The initial state shall hold the porosity given, or the reference porosity, and be elastic."""
    model = cathode(cap=CAPS[name])
    row = model.at(ROOM)
    assert law.porosity(model.initial_state(0.3), row) == pytest.approx(0.3, rel=1e-14)
    assert law.porosity(model.initial_state(), row) == pytest.approx(0.35, rel=1e-14)
    assert law.solid(model.initial_state(0.3), row) == pytest.approx(0.7, rel=1e-14)


@pytest.mark.parametrize("name", CAPS)
def test_strength_factor_scales_the_whole_surface(name):
    """Hydrostatic compaction at T shall need the pressure at T_ref times the factor exp(-beta dT)."""
    thermal = law.Thermal(ROOM, strength=1.5e-3)
    stiff = {"bulk_modulus": 1e6 * GPA, "shear_modulus": 1e6 * GPA, "cap": CAPS[name]}
    path = hydrostatic(np.linspace(0.02, 0.2, 10))
    pressures = []
    for T in (ROOM, ROOM + 65.0):
        model = cathode(thermal=thermal, **stiff)
        F, _, state, status = march(model, path, T=T)
        assert (status >= 0).all()
        pressures.append(read(model, F, state).p)
    np.testing.assert_allclose(pressures[1] / pressures[0], np.exp(-1.5e-3 * 65.0), rtol=1e-5)


def test_temperature_factors_of_a_row():
    """Each temperature rate shall act on its own constants, and the rate of flow follow Arrhenius."""
    thermal = law.Thermal(300.0, strength=1e-3, bulk=2e-3, shear=3e-3, expansion=1e-5)
    porous, dense = cathode(thermal=thermal, viscosity=VISCOSITY), aluminium(thermal=thermal)
    for model, names in (
        (porous, {"cohesion": 1e-3, "cap_slope": 1e-3, "saturation": -2e-3, "bulk": 2e-3, "shear": 3e-3}),
        (dense, {"yield_stress": 1e-3, "hardening": 1e-3, "bulk": 2e-3, "shear": 3e-3}),
    ):
        for name, beta in names.items():
            assert value(model, name, 350.0) / value(model, name, 300.0) == pytest.approx(
                math.exp(-50 * beta)
            )
        assert value(model, "thermal_strain", 350.0) == pytest.approx(5e-4)
    faster = value(porous, "rate", 350.0) / value(porous, "rate", 300.0)
    assert faster == pytest.approx(math.exp(40e3 / 8.31446 * (1 / 300 - 1 / 350)), rel=1e-5)


def test_free_thermal_expansion_is_stress_free():
    """A layer that stretches by its thermal strain shall be free of stress and keep its state."""
    thermal = law.Thermal(ROOM, expansion=2e-5)
    for model in (cathode(thermal=thermal), aluminium(thermal=thermal)):
        stretch = math.exp(2e-5 * 65.0)
        state = model.initial_state()[None]
        P, _, new, _ = law.advance(stretch * np.eye(3).reshape(1, 9), state, 1.0, ROOM + 65.0, [model])
        assert np.abs(P).max() < 1e-3
        np.testing.assert_allclose(new, state, atol=1e-15)


def test_viscosity_raises_the_stress():
    """A faster press shall need more stress, and a warmer one less."""
    model = cathode(viscosity=VISCOSITY)
    path = uniaxial(np.linspace(0.005, 0.2, 40))
    slow, fast = (-march(model, path, dt=dt)[1][-1, 8] for dt in (10.0, 0.1))
    warm = -march(cathode(viscosity=VISCOSITY, thermal=law.Thermal(ROOM)), path, dt=10.0, T=363.15)[1][-1, 8]
    assert warm < slow < fast < 1.5 * slow
    assert fast - slow > 5 * MPA


def test_thermal_reference_defaults_to_room():
    """A viscosity without thermal data shall have its rate at room temperature."""
    assert value(cathode(viscosity=VISCOSITY), "rate") == pytest.approx(1e-4)


LITHIUM = law.Dense(
    bulk_modulus=8.1 * GPA,
    shear_modulus=2.8 * GPA,
    yield_stress=0.0,
    thermal=law.Thermal(ROOM),
    viscosity=law.Viscosity(stress=1 * MPA, exponent=6.6, rate=1e-3, activation_energy=37e3),
)


def test_lithium_creeps_faster_when_warm():
    """Lithium (n 6.6, Q 37 kJ/mol) shall creep 14.5 times faster at 90 than at 25 degC, under one stress."""
    rates = [value(LITHIUM, "rate", T) for T in (ROOM, 363.15)]
    assert rates[1] / rates[0] == pytest.approx(14.5, rel=0.005)
    # the same in stress: relaxation over a time 14.5 times shorter ends at the same stress
    stretch = np.diag(np.exp([-0.01, -0.01, 0.02])).reshape(1, 9)
    ends = []
    for T, rate in zip((ROOM, 363.15), rates, strict=True):
        state = LITHIUM.initial_state()[None]
        for _ in range(20):
            P, _, state, _ = law.advance(stretch, state, 100.0 * rates[0] / rate, T, [LITHIUM])
        ends.append(P[0])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)
    assert 0.05 * MPA < np.abs(ends[0]).max() < 2 * MPA


def test_a_separator_creeps_under_constant_strain():
    """A compressed separator with viscosity shall relax towards the stress without it, from above."""
    creeping = separator(viscosity=law.Viscosity(stress=5 * MPA, exponent=8, rate=1e-4))
    path = np.concatenate([uniaxial(np.linspace(0.01, 0.2, 20)), np.tile(uniaxial([0.2]), (40, 1))])
    at_rest = -march(separator(), uniaxial(np.linspace(0.01, 0.2, 20)))[1][-1, 8]
    state = creeping.initial_state()[None]
    axial = []
    for k, strain in enumerate(path):
        F = np.diag(np.exp(strain)).reshape(1, 9)
        P, _, state, status = law.advance(F, state, 0.1 if k < 20 else 2.0**k * 1e-6, ROOM, [creeping])
        assert status[0] == 0
        axial.append(-P[0, 8])
    held = np.array(axial[19:])
    assert (np.diff(held) < 0.0).all() and held[0] > 1.05 * at_rest
    assert at_rest * 0.98 < held[-1] < 1.02 * held[0]


def test_a_step_has_the_constants_of_its_end():
    """A temperature that rises within a step shall act as if the step were all at its end temperature."""
    thermal = law.Thermal(ROOM, strength=2e-3, bulk=1e-3, shear=1e-3, expansion=2e-5)
    model = cathode(thermal=thermal)
    F = np.diag(np.exp([0.0, 0.0, -0.1])).reshape(1, 9)
    cold = law.advance(F, model.initial_state()[None], 1.0, ROOM, [model])
    warm = law.advance(F, cold[2], 1.0, 363.15, [model])
    # the law keeps no temperature: the same state, warmed from anywhere, gives the same answer
    again = law.advance(F, cold[2], 1.0, 363.15, [model])
    np.testing.assert_array_equal(warm[0], again[0])
    assert warm[2][0, law.U] < cold[2][0, law.U]  # a weaker cap under the same strain compacts on


def test_smaller_temperature_steps_lead_to_one_answer():
    """Heating under load in ever smaller steps shall converge, at first order."""
    model = cathode(
        viscosity=VISCOSITY, thermal=law.Thermal(ROOM, strength=2e-3, bulk=1e-3, shear=1e-3, expansion=2e-5)
    )
    F = np.diag(np.exp([0.0, 0.0, -0.1])).reshape(1, 9)
    ends = []
    for steps in (10, 20, 40, 80):
        _, _, state, _ = law.advance(F, model.initial_state()[None], 1.0, ROOM, [model])
        for T in np.linspace(ROOM, 363.15, steps + 1)[1:]:
            P, _, state, _ = law.advance(F, state, 100.0 / steps, T, [model])
        ends.append(P[0, 8])
    changes = np.abs(np.diff(ends))
    np.testing.assert_allclose(changes[:-1] / changes[1:], 2.0, atol=0.25)
