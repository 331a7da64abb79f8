"""Cases side by side are the cases of their files."""

import numpy as np
import pytest

from isosim.column import press_many
from isosim.pressing import press
from isosim.sweep import columns, readings
from isosim.sweep.cases import vary
from isosim.sweep.spec import load_sweep
from tests.sweep.specs import CELL, write

VARY = [
    '"recipe.pressure" = { from = "100 MPa", to = "400 MPa" }',
    '"recipe.temperature" = { from = "25 degC", to = "90 degC" }',
    '"recipe.hold" = { from = "1 min", to = "10 min" }',
    '"model.lateral" = ["free", "confined", "one direction"]',
    '"stack.cathode.porosity" = { from = 0.3, to = 0.4 }',
    '"stack.cathode.loading" = { from = "9 mg/cm^2", to = "13 mg/cm^2" }',
    '"stack.anode.press_density" = { from = "1.0 g/cm^3", to = "1.2 g/cm^3" }',
    '"stack.separator.thickness" = { from = "10 um", to = "25 um" }',
    '"stack.film.thickness" = { from = "90 um", to = "120 um" }',
    '"stack.bag.thickness" = { from = "100 um", to = "200 um" }',
    '"stack.anode.foil.thickness" = { from = "6 um", to = "12 um" }',
    '"nmc622.cap.hardening" = { mean = "62 MPa", sd = "3 MPa" }',
    '"graphite.elastic.bulk_modulus" = { from = "5 GPa", to = "12 GPa" }',
    '"al_foil.thickness" = { from = "12 um", to = "20 um" }',
]


@pytest.fixture
def sweep(tmp_path):
    """Everything varied at once."""
    (tmp_path / "cell.toml").write_text(CELL.replace('porosity = "50 %"', 'press_density = "1.1 g/cm^3"'))
    return load_sweep(write(tmp_path, case="cell.toml", vary=VARY, samples=6))


def test_side_by_side_is_one_by_one(sweep):
    """Every key shall give the readings of `isosim.press` on the case with that value in its file."""
    assert all(columns.side_by_side(key) for key in sweep.keys)
    by_key = {key: sweep.values[key.path] for key in sweep.keys}
    many = readings.of_columns(press_many(sweep.base, columns.overrides(sweep.base, by_key)))
    for k in range(sweep.count):
        one = readings.of_case(press(vary(sweep.base, {key: column[k] for key, column in by_key.items()})))
        assert list(one) == list(many)
        for name, value in one.items():
            np.testing.assert_allclose(
                many[name][k], value[0], rtol=1e-7, atol=1e-12, err_msg=f"{name}, case {k}"
            )


def test_readings_say_unit_and_meaning():
    """Every reading shall have a unit and a meaning."""
    assert readings.meaning("thickness_cathode_coating_held")[0] == "m"
    assert "cathode coating held" in readings.meaning("thickness_cathode_coating_held")[1]
    assert readings.meaning("nmc622.porosity") == ("", "")
