"""The published statements as data."""

from isosim.case import from_document, load, load_set, scenarios
from isosim.data.published import declared, dixit2024, is_published


def test_seven_conditions_of_table_2():
    """There shall be seven cells, of 2 to 40 layers at 120 or 414 MPa."""
    cells = dixit2024()["cell"]
    assert len(cells) == 7
    assert sorted(cell["layers"] for cell in cells) == [2, 2, 2, 4, 10, 20, 40]
    assert {cell["pressure_MPa"] for cell in cells} == {120, 414}


def test_one_reading_is_declared():
    """Exactly one reading of the baseline shall be judged: coating alone."""
    assert sum(reading["declared"] for reading in dixit2024()["reading"]) == 1
    assert (declared()["scenario"], declared()["definition"]) == ("coating", "coating")


def test_statements_name_known_cells():
    """Every cell that a statement names shall be one of Table 2."""
    facts = dixit2024()
    names = {cell["name"] for cell in facts["cell"]}
    used = {name for order in facts["ordering"] for name in (order["less"], order["more"])}
    used |= {
        *facts["uniform"]["cells"],
        *facts["first_film"]["cells"],
        facts["trend"]["few"],
        facts["trend"]["many"],
    }
    assert used <= names


def test_shipped_cells_are_published_in_every_scenario_and_fidelity():
    """The seven cells shall count as published whatever the scenario and the numerical model."""
    for scenario in scenarios():
        assert all(is_published(case) for case in load_set("dixit2024", scenario))
    assert is_published(load("120RT-2", {"model.fidelity": "column"}))


def test_name_alone_does_not_make_a_cell_published():
    """A case under a name of the paper, but pressed or made otherwise, shall not count as published."""
    assert not is_published(load("120RT-2", {"recipe.pressure": "130 MPa"}))
    assert not is_published(load("120RT-2", {"stack.cathode.loading": "12 mg/cm^2"}))
    assert not is_published(from_document(load("120RT-2").document, "mine", overrides={"name": "mine"}))
