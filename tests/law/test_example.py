"""The example examples/law_from_numpy.py."""

import runpy
from pathlib import Path

import numpy as np


def test_example_presses_and_releases():
    """The example shall compact to less porosity with pressure, and spring back a little on release."""
    names = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "law_from_numpy.py"))
    pressures = np.concatenate([np.linspace(10e6, 414e6, 40), np.linspace(400e6, 0.0, 20)])
    porosity, thickness = names["press"](pressures)
    assert (np.diff(porosity[:40]) <= 0.0).all() and 0.065 < porosity[39] < 0.09
    assert thickness[39] < thickness[-1] < thickness[39] + 0.05
    assert porosity[-1] < 0.1
