"""SIMD lanes: the law as for one number at a time, whatever stands in the other lanes."""

import numba
import numpy as np
import pytest

from isosim import law
from isosim.law import batch
from isosim.law.lanes import exp, lane, load, log, log1p, ones, sqrt, store, width
from isosim.law.porous import FALLBACK, FAST, INVALID, UNSOLVED, porous
from isosim.law.row import Row
from tests.law.laws import CAPS, MPA, ROOM, VISCOSITY, aluminium, cathode, random_steps, separator
from tests.law.test_return_map import wild

EIGHT = (1.0,) * 8
LAWS = [
    *(cathode(cap=cap) for cap in CAPS.values()),
    cathode(viscosity=VISCOSITY),
    cathode(tension_ratio=1.0),
    cathode(stiffness_porosity=np.inf, elasticity=law.PressureProportional(1 * MPA, 0.004)),
    cathode(thermal=law.Thermal(reference_temperature=250.0, strength=1e-3, expansion=2e-5)),
    separator(),
    aluminium(),
    aluminium(viscosity=law.Viscosity(5 * MPA, 6.6, 1e-4)),
    cathode(cap=law.Power(p0=1e6, exponent=2.0, locking=0.0)),
]


@numba.njit
def functions(unit, x, out):
    for i in range(0, x.size, width(ones(unit))):
        given = load(x, i, unit)
        store(out[0], i, exp(given))
        store(out[1], i, log(given))
        store(out[2], i, log1p(given))
        store(out[3], i, sqrt(given))


def test_functions_of_lanes():
    """exp, log, log1p and sqrt of lanes shall be those of numpy to 7e-16, and NaN where those are NaN."""
    rng = np.random.default_rng(0)
    ordinary = np.concatenate(
        [rng.normal(0, 30, 400), rng.normal(0, 1e-8, 400), 10.0 ** rng.uniform(-300, 300, 400)]
    )
    for x in (ordinary, np.array([np.nan, -1.5, np.nan, -2.0] * 2)):
        out = np.empty((4, x.size))
        functions(EIGHT, x, out)
        with np.errstate(all="ignore"):
            wanted = np.stack([np.exp(np.clip(x, -708.0, 709.0)), np.log(x), np.log1p(x), np.sqrt(x)])
        np.testing.assert_allclose(out, wanted, rtol=7e-16)


def mixed(seed=3):
    """Points of every law and kind in random order: elastic, plastic, far, failing, by the fallback."""
    rng = np.random.default_rng(seed)
    F, state, material = [], [], []
    for k, model in enumerate(LAWS):
        plain = cathode() if k == len(LAWS) - 1 else model
        steps, states = random_steps(plain, rng, 40)
        steps[:5] = np.eye(3).ravel() + rng.normal(0.0, 1e-6, (5, 9))
        states[:5] = model.initial_state()
        steps[5:9] = (np.eye(3) + rng.normal(0.0, 0.15, (4, 3, 3))).reshape(4, 9)
        states[5:9] = model.initial_state()
        steps[9, 4] = np.nan
        steps[10] = -steps[10]
        if isinstance(model, law.Porous):
            states[11, law.U] = 0.1
            deep = (-10.0, -6.0) if model.cap == CAPS["Kawakita that diverges"] else (-30.0, -15.0)
            states[12:20, law.U] = states[12:20, law.U_HIST] = rng.uniform(*deep, 8)
        F.append(steps)
        state.append(states)
        material.append(np.full(40, k))
    F, state, material = np.concatenate(F), np.concatenate(state), np.concatenate(material)
    F[material == len(LAWS) - 1] *= 0.7
    order = rng.permutation(len(F))
    return F[order], state[order], material[order]


def one_ulp(given, rng):
    """The given numbers, each moved by its last digit."""
    return given * (1.0 + rng.choice([-1.2e-16, 1.2e-16], given.shape))


def apart(one, other):
    """How far stresses, tangents and metrics of two answers are apart, for each point."""
    return [
        np.abs(a[..., :k] - b[..., :k]).reshape(len(a), -1).max(axis=1)
        for a, b, k in zip(one[:3], other[:3], (9, 9, 6), strict=True)
    ]


@pytest.mark.parametrize("lanes", [4, 16])
def test_lanes_equal_scalars(lanes, monkeypatch):
    """Every width shall give the stress, tangent, state and status of one number at a time, to 1e-12.

    Of the stress (or of that of a strain of 1e-3), of the stiffness and of the metric; where the last digit
    of the input moves the answer by more, twice that.
    """
    F, state, material = mixed()
    monkeypatch.setattr(batch, "UNIT", 1.0)
    scalar = law.advance(F, state, 1.0, ROOM, LAWS, material)
    rng = np.random.default_rng(0)
    moved = [law.advance(one_ulp(F, rng), one_ulp(state, rng), 1.0, ROOM, LAWS, material) for _ in range(32)]
    monkeypatch.setattr(batch, "UNIT", (1.0,) * lanes)
    wide = law.advance(F, state, 1.0, ROOM, LAWS, material)
    P, A, _, status = scalar
    np.testing.assert_array_equal(wide[3], status)
    assert set(status) == {FAST, FALLBACK, INVALID, UNSOLVED}
    solved = status >= FAST
    stiffness = np.abs(A).max(axis=(1, 2))
    scales = (np.abs(P).max(axis=1) + 1e-3 * stiffness, stiffness, 1.0)
    uncertain = [np.fmax.reduce(errors) for errors in zip(*(apart(m, scalar) for m in moved), strict=True)]
    for error, scale, least in zip(apart(wide, scalar), scales, uncertain, strict=True):
        assert ((error <= 1e-12 * scale) | (error <= 2.0 * least))[solved].all()
    usual = (status == FAST) & (np.abs(F - np.eye(3).ravel()).max(axis=1) < 0.1)
    assert usual.sum() > 100
    for error, scale in zip(apart(wide, scalar), scales, strict=True):
        assert (error / scale)[usual].max() < 1e-12
    assert all(np.isnan(values[~solved]).all() for values in wide[:3])


def test_threads_do_not_change_a_bit():
    """One thread and two shall give the same bits."""
    F, state, material = mixed()
    count = numba.get_num_threads()
    answers = []
    for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
        numba.set_num_threads(threads)
        answers.append(law.advance(F, state, 1.0, ROOM, LAWS, material))
    numba.set_num_threads(count)
    for one, other in zip(answers[0], answers[-1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_materials_that_change_in_place():
    """The order of points shall follow the material array, also where the caller changes it in place."""
    F, state = random_steps(cathode(), np.random.default_rng(5), 40)
    models = [cathode(), aluminium()]
    material = np.zeros(40, np.int64)
    law.advance(F, state, 1.0, ROOM, models, material)
    material[::3] = 1
    P, *_ = law.advance(F, state, 1.0, ROOM, models, material)
    for k in (0, 1):
        apart, *_ = law.advance(F[material == k], state[material == k], 1.0, ROOM, [models[k]])
        np.testing.assert_allclose(P[material == k], apart, rtol=1e-13, atol=1e-3)


def test_outputs_of_another_kind_are_refused():
    """`advance_into` shall refuse an output it cannot fill in place."""
    F, state = random_steps(cathode(), np.random.default_rng(5), 4)
    row, components = cathode().at(ROOM)[None], np.arange(9)
    P, A, new, status = np.empty((4, 18))[:, ::2], np.empty((0, 9, 9)), np.empty((4, 9)), np.empty(4, np.int8)
    with pytest.raises(ValueError, match="P: needed a C-contiguous"):
        law.advance_into(F, state, np.zeros(4, int), row, 1.0, components, P, A, new, status)


@numba.njit
def _row(rows, i, unit):
    return Row(
        1.0, load(rows[1], i, unit), load(rows[2], i, unit), load(rows[3], i, unit), load(rows[4], i, unit),
        load(rows[5], i, unit), load(rows[6], i, unit), load(rows[7], i, unit), load(rows[8], i, unit),
        load(rows[9], i, unit), load(rows[10], i, unit), load(rows[11], i, unit), load(rows[12], i, unit),
        load(rows[13], i, unit), load(rows[14], i, unit), load(rows[15], i, unit), load(rows[16], i, unit),
        load(rows[17], i, unit), load(rows[18], i, unit), load(rows[19], i, unit), load(rows[20], i, unit),
        load(rows[21], i, unit), load(rows[22], i, unit), load(rows[23], i, unit),
    )  # fmt: skip


@numba.njit(error_model="numpy")
def press(unit, rows, ev, eq, u, kept, dt, out):
    for i in range(0, ev.size, width(ones(unit))):
        m = _row(rows, i, unit)
        now = load(dt, i, unit)
        r = porous(load(ev, i, unit), load(eq, i, unit), load(u, i, unit), load(kept, i, unit), 0.0, now, m)
        for k in range(width(ones(unit))):
            out[i + k] = (lane(r.p, k), lane(r.u, k), lane(r.q_q, k), lane(r.v_v, k), lane(r.status, k))


def test_constants_may_differ_from_lane_to_lane():
    """A million wild states with constants of their own in every lane shall be solved as one by one."""
    answers = []
    for seed in range(4):
        parameters, *rest = wild(250_000, np.random.default_rng(seed))
        rows = np.ascontiguousarray(parameters.T)
        out = np.zeros((2, 250_000, 5))
        press(1.0, rows, *rest, out[0])
        press(EIGHT, rows, *rest, out[1])
        answers.append(out)
    one, lanes = np.concatenate(answers, axis=1)
    assert (lanes[:, 4] >= FAST).all()
    same = (one[:, 4] == FAST) & (lanes[:, 4] == FAST)
    assert np.count_nonzero(one[:, 4] != lanes[:, 4]) < 1e-4 * len(one)
    off = np.abs(lanes[same, 1] - one[same, 1]) / np.abs(one[same, 1])
    assert np.quantile(off, 0.999) < 1e-12
