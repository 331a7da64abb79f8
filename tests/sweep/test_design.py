"""Designs: the answer is known before the question is asked."""

import numpy as np
import pytest

from isosim.case import load
from isosim.column import press_many
from isosim.errors import InputError
from isosim.pressing import press
from isosim.sweep import confidence, design, design_text, readings
from isosim.sweep.cases import vary
from isosim.sweep.keys import find
from tests.sweep.specs import CELL

PRESSURE = '"recipe.pressure" = { from = "80 MPa", to = "300 MPa" }'
PORES = "porosity_cathode_disassembled"


def write(folder, vary=(PRESSURE,), targets=(), limits=(), case="120RT-2", **keys):
    """The file of a design."""
    lines = [f"{name} = {value!r}" for name, value in keys.items()]
    tables = [("vary", vary), ("targets", targets), ("limits", limits)]
    blocks = [line for name, rows in tables if rows for line in (f"[design.{name}]", *rows)]
    head = ["schema_version = 1", "[design]", f"case = {case!r}", "seed = 1", *lines]
    path = folder / "design.toml"
    path.write_text("\n".join([*head, *blocks, ""]), "utf-8")
    return path


def solve(*arguments, **keys):
    """The answer to a design."""
    return design.solve(design.load_design(write(*arguments, **keys)), lambda text: None)


def known(pressure, **others):
    """Readings of the base at a pressure [Pa]."""
    found = readings.of_columns(press_many(load("120RT-2"), {"pressure": np.array([pressure]), **others}))
    return {name: float(values[0]) for name, values in found.items()}


def test_target_is_met_where_it_was_made(tmp_path):
    """The reading of a known pressure as the target shall give that pressure back."""
    value = known(147e6)[PORES]
    answer = solve(tmp_path, targets=[f"{PORES} = {{ value = {value!r}, within = 0.001 }}"])
    assert answer.holds
    assert list(answer.values.values()) == pytest.approx([147e6], rel=1e-3)
    assert "holds" in design_text.text(answer, confidence.moved(answer))


def test_least_pressure_is_on_the_limit(tmp_path):
    """The least pressure under a limit shall be the pressure at which the limit is reached."""
    value = known(200e6)[PORES]
    answer = solve(tmp_path, limits=[f"{PORES} = {{ most = {value!r} }}"], minimise="recipe.pressure")
    assert list(answer.values.values()) == pytest.approx([200e6], rel=1e-2)
    assert answer.column[PORES] == pytest.approx(value, rel=1e-3)


def test_two_targets_two_keys(tmp_path):
    """Pressure and porosity of the coating shall both be found from thickness and pores left."""
    truth = known(180e6, **{"nmc622.porosity": np.array([0.37])})
    names = (PORES, "reduction_cathode_coating")
    vary = (PRESSURE, '"nmc622.porosity" = { from = 0.3, to = 0.4 }')
    answer = solve(
        tmp_path, vary=vary, targets=[f"{n} = {{ value = {truth[n]!r}, within = 1e-4 }}" for n in names]
    )
    assert list(answer.values.values()) == pytest.approx([180e6, 0.37], rel=5e-3)


def test_what_cannot_be_met_does_not_hold(tmp_path):
    """A target out of reach shall give the nearest values and say that it does not hold."""
    answer = solve(tmp_path, targets=[f"{PORES} = {{ value = 0.01, within = 0.001 }}"])
    assert not answer.holds
    assert list(answer.values.values()) == pytest.approx([300e6], rel=1e-3)
    text = design_text.text(answer, [])
    assert "does not hold" in text
    assert "at the end of its range" in text


def test_what_it_rests_on_is_measured(tmp_path):
    """The stated change by an assumed value shall be that of pressing with the value at its range's end."""
    value = known(147e6)[PORES]
    answer = solve(tmp_path, targets=[f"{PORES} = {{ value = {value!r}, within = 0.001 }}"])
    name = "nmc622.cap.minimum_porosity"
    entry = next(m for m in confidence.moved(answer) if m.name == name)
    (pressure,) = answer.values.values()
    apart = known(pressure, **{name: np.array([entry.low])})[PORES] - known(pressure)[PORES]
    assert entry.change[0] == pytest.approx(apart, rel=1e-9)
    assert entry.value.confidence == "L"
    assert name in design_text.text(answer, [entry])


MISTAKES = {
    "unknown reading": (
        {"targets": ['"porosity_cathode" = { value = 0.1, within = 0.01 }']},
        "porosity_cathode_held",
    ),
    "nothing asked": ({}, "something to minimise"),
    "no range": ({"vary": ['"recipe.pressure" = ["80 MPa"]'], "minimise": PORES}, "from, to"),
    "no unit": ({"targets": ["height_held = { value = 1, within = 1 }"]}, "without a unit"),
    "no column sees it": (
        {"vary": ['"stack.half_width" = { from = "1 cm", to = "2 cm" }'], "minimise": PORES},
        "a column sees",
    ),
    "empty limit": ({"limits": [f"{PORES} = {{}}"], "minimise": "recipe.pressure"}, "least, most"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_found_first(tmp_path, mistake):
    """A mistake in a design shall be an InputError that names the cure."""
    keys, words = MISTAKES[mistake]
    with pytest.raises(InputError, match=words):
        design.load_design(write(tmp_path, **keys))


def test_key_without_effect_is_refused(tmp_path):
    """A key that moves nothing of what is asked shall be refused, not given an arbitrary value."""
    (tmp_path / "cell.toml").write_text(CELL + '\n[model]\nlateral = "confined"\n')
    vary = (PRESSURE, '"stack.bag.thickness" = { from = "100 um", to = "200 um" }')
    with pytest.raises(InputError, match=r"stack\.bag\.thickness.*without effect"):
        design.load_design(
            write(
                tmp_path,
                vary=vary,
                case="cell.toml",
                targets=[f"{PORES} = {{ value = 0.15, within = 0.01 }}"],
            )
        )


def test_disagreement_is_reported(tmp_path, monkeypatch):
    """A section that misses a target which the column meets shall be told apart, and the answer not hold."""
    thinner = {"nmc622.cap.minimum_porosity": 0.05}

    def section(case):
        assert case.model.fidelity == "section"
        return press(vary(case, {find(n, case): v for n, v in thinner.items()}), fidelity="column")

    monkeypatch.setattr("isosim.sweep.design.press", section)
    value = known(147e6)[PORES]
    targets = [f"{PORES} = {{ value = {value!r}, within = 0.001 }}"]
    answer = solve(tmp_path, targets=targets, confirm="section")
    assert not answer.holds
    text = design_text.text(answer, [])
    assert "holds for the column, not for the section" in text
    assert f"apart by {answer.section[PORES] - answer.column[PORES]:.4g}" in text


@pytest.mark.fem
@pytest.mark.long
def test_section_confirms(tmp_path):
    """The answer pressed as a section shall stand beside that of the column, and how far they are apart."""
    (tmp_path / "cell.toml").write_text(CELL + "\n[model.section]\ncolumns = 4\n")
    vary = ['"recipe.pressure" = { from = "5 MPa", to = "25 MPa" }']
    value = float(press_many(load(tmp_path / "cell.toml"), {"pressure": 15e6}).porosity[0, 0, -1])
    targets = [f"{PORES} = {{ value = {value!r}, within = 0.005 }}"]
    answer = solve(tmp_path, vary=vary, case="cell.toml", targets=targets, confirm="section")
    assert answer.section is not None
    assert answer.section[PORES] == pytest.approx(answer.column[PORES], abs=0.005)
    assert "apart by" in design_text.text(answer, [])
