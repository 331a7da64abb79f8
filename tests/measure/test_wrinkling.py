"""The wrinkling estimate, against its closed forms."""

import numpy as np
import pytest

from isosim import law
from isosim.measure import wrinkling


def test_one_half_space_is_the_classical_wrinkle():
    """On one half-space the critical stress shall be B/4 (3 Bs/B)^(2/3), its wave 2 pi h (B/3Bs)^(1/3)."""
    film, below, h = 70e9, 2e6, 1e-6
    found = wrinkling.critical(h, film, below, 0.0)
    assert found.stress == pytest.approx(0.25 * film * (3 * below / film) ** (2 / 3))
    assert found.wavelength == pytest.approx(2 * np.pi * h * (film / (3 * below)) ** (1 / 3))


def test_no_other_wave_comes_first():
    """Between two half-spaces the critical stress shall be the least of B (kh)^2/12 + (B1 + B2)/(2 kh)."""
    film, below, above = 3e9, 0.4e9, 0.9e9
    kh = np.linspace(0.05, 5.0, 200001)
    least = np.min(film * kh**2 / 12 + (below + above) / (2 * kh))
    assert wrinkling.critical(15e-6, film, below, above).stress == pytest.approx(least, rel=1e-8)


def test_foil_that_yields_first_wrinkles_with_its_tangent():
    """Soft support shall let a foil wrinkle while elastic; a firm one only beyond yield, with the tangent."""
    E, nu, strength, hardening, h = 69e9, 0.33, 160e6, 900e6, 15e-6
    foil = law.Dense(E / (3 - 6 * nu), E / (2 + 2 * nu), strength, hardening)
    soft, _ = wrinkling.critical_strain(foil, h, 1e6, 1e6)
    assert soft == pytest.approx(wrinkling.critical(h, E / (1 - nu**2), 1e6, 1e6).stress / E)
    assert soft < strength / E
    firm, wave = wrinkling.critical_strain(foil, h, 1e9, 1e9)
    tangent = E * hardening / (E + hardening)
    elastic_plastic = wrinkling.critical(h, tangent / 0.75, 1e9, 1e9)
    assert firm == pytest.approx(strength / E + (elastic_plastic.stress - strength) / tangent)
    assert wave == elastic_plastic.wavelength
    perfect = law.Dense(E / (3 - 6 * nu), E / (2 + 2 * nu), strength, 0.0)
    assert wrinkling.critical_strain(perfect, h, 1e9, 1e9)[0] == pytest.approx(strength / E)


def test_verdict_compares_with_the_strain_of_the_press(pressed):
    """Foils shall be called wrinkled where the computed compression is beyond the critical one, else not."""
    little, much = pressed(strain=-0.001), pressed(strain=-2.0)
    assert not little.foil_wrinkles.any() and much.foil_wrinkles.any()
    for ds in (little, much):
        np.testing.assert_array_equal(ds.foil_wrinkles, ds.foil_compression > ds.foil_critical_compression)
    np.testing.assert_allclose(little.foil_compression, 0.001)
    assert (little.foil_wavelength > 0).all()
