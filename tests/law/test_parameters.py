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
