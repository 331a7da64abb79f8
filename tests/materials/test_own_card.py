"""Cards of one's own."""

import pytest

from isosim import materials
from isosim.errors import InputError

VALUE = 'value = {}\nsource = "a test"\nprovenance = "A"\nconfidence = "L"\n'


def entry(path, value):
    return f"[{path}]\n" + VALUE.format(f'"{value}"' if isinstance(value, str) else value)


def dense(young="3 GPa", extra=""):
    return (
        'schema_version = 1\ntitle = "mine"\n'
        + entry("elastic.young_modulus", young)
        + entry("elastic.poisson_ratio", 0.3)
        + extra
    )


def porous(**changes):
    values = {
        "elastic.bulk_modulus": "10 GPa",
        "elastic.shear_modulus": "6 GPa",
        "cap.reference_porosity": 0.4,
        "cap.p0": "5 MPa",
        "cap.hardening": "50 MPa",
        "surface.friction": 1.2,
    } | {key.replace("__", "."): value for key, value in changes.items()}
    text = 'schema_version = 1\ntitle = "mine"\n[cap]\nlaw = "Heckel"\n'
    return text + "".join(entry(key, value) for key, value in values.items() if value is not None)


@pytest.fixture
def load(tmp_path):
    """Writes a card and loads it."""

    def from_text(text):
        (tmp_path / "mine.toml").write_text(text)
        return materials.load("mine.toml", tmp_path)

    return from_text


def test_a_card_by_its_path(load):
    """A card of one's own shall be loaded by its path and be as good as a built-in one."""
    material = load(dense())
    assert (material.name, material.kind) == ("mine.toml", "dense")
    assert material.law.shear_modulus == pytest.approx(3e9 / 2.6)
    assert load(porous()).law.reference_porosity == 0.4


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("title = 'x'", "schema_version"),
        (dense(young=3), "without a unit"),
        (dense(young="3 kg"), "measures something else"),
        (dense(young="-3 GPa"), "above zero"),
        (dense().replace("young_modulus", "yuong_modulus"), "young_modulus"),
        (dense(extra=entry("elastic.bulk_modulus", "2 GPa")), "bulk_modulus and shear_modulus, or"),
        (dense(extra=entry("viscosity.stress", "2 MPa")), "does not yield"),
        (dense(extra=entry("surface.friction", 1.0)), "both \\[cap\\] and \\[surface\\]"),
        (dense().replace('provenance = "A"', 'provenance = "Z"'), "provenance"),
        (dense().replace('source = "a test"\n', ""), "source"),
        (porous(cap__hardening=None), "Heckel needs it"),
        (porous(cap__slope=0.2), "Heckel has no such parameter"),
        (porous(cap__reference_porosity=0.9), "reference_porosity 0.9"),
        (porous(cap__minimum_porosity=0.5), "reference_porosity 0.4"),
        (porous(plastic__yield_stress="3 MPa", plastic__hardening="0 MPa"), "its cap and surface"),
        (
            dense(extra=entry("plastic.yield_stress", "0 MPa") + entry("plastic.hardening", "0 MPa")),
            "zero without \\[viscosity\\]",
        ),
        (dense() + 'range = ["1 GPa", "2 GPa"]', "poisson_ratio"),
        ("not toml at all [", "is not TOML"),
    ],
)
def test_faulty_cards(load, text, word):
    """A card with a value missing, contradicted, without unit or without story shall be refused."""
    with pytest.raises(InputError, match=word):
        load(text)


def test_an_unknown_card_has_a_nearest_name():
    """A misspelt card shall be answered with the nearest known name."""
    with pytest.raises(InputError, match="did you mean 'graphite'"):
        materials.load("grafite")
