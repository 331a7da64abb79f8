"""Scenarios and assumptions."""

import pytest

from isosim import case
from isosim.errors import InputError


def coatings(c):
    return {
        layer.kind: (layer.material, layer.porosity) for layer in c.stack().layers if layer.role == "coating"
    }


def test_three_scenarios_the_first_by_default():
    """The scenarios shall be "coating" (default), "printed" and "foil included", each with its reason."""
    assert list(case.scenarios()) == ["coating", "printed", "foil included"]
    assert all(len(scenario.why) > 100 for scenario in case.scenarios().values())
    assert case.load("120RT-2").scenario == "coating"


@pytest.mark.parametrize(
    ("scenario", "cathode", "anode"),
    [
        ("coating", ("nmc622", 0.35), ("graphite", 0.50)),
        ("printed", ("nmc622", 0.35), ("graphite", 0.35)),
        ("foil included", ("nmc622_foil_included", 0.45), ("graphite_foil_included", 0.57)),
    ],
)
def test_what_a_scenario_settles(scenario, cathode, anode):
    """A scenario shall settle card and initial porosity of both coatings, in every cell of a set."""
    for c in case.load_set("dixit2024", scenario=scenario):
        assert coatings(c) == {"cathode": cathode, "anode": anode}
        assert c.scenario == scenario


def test_the_loading_is_the_same_in_every_scenario():
    """A scenario shall change the porosity and with it the thickness, never the loading."""
    for scenario in case.scenarios():
        table = case.load("120RT-2", {"scenario": scenario}).table.stack
        assert (table.cathode.build().loading, table.anode.build().loading) == pytest.approx((0.1145, 0.075))


@pytest.mark.parametrize(
    ("overrides", "word"),
    [
        ({"scenario": "pritned"}, "did you mean 'printed'"),
        ({"scenario": 3}, "one of 'coating'"),
        ({"stack.cathode.porosity": 0.3}, "beside a scenario"),
        ({"stack.anode.thickness": "50 um"}, "beside a scenario"),
        ({"stack.anode.material": "graphite"}, "beside a scenario"),
    ],
)
def test_scenarios_said_twice_or_misspelt(overrides, word):
    """A scenario that does not exist, or a value beside one that settles it, shall be refused."""
    with pytest.raises(InputError, match=word):
        case.load("120RT-2", overrides)


def test_a_scenario_needs_the_generator():
    """A scenario in a case of layers one by one would have no effect and shall be refused."""
    layer = {"name": "a", "material": "al_foil", "thickness": "1 mm", "half_width": "20 mm"}
    document = {"schema_version": 1, "scenario": "printed", "layer": [layer], "recipe": {"pressure": "1 MPa"}}
    with pytest.raises(InputError, match="layers one by one"):
        case.from_document(document, "test")


def test_without_scenario_the_case_says_it_itself():
    """With the scenario taken out, a case shall need material and porosity of its own."""
    own = {"scenario": None, "stack.cathode.material": "nmc622", "stack.cathode.porosity": 0.3}
    with pytest.raises(InputError, match=r"stack\.anode"):
        case.load("120RT-2", own)
    own |= {"stack.anode.material": "graphite", "stack.anode.porosity": 0.4}
    assert coatings(case.load("120RT-2", own)) == {"cathode": ("nmc622", 0.3), "anode": ("graphite", 0.4)}


@pytest.mark.parametrize(
    "words",
    [
        "one side of each foil (alternative: sides = 2)",
        "between the separator and the anode",
        "first film is the one between electrodes 1 and 2",
        "half-width of the cathodes 25 mm",
        "anodes by 1 mm, separators by 2 mm, films by 1 mm (key overhang; false is flush)",
        "filled by 'frame' (alternative: 'open gap')",
        "a flange at mid-height",
        "films lie between electrodes only (alternatives: films = 'outer too', 'none')",
        "scenario 'coating'",
        "alternatives: 'printed', 'foil included'",
        "temperature is uniform",
        "thermal expansion is not known and taken as zero",
        "cathode foil 15 um",
        "11.3-11.6",
    ],
)
def test_assumptions_are_listed(words):
    """Every assumption about the cells of the paper shall be listed, with the name of its alternative."""
    assert any(words in text for text in case.load("120RT-2").assumptions)


def test_assumptions_follow_the_options():
    """Options shall change what is listed as assumed: no word of one side when there are two."""
    text = "\n".join(case.load("120RT-2", {"stack.sides": 2, "stack.films": "none"}).assumptions)
    assert "both sides of each foil (alternative: sides = 1)" in text
    assert "no pressure films" in text and "first film" not in text
