"""The shipped cells and cards, pressed as columns, against the statements of Dixit 2024."""

import pytest

from isosim import case
from isosim.data.published import declared, dixit2024
from isosim.data.validate import JUDGED, all_hold, validate
from isosim.pressing import press


@pytest.fixture(scope="module")
def pressed_cells():
    """The seven cells in the declared scenario, by name."""
    return {one.name: press(one, "column") for one in case.load_set("dixit2024")}


def reduction(ds, kind):
    return 100 * float(ds.cell_reduction.sel(kind=kind, definition="coating"))


def test_every_judged_row_holds(pressed_cells):
    """One set of cards shall hold identities, bands and orderings for all seven cells."""
    rows = validate({"coating": list(pressed_cells.values())})
    assert all_hold(rows), [row for row in rows if row.kind in JUDGED and not row.holds]


def test_cells_and_scenarios_are_those_of_the_statements():
    """The set shall be Table 2, in the declared scenario, and every reading shall be a known scenario."""
    cases = case.load_set("dixit2024")
    assert {one.name for one in cases} == {cell["name"] for cell in dixit2024()["cell"]}
    assert {one.scenario for one in cases} == {declared()["scenario"]}
    assert {reading["scenario"] for reading in dixit2024()["reading"]} == set(case.scenarios())
    for one, cell in zip(cases, dixit2024()["cell"], strict=True):
        assert one.recipe.pressure == pytest.approx(1e6 * cell["pressure_MPa"], rel=1e-2)
        assert len(one.stack().electrodes) == cell["layers"]


def test_reductions_are_those_of_the_calibration(pressed_cells):
    """Reductions shall be those of an independent prototype with the same cards, within 0.5 points."""
    prototype = {
        "120RT-2": (23.26, 36.88),
        "120C90-2": (24.78, 38.36),
        "414RT-2": (27.75, 44.39),
        "120RT-40": (23.35, 36.94),
    }
    for name, (cathode, anode) in prototype.items():
        assert reduction(pressed_cells[name], "cathode") == pytest.approx(cathode, abs=0.5)
        assert reduction(pressed_cells[name], "anode") == pytest.approx(anode, abs=0.5)


def test_cells_shrink_in_plane_and_more_under_more_pressure(pressed_cells):
    """In-plane contraction shall be 0.15-1 % at 120 MPa and 1-3 % at 414 MPa, less of it after release."""
    mild, strong = (100 * pressed_cells[name].contraction_x for name in ("120RT-2", "414RT-2"))
    assert 0.15 < mild.sel(state="held") < 1.0 < strong.sel(state="held") < 3.0
    assert 0.0 < mild.sel(state="released") < mild.sel(state="held")
    assert 0.3 < 100 * pressed_cells["414RT-2"].electrode_contraction.sel(kind="anode") < 1.8


def test_printed_porosity_leaves_the_anode_out_of_reach():
    """From the printed 35 % no anode shall reach 35 %, and at 120 MPa none shall reach its band."""
    for one in case.load_set("dixit2024", "printed"):
        ds = press(one, "column")
        assert reduction(ds, "anode") < 35.0
        if one.recipe.pressure < 200e6:
            assert reduction(ds, "anode") < 30.0
