"""Damage of particles: Weibull, the size effect, never healing, cracks as a source of pores."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.special import ndtr

from isosim import law
from isosim.law import pores
from isosim.law.damage import NMC

MPA = 1e6


def particles(**changes):
    return replace(law.Damage.read(), **changes)


def of_one_size(diameter, **changes):
    return particles(diameter=[diameter], share=[1.0], **changes)


PRESSURES = np.geomspace(1.0, 3000.0, 200) * MPA


def test_equal_stress_gives_the_weibull_law():
    """Particles of one size under one stress shall break as 1 - exp[-(C P / s_c)^k]."""
    model = of_one_size(10e-6, stress_factor=0.7, stress_spread=0.0)
    strength = 340 * MPA * 5.0**-0.53
    expected = -np.expm1(-((0.7 * PRESSURES / strength) ** 5.6))
    np.testing.assert_allclose(model.broken_by_size(PRESSURES)[:, 0], expected, rtol=1e-11)
    np.testing.assert_allclose(model.broken(PRESSURES), expected, rtol=1e-10, atol=1e-12)
    assert model.broken(strength / 0.7) == pytest.approx(1.0 - np.exp(-1.0), rel=1e-10)


def test_sharp_strength_gives_the_distribution_of_stress():
    """Where the strength does not scatter, the broken fraction shall be that of the stresses above it."""
    model = of_one_size(2e-6, modulus=200.0, stress_factor=0.06, stress_spread=1.3)
    expected = ndtr(np.log(0.06 * PRESSURES / (340 * MPA)) / 1.3)
    np.testing.assert_allclose(model.broken_by_size(PRESSURES)[:, 0], expected, atol=2e-3)


def test_broken_is_the_mean_over_sizes():
    """The tabulated broken fraction shall be the volume mean over the sizes, to 1e-4."""
    model = particles()
    mean = model.broken_by_size(PRESSURES) @ np.array(model.share)
    np.testing.assert_allclose(model.broken(PRESSURES), mean, rtol=1e-4)


def test_strength_falls_with_size_as_measured():
    """The strength shall be 340 MPa at 2 um and 100 MPa at 20 um, and large particles break first."""
    model = particles(diameter=[2e-6, 20e-6], share=[0.5, 0.5])
    np.testing.assert_allclose(model.strengths(), [340 * MPA, 100 * MPA], rtol=5e-3)
    small, large = model.broken_by_size(100 * MPA)
    assert large > small


def test_weakest_link():
    """With the exponent 3/k, the hazard under one stress shall grow with the volume of the particle."""
    model = particles(
        diameter=[1e-6, 2e-6], share=[1, 1], strength_exponent=3 / 5.6, stress_spread=0.0, stress_factor=0.5
    )
    hazard = -np.log1p(-model.broken_by_size(200 * MPA))
    assert hazard[1] / hazard[0] == pytest.approx(8.0, rel=1e-9)


def test_broken_fraction_is_a_fraction():
    """The broken fraction shall be 0 without pressure, rise with it, and stay within 0 and 1."""
    model = particles()
    broken = model.broken(np.concatenate([[-1e9, 0.0], np.geomspace(1.0, 1e15, 500)]))
    assert broken[0] == broken[1] == 0.0
    assert (np.diff(broken) >= 0.0).all() and broken[-1] <= 1.0 and broken[-1] > 0.999
    assert np.isnan(model.broken(np.nan)) and np.isnan(model.broken_by_size(np.nan)).all()


def test_damage_never_heals():
    """Damage shall never fall, depend on the largest pressure alone, and stand still below it."""
    model = particles()
    rng = np.random.default_rng(0)
    history = rng.uniform(-50.0, 414.0, (50, 1000)) * MPA
    damage, total = np.zeros(1000), np.zeros(1000)
    for pressure in history:
        new, cracks = model.advance(pressure, damage)
        assert (new >= damage).all() and (cracks >= 0.0).all()
        damage, total = new, total + cracks
    np.testing.assert_array_equal(damage, model.broken(history.max(0)))
    np.testing.assert_allclose(total, 0.02 * 0.776 * damage, rtol=1e-12)
    again, cracks = model.advance(0.999 * history.max(0), damage)
    np.testing.assert_array_equal(again, damage)
    assert (cracks == 0.0).all()


def test_cracks_feed_the_pores_and_the_porosity_stays():
    """Pressed, released and pressed again, pores with cracks shall close on the porosity to 1e-15."""
    model = particles()
    size = law.Pores.lognormal(0.9e-6, 0.7, 1.5, 0.8e-6, crack_radius=0.05e-6)
    pressure = (
        np.concatenate([np.linspace(0, 414, 60), np.linspace(414, 0, 10), np.linspace(0, 300, 20)]) * MPA
    )
    phi = 0.065 + 0.285 * np.exp(-np.maximum.accumulate(pressure) / (150 * MPA))
    bins, damage, opened = size.initial(np.array([0.35])), np.zeros(1), np.zeros(1)
    for p, target in zip(pressure, phi, strict=True):
        damage, cracks = model.advance(np.array([p]), damage)
        opened += cracks
        bins, status = pores.advance(bins, size, np.array([target]), cracks)
        assert status[0] == 0
        assert bins.sum() == pytest.approx(target / (1 - target), rel=1e-15)
    assert 0.0 < bins[0, -1] < opened[0] == pytest.approx(0.02 * 0.776 * damage[0], rel=1e-12)


def by_number(model, pressure):
    """Broken fraction of the number of particles, which is what the reference counts."""
    number = np.array(model.share) / np.array(model.diameter) ** 3
    return model.broken_by_size(pressure) @ (number / number.sum())


def reference():
    calibration = tomllib.loads(NMC.read_text())["calibration"]
    return np.array(calibration["pressure"]), np.array(calibration["broken"])


def test_reference_of_the_discrete_element_model():
    """The card shall meet the model values it was fitted to within 30 % and be the best fit (2 %)."""
    pressure, broken = reference()
    np.testing.assert_allclose(by_number(particles(), pressure[1:]), broken[1:], rtol=0.3)
    assert by_number(particles(), pressure[0]) < 2e-4

    def misfit(x):
        model = particles(stress_factor=np.exp(x[0]), stress_spread=np.exp(x[1]))
        return np.log(by_number(model, pressure[1:]) / broken[1:])

    best = np.exp(least_squares(misfit, [-2.5, 0.3]).x)
    np.testing.assert_allclose([particles().stress_factor, particles().stress_spread], best, rtol=0.02)


def test_one_stress_for_all_particles_cannot_meet_the_reference():
    """Without a spread of stress, the best factor shall miss the reference tenfold: why the spread exists."""
    pressure, broken = reference()

    def misfit(x):
        model = particles(stress_factor=np.exp(x[0]), stress_spread=0.0)
        return np.log(by_number(model, pressure[1:]) / broken[1:])

    assert np.abs(misfit(least_squares(misfit, [0.0]).x)).max() > np.log(10.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"diameter": [2e-6, 1e-6], "share": [1, 1]}, "diameter, row 2"),
        ({"diameter": [1e-6, 2e-6], "share": [1, -1]}, "share, row 2"),
        ({"strength": 0.0}, "strength"),
        ({"modulus": np.nan}, "modulus"),
        ({"stress_spread": -0.1}, "stress_spread"),
        ({"active_fraction": 1.2}, "active_fraction"),
    ],
)
def test_bad_constants_are_refused(changes, message):
    """An unsorted or negative table or a constant out of range shall be refused, naming it."""
    with pytest.raises(ValueError, match=message):
        particles(**changes)


def test_bad_files_are_refused(tmp_path):
    """A file without a constant, and half a table, shall be refused."""
    short = tmp_path / "short.toml"
    short.write_text("[strength]\nvalue = { value = 1.0 }\n")
    with pytest.raises(ValueError, match="diameter"):
        law.Damage.read(short)
    with pytest.raises(ValueError, match="both or none"):
        law.Damage.read(diameter=[1e-6])


def test_every_constant_has_unit_source_and_confidence():
    """Every number of the particle card shall carry its unit, source, provenance and confidence."""
    card = tomllib.loads(NMC.read_text())
    entries = [entry for group in card.values() if isinstance(group, dict) for entry in group.values()]
    numbers = [entry for entry in entries if isinstance(entry, dict)]
    assert len(numbers) == 10
    assert all({"value", "unit", "source", "provenance", "confidence"} <= set(entry) for entry in numbers)


def test_a_table_replaces_the_sizes_of_the_card():
    """A given table of diameters shall be used as it is."""
    model = law.Damage.read(diameter=[5e-6, 10e-6], share=[1.0, 3.0])
    assert model.diameter == (5e-6, 10e-6) and model.share == (0.25, 0.75)
