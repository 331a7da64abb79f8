"""Whatever is wrong with a case file, one clear error says all of it."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isosim import case
from isosim.errors import InputError

GOOD = {
    "schema_version": 1,
    "name": "good",
    "edge_fill": "frame",
    "stack": {
        "electrodes": 2,
        "half_width": "25 mm",
        "overhang": {"anode": "1 mm"},
        "cathode": {"material": "nmc622", "loading": "11.45 mg/cm^2", "porosity": 0.35},
        "anode": {"material": "graphite", "loading": "7.5 mg/cm^2", "press_density": "1.1 g/cm^3"},
        "bag": {"material": "bag", "thickness": "80 um"},
    },
    "recipe": {"pressure": "120 MPa", "temperature": "90 degC", "faces": ["top"]},
    "model": {"fidelity": "column", "lateral": "confined", "section": {"columns": 30}},
}
LAYERS = {
    "schema_version": 1,
    "layer": [
        {"name": "a", "material": {"E": "70 GPa", "nu": 0.3}, "thickness": "1 mm", "half_width": "2 cm"},
        {"name": "b", "material": "nmc622", "porosity": 0.3, "thickness": "50 um", "half_width": "2 cm"},
    ],
    "recipe": {"pressure": "120 MPa"},
}


def with_value(document, path, value):
    """The document with a value put at a path; ... takes the key out."""
    document = copy.deepcopy(document)
    table = document
    for key in path[:-1]:
        table = table.setdefault(key, {}) if isinstance(table, dict) else table[key]
    if value is ...:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    return document


def problems(document):
    with pytest.raises(InputError) as caught:
        case.from_document(document, "test")
    return caught.value.problems


def test_the_good_ones_are_good():
    """The documents that the tests spoil shall be valid to begin with."""
    for document in (GOOD, LAYERS):
        case.from_document(document, "test")


@pytest.mark.parametrize(
    ("path", "value", "where", "word"),
    [
        (["schema_version"], ..., "schema_version", "1"),
        (["schema_version"], 2, "schema_version", "1"),
        (["recipe"], ..., "recipe", "[recipe]"),
        (["recipe", "pressure"], ..., "recipe.pressure", "or a log"),
        (["recipe", "pressure"], 120, "recipe.pressure", "120 without a unit"),
        (["recipe", "pressure"], "120", "recipe.pressure", "without a unit"),
        (["recipe", "pressure"], "120 um", "recipe.pressure", "measures something else"),
        (["recipe", "pressure"], "0 MPa", "recipe.pressure", "never presses"),
        (["recipe", "pressure"], "120 mPa", "recipe.pressure", "never presses"),
        (["recipe", "ramp"], "0 s", "recipe.ramp", "above zero"),
        (["recipe", "hold"], "-1 s", "recipe.hold", "zero or more"),
        (["recipe", "temperature"], "90 K", "recipe.temperature", "between -70 and 300 degC"),
        (["recipe", "faces"], ["left"], "recipe.faces", "'top', 'bottom', 'edge'"),
        (["recipe", "faces"], [], "recipe.faces", "top"),
        (["recipe", "faces"], "top", "recipe.faces", "a list"),
        (["recipe"], {"log": "none.csv"}, "recipe.log", "cannot be read"),
        (["recipe"], {"log": 3}, "recipe.log", "path of a CSV"),
        (["recipe", "presure"], "1 MPa", "recipe.presure", "did you mean 'pressure'"),
        (["stack"], ..., "file", "either [stack]"),
        (["layer"], LAYERS["layer"], "file", "either [stack]"),
        (["electrolyte"], True, "electrolyte", "sealed"),
        (["edge_fill"], ..., "edge_fill", "'open gap' or 'frame'"),
        (["edge_fill"], "foam", "edge_fill", "'frame'"),
        (["stack", "overhang"], ..., "edge_fill", "without effect"),
        (["stack", "overhang"], {"anode": "0.5 um"}, "half_width", "1 um between them"),
        (["stack", "overhang", "anode"], "-1 mm", "stack.overhang.anode", "zero or more"),
        (["stack", "electrodes"], 3, "stack.electrodes", "even number"),
        (["stack", "electrodes"], 2.0, "stack.electrodes", "whole number"),
        (["stack", "electrodes"], True, "stack.electrodes", "whole number"),
        (["stack", "half_width"], "-25 mm", "stack.half_width", "above zero"),
        (["stack", "films"], "some", "stack.films", "'between'"),
        (["stack", "bag", "thickness"], "0 um", "stack.bag.thickness", "above zero"),
        (["stack", "bag"], 3, "stack.bag", "a table"),
        (["stack", "bag", "porosity"], 0.3, "stack.bag.porosity", "dense"),
        (["stack", "cathode", "material"], "nmc", "stack.cathode.material", "did you mean 'nmc622'"),
        (["stack", "cathode", "material"], "none.toml", "stack.cathode.material", "cannot be read"),
        (["stack", "pouch"], [{"name": "a", "material": "nmc622"}], "stack.pouch 1, thickness", "has none"),
        (["stack", "film"], {"material": "nylon", "elements": 0}, "stack.film.elements", "1"),
        (["model", "lateral"], "clamped", "model.lateral", "'confined'"),
        (["model", "section", "columns"], 0, "model.section.columns", "1"),
        (["name"], "../../etc", "name", "slash"),
    ],
)
def test_one_fault(path, value, where, word):
    """A fault in a generated cell shall be found where it is, and its error say what is needed."""
    found = problems(with_value(GOOD, path, value))
    assert [problem.where for problem in found] == [where], found
    assert word in str(found[0]), found[0]


@pytest.mark.parametrize(
    ("path", "value", "where", "word"),
    [
        (["layer"], [], "layers", "at least one"),
        (["layer", 0, "thickness"], "-1 mm", "layer 1, thickness", "above zero"),
        (["layer", 0, "thickness"], "0 mm", "layer 1, thickness", "above zero"),
        (["layer", 1, "thickness"], ..., "layer 2, thickness", "25 um"),
        (["layer", 1, "half_width"], "1 cm", "edge_fill", "'open gap'"),
        (["layer", 1, "name"], "a", "layer 'a'", "2 times"),
        (["layer", 1, "porosity"], 1.2, "layer 2, porosity", "between 0 and 1"),
        (["layer", 1, "porosity"], 0.86, "layer 2, porosity", "less than 0.85"),
        (["layer", 1, "porosity"], 0.05, "layer 2, porosity", "more than 0.06"),
        (["layer", 0, "porosity"], 0.3, "layer 1, porosity", "dense"),
        (["layer", 0, "material", "K"], "2 GPa", "layer 1, material", "E and nu, or K and G"),
        (["layer", 0, "material", "nu"], ..., "layer 1, material", "E and nu, or K and G"),
        (["layer", 0, "material", "nu"], 0.5, "layer 1, material.nu", "between -1 and 0.5"),
        (["layer", 0, "material", "E"], "70 GPaa", "layer 1, material.E", "no known unit"),
        (["layer", 0, "material", "hardening"], "1 GPa", "layer 1, material.hardening", "no effect"),
        (["layer", 0, "material", "yeild"], "1 MPa", "layer 1, material.yeild", "did you mean 'yield'"),
        (["layer", 0, "electrode"], 1, "layer 1, kind", "beside electrode"),
        (["layer", 0, "role"], "lid", "layer 1, role", "'other'"),
        (["layer", 0], "glass", "layer 1", "a table"),
    ],
)
def test_one_fault_in_a_layer(path, value, where, word):
    """A fault in a body stated layer by layer shall be found where it is."""
    found = problems(with_value(LAYERS, path, value))
    assert [problem.where for problem in found] == [where], found
    assert word in str(found[0]), found[0]


def test_all_faults_in_one_go():
    """Faults in every table shall be reported together, those between keys beside those of values."""
    document = copy.deepcopy(GOOD)
    document["stack"]["electrodes"] = 5
    document["stack"]["cathode"] |= {"thickness": "40 um", "porosity": 1.5, "lodaing": 1}
    document["stack"]["anode"]["press_density"] = "3 g/cm^3"
    document["recipe"] |= {"pressure": "0 Pa", "hold": 5, "faces": ["left"]}
    document["model"]["fidelity"] = "sektion"
    document["electrolyte"] = True
    assert {problem.where for problem in problems(document)} == {
        "stack.electrodes",
        "stack.cathode",
        "stack.cathode.porosity",
        "stack.cathode.lodaing",
        "stack.anode.press_density",
        "recipe.pressure",
        "recipe.hold",
        "recipe.faces",
        "model.fidelity",
        "electrolyte",
    }


def paths(node, prefix=()):
    """Every path in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*prefix, key)
        yield from paths(value, (*prefix, key))


NEW_KEYS = ["scenario", "pouch", "film", "log", "layer", "stack", "composition", "thickness", "é"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.datetimes(),
    st.builds(
        "{} {}".format,
        st.one_of(st.integers(), st.floats()),
        st.sampled_from(["MPa", "um", "s", "degC", "mg/cm^2", "g/cm^3", "%", "", "m^2", "C", "**", "1/s"]),
    ),
    st.sampled_from(["all", "top", "nmc622", "bag", "between", "printed", "frame", "section", "x.toml"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_only_input_errors_come_out(data):
    """However a case file is spoilt, the reader shall accept it or raise InputError, nothing else."""
    document = data.draw(st.sampled_from([GOOD, LAYERS]))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(list(paths(document))))
        action = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "add":
            path = (
                *path[:-1],
                data.draw(st.sampled_from(["scenario", "pouch", "film", "log", "layer", "é"])),
            )
            if not isinstance(_at(document, path[:-1]), dict):
                continue
        document = with_value(document, path, ... if action == "remove" else data.draw(VALUES))
        if not list(paths(document)):
            break
    try:
        c = case.from_document(document, "test")
        c.to_dict(), c.describe(), c.assumptions
    except InputError as error:
        assert str(error) and all(problem.where and problem.needed for problem in error.problems)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_any_file_at_all(tmp_path_factory, content):
    """A file of any bytes shall be read as a case or be an InputError."""
    path = tmp_path_factory.mktemp("any") / "case.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError):
        case.load(path)


def _at(document, path):
    for key in path:
        document = document[key]
    return document
