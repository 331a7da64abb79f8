"""The return map: solved to rounding, whatever the state, on the fast road or the certain one."""

import numba
import numpy as np
import pytest

from isosim import law
from isosim.law.balance import balance, before
from isosim.law.cap import cap
from isosim.law.fallback import bracketed
from isosim.law.porous import FALLBACK, FAST, porous
from isosim.law.row import N_PARAMETERS, Row
from isosim.law.row import read as read_row
from tests.law.laws import CAPS, ROOM, VISCOSITY, anode, cathode, march, read, separator, uniaxial


def wild(n, rng):
    """Parameters (n, N_PARAMETERS), ev, eq, u, u_hist, dt far beyond those of any press."""
    between = lambda low, high: 10.0 ** rng.uniform(np.log10(low), np.log10(high), n)  # noqa: E731
    values = dict.fromkeys(Row._fields, np.zeros(n))
    floor = rng.choice([0.0, 0.02, 0.08], n)
    values |= {
        "law": np.ones(n),
        "energy": np.ones(n),
        "swelling": np.ones(n),
        "bulk": (bulk := between(2e9, 60e9)),
        "shear": bulk * rng.uniform(0.1, 1.0, n),
        "softening": np.where(rng.random(n) < 0.15, 0.0, 1.0 / 0.85),
        "floor": floor,
        "reference": np.log(rng.uniform(0.3, 0.6, n) - floor),
        "cap_pressure": between(1e6, 5e7),
        "cap_slope": between(1e7, 2e8),
        "cohesion": rng.choice([0.0, 1e6, 4e6], n),
        "tension_ratio": rng.choice([0.0, 0.1, 1.0], n, p=[0.7, 0.15, 0.15]),
        "friction": rng.uniform(0.3, 2.5, n) ** -2,
        "saturation": np.where(rng.random(n) < 0.2, 0.0, between(3e7, 2e9) ** -2),
        "overstress": np.where(rng.random(n) < 0.5, between(1e5, 3e7), 0.0),
        "exponent": 1.0 / rng.uniform(1.0, 12.0, n),
        "rate": between(1e-6, 1.0),
    }
    u = np.where(rng.random(n) < 0.2, rng.uniform(-30.0, -2.0, n), np.log(rng.uniform(0.001, 0.5, n)))
    u = np.minimum(u, np.log(0.8 - floor))
    kept = u - np.where(rng.random(n) < 0.5, 0.0, rng.exponential(0.5, n) * rng.choice([0.01, 1.0, 5.0], n))
    tiny = rng.random(n) < 0.5
    ev = np.where(
        tiny, between(1e-6, 0.1) * np.where(rng.random(n) < 0.2, -1.0, 1.0), rng.uniform(-0.05, 0.2, n)
    )
    eq = np.where(tiny, between(1e-8, 0.1), rng.uniform(0.0, 0.2, n))
    parameters = np.column_stack([values[name] for name in Row._fields])
    assert parameters.shape[1] == N_PARAMETERS
    return parameters, ev, eq, u, kept, between(1e-3, 1e3)


@numba.njit
def hammer(parameters, ev, eq, u, kept, dt, status, residual, compaction):
    for k in range(ev.size):
        m = read_row(parameters, k)
        r = porous(ev[k], eq[k], u[k], kept[k], 0.0, dt[k], m)
        status[k] = r.status
        compaction[k] = r.v
        if r.v != 0.0:
            old = before(u[k], kept[k], m)
            theta = r.eqps / (3.0 * r.shear * eq[k])
            b = balance(r.u, theta, ev[k], eq[k], old, dt[k], m)
            residual[k] = max(abs(b.compaction), abs(b.surface))


AGAIN = 1.02e-13  # 1e-13, and the rounding of computing a residual once more from what is returned


def shall_solve(n, seed):
    states = wild(n, np.random.default_rng(seed))
    status, residual, compaction = np.full(n, -9), np.zeros(n), np.zeros(n)
    hammer(*states, status, residual, compaction)
    assert (status >= FAST).all()
    assert np.count_nonzero(status == FALLBACK) < 0.03 * n
    assert np.count_nonzero(compaction) > 0.7 * n
    assert residual.max() < AGAIN


def test_every_wild_state_is_solved():
    """The return map shall solve 1e6 random states, on the fast road and off it, with residuals of 1e-13."""
    shall_solve(1_000_000, 0)


@pytest.mark.long
def test_every_one_of_many_wild_states_is_solved():
    """The return map shall solve 1e8 random states, with residuals of 1e-13."""
    for seed in range(1, 101):
        shall_solve(1_000_000, seed)


@pytest.mark.parametrize("name", CAPS)
def test_every_cap_is_solved(name):
    """Every cap law shall be solved from every porosity that a load up to 1e11 Pa can leave."""
    model = cathode(cap=CAPS[name])
    m = read_row(model.at(ROOM)[None], 0)
    deepest = next(u for u in np.arange(-30.0, 0.0, 0.1) if cap(u, m)[0] < 1e11)
    rng = np.random.default_rng(2)
    state = np.tile(model.initial_state(), (20_000, 1))
    state[:, law.U] = state[:, law.U_HIST] = rng.uniform(deepest, np.log(0.5), 20_000)
    F = np.eye(3).ravel() + rng.normal(0.0, 0.05, (20_000, 9))
    assert (law.advance(F, state, 1.0, ROOM, [model])[3] >= FAST).all()


@numba.njit
def both_roads(parameters, ev, eq, u, kept, dt, found, error):
    """Difference of p/K, q/3G and v between the fast road and the brackets, where the fast road ends."""
    for k in range(ev.size):
        m = read_row(parameters, k)
        r = porous(ev[k], eq[k], u[k], kept[k], 0.0, dt[k], m)
        if r.v != 0.0 and r.status == FAST:
            old = before(u[k], kept[k], m)
            root, theta, found[k] = bracketed(ev[k], eq[k], old, dt[k], m)
            b = balance(root, theta, ev[k], eq[k], old, dt[k], m)
            q = 3.0 * r.shear * eq[k]
            error[k] = max(abs(b.p - r.p) / m.bulk, abs(b.q - q) / (3.0 * m.shear), abs(b.v - r.v))


def shall_agree(n, seed):
    found, error = np.zeros(n), np.full(n, np.nan)
    both_roads(*wild(n, np.random.default_rng(seed)), found, error)
    compared = ~np.isnan(error)
    assert np.count_nonzero(compared) > 0.6 * n and found[compared].all()
    assert error[compared].max() < 2e-13


def test_both_roads_find_the_same_root():
    """Fast road and brackets shall agree on every one of 2e5 wild states, to 2e-13 in strain."""
    shall_agree(200_000, 8)


@pytest.mark.long
def test_both_roads_find_the_same_root_of_many():
    """Fast road and brackets shall agree on every one of 1e7 wild states, to 2e-13 in strain."""
    for seed in range(100, 150):
        shall_agree(200_000, seed)


def test_a_point_that_needs_the_fallback_says_so():
    """A point solved by the fallback shall report status 1 and still give stress, tangent and solid."""
    model = cathode()
    rng = np.random.default_rng(0)
    state = np.tile(model.initial_state(), (4000, 1))
    state[:, law.U] = state[:, law.U_HIST] = rng.uniform(-30.0, -15.0, 4000)
    F = np.eye(3).ravel() + rng.normal(0.0, 0.03, (4000, 9))
    P, A, new, status = law.advance(F, state, 1.0, ROOM, [model])
    used = status == FALLBACK
    assert used.sum() > 10 and (status >= 0).all()
    assert np.isfinite(P).all() and np.isfinite(A).all()
    row = model.at(ROOM)
    np.testing.assert_allclose(law.solid(new, row)[used], law.solid(state, row)[used], rtol=1e-14)


@pytest.mark.parametrize("model", [cathode(), cathode(viscosity=VISCOSITY), anode(), separator()])
def test_presses_never_need_the_fallback(model):
    """Compaction to 414 MPa and back in steps of a press shall stay on the fast road."""
    *_, status = march(model, uniaxial(np.linspace(0.002, 0.3, 150)))
    assert (status == FAST).all()


@pytest.mark.parametrize("model", [cathode(), cathode(viscosity=VISCOSITY), anode(), separator()])
def test_increments_of_presses_never_need_the_fallback(model):
    """A million increments of presses, sheared and held at random, shall all stay on the fast road."""
    rng = np.random.default_rng(7)
    n, steps = 6000, 50
    state = np.tile(model.initial_state(), (n, 1))
    lateral, shear = rng.normal(0.0, 2e-4, (n, 2)), rng.normal(0.0, 1e-3, n)
    axial = rng.uniform(0.1, 0.3, n) / steps
    used = 0
    for k in range(1, steps + 1):
        way = k if k < 0.8 * steps else 1.6 * steps - k
        F = np.zeros((n, 9))
        F[:, 0], F[:, 4] = np.exp(way * lateral[:, 0]), np.exp(way * lateral[:, 1])
        F[:, 8], F[:, 2] = np.exp(-way * axial), way * shear
        dt = 10.0 ** rng.uniform(-1.0, 2.0)
        _, _, state, status = law.advance(F, state, dt, ROOM, [model])
        assert (status >= FAST).all()
        used += np.count_nonzero(status == FALLBACK)
    assert used == 0


def test_separator_to_414_mpa_and_back():
    """A separator shall reach 414 MPa, almost without pores, release, and be pulled, keeping its solid."""
    model = separator()
    low, high = 0.0, 0.8
    for _ in range(60):
        middle = 0.5 * (low + high)
        F, _, state, status = march(model, uniaxial(np.linspace(0.0, middle, 80)))
        axial = read(model, F, state).axial[-1] if (status >= 0).all() else np.inf
        low, high = (middle, high) if axial < 414e6 else (low, middle)
    path = np.concatenate([np.linspace(0.0, low, 80), np.linspace(low, low - 0.2, 60)])
    F, _, state, status = march(model, uniaxial(path))
    r = read(model, F, state)
    assert (status >= 0).all()
    assert r.axial[79] == pytest.approx(414e6, rel=1e-6)
    assert r.porosity[79] - 0.02 < 1e-4
    assert r.axial[-1] < 0.0 and r.porosity[-1] > 0.1
    mass = (1.0 - r.porosity) * np.exp(-r.v) / (1.0 - 0.39)
    np.testing.assert_allclose(mass, 1.0, rtol=1e-13)
    np.testing.assert_allclose(np.diff(mass), 0.0, atol=1e-14)  # of any one step
