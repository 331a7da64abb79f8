"""Coatings as people have them."""

import pytest

from isosim import case
from isosim.errors import InputError

LOADING = "11.45 mg/cm^2"
COMPOSITION = [
    {"name": "active", "fraction": 0.9, "density": "4.77 g/cm^3"},
    {"name": "binder", "fraction": 0.05, "density": "1.78 g/cm^3"},
    {"name": "carbon", "fraction": 0.05, "density": "1.90 g/cm^3"},
]


def cathode_case(**cathode):
    cathode = {"material": "nmc622", "loading": LOADING, **cathode}
    anode = {"material": "graphite", "loading": "7.5 mg/cm^2", "porosity": 0.5}
    return case.from_document(
        {
            "schema_version": 1,
            "stack": {"electrodes": 2, "cathode": cathode, "anode": anode},
            "recipe": {"pressure": "120 MPa"},
        },
        "test",
    )


def coating(**cathode):
    return cathode_case(**cathode).table.stack.cathode.build()


def test_mass_balance():
    """Loading shall equal solid density times solid fraction times thickness."""
    c = coating(porosity=0.35)
    assert c.solid_density * (1 - c.porosity) * c.thickness == pytest.approx(c.loading)
    assert c.thickness == pytest.approx(42.82e-6, rel=1e-4)


@pytest.mark.parametrize("porosity", [0.1, 0.35, 0.6])
def test_any_one_of_three_gives_the_others(porosity):
    """Porosity, press density and thickness shall describe the same coating, whichever is given."""
    first = coating(porosity=porosity)
    by_density = coating(press_density=f"{first.density / 1e3!r} g/cm^3")
    by_thickness = coating(thickness=f"{first.thickness * 1e6!r} um")
    for other in (by_density, by_thickness):
        assert other.porosity == pytest.approx(porosity, rel=1e-9)
        assert other.thickness == pytest.approx(first.thickness, rel=1e-9)
    assert (by_density.stated, by_thickness.stated) == ("press_density", "thickness")


def test_the_composition_of_the_card_is_the_default():
    """Without a composition the card's shall be used; a composition given shall replace it."""
    assert coating(porosity=0.3).solid_density == pytest.approx(
        coating(porosity=0.3, composition=COMPOSITION).solid_density
    )
    heavy = [{"name": "active", "fraction": 1.0, "density": "4.77 g/cm^3"}]
    assert coating(porosity=0.3, composition=heavy).solid_density == 4770.0


@pytest.mark.parametrize(
    ("cathode", "word"),
    [
        ({}, "exactly one of porosity, press_density, thickness"),
        ({"porosity": 0.3, "thickness": "40 um"}, "exactly one of"),
        ({"press_density": "4.2 g/cm^3"}, "press_density: got a porosity of -0.02"),
        ({"thickness": "20 um"}, "thickness: got a porosity of -"),
        ({"porosity": 1.2}, "between 0 and 1"),
        ({"porosity": 0.05}, "more than 0.06"),
        ({"porosity": 0.9}, "less than 0.85"),
        ({"porosity": float("nan")}, "not finite"),
        ({"porosity": 0.3, "loading": "11.4 mg"}, "an areal loading"),
        ({"porosity": 0.3, "loading": "0 mg/cm^2"}, "above zero"),
        ({"porosity": 0.3, "material": "bag"}, "a porous material"),
        ({"porosity": 0.3, "material": "celgard2325"}, "has none"),
        ({"porosity": 0.3, "composition": COMPOSITION[:2]}, "add up to 0.95"),
        ({"porosity": 0.3, "composition": [{"name": "x", "fraction": 1.0}]}, "true density"),
    ],
)
def test_impossible_coatings(cathode, word):
    """A coating stated too little, too much, or impossibly shall be refused."""
    with pytest.raises(InputError, match=word):
        cathode_case(**cathode)


def test_what_is_computed_is_shown():
    """describe() shall tell what was given of a coating and what follows from it."""
    rows = {
        (row["part"], row["what"]): (row["value"], row["origin"])
        for row in cathode_case(thickness="40 um").describe()
    }
    assert rows["cathode", "thickness of the coating"] == ("40 um", "given")
    assert rows["cathode", "porosity"] == ("0.3042", "computed")
    assert rows["cathode", "density of the coating"] == ("2.862 g/cm^3", "computed")
    assert rows["cathode", "foil"] == ("al_foil, 15 um", "default")
    assert (rows["recipe", "pressure"][1], rows["recipe", "hold"]) == ("given", ("300 s", "default"))
