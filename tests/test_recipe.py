"""Recipes and the steps through them."""

import numpy as np
import pytest

from isosim.errors import InputError
from isosim.recipe import ROOM, Recipe


@pytest.mark.parametrize("pressure", [1e6, 34e6, 120e6, 414e6])
def test_loading_steps_are_capped(pressure):
    """A loading step shall rise by at most 5 MPa or 15 % of the pressure, whichever is more."""
    schedule = Recipe(pressure).schedule()
    rise = np.diff(schedule.pressure)
    load = rise > 0
    assert np.all(rise[load] <= np.maximum(5e6, 0.15 * schedule.pressure[:-1][load]) * (1 + 1e-12))
    fall = -rise[rise < 0]
    before = schedule.pressure[:-1][rise < 0]
    assert np.all(fall <= 3 * np.maximum(5e6, 0.15 * before) * (1 + 1e-12))


def test_the_cell_is_warmed_first_and_cooled_last():
    """Temperature shall change only while the cell is unpressed, before loading and after release."""
    schedule = Recipe(120e6, 363.15).schedule()
    assert list(dict.fromkeys(schedule.phase)) == ["start", "heat", "load", "hold", "release", "cool"]
    assert (schedule.time[0], schedule.pressure[0], schedule.temperature[0]) == (0.0, 0.0, ROOM)
    pressed = np.flatnonzero(schedule.pressure > 0)
    assert np.all(schedule.temperature[pressed[0] - 1 : pressed[-1] + 2] == 363.15)
    assert schedule.temperature[-1] == ROOM
    assert np.all(np.diff(schedule.time) > 0)


def test_room_temperature_needs_no_warming():
    """A press at room temperature shall have no heating and no cooling."""
    schedule = Recipe(120e6).schedule()
    assert list(dict.fromkeys(schedule.phase)) == ["start", "load", "hold", "release"]


def test_release_ends_at_exactly_zero():
    """The release shall end at a pressure of exactly zero, and the hold keep exactly the pressure."""
    schedule = Recipe(123.456e6).schedule()
    assert schedule.pressure[-1] == 0.0
    assert np.all(schedule.pressure[schedule.phase == "hold"] == 123.456e6)


def test_release_begins_with_a_small_step():
    """The first release step shall be an eighth of a plain one: all layers turn back to elastic in it."""
    schedule = Recipe(120e6).schedule()
    fall = -np.diff(schedule.pressure[-8:])
    assert fall[0] == pytest.approx((fall[0] + fall[1]) / 8, rel=0.2)


def test_durations_are_those_asked_for():
    """Ramp, hold and release shall last as long as the recipe says; hold steps shall grow."""
    schedule = Recipe(120e6, ramp=60.0, hold=300.0, release=90.0).schedule()
    end = {phase: schedule.time[schedule.phase == phase][-1] for phase in ("load", "hold", "release")}
    assert end == {"load": 60.0, "hold": 360.0, "release": 450.0}
    steps = np.diff(schedule.time[schedule.phase == "hold"])
    assert np.all(np.diff(steps) > 0)


def test_slow_ramps_are_stepped_in_time():
    """A slow press at low pressure shall have steps of at most about a tenth of its time under pressure."""
    schedule = Recipe(1e6, ramp=3000.0, hold=0.0, release=1000.0).schedule()
    assert np.diff(schedule.time).max() <= 1.1 * 400.0


@pytest.mark.parametrize("refine", [2, 3])
def test_refined_steps_nest(refine):
    """Refined schedules shall pass through every state of the plain one, for clean convergence studies."""
    recipe = Recipe(414e6)
    plain, fine = recipe.schedule(), recipe.schedule(refine=refine)
    np.testing.assert_allclose(fine.pressure[::refine], plain.pressure, atol=1e-3)
    np.testing.assert_allclose(fine.time[::refine], plain.time)


def test_the_ramp_is_linear_in_time():
    """During ramp and release the pressure shall be linear in time."""
    schedule = Recipe(120e6, ramp=120.0, release=60.0, hold=0.0).schedule()
    expected = np.interp(schedule.time, [0.0, 120.0, 180.0], [0.0, 120e6, 0.0])
    np.testing.assert_allclose(schedule.pressure, expected, atol=1.0)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"pressure": 0.0}, "1 kPa"),
        ({"pressure": -1e6}, "1 kPa"),
        ({"pressure": 0.12}, "mPa"),
        ({"pressure": float("nan")}, "1 kPa"),
        ({"pressure": 1e8, "ramp": 0.0}, "above zero"),
        ({"pressure": 1e8, "release": 0.0}, "above zero"),
        ({"pressure": 1e8, "hold": -1.0}, "zero or more"),
        ({"pressure": 1e8, "faces": ("left",)}, "'top', 'bottom', 'edge'"),
        ({"pressure": 1e8, "faces": ()}, "no face"),
        ({"pressure": 1e8, "faces": ("bottom",)}, "rigid plate"),
    ],
)
def test_recipes_that_never_press(values, word):
    """A recipe without pressure, without duration, or on no known face shall be refused."""
    with pytest.raises(InputError, match=word):
        Recipe(**values)


def test_all_faces_is_isostatic():
    """faces = "all" shall press the top, the bottom and the edge; ["top"] only the top."""
    assert Recipe(1e8).pressed_faces == ("top", "bottom", "edge")
    assert Recipe(1e8, faces=("top",)).pressed_faces == ("top",)
