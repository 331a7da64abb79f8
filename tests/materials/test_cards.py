"""The cards that come with the package."""

import math
import re

import pytest

from isosim import materials
from isosim.materials.card import PROVENANCE

CARDS = materials.names()


def test_every_layer_of_the_dummy_cell_has_a_card():
    """Coatings, foils, separator, film, pouch, bag and both edge fillings shall have cards."""
    needed = {
        *("nmc622", "graphite", "nmc622_foil_included", "graphite_foil_included", "nmc622_log"),
        *("celgard2325", "al_foil", "cu_foil", "nylon", "pouch_al", "cpp", "bag", "pressure_film"),
        *("open_gap", "frame"),
    }
    assert needed <= set(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_every_value_has_its_story(name):
    """Every value shall have a source, a provenance and a confidence; second-hand ones shall say so."""
    rows = materials.show(name)
    assert rows
    for row in rows:
        assert len(row["source"]) > 5 and row["provenance"] in PROVENANCE.values(), row
        assert row["confidence"] in {"H", "M", "L"}, row
    memory = [row for row in rows if row["provenance"] == PROVENANCE["M"]]
    assert all(row["confidence"] != "H" for row in memory)


@pytest.mark.parametrize("name", CARDS)
def test_no_card_names_a_machine(name):
    """A source shall be a publication or a plain statement, never a path or an address of a machine."""
    for row in materials.show(name):
        assert not re.search(r"(^|\s)/\w+/|https?://|localhost|\.py\b", row["source"]), row


@pytest.mark.parametrize("name", CARDS)
def test_every_card_makes_a_law(name):
    """A card shall give a law whose parameters and unpressed state are finite at room and at 90 degC."""
    material = materials.load(name)
    for temperature in (298.15, 363.15):
        row = material.law.at(temperature)
        assert all(map(math.isfinite, row)), name
    assert all(map(math.isfinite, material.law.initial_state()))


@pytest.mark.parametrize("name", CARDS)
def test_unknown_expansion_is_said(name):
    """A card without thermal expansion shall say among its assumptions that it is taken as zero."""
    assert any("thermal expansion" in text for text in materials.load(name).assumptions)


def test_factors_hold_where_the_card_says():
    """The factors of a card shall hold at its temperature: yield and moduli of the bag at 90 degC."""
    material = materials.load("bag")
    cold, hot = material.law.thermal.reference_temperature, 363.15
    decay = lambda rate: math.exp(-rate * (hot - cold))  # noqa: E731
    assert decay(material.law.thermal.strength) == pytest.approx(0.35)
    assert decay(material.law.thermal.bulk) == pytest.approx(0.8)
    assert decay(material.law.thermal.shear) == pytest.approx(0.25)


def test_solid_densities_follow_from_the_compositions():
    """NMC622:PVDF:CB 90:5:5 shall be 4.114 g/cm3 of solid, graphite 92:6:2 shall be 2.207 g/cm3."""
    assert materials.load("nmc622").solid_density == pytest.approx(4113.8, abs=0.1)
    assert materials.load("graphite").solid_density == pytest.approx(2206.9, abs=0.1)
    assert materials.load("bag").solid_density is None


def test_young_and_poisson_become_bulk_and_shear():
    """E and nu of a card shall give K = E/3(1-2nu) and G = E/2(1+nu)."""
    foil = materials.load("al_foil").law
    assert foil.bulk_modulus == pytest.approx(69e9 / (3 * (1 - 0.66)))
    assert foil.shear_modulus == pytest.approx(69e9 / (2 * 1.33))


def test_fillings_are_no_materials():
    """The edge fillings shall be labelled numerical and have moduli that do not depend on porosity."""
    rows = {row["name"]: row for row in materials.table()}
    for name in ("open_gap", "frame"):
        assert rows[name]["kind"] == "numerical device"
        assert math.isinf(materials.load(name).law.stiffness_porosity)
