"""What `make press` delivers: the seven cells at section fidelity, held against the paper."""

import re
from pathlib import Path

import numpy as np
import pytest

from isosim import case as cases
from isosim import session
from isosim.data.published import declared
from isosim.data.validate import all_hold, validate
from isosim.pressing import press
from isosim.progress import Silent

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def sections():
    """The seven cells as sections of few columns: electrodes need no more (docs/convergence.md)."""
    settings = {
        "model.section.columns": 12,
        "model.section.edge_cell": "0.4 mm",
        "model.fidelity": "section",
    }
    return [press(case) for case in cases.load_set("dixit2024", overrides=settings)]


@pytest.mark.fem
def test_every_judged_row_holds(sections):
    """All identities, fitted bands and orderings shall hold for the seven cells at section fidelity."""

    class Watch(Silent):
        def __init__(self, title):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

    rows = validate({declared()["scenario"]: sections, **session.other_readings(Watch)})
    assert all_hold(rows), [row for row in rows if row.holds is False and row.kind != "open"]
    assert not any(row.kind == "prediction" for row in rows)


@pytest.mark.fem
def test_readme_shows_what_comes_out(sections):
    """The reductions of README's table shall be those that are computed, to the digits shown."""
    table = dict(re.findall(r"^  (\d+\w+-\d+) +([\d.]+ +[\d.]+) ", README.read_text(), flags=re.M))
    assert len(table) == len(sections)
    for ds in sections:
        shown = [float(number) for number in table[ds.attrs["cell"]].split()]
        computed = 100 * ds.cell_reduction.sel(definition="coating").values
        np.testing.assert_allclose(shown, computed, atol=0.051)
