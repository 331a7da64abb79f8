"""Cases by name and by file."""

import json
import re

import pytest

from isosim import case
from isosim.errors import InputError

OWN = """
schema_version = 1
[stack]
electrodes = 2
cathode = { material = "nmc622", loading = "11.45 mg/cm^2", porosity = 0.35 }
anode = { material = "graphite", loading = "7.5 mg/cm^2", porosity = "50 %" }
[recipe]
pressure = "17.4 ksi"
"""


@pytest.fixture
def own(tmp_path):
    """Writes a case file and loads it."""

    def load(text=OWN, **overrides):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return case.load(path, {key.replace("__", "."): value for key, value in overrides.items()})

    return load


def test_the_seven_cells_of_table_2():
    """The set dixit2024 shall hold the seven cells of Table 2 with their layers, pressures, temperatures."""
    table = {
        "120RT-2": (2, 120e6, 298.15),
        "120C90-2": (2, 120e6, 363.15),
        "414RT-2": (2, 414e6, 298.15),
        "120RT-4": (4, 120e6, 298.15),
        "120RT-10": (10, 120e6, 298.15),
        "120RT-20": (20, 120e6, 298.15),
        "120RT-40": (40, 120e6, 298.15),
    }
    cases = case.load_set("dixit2024")
    found = {c.name: (len(c.stack().electrodes), c.recipe.pressure, c.recipe.temperature) for c in cases}
    assert found == table and list(found) == list(case.names())
    assert all(c.recipe.hold == 300.0 and c.recipe.faces == "all" for c in cases)


def test_a_cell_by_its_name():
    """A cell shall be found by its name alone, and be that of the set."""
    assert case.load("414RT-2").to_dict() == case.load_set("dixit2024")[2].to_dict()


def test_an_own_file(own):
    """A case file of one's own shall be read, its name that of the file, defaults for the rest."""
    c = own()
    assert c.name == "mine" and c.scenario == ""
    assert c.recipe.pressure == pytest.approx(120e6, rel=1e-3)
    assert (c.model.fidelity, c.model.lateral, c.model.section.columns) == ("section", "free", 24)
    assert [layer.thickness for layer in c.stack().layers if layer.role == "coating"] == pytest.approx(
        [42.82e-6, 67.97e-6], rel=1e-3
    )


@pytest.mark.parametrize("text", ["-70 degC", "203.15 K", "-94 degF", "300 degC", "573.15 K", "572 degF"])
def test_the_ends_of_the_temperatures(own, text):
    """The coldest and the hottest temperature allowed shall be allowed, in any unit; a degree more not."""
    kelvin = own(recipe__temperature=text).recipe.temperature
    assert kelvin == pytest.approx(203.15 if kelvin < 300.0 else 573.15)
    for beyond in ("-71 degC", "301 degC"):
        with pytest.raises(InputError, match="between -70 and 300 degC"):
            own(recipe__temperature=beyond)


@pytest.mark.parametrize("fidelity", ["section", "column"])
def test_lateral_at_both_fidelities(own, fidelity):
    """Every way to hold a cell sideways shall be open to a case at either fidelity."""
    for lateral in ("free", "one direction", "confined"):
        assert own(model__fidelity=fidelity, model__lateral=lateral).model.lateral == lateral


def test_extrapolated_temperatures_are_said(own):
    """Materials shall say so where a recipe leaves 20 to 95 degC, the reach of their cards, and else not."""
    for text, beyond in (("20 degC", ""), ("95 degC", ""), ("96 degC", "96 degC"), ("-20 degC", "-20 degC")):
        c = own(recipe__temperature=text)
        said = [line for line in c.assumptions if "extrapolated" in line]
        assert len(said) == bool(beyond)
        coating = c.stack().materials["nmc622"].assumptions
        assert any(f"used at {beyond}, known at 25 and 90 degC" in line for line in coating) == bool(beyond)


def test_what_a_column_does_not_see(own):
    """Options that only a section sees shall be named at fidelity column, if given, and not be an error."""
    options = {
        "edge_fill": "frame",
        "stack__overhang": True,
        "model__section__columns": 30,
        "recipe__faces": ["top", "bottom"],
    }
    keys = {"edge_fill", "stack.overhang", "model.section.columns", "'bottom' in recipe.faces"}

    def named(c):
        return {row["what"] for row in c.describe() if "without effect" in row["value"]}

    section = own(**options)
    column = section.changed({"model.fidelity": "column"})
    assert (named(section), named(column), named(own(model__fidelity="column"))) == (set(), keys, set())
    assert not any("without effect" in line for line in section.assumptions)
    (said,) = (line for line in column.assumptions if "without effect" in line)
    assert all(key in said for key in keys)


def test_a_file_as_a_set(own, tmp_path):
    """A file of one case shall be a set of one; a set shall not be taken for one case."""
    own()
    assert [c.name for c in case.load_set(tmp_path / "mine.toml")] == ["mine"]
    with pytest.raises(InputError, match="a set of 7"):
        case.load("dixit2024")


def test_an_own_set(tmp_path):
    """A file with [[cell]] tables shall be a set: the common part, each cell's values written over it."""
    path = tmp_path / "mine.toml"
    path.write_text(OWN + '[[cell]]\nname = "a"\n[[cell]]\nrecipe.pressure = "50 MPa"\n')
    first, second = case.load_set(path)
    assert (first.name, second.name) == ("a", "mine 2")
    assert (first.recipe.pressure, second.recipe.pressure) == (pytest.approx(119.97e6, rel=1e-4), 50e6)
    path.write_text(OWN + '[[cell]]\nname = "a"\n[[cell]]\nname = "a"\n')
    with pytest.raises(InputError, match="a name of its own"):
        case.load_set(path)


def test_overrides(own):
    """Dotted overrides shall replace values, take keys out by None, and be checked like the file."""
    c = own(model__fidelity="column", stack__electrodes=4, recipe__hold="10 s")
    assert (c.model.fidelity, len(c.stack().electrodes), c.recipe.hold) == ("column", 4, 10.0)
    again = c.changed({"recipe.hold": None})
    assert again.recipe.hold == 300.0 and len(again.stack().electrodes) == 4
    with pytest.raises(InputError, match="unknown key"):
        c.changed({"recipe.hodl": "10 s"})
    with pytest.raises(InputError, match="a key inside a value"):
        c.changed({"recipe.pressure.high": 1})


def test_changing_a_case_leaves_it_as_it_was(own):
    """A changed case shall leave the case it came from as it was."""
    c = own()
    before = c.to_dict()
    c.changed({"stack.cathode.porosity": 0.4, "stack.sides": 2})
    assert c.to_dict() == before


def test_equal_input_equal_dict(own):
    """The dict of a case shall hold JSON only, be equal for equal input, and change with any value used."""
    c = own()
    assert json.loads(json.dumps(c.to_dict())) == c.to_dict() == own().to_dict()
    for key, value in {"recipe.hold": "1 s", "stack.cathode.material": "nmc622_log"}.items():
        assert c.changed({key: value}).to_dict() != c.to_dict()


def test_a_log_beside_the_case(own, tmp_path):
    """A logged CSV shall be found beside its case file and take the place of pressure and times."""
    (tmp_path / "press.csv").write_text("time_s,pressure_MPa\n0,0\n100,120\n400,120\n500,0\n")
    text = OWN.replace('pressure = "17.4 ksi"', 'log = "press.csv"\ntemperature = "90 degC"')
    c = own(text)
    assert (c.recipe.pressure, c.recipe.hold, c.recipe.temperature) == (120e6, 300.0, 363.15)
    rows = {row["what"]: row["value"] for row in c.describe() if row["part"] == "recipe"}
    assert (rows["pressure"], rows["peak pressure"]) == ("120 MPa", "120 MPa")
    (tmp_path / "press.csv").write_text("time_s,pressure_MPa\n0,0\n100,121\n400,121\n500,0\n")
    assert own(text).to_dict() != c.to_dict()


def test_a_card_beside_the_case(own, tmp_path):
    """A card of one's own shall be found beside its case file."""
    import isosim.materials

    card = isosim.materials._CARDS / "nmc622.toml"
    text = re.sub(r'(\[cap.hardening\]\nvalue = )"[^"]*"', r'\1"63 MPa"', card.read_text())
    (tmp_path / "mine_622.toml").write_text(text)
    stack = own(OWN.replace('"nmc622"', '"mine_622.toml"')).stack()
    assert stack.materials["mine_622.toml"].law.cap.hardening == 63e6


def test_layers_one_by_one(own):
    """Any layered body shall be stated layer by layer, by cards or by constants."""
    stack = own(
        """
        schema_version = 1
        edge_fill = "frame"
        recipe = { pressure = "50 MPa", faces = ["top"] }
        [[layer]]
        name = "glass"
        material = { E = "70 GPa", nu = 0.25 }
        thickness = "1 mm"
        half_width = "20 mm"
        elements = 3
        [[layer]]
        name = "rubber"
        material = { K = "2 GPa", G = "1 MPa", yield = "3 MPa", hardening = "1 MPa" }
        thickness = "500 um"
        half_width = "18 mm"
        [[layer]]
        name = "cake"
        material = "nmc622"
        porosity = 0.3
        thickness = "60 um"
        half_width = "18 mm"
        """
    ).stack()
    glass, rubber, cake = (stack.materials[layer.material].law for layer in stack.layers)
    assert (glass.bulk_modulus, glass.shear_modulus) == (pytest.approx(140e9 / 3), pytest.approx(28e9))
    assert glass.yield_stress == float("inf")
    assert (rubber.bulk_modulus, rubber.yield_stress, rubber.hardening) == (2e9, 3e6, 1e6)
    assert stack.layers[2].porosity == 0.3 and cake.reference_porosity == 0.35
    assert (stack.layers[0].elements, stack.fill_material) == (3, "frame")


def test_unknown_cases():
    """A misspelt case shall be answered with the nearest name, a missing file by its path."""
    with pytest.raises(InputError, match="did you mean 'dixit2024'"):
        case.load_set("dixit2042")
    with pytest.raises(InputError, match="cannot be read"):
        case.load("nowhere.toml")


def test_the_schema_knows_every_key():
    """The JSON schema shall describe every key that a case may have, refuse others, and show units."""
    schema = case.schema()
    assert schema["additionalProperties"] is False
    assert {"schema_version", "stack", "layer", "recipe", "model", "scenario"} <= set(schema["properties"])
    tables = schema["$defs"]
    assert all(table["additionalProperties"] is False for table in tables.values())
    assert tables["LayerTable"]["properties"]["thickness"]["examples"] == ["25 um"]
    card, constants = tables["LayerTable"]["properties"]["material"]["anyOf"]
    assert card["type"] == "string"
    assert "yield" in tables.get("Body", constants)["properties"]  # pydantic refers to it or writes it out
    assert "material" not in tables["CathodeTable"]["required"]  # a scenario may say it
    assert tables["StackTable"]["properties"]["half_width"]["default"] == "25 mm"
    assert json.loads(json.dumps(schema)) == schema


def test_both_fillings_are_two_cases(tmp_path):
    """With edge_fill = "both" a case shall be pressed with each filling, under names that say which."""
    two = case.load_set("120RT-2", overrides={"edge_fill": "both"})
    assert [(c.name, c.stack().edge_fill) for c in two] == [
        ("120RT-2, open gap", "open gap"),
        ("120RT-2, frame", "frame"),
    ]
    with pytest.raises(InputError, match="a set of 2"):
        case.load("120RT-2", {"edge_fill": "both"})
