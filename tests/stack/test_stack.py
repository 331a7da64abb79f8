"""Layers and stacks made by hand."""

import pytest

from isosim import materials
from isosim.errors import InputError
from isosim.stack import Layer, Stack

KNOWN = {name: materials.load(name) for name in ("nmc622", "al_foil", "pressure_film", "frame")}


def layer(name="foil", role="foil", material="al_foil", **values):
    return Layer(name, role, material, **{"thickness": 15e-6, "half_width": 25e-3} | values)


def cathode(number=1, **values):
    return [
        layer(f"foil {number}", electrode=number, kind="cathode", **values),
        layer(f"coating {number}", "coating", "nmc622", electrode=number, kind="cathode", **values),
    ]


def test_sizes():
    """A stack shall be as high as its layers together and as wide as the widest."""
    stack = Stack((layer(), layer("wide", half_width=26e-3)), KNOWN, "frame")
    assert stack.height == pytest.approx(30e-6)
    assert (stack.width, stack.footprints) == (26e-3, (25e-3, 26e-3))


def test_materials_in_order_the_filling_last():
    """Materials shall be listed in the order of the layers, without repeats, the edge filling last."""
    stack = Stack((*cathode(), layer("wide", half_width=26e-3)), KNOWN, "frame")
    assert stack.material_names == ("al_foil", "nmc622", "frame")


def test_films_of_a_body_without_electrodes():
    """In a body without electrodes every film shall be a film plane."""
    stack = Stack((layer("f", "film", "pressure_film"), layer()), KNOWN)
    assert stack.film_planes == (0,) and stack.electrodes == ()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"thickness": 0.0}, "thickness"),
        ({"thickness": -1e-6}, "thickness"),
        ({"thickness": float("nan")}, "thickness"),
        ({"half_width": 0.0}, "half_width"),
        ({"elements": 0}, "elements"),
        ({"electrode": 1}, "both or neither"),
    ],
)
def test_impossible_layers(values, word):
    """A layer without thickness, width or elements shall be refused."""
    with pytest.raises(InputError, match=word):
        layer(**values)


@pytest.mark.parametrize(
    ("layers", "fill", "word"),
    [
        ([], None, "at least one"),
        ([layer(), layer()], None, "2 times"),
        ([layer(material="tin")], None, "tin"),
        ([layer("c", "coating", "nmc622", porosity=0.05)], None, "more than"),
        ([layer(porosity=0.3)], None, "dense"),
        ([layer(), layer("b", half_width=26e-3)], None, "'open gap' or 'frame'"),
        ([layer()], "frame", "without effect"),
        ([layer(), layer("b", half_width=25e-3 + 1e-8)], "frame", "1 um between"),
        ([layer(), layer("b", half_width=26e-3)], "open gap", "no material 'open_gap'"),
        ([*cathode(2)], None, "1, 2, 3"),
        ([cathode()[0], layer(), cathode()[1]], None, "side by side"),
        ([cathode()[0]], None, "one or two coatings"),
    ],
)
def test_impossible_stacks(layers, fill, word):
    """Empty stacks, repeated names, impossible porosities, torn electrodes and footprints without filling
    shall be refused."""
    with pytest.raises(InputError, match=word):
        Stack(tuple(layers), KNOWN, fill)
