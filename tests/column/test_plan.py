"""Steps planned for an error."""

import numpy as np
import pytest

from isosim import case as cases
from isosim import column, law
from isosim.recipe import Recipe
from tests.column.bodies import body
from tests.law.laws import cathode


def compaction(stack, schedule):
    """Logarithmic compaction of the coatings in the held and the released state, shape (2, coatings)."""
    ds = column.run(stack, schedule)
    coatings = [i for electrode in stack.electrodes for i in electrode.coatings]
    thickness = np.array([stack.layers[i].thickness for i in coatings])
    profile = ds.thickness_profile.sel(state=["held", "released"]).values[:, coatings, 0]
    return -np.log(profile / thickness)


@pytest.mark.parametrize("cell", ["120RT-4", "120C90-2", "414RT-2"])
def test_planned_steps_leave_a_thousandth(cell):
    """Held and released coatings shall be within 0.1 % of fine steps, by about as much as expected."""
    case = cases.load(cell)
    stack, recipe = case.stack(), case.recipe
    plan = column.plan(stack, recipe)
    steps = plan.schedule
    fine = steps.divided(np.full(len(steps.time) - 1, 16))
    limit = compaction(stack, fine)
    error = np.abs(compaction(stack, steps) / limit - 1.0).max()
    assert error < 1e-3
    assert 0.5 * error < plan.error < 2.5 * error


def test_planned_steps_cost_less_than_even_refinement():
    """The plan shall take fewer steps than the plain rule refined to the same error."""
    case = cases.load("120RT-2")
    stack, recipe = case.stack(), case.recipe
    steps = column.plan(stack, recipe).schedule
    limit = compaction(stack, steps.divided(np.full(len(steps.time) - 1, 16)))
    error = np.abs(compaction(stack, steps) / limit - 1.0).max()
    refined = recipe.schedule(refine=2)
    assert len(steps.time) < len(refined.time)
    assert error < np.abs(compaction(stack, refined) / limit - 1.0).max()


def test_plans_contain_the_plain_steps():
    """Planned steps shall pass through every row of the plain schedule, phases included."""
    case = cases.load("120C90-2")
    plain, planned = case.recipe.schedule(), column.plan(case.stack(), case.recipe, refine=2).schedule
    rows = np.searchsorted(planned.time, plain.time)
    np.testing.assert_array_equal(planned.time[rows], plain.time)
    np.testing.assert_array_equal(planned.pressure[rows], plain.pressure)
    np.testing.assert_array_equal(planned.phase[rows], plain.phase)
    assert np.all(np.diff(planned.time) > 0.0)


def test_a_column_without_balance_leaves_the_plain_steps():
    """Where the column finds no balance the plan shall be the plain steps, of unknown error."""
    weak = cathode(cap=law.Power(p0=20e6, exponent=3.0, locking=0.0))
    recipe = Recipe(200e6)
    plan = column.plan(body(coating=(weak, 50e-6)), recipe, "confined")
    np.testing.assert_array_equal(plan.schedule.pressure, recipe.schedule().pressure)
    assert np.isnan(plan.error)
