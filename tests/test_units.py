"""Quantities at the border."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isosim import units
from isosim.errors import InputError


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("120 MPa", "Pa", 120e6),
        ("17.4 ksi", "Pa", 119.96878e6),
        ("1200 bar", "Pa", 120e6),
        ("90 degC", "K", 363.15),
        ("90 °C", "K", 363.15),
        ("194 degF", "K", 363.15),
        ("25 um", "m", 25e-6),
        ("25 µm", "m", 25e-6),
        ("11.4 mg/cm^2", "kg/m^2", 0.114),
        ("11.4 mg/cm2", "kg/m^2", 0.114),
        ("11.4 mg cm⁻²", "kg/m^2", 0.114),
        ("3.3 g/cm^3", "kg/m^3", 3300.0),
        ("5 min", "s", 300.0),
        ("1e-4 1/s", "1/s", 1e-4),
        ("40 kJ/mol", "J/mol", 40e3),
        ("35 %", "", 0.35),
        (0.35, "", 0.35),
        (1, "", 1.0),
    ],
)
def test_quantities_people_write(text, unit, value):
    """A quantity shall be read into SI, with every common way of writing its unit."""
    assert units.parse(text, unit) == pytest.approx(value, rel=1e-6)


def test_micrometres_are_the_nearest_float():
    """Reading shall not add rounding: "25 um" is the float 25e-6 and not its neighbour."""
    assert units.parse("25 um", "m") == 25e-6
    assert units.parse("25 degC", "K") == 298.15


@pytest.mark.parametrize(
    ("text", "unit", "word"),
    [
        (120, "Pa", "without a unit"),
        ("120", "Pa", "without a unit"),
        ("120 um", "Pa", "measures something else"),
        ("90 C", "K", "degC"),
        ("5 mins of hold", "s", "no known unit"),
        ("0,35 um", "m", "decimals take a point"),
        ("nan um", "m", "a length"),
        ("1e999 m", "m", "not finite"),
        (float("nan"), "", "not finite"),
        (10**400, "", "not finite"),
        (True, "", "a number"),
        (None, "m", "a length"),
        (["25 um"], "m", "a length"),
        ("", "m", "a length"),
        ("9**9**9**9 m", "m", "one number and one unit"),
        ("1 m**9**9**9", "m", "one number and one unit"),
    ],
)
def test_what_is_no_quantity(text, unit, word):
    """Text without unit, of the wrong dimension, or not one finite number shall be an error that says why."""
    with pytest.raises(InputError, match=word.replace("*", r"\*")):
        units.parse(text, unit)


@given(
    st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary()),
    st.sampled_from(list(units.KINDS)),
)
def test_any_input_is_a_finite_float_or_an_input_error(text, unit):
    """Whatever is read, only a finite float or an InputError shall come out."""
    try:
        assert np.isfinite(units.parse(text, unit))
    except InputError:
        pass


@pytest.mark.parametrize(
    ("value", "unit", "shown"), [(25e-6, "um", 25.0), (363.15, "degC", 90.0), (120e6, "MPa", 120.0)]
)
def test_back_to_the_units_of_people(value, unit, shown):
    """SI values and arrays shall convert to the units people use, and back."""
    assert units.convert(value, unit) == pytest.approx(shown, rel=1e-12)
    kind = next(kind for kind in units.KINDS if units.show(value, unit) and _same(unit, kind))
    np.testing.assert_allclose(units.to_si(units.convert(np.array([value]), unit), unit, kind), value)


def _same(unit, kind):
    try:
        units.to_si(1.0, unit, kind)
    except ValueError:
        return False
    return True
