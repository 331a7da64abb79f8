"""The fitted cards against the targets they were fitted to."""

import numpy as np
import pytest

from isosim import column, materials
from isosim.case import load_set
from isosim.recipe import Recipe
from isosim.stack import Layer, Stack
from studies.calibration import fit_sangros2019
from studies.calibration.fit_dixit2024 import CELLS, KINDS, REFINE, TARGETS, of_card, reductions

SCENARIOS = pytest.mark.parametrize("scenario", TARGETS)


def errors(scenario, refine):
    """Distance from the targets in points of reduction, (cells, kinds)."""
    target = TARGETS[scenario]
    now = {card: of_card(card) for card in target.cards}
    cases = {case.name: case for case in load_set("dixit2024", scenario)}
    got = [reductions(cases[name], now, target.definition, refine) for name in CELLS]
    return np.abs(np.array(got) - np.array([target.reduction[kind] for kind in KINDS]).T)


@SCENARIOS
def test_cards_reproduce_their_targets(scenario):
    """The cards shall give the targets of their fit within 0.01 points at the steps of the fit."""
    assert errors(scenario, REFINE).max() < 0.01


@SCENARIOS
def test_default_steps_reproduce_the_targets(scenario):
    """The cards shall give the targets of their fit within 0.3 points at the default steps."""
    assert errors(scenario, 1).max() < 0.3


@SCENARIOS
def test_targets_lie_inside_the_published_bands(scenario):
    """Targets shall lie inside the bands of the paper, in the order of its recipes."""
    reduction = TARGETS[scenario].reduction
    for kind, low, high in (("cathode", 20.0, 30.0), ("anode", 30.0, 50.0)):
        assert low < min(reduction[kind]) and max(reduction[kind]) < high
        assert list(reduction[kind]) == sorted(reduction[kind])


@pytest.mark.parametrize("refine", [1, 4])
def test_the_log_card_follows_the_published_curve(refine):
    """The confined column with nmc622_log shall meet its curve within 0.022 in the porosity."""
    series = fit_sangros2019.series()
    card = materials.load(fit_sangros2019.CARD)
    stack = Stack((Layer("coating", "other", "card", 60e-6, 25e-3, series.porosity0),), {"card": card})
    for pressure, published in zip(series.pressure[1:], series.reading[1:], strict=True):
        ds = column.run(stack, Recipe(float(pressure)).schedule(refine=refine), lateral="confined")
        assert float(ds.porosity[-1, 0]) == pytest.approx(published, abs=0.022)


def test_the_log_card_is_the_least_squares_fit():
    """Intercept and slope of nmc622_log shall be those that the calibration finds, to its five digits."""
    cap, fitted = materials.load(fit_sangros2019.CARD).law.cap, fit_sangros2019.fit().chosen.values()
    assert fitted["intercept"] == pytest.approx(cap.intercept, rel=1e-4)
    assert fitted["slope"] == pytest.approx(cap.slope, rel=1e-4)
