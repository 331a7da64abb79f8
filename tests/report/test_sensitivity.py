"""How far the contraction moves over the ranges of the cards."""

import numpy as np
import pytest

import isosim
from isosim.report import sensitivity
from isosim.report.figures import contraction


def test_shifts_lie_on_both_sides_of_the_press():
    """Values at both ends of their ranges shall move the contraction both ways, none by more than itself."""
    ds = isosim.press("414RT-2", fidelity="column")
    shifts = sensitivity.shifts("414RT-2", "coating", "free")
    low, high = shifts["cell"]
    assert low < 0.0 < high
    assert max(-low, high) < float(ds.contraction_x.sel(state="held"))
    assert set(shifts) == {"cell", "cathode", "anode"}


def test_confined_cell_has_no_shift_in_the_press():
    """A cell that cannot move sideways shall keep its contraction of zero whatever its cards say."""
    assert sensitivity.shifts("120RT-2", "coating", "confined")["cell"] == (0.0, 0.0)


def test_every_card_with_a_range_is_moved():
    """Every role shall be moved on each of its cards that has a range: film, bag, two coatings, two foils."""
    stack = isosim.case.load("120RT-2").stack()
    moved = [
        name
        for other in sensitivity._moved(stack)
        for name, material in other.materials.items()
        if material.law != stack.materials[name].law
    ]
    expected = ("pressure_film", "bag", "nmc622", "graphite", "al_foil", "cu_foil")
    assert sorted(moved) == sorted(2 * expected)


def test_bars_enclose_the_press_of_published_cells_only(pressed):
    """Bars shall enclose the value drawn, and cells of one's own shall have none."""
    frame = contraction.data([pressed("120RT-4"), pressed("mine")])
    taken_out = frame[frame["phase"] == "disassembled"]
    drawn = taken_out[taken_out["cell"] == "120RT-4"]
    assert (drawn["shorter_low_mm"] < drawn["shorter_mm"]).all()
    assert (drawn["shorter_high_mm"] > drawn["shorter_mm"]).all()
    assert taken_out[taken_out["cell"] == "mine"]["shorter_low_mm"].isna().all()
    held = frame[frame["along_low_%"].notna()]
    assert held["cell"].tolist() == ["120RT-4"] and held["phase"].tolist() == ["hold"]
    assert held["along_%"].item() == pytest.approx(100 * (1 - np.exp(-0.003)))
    assert "Bars" in contraction.caption(frame, fitted=True)
    assert "Bars" not in contraction.caption(frame[frame["cell"] == "mine"], fitted=False)
