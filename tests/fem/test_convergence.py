"""Mesh and step convergence of the reported numbers (docs/convergence.md), on the smallest cell."""

import numpy as np

import isosim
from isosim import case as cases
from tests.fem.bodies import FLUSH


def reductions(**changes):
    """Reductions of cathode and anode, in points."""
    settings = {**FLUSH, "model.section.columns": 12, **changes}
    ds = isosim.press(cases.load("120RT-2", settings), "section")
    return 100 * ds.cell_reduction.sel(definition="coating").values


def test_columns_do_not_matter_to_the_electrodes():
    """Four times the columns shall move the electrodes' reductions by less than 0.002 points."""
    few = reductions()
    np.testing.assert_allclose(reductions(**{"model.section.columns": 48}), few, atol=2e-3)


def test_steps_converge_at_first_order():
    """Halving the steps shall halve the error, and the default shall be within 0.1 % of the limit."""
    coarse, middle, fine = (reductions(**{"model.refine": refine}) for refine in (1, 2, 4))
    order = np.log2((middle - coarse) / (fine - middle))
    np.testing.assert_allclose(order, 1.0, atol=0.25)
    limit = 2 * fine - middle
    np.testing.assert_allclose(coarse, limit, rtol=1e-3)
