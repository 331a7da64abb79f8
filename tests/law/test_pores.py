"""Pore sizes: closed on the porosity, positive, reversible, large pores first."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from scipy.optimize import brentq

from isosim import law
from isosim.law import pores
from isosim.law.collapse import power
from isosim.law.porous import INVALID
from tests.law.laws import ROOM, cathode

UM = 1e-6


def coating(**changes):
    given = {"median": 0.9 * UM, "spread": 0.7, "exponent": 1.5, "strengthening_radius": 0.8 * UM}
    return law.Pores.lognormal(**(given | changes))


def void_ratio(phi):
    return phi / (1.0 - phi)


def pressed(model, start, *porosities):
    """Bins after one point went through the porosities."""
    bins = model.initial(np.array([start]))
    for phi in porosities:
        bins, status = pores.advance(bins, model, np.array([phi]))
        assert status[0] == 0
    return bins[0]


def test_power_of_two_is_exact():
    """The power of two the bins shrink by shall be right to 2 units in the last place."""
    x = np.random.default_rng(0).uniform(-600.0, 600.0, 2000)
    got = np.array([power(v) for v in x])
    assert np.abs(got / np.exp2(x) - 1.0).max() < 5e-16
    assert power(0.0) == 1.0 and power(-3.0) == 0.125


def test_a_hundred_thousand_random_cases_close():
    """Bins shall add up to the porosity to 1e-15 and stay positive, whatever spectrum, history and target."""
    rng = np.random.default_rng(1)
    for count in (2, 5, 31, 32, 33):
        n = 20_000
        bins = rng.lognormal(0.0, 3.0, (n, count)) * (rng.random((n, count)) < 0.9)
        bins[:, 0] += 1e-3
        bins *= (rng.uniform(0.01, 5.0, n) / bins.sum(1))[:, None]
        model = law.Pores(np.geomspace(0.1, 10.0, count) * UM, np.ones(count), 1.0, UM)
        phi = rng.uniform(0.005, 0.9, n)
        new, status = pores.advance(bins, model, phi)
        assert (status == 0).all()
        assert np.abs(new.sum(1) / void_ratio(phi) - 1.0).max() < 1e-15
        assert ((new > 0.0) == (bins > 0.0)).all()


def test_absurd_closure_is_still_exact():
    """Where large pores close below the smallest number there is, the others shall still close the sum."""
    model = law.Pores(np.geomspace(1e-3, 100.0, 32) * UM, np.ones(32), 2.0, UM)
    phi = np.geomspace(1e-30, 0.3, 200)
    bins, status = pores.advance(model.initial(np.full(200, 0.35)), model, phi)
    assert (status == 0).all() and (bins >= 0.0).all()
    assert np.abs(bins.sum(1) / void_ratio(phi) - 1.0).max() < 1e-15


@pytest.mark.parametrize("phi", [1e-4, 0.02, 0.2, 0.3, 0.349, 0.35, 0.351, 0.4, 0.8])
def test_bins_follow_theory_18(phi):
    """Bins shall be e_j exp(-w_j L), with the L that closes them found by bisection."""
    model = coating()
    start = model.initial(0.35)
    w = (model.names / (0.8 * UM)) ** 1.5
    w /= 1.0 + w
    L = brentq(lambda L: (start * np.exp(-w * L)).sum() / void_ratio(phi) - 1.0, -50.0, 500.0, xtol=1e-15)
    np.testing.assert_allclose(pressed(model, 0.35, phi), start * np.exp(-w * L), rtol=1e-12)


def test_closing_rates_are_those_of_carroll_and_holt():
    """-ln(e_j / e_j0) shall stand in the inverse ratio of the collapse pressures 1 + (r*/r_j)^m."""
    model = coating()
    closed = -np.log(pressed(model, 0.35, 0.2) / model.initial(0.35))
    pressure = 1.0 + (0.8 * UM / model.names) ** 1.5
    np.testing.assert_allclose(closed * pressure, (closed * pressure)[-1], rtol=1e-12)
    assert (np.diff(closed) > 0.0).all()


def test_without_strengthening_the_spectrum_keeps_its_shape():
    """Where r* vanishes against all radii, every bin shall shrink by the same factor."""
    model = coating(strengthening_radius=1e-30)
    np.testing.assert_allclose(pressed(model, 0.35, 0.1), model.initial(0.1), rtol=1e-14)


def test_dilation_takes_the_spectrum_back():
    """Compaction and dilation to the same porosity shall give the first spectrum back."""
    model = coating()
    back = pressed(model, 0.35, 0.2, 0.05, 0.01, 0.35)
    np.testing.assert_allclose(back, model.initial(0.35), rtol=1e-13)


def test_splitting_a_step_changes_nothing():
    """Any number of steps to a porosity shall give the same spectrum as one."""
    model = coating()
    many = pressed(model, 0.35, *np.linspace(0.349, 0.07, 300))
    np.testing.assert_allclose(many, pressed(model, 0.35, 0.07), rtol=1e-12)


def test_a_step_to_the_same_porosity_changes_nothing():
    """A porosity that does not change shall leave the bins as they are."""
    model = coating()
    first = pressed(model, 0.35, 0.2)
    np.testing.assert_allclose(pressed(model, 0.35, 0.2, 0.2, 0.2, 0.2), first, rtol=1e-15)


@pytest.mark.parametrize("spread", [0.2, 0.7, 1.2])
def test_median_radius_falls_on_compaction(spread):
    """The median radius shall fall with every step of compaction, by closing and by shrinking."""
    model = coating(spread=spread)
    start = model.initial(0.35)
    phi = np.linspace(0.35, 0.03, 60)
    bins, _ = pores.advance(np.tile(start, (60, 1)), model, phi)
    now = pores.median_radius(bins, model.radii(bins, start))
    assert now[0] == pytest.approx(0.9 * UM, rel=1e-3)
    assert (np.diff(now) < 0.0).all()
    assert (np.diff(pores.median_radius(bins, np.tile(model.names, (60, 1)))) < 0.0).all()


def test_radius_at_fixed_number_of_pores():
    """Pores shall shrink at fixed number: volume per solid over radius cubed is constant in each bin."""
    model = coating()
    start, now = model.initial(0.35), pressed(model, 0.35, 0.1)
    number = now / model.radii(now, start) ** 3
    np.testing.assert_allclose(number, start / model.names**3, rtol=1e-13)


def test_cracks_are_taken_from_the_total():
    """Cracks shall fill the last bin, the others give way, and the sum be that of the porosity to 1e-15."""
    model = coating(crack_radius=0.05 * UM)
    rng = np.random.default_rng(2)
    n = 1000
    bins, phi = model.initial(np.full(n, 0.35)), np.full(n, 0.35)
    opened = np.zeros(n)
    for _ in range(20):
        phi = phi - rng.uniform(0.0, 0.014, n)
        cracks = rng.uniform(0.0, 1e-3, n)
        opened += cracks
        bins, status = pores.advance(bins, model, phi, cracks)
        assert (status == 0).all()
        assert np.abs(bins.sum(1) / void_ratio(phi) - 1.0).max() < 1e-15
        assert (bins > 0.0).all() and (bins[:, -1] <= opened).all()
    intact, _ = pores.advance(model.initial(np.full(n, 0.35)), model, phi)
    assert (bins[:, :-1] < intact[:, :-1]).all()
    radius = model.radii(bins, model.initial(0.35), opened)
    assert (radius[:, -1] < 0.05 * UM).all()


def test_cracks_may_exceed_the_pores():
    """Cracks of more volume than all pores shall still close on the porosity."""
    model = coating(crack_radius=0.05 * UM)
    bins, status = pores.advance(model.initial(np.array([0.01])), model, np.array([0.01]), np.array([0.5]))
    assert status[0] == 0 and bins.sum() == pytest.approx(void_ratio(0.01), rel=1e-15)


def test_pores_follow_the_law():
    """Bins driven by the porosity of a press shall close on it at every step, dilation included."""
    model, size = cathode(), coating()
    state, row = model.initial_state()[None], model.at(ROOM)
    bins = size.initial(law.porosity(state, row))
    stretch = np.concatenate([np.linspace(1.0, 0.72, 40), np.linspace(0.72, 0.80, 20)])
    for s in stretch:
        _, _, state, _ = law.advance(np.diag([1, 1, s]).reshape(1, 9), state, 1.0, ROOM, [model])
        phi = law.porosity(state, row)
        bins, status = pores.advance(bins, size, phi)
        assert status[0] == 0 and bins.sum() == pytest.approx(void_ratio(phi[0]), rel=1e-15)
    np.testing.assert_allclose(bins[0], pressed(size, 0.35, phi[0]), rtol=1e-12)


@pytest.mark.parametrize("bad", ["bin", "empty", "nan", "zero", "one", "porosity", "crack"])
def test_a_bad_point_fails_alone(bad):
    """A point that cannot be advanced shall give status -1 and NaN and leave its neighbours alone."""
    model = coating(crack_radius=0.05 * UM)
    n, k = 70, 66
    phi, bins, cracks = np.linspace(0.1, 0.3, n), model.initial(np.full(n, 0.35)), np.full(n, 1e-4)
    sound, _ = pores.advance(bins, model, phi, cracks)
    match bad:
        case "bin":
            bins[k, 3] = -1e-9
        case "empty":
            bins[k], cracks[k] = 0.0, 0.0
        case "nan":
            bins[k, 0] = np.nan
        case "zero":
            phi[k] = 0.0
        case "one":
            phi[k] = 1.0
        case "porosity":
            phi[k] = np.nan
        case "crack":
            cracks[k] = -1e-9
    new, status = pores.advance(bins, model, phi, cracks)
    assert status[k] == INVALID and np.isnan(new[k]).all()
    others = np.arange(n) != k
    assert (status[others] == 0).all()
    np.testing.assert_allclose(new[others], sound[others], rtol=1e-14)


def test_in_place_and_on_any_number_of_threads():
    """In place, and on one thread or more, the bins shall be the same bits."""
    model = coating()
    rng = np.random.default_rng(3)
    bins = model.initial(np.full(1000, 0.35))
    phi = rng.uniform(0.05, 0.34, 1000)
    expected, _ = pores.advance(bins, model, phi)
    status = np.empty(1000, np.int8)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        pores.advance_into(bins, model.weights, phi, np.empty(0), bins, status)
    finally:
        numba.set_num_threads(threads)
    np.testing.assert_array_equal(bins, expected)


PLAIN = """
import numpy as np
from isosim import law
from tests.law.test_pores import coating
bins, status = law.pores.advance(coating().initial(np.full(2, 0.35)), coating(), np.array([0.34, 0.1]))
print(*map(float.hex, map(float, bins.ravel())))
"""


def test_pores_run_as_plain_python():
    """The same source shall give the same numbers compiled and as plain Python."""
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    got = subprocess.run([sys.executable, "-c", PLAIN], check=True, env=env, capture_output=True, text=True)
    bins, _ = pores.advance(coating().initial(np.full(2, 0.35)), coating(), np.array([0.34, 0.1]))
    np.testing.assert_allclose([float.fromhex(x) for x in got.stdout.split()], bins.ravel(), rtol=1e-13)


def test_a_table_gives_its_own_bins():
    """A table of any length shall give one bin for each row, volume shares in any unit."""
    model = law.Pores([0.1 * UM, 0.5 * UM, 2 * UM], [10.0, 0.0, 30.0], 1.5, UM)
    np.testing.assert_allclose(model.initial(0.5), [0.25, 0.0, 0.75])
    bins = pressed(model, 0.5, 0.2)
    assert bins[1] == 0.0 and bins.sum() == pytest.approx(0.25, rel=1e-15)
    assert np.isnan(model.radii(bins, model.initial(0.5))[1])
    assert np.isfinite(pores.median_radius(bins, model.radii(bins, model.initial(0.5))))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"radius": [2e-6, 1e-6]}, "radius, row 2: got 1e-06, needed above 2e-06"),
        ({"radius": [-1e-6, 1e-6]}, "radius, row 1: got -1e-06, needed above 0"),
        ({"radius": [1e-6, np.nan]}, "radius, row 2"),
        ({"radius": [1e-6]}, "two columns of one length"),
        ({"share": [0.5, -0.5]}, "share, row 2: got -0.5"),
        ({"share": [0.0, 0.0]}, "share: got a sum of 0"),
        ({"exponent": 0.0}, "exponent"),
        ({"strengthening_radius": -1.0}, "strengthening_radius"),
        ({"crack_radius": np.nan}, "crack_radius"),
    ],
)
def test_bad_tables_are_refused(changes, message):
    """A table that is unsorted, negative or ragged, or a bad constant, shall be refused, naming the place."""
    given = {"radius": [1e-6, 2e-6], "share": [0.5, 0.5], "exponent": 1.5, "strengthening_radius": 1e-6}
    with pytest.raises(ValueError, match=message):
        law.Pores(**(given | changes))


def test_bad_arguments_are_refused():
    """Shapes that do not fit, cracks without a bin, porosities out of range shall be refused."""
    model = coating()
    with pytest.raises(ValueError, match=r"needed \(1, 32\)"):
        pores.advance(np.ones((1, 31)), model, np.array([0.3]))
    with pytest.raises(ValueError, match="crack_radius"):
        pores.advance(np.ones((1, 32)), model, np.array([0.3]), np.array([0.1]))
    with pytest.raises(ValueError, match="porosity"):
        model.initial(1.0)
    with pytest.raises(ValueError, match="spread"):
        coating(spread=0.0)
    with pytest.raises(ValueError, match="bins"):
        coating(bins=1)


def test_example_of_the_pores_page():
    """The example of docs/pores.md shall run, with pores closed on the porosity and some cracks."""
    page = Path(__file__).parents[2] / "docs" / "pores.md"
    (text,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    names = {}
    exec(compile(text, "docs/pores.md", "exec"), names)
    np.testing.assert_allclose(names["bins"].sum(1), void_ratio(0.19), rtol=1e-15)
    assert (names["status"] == 0).all() and 0.01 < names["damage"][0] < 0.02
    assert (names["radii"] < names["sizes"].names).all()
