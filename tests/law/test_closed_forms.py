"""The closed forms of theory.md section 7, each with its own number."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from isosim import law
from tests.law.laws import (
    GPA,
    MPA,
    ROOM,
    VISCOSITY,
    aluminium,
    anode,
    cathode,
    hydrostatic,
    march,
    read,
    uniaxial,
)


def heckel(model, porosity):
    cap = model.cap
    return cap.p0 + cap.hardening * np.log(
        (model.reference_porosity - cap.minimum_porosity) / (porosity - cap.minimum_porosity)
    )


def ellipse(model, porosity):
    """Centre, half-width and M of the yield ellipse at rest."""
    cap = heckel(model, porosity)
    apex = model.cohesion + model.tension_ratio * cap
    a = 0.5 * (cap + apex)
    return 0.5 * (cap - apex), a, (model.friction**-2 + (a / model.matrix_strength) ** 2) ** -0.5


@pytest.mark.parametrize("model", [cathode(), anode(tension_ratio=0.3)])
def test_t1_hydrostatic_compaction_follows_the_cap(model):
    """T1: the driving pressure of hydrostatic compaction shall equal the cap pressure."""
    F, _, state, _ = march(model, hydrostatic(np.linspace(0.01, 0.35, 30)))
    r = read(model, F, state)
    assert r.porosity[-1] < 0.75 * model.reference_porosity
    np.testing.assert_allclose(r.driving, heckel(model, r.porosity), rtol=1e-11)


@pytest.mark.parametrize("tension_ratio", [0.0, 0.4, 1.0])
def test_t2_stiff_uniaxial_compaction(tension_ratio):
    """T2: axial and lateral stress of stiff uniaxial compaction shall be those of the rigid closed form."""
    model = cathode(bulk_modulus=2.5e6 * GPA, shear_modulus=1.5e6 * GPA, tension_ratio=tension_ratio)
    F, _, state, _ = march(model, uniaxial(np.linspace(0.01, 0.2, 40)))
    r = read(model, F, state)
    c, a, M = ellipse(model, r.porosity)
    x = a / np.sqrt(1.0 + 4.0 * M**2 / 9.0)
    np.testing.assert_allclose(r.axial, c + a * np.sqrt(1.0 + 4.0 * M**2 / 9.0), rtol=2e-6)
    np.testing.assert_allclose(r.lateral, c + x * (1.0 - 2.0 * M**2 / 9.0), rtol=2e-6)


def test_t3_simple_shear_of_a_dense_layer():
    """T3: one step of simple shear shall give the closed form in logarithmic strain, elastic and plastic."""
    model = aluminium()
    for shear in (0.003, 0.2):
        F = np.eye(3)
        F[0, 1] = shear
        P, *_ = law.advance(F.reshape(1, 9), model.initial_state()[None], 1.0, ROOM, [model])
        tau = P.reshape(3, 3) @ F.T
        eq = 2.0 / np.sqrt(3.0) * np.arcsinh(shear / 2.0)
        elastic = 3.0 * model.shear_modulus * eq
        plastic = max(0.0, elastic - model.yield_stress) / (3.0 * model.shear_modulus + model.hardening)
        q = elastic - 3.0 * model.shear_modulus * plastic
        assert tau[0, 1] == pytest.approx(q / np.sqrt(3.0) / np.hypot(1.0, shear / 2.0), rel=1e-11)


def test_t3_uniaxial_stress_of_a_dense_layer():
    """T3: a bar pulled along its own strain path shall carry its hardening stress and nothing sideways."""
    model = aluminium()
    young = 9 * model.bulk_modulus * model.shear_modulus / (3 * model.bulk_modulus + model.shear_modulus)
    tau = np.linspace(1.01, 1.5, 10) * model.yield_stress
    plastic = (tau - model.yield_stress) / model.hardening
    lateral = tau / young / 2.0 - tau / model.bulk_modulus / 6.0
    strain = np.column_stack([-lateral - plastic / 2.0, -lateral - plastic / 2.0, tau / young + plastic])
    F, P, *_ = march(model, strain)
    np.testing.assert_allclose(P[:, 8] * F[:, 8], tau, rtol=1e-11)
    np.testing.assert_allclose(P[:, 0] / tau, 0.0, atol=1e-10)


def test_t4_viscous_relaxation_under_hydrostatic_strain():
    """T4: relaxation at fixed strain shall converge to the rate equation, with an error of first order."""
    model = cathode(viscosity=law.Viscosity(stress=1 * MPA, exponent=5, rate=1e-3), friction=1.0)
    start, strain, end = 0.30, 0.02, 5.0

    def rate(_, v):
        phi = 1.0 - (1.0 - start) * np.exp(v[0])
        s = 1.0 - phi / model.stiffness_porosity
        p = model.bulk_modulus * s**2 * (strain - v[0])
        psi = 0.5 * p * (strain - v[0])
        driving = p + psi * (1.0 - 2.0 * (1.0 - phi) / (model.stiffness_porosity - phi))
        c, a, M = ellipse(model, phi)
        return [M * model.viscosity.rate * max(M * (driving - c - a) / model.viscosity.stress, 0.0) ** 5]

    exact = solve_ivp(rate, (0.0, end), [0.0], method="LSODA", rtol=1e-11, atol=1e-14).y[0, -1]
    errors = []
    for n in (50, 200, 800):
        strains = hydrostatic(np.full(n, strain))
        F, _, state, _ = march(model, strains, dt=end / n, porosity=start)
        errors.append(read(model, F, state).v[-1] - exact)
    assert abs(errors[-1]) < 2e-5
    assert 3.0 < errors[0] / errors[1] < 5.0
    assert 3.3 < errors[1] / errors[2] < 4.7


def test_t5_norton_creep():
    """T5: a layer without yield stress shall creep at e0 (q/s0)^n and relax along the closed form."""
    n, rate, stress = 6.6, 1e-5, 1 * MPA
    model = law.Dense(8 * GPA, 2.8 * GPA, 0.0, viscosity=law.Viscosity(stress, n, rate))
    stretch = np.array([-0.5, -0.5, 1.0]) * 1e-3
    F, P, state, _ = march(model, np.tile(stretch, (3, 1)), dt=2.0)
    q = P[:, 8] * F[:, 8] - P[:, 0] * F[:, 0]
    np.testing.assert_allclose(np.diff(state[:, law.EQPS]), 2.0 * rate * (q[1:] / stress) ** n, rtol=1e-10)

    first, end = 3.0 * model.shear_modulus * 1e-3, 10.0
    exact = (first ** (1 - n) + (n - 1) * 3 * model.shear_modulus * rate * end / stress**n) ** (1 / (1 - n))
    errors = []
    for steps in (200, 400, 800):
        F, P, *_ = march(model, np.tile(stretch, (steps, 1)), dt=end / steps)
        errors.append((P[-1, 8] * F[-1, 8] - P[-1, 0] * F[-1, 0]) / exact - 1.0)
    assert abs(errors[-1]) < 3e-3
    assert 1.8 < errors[0] / errors[1] < 2.2 and 1.8 < errors[1] / errors[2] < 2.2


def test_t6_unloading_is_elastic():
    """T6: uniaxial unloading shall have the slope K + 4G/3 of the compacted layer."""
    model = cathode()
    path = np.append(np.linspace(0.01, 0.2, 20), 0.2 - np.linspace(1e-4, 3e-4, 3))
    F, _, state, _ = march(model, uniaxial(path))
    r = read(model, F, state)
    s = 1.0 - r.porosity[-1] / model.stiffness_porosity
    modulus = (model.bulk_modulus + 4.0 / 3.0 * model.shear_modulus) * s**2
    np.testing.assert_allclose(np.diff(r.axial[19:]), -1e-4 * modulus, rtol=1e-10)
    assert np.ptp(r.porosity[19:]) == 0.0


@pytest.mark.parametrize("model", [cathode(), cathode(viscosity=VISCOSITY), aluminium()])
def test_t7_objectivity(model):
    """T7: rotating the deformed body shall rotate the stress and leave the state alone."""
    rng = np.random.default_rng(1)
    F = np.eye(3) + rng.normal(0.0, 0.02, (200, 3, 3)) - 0.1 * rng.random((200, 1, 1)) * np.diag([0, 0, 1])
    state = np.tile(model.initial_state(), (200, 1))
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    Q *= np.linalg.det(Q)
    P, _, new, _ = law.advance(F.reshape(-1, 9), state, 1.0, ROOM, [model])
    turned, _, new_turned, _ = law.advance((Q @ F).reshape(-1, 9), state, 1.0, ROOM, [model])
    assert np.abs(turned.reshape(-1, 3, 3) - Q @ P.reshape(-1, 3, 3)).max() < 1e-13 * np.abs(P).max()
    np.testing.assert_allclose(new_turned, new, rtol=0, atol=1e-13)


def test_t8_solid_mass_over_a_full_cycle():
    """T8: every step of a full cycle shall keep the solid volume to 1e-14, all 500 of them to 1e-13."""
    model = cathode(viscosity=VISCOSITY)
    path = np.concatenate([np.linspace(0, 0.3, 200), np.linspace(0.3, 0.15, 300)])
    F, _, state, _ = march(model, uniaxial(path) + 0.1 * hydrostatic(path))
    r = read(model, F, state)
    assert r.porosity.min() < 0.11 and r.porosity[-1] > r.porosity.min() + 0.02
    solid = law.solid(state, model.at(ROOM)) / (1.0 - 0.35)
    np.testing.assert_allclose(np.diff(solid), 0.0, atol=1e-14)
    np.testing.assert_allclose(solid, 1.0, rtol=1e-13)


def test_t9_fast_flow_is_independent_of_rate():
    """T9: without overstress the viscous law shall become the rate-independent one."""
    path = uniaxial(np.linspace(0.01, 0.25, 20))
    _, P, *_ = march(cathode(), path)
    for viscosity in (law.Viscosity(1e-3, 6, 1e-4), law.Viscosity(1 * MPA, 1, 1e12)):
        _, viscous, *_ = march(cathode(viscosity=viscosity), path)
        np.testing.assert_allclose(viscous, P, rtol=1e-7, atol=1.0)


def test_t10_without_friction_the_stress_is_hydrostatic():
    """T10: as M0 goes to zero uniaxial compaction shall follow the hydrostatic path of T1."""
    model = cathode(friction=1e-4)
    F, _, state, _ = march(model, uniaxial(np.linspace(0.01, 0.25, 25)))
    r = read(model, F, state)
    np.testing.assert_allclose(r.lateral, r.axial, rtol=2e-4)
    np.testing.assert_allclose(r.driving, heckel(model, r.porosity), rtol=1e-4)


def test_t11_step_doubling_has_order_one():
    """T11: halving the steps of a viscous press shall halve the error."""
    model = anode(viscosity=dataclasses.replace(VISCOSITY, stress=8 * MPA))
    final = []
    for n in (40, 80, 160, 320):
        F, _, state, _ = march(model, uniaxial(np.linspace(0, 0.4, n + 1)[1:]), dt=120.0 / n)
        final.append(read(model, F, state).axial[-1])
    change = np.diff(final)
    np.testing.assert_allclose(change[:-1] / change[1:], 2.0, atol=0.15)


def work(F, P):
    """Work of the stress per unpressed volume, by the trapezoidal rule."""
    return np.cumsum(np.sum(0.5 * (P[1:] + P[:-1]) * np.diff(F, axis=0), axis=1))


def test_t12_work_is_stored_or_dissipated():
    """T12: work shall equal stored plus dissipated energy, and no step shall dissipate less than nothing."""
    model = anode()
    path = np.concatenate([np.linspace(0, 0.55, 4000), np.linspace(0.55, 0.5, 400)])
    F, P, state, _ = march(model, uniaxial(path) + 0.2 * hydrostatic(path))
    r = read(model, F, state)
    jacobian = np.exp(-r.v)
    dissipated = (r.driving[1:] * np.diff(r.v) + r.q[1:] * np.diff(r.eqps)) * jacobian[1:]
    assert r.p.max() > 300 * MPA and dissipated.min() > -1e-6
    stored = r.energy * jacobian
    total = work(F, P)[-1]
    assert stored[-1] - stored[0] + dissipated.sum() == pytest.approx(total, rel=1e-3)
    without_energy = (r.p[1:] * np.diff(r.v) + r.q[1:] * np.diff(r.eqps)) * jacobian[1:]
    assert abs(stored[-1] + without_energy.sum() - total) > 5e-3 * total


def test_t12_dissipation_on_a_wild_path():
    """T12: no step of a random walk through compaction and dilation shall dissipate less than nothing."""
    rng = np.random.default_rng(3)
    for model in (cathode(), cathode(viscosity=VISCOSITY, tension_ratio=0.2)):
        walk = np.cumsum(rng.normal(0.0, 4e-3, (400, 3)), axis=0)
        F, _, state, status = march(model, walk - 0.1 * np.minimum(1.0, np.arange(400) / 100)[:, None])
        r = read(model, F, state)
        assert (status >= 0).all() and np.ptp(r.porosity) > 0.05
        assert (r.driving[1:] * np.diff(r.v) + r.q[1:] * np.diff(r.eqps)).min() > -1e-9 * MPA
