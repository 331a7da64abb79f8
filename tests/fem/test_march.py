"""The march: first guesses from the column, damped Newton corrections."""

import numpy as np
import pytest

from isosim import case as cases
from isosim import fem
from isosim.fem import march as marching
from isosim.stack import section_mesh
from tests.fem.bodies import FLUSH, MPA, body, cycle, elastic

ALL = {"top", "bottom", "edge"}


def test_the_column_guesses_a_confined_section():
    """Held sideways the section is its column, so that no step shall need a correction."""
    case = cases.load("120RT-2", FLUSH)
    stack = case.stack()
    ds = fem.run(stack, section_mesh(stack, 4), case.recipe.schedule(), ALL, "confined")
    assert int(ds.iterations.sum()) == 0
    assert ds.attrs["factorisations"] == 0


def test_steps_of_a_flush_cell_cost_few_factorisations():
    """A flush cell shall need no cut and at most 2.5 factorisations a step on average,
    fewer than corrections: a tangent is kept where one more correction ends the step."""
    case = cases.load("120RT-4", FLUSH)
    stack = case.stack()
    ds = fem.run(stack, section_mesh(stack, 8), case.recipe.schedule(), ALL)
    assert ds.attrs["cuts"] == 0
    assert ds.attrs["factorisations"] < int(ds.iterations.sum())
    assert ds.attrs["factorisations"] <= 2.5 * (ds.sizes["step"] - 1)


def test_a_guess_that_misleads_is_dropped(monkeypatch):
    """With guesses that never converge the run shall go on from the last states, to the same answer."""
    stack = body([elastic(70e9, 0.33), elastic(1e9, 0.4)], [1e-5, 5e-5])
    schedule = cycle(100 * MPA, steps=4)
    run = lambda: fem.run(stack, section_mesh(stack, 4), schedule, ALL)  # noqa: E731
    plain = run()
    guess = marching.Predictor.guess

    def absurd(self, begin, end):
        return guess(self, begin, end) + np.append(np.full(len(self.unknowns) - 1, np.nan), 0.0)

    monkeypatch.setattr(marching.Predictor, "guess", absurd)
    peak = lambda ds: ds.thickness.values[np.argmax(ds.pressure.values)]  # noqa: E731
    np.testing.assert_allclose(peak(run()), peak(plain), rtol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("electrodes", [4, 10])
def test_open_gap_loads_and_releases_without_cuts(electrodes):
    """Overhanging flaps in an open gap shall be pressed and released without cutting a step."""
    changes = {"stack.overhang": True, "edge_fill": "open gap"}
    case = cases.load(f"120RT-{electrodes}", changes)
    stack = case.stack()
    ds = fem.run(stack, section_mesh(stack), case.recipe.schedule(), ALL)
    assert ds.attrs["complete"] == 1
    assert ds.attrs["cuts"] <= 1
