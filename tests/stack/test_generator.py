"""The generator of dummy cells."""

import pytest

from isosim import case
from isosim.errors import InputError


def stack_of(name="120RT-4", **overrides):
    changes = {key.replace("__", "."): value for key, value in overrides.items()}
    return case.load(name, changes).stack()


def names(stack):
    return [layer.name for layer in stack.layers]


def test_a_cell_of_four_from_the_top():
    """A cell shall alternate cathode and anode from the top, coatings facing each other within a pair, the
    film between separator and anode everywhere."""
    assert names(stack_of()) == [
        *("bag top", "pouch nylon top", "pouch aluminium top", "pouch polypropylene top"),
        *("cathode 1 foil", "cathode 1 coating", "separator 1", "film 1", "anode 2 coating", "anode 2 foil"),
        *("film 2", "separator 2"),
        *("cathode 3 foil", "cathode 3 coating", "separator 3", "film 3", "anode 4 coating", "anode 4 foil"),
        *("pouch polypropylene bottom", "pouch aluminium bottom", "pouch nylon bottom", "bag bottom"),
    ]


@pytest.mark.parametrize("electrodes", [2, 4, 10, 20, 40, 200])
def test_counts(electrodes):
    """N electrodes shall have N - 1 separators and N - 1 films; forty make 166 layers."""
    stack = stack_of(stack__electrodes=electrodes)
    roles = [layer.role for layer in stack.layers]
    assert len(stack.layers) == 4 * electrodes + 6
    assert roles.count("separator") == roles.count("film") == len(stack.film_planes) == electrodes - 1
    assert [electrode.number for electrode in stack.electrodes] == list(range(1, electrodes + 1))
    assert {electrode.kind for electrode in stack.electrodes[::2]} == {"cathode"}


@pytest.mark.parametrize("electrodes", [0, 1, 3, 202, -2])
def test_odd_cells_are_refused(electrodes):
    """An odd number of electrodes, none, or more than 200 shall be refused."""
    with pytest.raises(InputError, match="even number"):
        stack_of(stack__electrodes=electrodes)


def test_film_planes_lie_between_their_electrodes():
    """Film plane k shall lie between electrodes k and k + 1, with films outside left out."""
    stack = stack_of(stack__films="outer too")
    assert sum(layer.role == "film" for layer in stack.layers) == 5
    for upper, plane, lower in zip(
        stack.electrodes[:-1], stack.film_planes, stack.electrodes[1:], strict=True
    ):
        assert max(*upper.coatings, upper.foil) < plane < min(*lower.coatings, lower.foil)


def test_no_films():
    """A cell without films shall have none, and its separators between the electrodes."""
    stack = stack_of(stack__films="none")
    assert stack.film_planes == ()
    assert names(stack)[4:10] == [
        *(
            "cathode 1 foil",
            "cathode 1 coating",
            "separator 1",
            "anode 2 coating",
            "anode 2 foil",
            "separator 2",
        )
    ]


def test_two_sides():
    """With two sides each foil shall carry a coating above and below, of the same thickness."""
    stack = stack_of(stack__sides=2)
    for electrode in stack.electrodes:
        above, below = electrode.coatings
        assert (above, below) == (electrode.foil - 1, electrode.foil + 1)
        assert stack.layers[above].thickness == stack.layers[below].thickness


def test_pouch_and_bag_can_be_left_out():
    """Without pouch and bag the electrodes shall be outermost."""
    stack = stack_of(stack__pouch=False, stack__bag=False, stack__pouch_edge="none")
    assert names(stack)[0] == "cathode 1 foil" and names(stack)[-1] == "anode 4 foil"


def test_footprints():
    """With the usual overhang the anodes and films shall be 1 mm wider than the cathodes, separators, pouch
    and bag 2 mm."""
    stack = stack_of(stack__overhang=True, edge_fill="frame")
    width = {layer.role if layer.kind is None else layer.kind: layer.half_width for layer in stack.layers}
    expected = {"bag": 27, "pouch": 27, "separator": 27, "film": 26, "anode": 26, "cathode": 25}
    assert {name: round(1e3 * value, 9) for name, value in width.items()} == expected


def test_a_plate_may_end_with_the_separators():
    """25 mm and 2 mm of overhang shall be the same half-width as the 27 mm of a plate."""
    plate = {"kind": "plate", "thickness": "2 mm", "half_width": "27 mm"}
    stack = stack_of(stack__overhang=True, stack__pouch_edge="none", stack__fixture=plate, edge_fill="frame")
    assert stack.footprints == (25e-3, 26e-3, 27e-3)


def test_sheets_are_as_thick_as_their_cards():
    """Foils, separator, film, pouch and bag shall be as thick as their cards say."""
    um = {layer.name: round(1e6 * layer.thickness, 6) for layer in stack_of().layers}
    assert (um["cathode 1 foil"], um["anode 2 foil"], um["separator 1"], um["film 1"]) == (15, 10, 25, 110)
    assert [um[f"pouch {part} top"] for part in ("nylon", "aluminium", "polypropylene")] == [25, 40, 48]
    assert um["bag top"] == 160
