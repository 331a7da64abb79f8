"""The page of a sweep, in numbers and in a browser."""

import re
import subprocess

import numpy as np
import pytest

import isosim
from isosim.errors import InputError
from isosim.report.sweep import page
from isosim.sweep import goals
from isosim.sweep.sensitivity import sobol_indices
from tests.sweep.specs import run_here, sweep

VARY = (
    '"recipe.pressure" = { from = "100 MPa", to = "200 MPa" }',
    '"nmc622.porosity" = { from = 0.33, to = 0.37 }',
    '"recipe.temperature" = ["25 degC", "90 degC"]',
)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """A finished sweep with Saltelli's design, one key of it in steps, so that cases repeat."""
    folder = tmp_path_factory.mktemp("saltelli")
    ready = sweep(folder, method="saltelli", samples=64, vary=VARY, batch=None)
    run_here(ready, folder / "store")
    return isosim.open_sweep(folder / "store")


def test_equal_cases_run_once(view):
    """Rows of a design that are alike shall be one case, and the indices shall still have every row."""
    assert view.manifest["cases"] < 64 * 5
    assert len(sobol_indices(view, ["porosity_cathode_disassembled"])) == 3


def test_indices_are_those_of_a_known_function(view):
    """Sobol indices shall be those of a linear function: shares of variance that add up to one."""
    found = sobol_indices(view, ["nmc622.porosity"]).set_index("key")
    np.testing.assert_allclose(found["first"], [0.0, 1.0, 0.0], atol=0.15)
    np.testing.assert_allclose(found["total"], [0.0, 1.0, 0.0], atol=0.15)
    assert (found.total_confidence >= 0.0).all()


def test_front_is_what_nothing_beats():
    """The Pareto front shall be the cases that no other beats in both, equal ones once."""
    rng = np.random.default_rng(0)
    first, second = rng.uniform(size=(2, 300)).round(2)
    best = goals.front(first, second)
    for k in range(300):
        beaten = (
            (first <= first[k]) & (second <= second[k]) & ((first < first[k]) | (second < second[k]))
        ).any()
        alike = (first[best] == first[k]) & (second[best] == second[k])
        assert alike.any() != beaten


@pytest.mark.browser
def test_page_in_a_browser(view):
    """The page shall open in a browser with all its figures and tables, and ask nothing of a network."""
    path = page.write(view, ["min porosity_cathode_disassembled", "max lateral_strain_x_held"])
    source = path.read_text("utf-8")
    assert not re.search(r'(?:src|href)="(?!#|data:)', source.replace('xlink:href="#', ""))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    for name in ("curves", "indices", "matrix", "pareto"):
        assert f'<figure id="{name}">' in seen
    assert "Farthest from “min porosity_cathode_disassembled”" in seen
    assert "cases are on the front" in seen


def test_bad_goal_is_bad_input(view):
    """A goal that is none of the sweep shall be refused with the nearest name."""
    with pytest.raises(InputError, match="porosity_cathode_held"):
        goals.read(["min porosity_cathode_heldd"], view)
    with pytest.raises(InputError, match="max NAME"):
        goals.read(["porosity_cathode_held"], view)


def test_no_indices_without_the_design(tmp_path):
    """A sweep by another design, and an unfinished one, shall say why there are no Sobol indices."""
    ready = sweep(tmp_path, samples=30, vary=VARY[:1])
    run_here(ready, tmp_path / "store")
    view = isosim.open_sweep(tmp_path / "store")
    assert "need method" in page.write(view, []).read_text("utf-8")
    with pytest.raises(InputError, match="saltelli"):
        sobol_indices(view, ["porosity_cathode_held"])
