"""Specs: what they may say, and that mistakes are found before anything runs."""

import numpy as np
import pytest

from isosim.errors import InputError
from tests.sweep.specs import CELL, POROSITY, PRESSURE, isosim, sweep, write

MISTAKES = {
    "unknown table key": ({"sample": 3}, "'samples'"),
    "path typo": ({"vary": ['"recipe.presure" = { from = "1 MPa", to = "2 MPa" }']}, "'pressure'"),
    "card typo": ({"vary": ['"nmc622.cap.hardning" = ["60 MPa"]']}, "'cap.hardening'"),
    "no such card": ({"vary": ['"nmc811.cap.hardening" = ["60 MPa"]']}, "nmc622"),
    "no unit": ({"vary": ['"recipe.pressure" = { from = 80, to = "400 MPa" }']}, "without a unit"),
    "out of range": ({"vary": ['"recipe.pressure" = { from = "80 Pa", to = "400 MPa" }']}, "1 kPa"),
    "porosity no law can have": ({"vary": ['"nmc622.porosity" = { from = 0.01, to = 0.4 }']}, "porosity"),
    "both ends alike": (
        {"vary": ['"recipe.pressure" = { from = "80 MPa", to = "80 MPa" }']},
        "from below to",
    ),
    "typo in a range": ({"vary": ['"recipe.pressure" = { form = "80 MPa", to = "90 MPa" }']}, "'from'"),
    "points of a sample": (
        {"vary": ['"recipe.pressure" = { from = "80 MPa", to = "90 MPa", points = 3 }']},
        "samples says how many",
    ),
    "seed of a grid": ({"method": "grid", "samples": None}, "no effect"),
    "unbalanced sequence": ({"method": "sobol", "samples": 100}, "power of two"),
    "a table": ({"vary": ['"stack.cathode" = ["nmc622"]']}, "one of its keys"),
    "words in a range": ({"vary": ['"model.lateral" = { from = "free", to = "confined" }']}, "a list"),
    "unknown word": ({"vary": ['"model.lateral" = ["free", "fre"]']}, "'free'"),
    "spread in degC": ({"vary": ['"recipe.temperature" = { mean = "60 degC", sd = "5 degC" }']}, "in K"),
    "scenario says it": ({"vary": ['"stack.cathode.porosity" = [0.3]']}, "leave one of them out"),
    "no such file": (
        {"method": "list", "file": "no.csv", "vary": (), "samples": None, "seed": None},
        "no.csv",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_found_first(tmp_path, mistake):
    """A mistake in a spec shall be an InputError that names the cure."""
    keys, words = MISTAKES[mistake]
    with pytest.raises(InputError) as caught:
        sweep(tmp_path, **keys)
    assert words in str(caught.value)


def test_bad_spec_writes_nothing(tmp_path):
    """The command shall end with 2 on a bad spec and leave no store."""
    spec = write(tmp_path, vary=['"recipe.presure" = ["80 MPa"]'])
    done = isosim("sweep", "run", spec, "--store", tmp_path / "store")
    assert done.returncode == 2
    assert "did you mean 'pressure'" in done.stderr
    assert not (tmp_path / "store").exists()


def test_grid_is_every_combination(tmp_path):
    """A grid shall be the product of its axes, ends included, in SI."""
    vary = [
        '"recipe.pressure" = { from = "100 MPa", to = "400 MPa", points = 3, scale = "log" }',
        '"recipe.temperature" = ["25 degC", "90 degC"]',
        '"stack.electrodes" = [2, 4]',
    ]
    grid = sweep(tmp_path, method="grid", samples=None, seed=None, vary=vary)
    assert grid.count == 12
    assert len(set(grid.ids)) == 12
    np.testing.assert_allclose(np.unique(grid.values["recipe.pressure"]), [1e8, 2e8, 4e8], rtol=1e-15)
    np.testing.assert_allclose(np.unique(grid.values["recipe.temperature"]), [298.15, 363.15])


def test_nested_paths_are_quoted_paths(tmp_path):
    """TOML's own dotted keys shall say the same as a quoted path."""
    quoted = sweep(tmp_path)
    nested = sweep(tmp_path, vary=[line.replace('"', "", 2) for line in (PRESSURE, POROSITY)])
    np.testing.assert_array_equal(quoted.ids, nested.ids)


def test_list_reads_units_of_its_header(tmp_path):
    """A CSV shall take its units from the header, and report every bad cell with its line."""
    (tmp_path / "cases.csv").write_text("recipe.pressure [MPa],model.lateral\n120,free\n400,confined\n")
    keys = {"method": "list", "file": "cases.csv", "samples": None, "seed": None, "vary": ()}
    listed = sweep(tmp_path, **keys)
    np.testing.assert_allclose(listed.values["recipe.pressure"], [120e6, 400e6])
    assert list(listed.values["model.lateral"]) == ["free", "confined"]
    (tmp_path / "cases.csv").write_text("recipe.pressure [MPa]\n120\nx\n1 2\n")
    with pytest.raises(InputError, match=r"(?s)line 3.*line 4"):
        sweep(tmp_path, **keys)


def test_samples_fill_their_ranges(tmp_path):
    """A Latin hypercube shall have one case in each slice of each axis; a seed shall give the same cases."""
    first, again, other = (sweep(tmp_path, seed=seed) for seed in (1, 1, 2))
    u = (first.values["recipe.pressure"] - 1e8) / 3e8
    np.testing.assert_array_equal(np.sort((u * 200).astype(int)), np.arange(200))
    np.testing.assert_array_equal(first.ids, again.ids)
    assert not set(first.ids) & set(other.ids)


def test_sobol_sequence_grows(tmp_path):
    """Twice the samples of a Sobol sequence shall begin with the same cases, so that a store can grow."""
    small, large = (sweep(tmp_path, method="sobol", samples=n) for n in (64, 128))
    np.testing.assert_array_equal(large.ids[:64], small.ids)


def test_identity_is_of_the_content(tmp_path):
    """A case shall keep its identity however it is run, and change it with its base."""
    (tmp_path / "cell.toml").write_text(CELL)
    first = sweep(tmp_path, case="cell.toml")
    assert sweep(tmp_path, case="cell.toml", processes=1, batch=7).ids[0] == first.ids[0]
    (tmp_path / "cell.toml").write_text(CELL.replace("11 mg", "12 mg"))
    assert sweep(tmp_path, case="cell.toml").ids[0] != first.ids[0]


def test_identity_changes_with_the_code(tmp_path, monkeypatch):
    """Results of another version of the code shall not pass for those of this one."""
    first = sweep(tmp_path).ids
    monkeypatch.setattr("isosim.sweep.identity.code", lambda fidelity: "another")
    assert not set(first) & set(sweep(tmp_path).ids)
