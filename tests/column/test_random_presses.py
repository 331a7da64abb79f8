"""Presses of random stacks: every one shall end in finite numbers."""

import numpy as np
import pytest

from isosim import column, law
from tests.column.bodies import body, ramp, schedule
from tests.law.laws import GPA, MPA


def random_stack(rng):
    """Six layers with parameters far around those of the cards."""
    between = lambda low, high: 10.0 ** rng.uniform(np.log10(low), np.log10(high))  # noqa: E731
    viscous = law.Viscosity(between(1e6, 2e7), rng.uniform(2, 10), between(1e-5, 1e-2))
    sheets = {}
    for name in ("one", "two", "three"):
        bulk = between(4 * GPA, 60 * GPA)
        sheets[name] = (
            law.Porous(
                bulk_modulus=bulk,
                shear_modulus=bulk * rng.uniform(0.08, 0.8),
                reference_porosity=rng.uniform(0.3, 0.6),
                cap=law.Heckel(between(3e6, 3e7), between(2e7, 1.2e8), rng.choice([0.0, 0.02, 0.08])),
                friction=rng.uniform(0.5, 2.0),
                matrix_strength=between(30e6, 2e9),
                cohesion=rng.choice([0.0, 1e6, 6e6]),
                tension_ratio=rng.choice([0.0, 0.1]),
                viscosity=viscous if rng.random() < 0.5 else None,
            ),
            between(20e-6, 100e-6),
        )
    for name in ("four", "five", "six"):
        shear = between(0.05 * GPA, 40 * GPA)
        sheets[name] = (
            law.Dense(shear * rng.uniform(1.5, 20.0), shear, between(5e6, 4e8), between(1e6, 2e9)),
            between(5e-6, 200e-6),
        )
    return body(**sheets)


def shall_end_well(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        stack = random_stack(rng)
        peak = rng.choice([120 * MPA, 414 * MPA])
        ds = column.run(stack, schedule(ramp(peak)), rng.choice(["free", "one direction", "confined"]))
        assert np.isfinite(ds.thickness).all() and np.isfinite(ds.stress_x).all()
        assert np.abs(ds.lateral_strain_x).max() < 0.6  # all pores closed alike in all directions
        assert ds.attrs["solid_mass_error"] < 1e-12


def test_random_presses_to_414_mpa_and_back():
    """A hundred random presses to 120 or 414 MPa and back shall find balance at every step."""
    shall_end_well(100, 0)


@pytest.mark.long
def test_many_random_presses():
    """Ten thousand random presses shall find balance at every step."""
    shall_end_well(10_000, 1)
