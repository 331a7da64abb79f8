"""Intervals from the ranges of the cards, and the choice of compaction law."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

from isosim.case import load
from isosim.column import press_many
from isosim.errors import InputError
from isosim.sweep.sampling import saltelli
from isosim.sweep.sobol import analysed
from isosim.uncertainty import inputs, intervals, laws, output, reported, session
from isosim.uncertainty.scores import coverage, interval_score

SAMPLES = 16


@pytest.fixture(scope="module")
def cold():
    """The smallest cell at 414 MPa, where laws differ."""
    return intervals.of(load("414RT-2"), SAMPLES)


def by_name(found):
    return {headline.name: headline for headline in found.headlines}


def test_indices_of_a_known_function():
    """Sobol indices of x1 + 2 x2 + 3 x1 x3 about the middle shall be those of its variance, by hand."""
    x = saltelli(3, 4096, 1) - 0.5
    found = analysed(x[:, 0] + 2.0 * x[:, 1] + 3.0 * x[:, 0] * x[:, 2], ["a", "b", "c"])
    one, two, both = 1 / 12, 4 / 12, 9 / 144
    whole = one + two + both
    np.testing.assert_allclose(found[:, 0], [one / whole, two / whole, 0.0], atol=0.02)
    np.testing.assert_allclose(found[:, 2], [(one + both) / whole, two / whole, both / whole], atol=0.02)


def test_interval_score():
    """A reading inside shall cost the width, one outside 2/alpha times its distance beside it."""
    score = interval_score([1.0, 1.0, 1.0], [3.0, 3.0, 3.0], [2.0, 0.5, 3.25], 0.9)
    np.testing.assert_allclose(score, [2.0, 2.0 + 20.0 * 0.5, 2.0 + 20.0 * 0.25])
    assert coverage([1.0, 1.0, 1.0, 1.0], [3.0, 3.0, 3.0, 3.0], [1.0, 3.0, 4.0, 0.0]) == 0.5


def test_true_quantiles_score_best():
    """Of normal readings the true 90 % interval shall score better than a narrower or a wider one."""
    readings = np.random.default_rng(0).normal(size=20_000)
    scores = [interval_score(-z, z, readings, 0.9).mean() for z in (1.2, 1.645, 2.4)]
    assert scores[1] < min(scores[0], scores[2])


def test_intervals_hold_what_the_cards_say(cold):
    """The interval of each reduction and porosity shall hold the value of the cards as they are."""
    assert len(cold.headlines) == 7
    for headline in cold.headlines:
        assert headline.low < headline.high
        assert headline.law_low <= 0.0 <= headline.law_high
        low, high = headline.both
        assert low <= headline.nominal <= high, headline


def test_a_harder_coating_compacts_less(cold):
    """Raising the hardening of a coating shall leave it thicker, its own and not the other one."""
    ends = cold.ends.set_index(["reading", "input"])
    own = ends.loc["reduction_cathode_coating", "nmc622.cap.hardening"]
    other = ends.loc["reduction_anode_coating", "nmc622.cap.hardening"]
    assert own.at_low > own.nominal > own.at_high
    assert abs(other.at_low - other.at_high) < 0.2 * abs(own.at_low - own.at_high)


def test_temperature_factors_stay_out_at_room_temperature(cold):
    """A value without effect at the temperature of the recipe shall be fixed, with the reason."""
    assert cold.fixed["nmc622.thermal.strength"] == "without effect at the reference temperature"
    assert cold.fixed["nmc622.cap.p0"] == "no range"
    warm, _ = inputs.read(load("120C90-2"))
    assert "nmc622.thermal.strength" in [one.name for one in warm]


def test_a_coating_keeps_its_solid():
    """A coating that is looser to begin with shall be thicker, with the solid it had."""
    case = load("120RT-2")
    found, _ = inputs.read(case)
    porosity = next(one for one in found if one.name == "graphite.cap.reference_porosity")
    values = np.array([0.45, 0.5, 0.58])
    overrides = porosity.overrides(values)
    layer = next(layer for layer in case.stack().layers if layer.name == "anode 2 coating")
    solid = overrides["anode 2 coating.thickness"] * (1.0 - overrides["graphite.porosity"])
    np.testing.assert_allclose(solid, layer.thickness * (1.0 - layer.porosity), rtol=1e-14)
    assert (press_many(case, overrides).status >= 0).all()


def test_porosity_of_a_scenario_is_not_varied():
    """Where the case states another porosity than the card, the range of the card shall not apply."""
    case = load("120RT-2", {"scenario": "printed"})
    _, fixed = inputs.read(case)
    assert fixed["graphite.cap.reference_porosity"] == "the case states another porosity"


def test_other_laws_pass_through_their_points(cold):
    """A law through 414 MPa shall say there what the card says, one through 120 MPa something else."""
    nominal = by_name(cold)["reduction_cathode_coating"].nominal
    other = {label: found["reduction_cathode_coating"] for label, found in cold.laws.items()}
    for label, value in other.items():
        if "414" in label:
            assert value == pytest.approx(nominal, abs=1e-5), label
        else:
            assert value > nominal + 0.03, label
    assert len(other) + len(cold.refused) == 2 * len(laws.ONE) + len(laws.TWO)
    assert laws.anchors() == (120e6, 414e6)


def test_a_report_gets_the_same_intervals_or_the_reason(cold):
    """The sample of a report shall agree with the long one, and a case without ranges shall say so."""
    bare = load("414RT-2")
    stack = bare.stack()
    plain = {name: dataclasses.replace(one, card=None) for name, one in stack.materials.items()}
    none = SimpleNamespace(
        name="plain", stack=lambda: dataclasses.replace(stack, materials=plain), recipe=bare.recipe,
        model=bare.model,
    )  # fmt: skip
    found = reported.of_cases([load("414RT-2"), none])
    of = by_name(found["414RT-2"])
    for name, headline in by_name(cold).items():
        width = headline.high - headline.low
        ends = (of[name].low, of[name].high)
        assert ends == pytest.approx((headline.low, headline.high), abs=0.25 * width), name
        assert of[name].law_low == pytest.approx(headline.law_low, abs=1e-9)
    assert "no value with a range" in found["plain"]
    told = reported.summary(found)
    assert told["414RT-2"]["draws"] == reported.DRAWS and told["414RT-2"]["seed"] == intervals.SEED
    assert "no value with a range" in told["plain"]["none"]


def test_one_card_on_both_kinds():
    """Electrodes of one card on both sides shall have other laws too."""
    both = {
        f"stack.{k}.{x}": v
        for k in ("cathode", "anode")
        for x, v in (("material", "nmc622"), ("porosity", 0.35))
    }
    same = load("120RT-2", {**both, "scenario": ""})
    found = laws.alternatives(same)
    assert found.caps and all(set(caps) == {"nmc622"} for caps in found.caps.values())


def test_files(tmp_path, cold, monkeypatch):
    """A run shall write intervals, influences and a page's worth of JSON, and figures of both."""
    monkeypatch.setattr(intervals, "of", lambda case, samples, others: cold)
    monkeypatch.setattr(laws, "alternatives", lambda case: laws.Alternatives({}, ()))
    session.run([load("414RT-2")], tmp_path, SAMPLES, False, lambda words: None)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "intervals.csv", "influence.csv", "uncertainty.json", "intervals.png", "tornado_414RT-2.png",
    }  # fmt: skip
    (summary,) = json.loads((tmp_path / "uncertainty.json").read_text())
    assert summary["presses"] == SAMPLES * (len(cold.inputs) + 2)
    assert summary["failed"] == 0
    assert summary["headlines"][0]["measure_next"]
    assert len(output.shown([cold])) == len(cold.headlines)


def test_bad_input():
    """Samples that are no power of two, and a stack without electrodes, shall be refused."""
    with pytest.raises(InputError, match="power of two"):
        intervals.of(load("120RT-2"), 1000)
    with pytest.raises(InputError, match="no electrodes"):
        intervals.headline_names({"height_held": np.ones(3)})
