"""The rim of studies/edge, and the numbers of its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isosim import press
from isosim.case import load
from studies.edge import edge

HOME = Path(edge.__file__).parent


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The table of the page."""
    return pd.read_csv(HOME / "edge.csv")


def of(table: pd.DataFrame, cell: str, filling: str = "open gap") -> pd.Series:
    """A row of it."""
    return table[(table.cell.astype(str) == cell) & (table.filling == filling)].iloc[0]


def test_width_and_depth_are_those_of_the_profile():
    """A dip of 5 % between 0.2 and 0.8 mm shall be a rim of 0.8 mm, 5 % deep; beyond the cathodes apart."""
    x = np.linspace(-0.9, 5.0, 591)
    pressure = np.where((x > 0.2) & (x < 0.8), 0.95, np.where(x < 0.0, 0.7, 1.0))
    lines = pd.DataFrame(
        {"kind": "anode", "from_edge_mm": x, "pressure": pressure, "porosity_points": 10 * (1 - pressure)}
    )
    found = edge.rim(lines)
    assert found["width_mm"] == pytest.approx(0.79, abs=0.011)
    assert (found["depth_%"], found["over_%"]) == pytest.approx((5.0, 0.0))
    assert (found["beyond_depth_%"], found["beyond_pores_points"]) == pytest.approx((30.0, 3.0))


def test_every_cell_of_the_study_is_a_case():
    """All changes shall make valid cases with either filling."""
    for cells in edge.AXES.values():
        for change in cells.values():
            for filling in edge.FILLINGS:
                load(HOME / "cell.toml", {**change, "edge_fill": filling})


def test_two_electrodes_have_the_rim_of_the_page(table: pd.DataFrame):
    """Two electrodes with open gap, on a coarser mesh, without hold, shall come within 12 % of the page."""
    coarse = {"stack.electrodes": 2, "model.section.columns": 10, "recipe.hold": "0 s"}
    case = load(HOME / "cell.toml", coarse)
    found = edge.rim(edge.profiles(press(case), case.recipe.pressure))
    row = of(table, "2")
    for reading in ("width_mm", "depth_%", "over_%", "beyond_depth_%"):
        assert found[reading] == pytest.approx(row[reading], rel=0.12)


def test_the_rim_is_half_as_wide_as_the_cell_is_high(table: pd.DataFrame):
    """The rule shall be 0.52 within 12 %, and hold for the ten electrodes that it was not fitted to."""
    share, off = edge.rule(table)
    assert (share, off) == pytest.approx((0.52, 0.12), abs=0.005)
    ten = of(table, "10")
    assert ten.axis == edge.LARGER not in edge.FITTED
    assert share * ten.height_mm == pytest.approx(1.27, abs=0.005)
    assert ten.width_mm == pytest.approx(1.20, abs=0.01)


def test_the_page_says_what_the_table_holds(table: pd.DataFrame):
    """The rows of the page's table shall be those of edge.csv."""
    page = (HOME / "README.md").read_text()
    for line in edge.page_rows(table):
        assert line in page
    stiff = table[table.filling == "frame"]
    assert stiff["depth_%"].max() < 0.8 and stiff["over_%"].max() < 9.0
    assert stiff[~stiff.cell.str.startswith("plates")]["over_%"].max() < 5.0
    drapes = table[(table.axis == "drape") & (table.filling == "open gap")]
    assert np.ptp(drapes["depth_%"]) < 0.1
