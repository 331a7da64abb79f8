"""The report's section on the last millimetres to the edge."""

import re

import numpy as np
import pytest

from isosim.report import edge
from isosim.report.figures import edge as figure
from isosim.report.figures import planned


@pytest.fixture(scope="module")
def cell():
    from tests.conftest import press_by_hand

    return press_by_hand("mine", 4).assign_attrs(scenario="")


def test_a_column_has_no_such_section(pressed):
    """Without an edge there shall be neither section nor figure."""
    column = pressed("mine", 2, stations=1)
    assert edge.section([column]) is None
    assert "edge" not in [part.name for part in planned([column], [column], False)]


def test_the_filling_is_named_as_what_the_numbers_depend_on(cell):
    """With one filling the section shall name the one that was not run; with both it shall not call them
    bounds of contact; with either it shall say how much of contact they show; with none it shall not speak of
    fillings. It lists what is not modelled."""
    frame, gap = (cell.assign_attrs(edge_fill=name) for name in ("frame", "open gap"))
    one, both, none = (" ".join(edge.section(sets)["paragraphs"]) for sets in ([frame], [frame, gap], [cell]))
    assert "depend on the filling" in one and "“open gap” was not run" in one
    assert "Contact need not lie between them" in both and "was not run" not in both
    assert all("lower bound" in text and "69 to 81 %" in text for text in (one, both))
    assert "filling" not in none
    assert all("tabs" in text and "one-sided pouch cups" in text for text in (one, both, none))


def test_a_solid_is_not_said_to_have_a_pouch_around_its_edge(cell):
    """Of a section with a draped pouch the section shall say so; of a solid, which has none, it shall not."""
    draped = cell.assign_attrs(pouch_edge="draped")
    kinds = [draped.assign_attrs(fidelity=kind) for kind in ("section", "solid")]
    said = [edge.section([kind])["paragraphs"][0] for kind in kinds]
    assert "flange" in said[0]
    assert said[1] == "Pouch and bag end with the widest layer."


def test_rows_are_the_readings(cell):
    """The table shall show the readings near the edge in MPa and %."""
    (row,) = edge.section([cell])["rows"]
    values = [float(text) for text in re.split("–", row["kinds"]["cathode"]["pressure"])]
    expected = cell.edge_pressure.sel(kind="cathode").values / 1e6
    np.testing.assert_allclose(values, expected[: len(values)], atol=0.051)
    assert row["force"] == {"centre": "", "top": "", "edge": ""}


def test_every_kind_of_foil_gets_a_verdict(cell):
    """Cathode foils, anode foils and the pouch shall be called suppressed or possible, with their numbers."""
    rows = edge.section([cell])["foils"]
    assert [row["where"] for row in rows] == ["cathodes", "anodes", "pouch, top face"]
    for row in rows:
        assert row["verdict"] == ("possible" if row["compression"] > row["critical"] else "suppressed")


@pytest.mark.parametrize("electrodes", [2, 4, 10, 20])
def test_figure_shows_outermost_and_middle_electrodes(pressed, electrodes):
    """The figure shall draw a cathode and an anode at the outside and in the middle, in the last 5 mm."""
    frame = figure.data([pressed("mine", electrodes)])
    kinds = frame.drop_duplicates("layer")["kind"].value_counts()
    assert kinds["cathode"] in (1, 2) and kinds["anode"] in (1, 2)
    assert frame["from_edge_mm"].between(0.0, 5.0).all()
    assert set(frame["quantity"]) == {"pressure_MPa", "porosity_%"}


def test_figure_lays_both_fillings_over_each_other(cell):
    """Cells that differ in nothing but the filling shall be in one figure, others not."""
    frame, gap = (cell.assign_attrs(edge_fill=name, cell=name) for name in ("frame", "open gap"))
    draped = gap.assign_attrs(pouch_edge="draped")
    assert [ds.attrs["edge_fill"] for ds in figure.shown([frame, gap])] == ["frame", "open gap"]
    assert len(figure.shown([frame, draped])) == 1
    drawn = figure.draw(figure.data(figure.shown([frame, gap])))
    assert {line.get_linestyle() for line in drawn.axes[0].get_lines()} == {"-", "--"}
