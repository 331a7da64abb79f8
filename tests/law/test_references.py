"""Published references, their small strains read as logarithmic ones and their stresses as Mandel stresses.

tests/law/references/ holds the numbers with their origin: Code_Aster SSNV160A (isotropic Cam-clay),
SSNV202A (oedometric Cam-clay), MFront ModCamClay_semiExpl (triaxial test).
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from isosim import law
from tests.law.laws import ROOM, hydrostatic, march, uniaxial

FOLDER = Path(__file__).parent / "references"


def columns(name):
    rows = [line.split(",") for line in (FOLDER / name).read_text().splitlines() if not line.startswith("#")]
    return {key: np.array([float(row[k]) for row in rows[1:]]) for k, key in enumerate(rows[0])}


def cauchy(F, P):
    """Cauchy stresses along z and x of diagonal deformations."""
    jacobian = F[:, 0] * F[:, 4] * F[:, 8]
    return P[:, 8] * F[:, 8] / jacobian, P[:, 0] * F[:, 0] / jacobian


def cam_clay(void_ratio, compression, swelling, slope, cap, initial, shear):
    """Cam-clay of soils: K = p (1 + e0)/kappa from the initial pressure on, constant G."""
    return law.Porous(
        bulk_modulus=1.0,  # without effect beside pressure-proportional elasticity
        shear_modulus=shear,
        reference_porosity=void_ratio / (1.0 + void_ratio),
        cap=law.CamClay(cap, compression, swelling, locking=0.0),
        friction=slope,
        stiffness_porosity=np.inf,
        elasticity=law.PressureProportional(initial, swelling / (1.0 + void_ratio)),
    )


def mandel(F, P, state):
    """Mandel pressure and deviator (axial minus lateral) of diagonal deformations."""
    axial, lateral = cauchy(F, P)
    elastic_volume = F[:, 0] * F[:, 4] * F[:, 8] * np.sqrt(state[:, 0] * state[:, 1] * state[:, 2])
    return -(axial + 2.0 * lateral) / 3.0 * elastic_volume, (lateral - axial) * elastic_volume


def test_isotropic_cam_clay_of_ssnv160a():
    """Strains of an isotropic Cam-clay cycle shall equal the analytic ones of SSNV160A to 1e-5."""
    reference = columns("code_aster_ssnv160a_camclay_isotropic.csv")
    void = 0.14 / 0.86
    model = cam_clay(void, 0.25, 0.05, 0.9, 2 * 3e5, 1e5, 1.6e7)
    state = model.initial_state()[None]
    for target, strain in zip(reference["p_Pa"], reference["EPXX_reference"], strict=True):
        low, high = 3.0 * strain - 1e-3, 3.0 * strain + 1e-3
        for _ in range(60):
            middle = 0.5 * (low + high)
            F = np.exp(hydrostatic([-middle]))[0] * np.eye(3)
            P, _, new, status = law.advance(F.reshape(1, 9), state, 1.0, ROOM, [model])
            assert status[0] >= 0
            p, _ = mandel(F.reshape(1, 9), P, new)
            low, high = (middle, high) if p[0] > target else (low, middle)
        state = new
        assert middle / 3.0 == pytest.approx(strain, rel=1e-5)


def oedometer(*stages):
    """p and q of SSNV202A at its five strains, with so many steps to 1, to 2 and to 10 %, and its table."""
    reference = columns("code_aster_ssnv202a_camclay_oedometric.csv")
    first, second, third = stages
    strains = np.concatenate(
        [
            np.linspace(0.0, 0.01, first + 1)[1:],
            np.linspace(0.01, 0.02, second + 1)[1:],
            np.linspace(0.02, 0.10, third + 1)[1:],
        ]
    )
    at = np.array([first // 10, first // 2, first, first + second, first + second + third]) - 1
    np.testing.assert_allclose(-strains[at], reference["EPZZ"], rtol=1e-12)
    F, P, state, status = march(OEDOMETER, uniaxial(strains))
    assert (status >= 0).all()
    return [values[at] for values in mandel(F, P, state)], reference


OEDOMETER = cam_clay(2.0, 0.2, 0.05, 1.02, 1e4, 1e4, 276923.0)


def test_oedometric_cam_clay_of_ssnv202a():
    """In the steps of SSNV202A p, q shall equal Code_Aster's own to 1e-6, its reference to its tolerance."""
    (p, q), reference = oedometer(50, 10, 10)
    np.testing.assert_allclose(p, reference["p_computed"], rtol=1e-6)
    np.testing.assert_allclose(q, reference["q_computed"], rtol=1e-6)
    np.testing.assert_allclose(p, reference["p"], rtol=0.01)
    np.testing.assert_allclose(q[0], reference["q"][0], rtol=0.015)
    np.testing.assert_allclose(q[1:], reference["q"][1:], rtol=0.01)


def rate(strain, state):
    """Rates by the axial compaction of p, q and the cap pressure in Cam-clay of small strain, flowing."""
    p, q, cap = state
    void, slope, shear = 2.0, 1.02, 276923.0
    bulk, hardening = (1.0 + void) / 0.05 * p, (1.0 + void) / (0.2 - 0.05) * cap
    by_p, by_q, by_cap = slope**2 * (2.0 * p - cap), 2.0 * q, -(slope**2) * p
    flow = (by_p * bulk + by_q * 2.0 * shear) / (
        by_p * bulk * by_p + by_q * 3.0 * shear * by_q - by_cap * hardening * by_p
    )
    return [bulk * (1.0 - flow * by_p), shear * (2.0 - 3.0 * flow * by_q), hardening * flow * by_p]


def test_oedometric_cam_clay_of_ssnv202a_in_small_steps():
    """In small steps p and q shall equal the rate equations to 1e-3 and SSNV202A to 1 %, but for its last q.

    That one is 1.6 % above the rate equations.
    """
    (p, q), reference = oedometer(1600, 320, 320)
    exact = solve_ivp(rate, (0.0, 0.1), [1e4, 0.0, 1e4], "LSODA", -reference["EPZZ"], rtol=1e-10, atol=1e-6).y
    np.testing.assert_allclose(p, exact[0], rtol=1e-3)
    np.testing.assert_allclose(q, exact[1], rtol=1e-3)
    np.testing.assert_allclose(p, reference["p"], rtol=0.01)
    np.testing.assert_allclose(q[:-1], reference["q"][:-1], rtol=0.01)


def test_triaxial_cam_clay_of_mfront():
    """Stresses along the strain path of MFront's triaxial test shall equal its own; see docs/law.md.

    E = 52 MPa, nu = 0.3, M = 1.2, lambda = 0.077, kappa = 0.0066, ambient pressure 1 kPa.
    """
    table = np.loadtxt(FOLDER / "mfront_modcamclay_triax.ref")[1:]
    void, ambient, slope = 0.788, 1e3, 0.077 - 0.0066
    start = 2e5 - ambient
    model = law.Porous(
        bulk_modulus=52e6 / 1.2,
        shear_modulus=52e6 / 2.6,
        reference_porosity=void / (1.0 + void),
        cap=law.Log(intercept=void, slope=slope, locking=0.0, unit_pressure=start),
        friction=1.2,
        cohesion=ambient,
        stiffness_porosity=np.inf,
    )
    F, P, state, status = march(model, table[:, 1:4])
    assert (status >= 0).all()
    p, q = mandel(F, P, state)
    np.testing.assert_allclose(p, -table[:, 7:10].mean(axis=1), rtol=0.01)
    np.testing.assert_allclose(q, table[:, 7] - table[:, 9], atol=0.005 * 387e3)
