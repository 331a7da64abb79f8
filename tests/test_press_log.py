"""Logged presses."""

import numpy as np
import pytest

from isosim import press_log
from isosim.errors import InputError
from isosim.recipe import Recipe


@pytest.fixture
def csv(tmp_path):
    """Writes a CSV and returns its path."""

    def write(text):
        path = tmp_path / "press.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def rows(header, values, separator=","):
    return "\n".join([header, *(separator.join(f"{cell:g}" for cell in row) for row in values)])


TIMES = np.array([0.0, 10.0, 130.0, 430.0, 550.0, 600.0])
PRESSURES = np.array([0.0, 0.0, 120.0, 119.5, 0.0, 0.0])


def test_a_noisy_log_becomes_few_straight_pieces(csv):
    """A log at 1 Hz with noise shall become ramp, hold and release, and steps that follow it within 1 %."""
    time = np.arange(601.0)
    noise = np.random.default_rng(1).normal(0.0, 0.2, time.size)
    pressure = np.interp(time, TIMES, PRESSURES) + noise
    log = press_log.read(
        csv(rows("time_s,pressure_MPa,temperature_degC", np.c_[time, pressure, 90 + 0 * time]))
    )
    assert len(list(log.legs())) <= 8
    schedule = Recipe.from_log(log).schedule()
    pressed = (schedule.phase != "start") & (schedule.phase != "heat") & (schedule.phase != "cool")
    clock = schedule.time[pressed] - (schedule.time[pressed][-1] - 600.0)
    np.testing.assert_allclose(
        schedule.pressure[pressed], 1e6 * np.interp(clock, TIMES, PRESSURES), atol=2.5e6
    )
    assert list(dict.fromkeys(schedule.phase)) == ["start", "heat", "load", "hold", "release", "cool"]
    assert len(schedule.time) < 60
    assert schedule.pressure[-1] == 0.0


def test_units_come_from_the_column_names(csv):
    """Columns shall be read in the units their names carry, in any order, with semicolons too."""
    log = press_log.read(csv(rows("pressure_ksi;time_min", np.c_[PRESSURES / 6.894757, TIMES / 60], ";")))
    np.testing.assert_allclose(log.time, TIMES, rtol=1e-4)
    np.testing.assert_allclose(log.pressure, 1e6 * PRESSURES, rtol=1e-4)
    assert log.temperature is None


def test_the_recipe_reads_its_scalars_off_the_log(csv):
    """A recipe from a log shall know the mean pressure of the hold and the durations that the log shows."""
    log = press_log.read(csv(rows("time_s,pressure_MPa", np.c_[TIMES, PRESSURES]))).at(363.15)
    recipe = Recipe.from_log(log)
    assert (recipe.pressure, recipe.temperature, recipe.hold) == (119.75e6, 363.15, 300.0)


def test_an_overshoot_is_not_the_hold(csv):
    """A peak of 126 MPa for 5 s before 300 s at 120 MPa shall leave a hold of 120 MPa, finely stepped."""
    time = np.arange(0.0, 548.0)
    pressure = np.interp(time, [0, 120, 125, 127, 427, 547], [0, 126, 126, 120, 120, 0])
    pressure += np.random.default_rng(2).normal(0.0, 0.2, time.size) * (pressure > 0)
    recipe = Recipe.from_log(
        press_log.read(csv(rows("time_s,pressure_MPa", np.c_[time, pressure]))).at(298.15)
    )
    assert recipe.pressure == pytest.approx(120e6, rel=2e-3)
    assert (recipe.hold, recipe.ramp, recipe.release) == pytest.approx((305.0, 120.0, 122.0), abs=5.0)
    schedule = recipe.schedule()
    held = schedule.phase == "hold"
    assert schedule.time[held][-1] == pytest.approx(427.0, abs=5.0)
    assert schedule.pressure[held][-1] == pytest.approx(120e6, rel=0.01)
    assert schedule.pressure[schedule.phase == "load"][-1] == pytest.approx(126e6, rel=0.01)
    late = held & (schedule.time > 130.0)
    assert 6 <= late.sum() <= 20
    assert np.diff(schedule.time)[(schedule.phase != "hold")[1:]].max() < 0.11 * 547.0


def test_a_staged_press_has_its_stages(csv):
    """Holds at 80 and 120 MPa shall both be holds, and the sag of a closed valve stay one."""
    points = np.array([[0, 0], [60, 80], [180, 80], [200, 120], [500, 114], [600, 0.0]])
    log = press_log.read(csv(rows("time_s,pressure_MPa", points))).at(298.15)
    assert [leg.phase for leg in log.legs()] == ["load", "hold", "load", "hold", "release"]
    assert Recipe.from_log(log).hold == 420.0


def test_a_log_of_a_press_without_hold(csv):
    """A log that only rises and falls shall hold nothing, and have its peak for pressure."""
    log = press_log.read(csv(rows("time_s,pressure_MPa", np.array([[0, 0], [60, 80], [90, 0], [91, 0]]))))
    recipe = Recipe.from_log(log.at(298.15))
    assert (recipe.hold, recipe.pressure) == (0.0, 80e6)
    assert list(dict.fromkeys(recipe.schedule().phase)) == ["start", "load", "release"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "a header and three rows"),
        (rows("time_s,pressure_MPa", np.c_[TIMES, PRESSURES][[0, 2, 1, 3, 4, 5]]), "time that rises"),
        (rows("time_s,pressure", np.c_[TIMES, PRESSURES]), "with units"),
        (rows("time_s,pressure_um", np.c_[TIMES, PRESSURES]), "measures something else"),
        (rows("time_s,force_N", np.c_[TIMES, PRESSURES]), "no pressure"),
        (rows("time_s,pressure_MPa", np.c_[TIMES, 0 * PRESSURES]), "never presses"),
        (rows("time_s,pressure_MPa", np.c_[TIMES, PRESSURES][:4]), "last row"),
        (rows("time_s,pressure_MPa", np.c_[TIMES, PRESSURES]).replace("119.5", "x"), "row 4 of pressure_MPa"),
        (
            rows("time_s,pressure_MPa", np.c_[TIMES, PRESSURES]).replace("119.5", "nan"),
            "row 4 of pressure_MPa",
        ),
        (rows("time_s,pressure_MPa,temperature_K", np.c_[TIMES, PRESSURES, 90 + 0 * TIMES]), "300 degC"),
    ],
)
def test_logs_that_cannot_be(csv, text, word):
    """A log with columns missing or without units, time that does not rise, or no press shall be refused."""
    with pytest.raises(InputError, match=word):
        press_log.read(csv(text))


@pytest.mark.parametrize("temperature", [-70.0, 300.0])
def test_logs_reach_the_ends_of_the_temperatures(csv, temperature):
    """A log at the coldest or hottest temperature allowed shall be read."""
    values = np.c_[TIMES, PRESSURES, temperature + 0 * TIMES]
    assert press_log.read(csv(rows("time_s,pressure_MPa,temperature_degC", values))).temperature is not None


def test_a_missing_log_is_an_input_error(tmp_path):
    """A log that is not there shall be an input error."""
    with pytest.raises(InputError, match="cannot be read"):
        press_log.read(tmp_path / "none.csv")
