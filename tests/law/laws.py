"""Laws that the tests press, and what can be read off a pressed point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isosim import law

MPA, GPA, ROOM = 1e6, 1e9, 298.15
VISCOSITY = law.Viscosity(stress=10 * MPA, exponent=6, rate=1e-4, activation_energy=40e3)


def cathode(**changes) -> law.Porous:
    parameters = {
        "bulk_modulus": 25 * GPA,
        "shear_modulus": 15 * GPA,
        "reference_porosity": 0.35,
        "cap": law.Heckel(15 * MPA, 61 * MPA, 0.069),
        "friction": 1.3,
        "matrix_strength": 1200 * MPA,
        "cohesion": 2 * MPA,
    }
    return law.Porous(**{**parameters, **changes})


def anode(**changes) -> law.Porous:
    parameters = {
        "bulk_modulus": 8 * GPA,
        "shear_modulus": 4.8 * GPA,
        "reference_porosity": 0.50,
        "cap": law.Heckel(8 * MPA, 74 * MPA, 0.077),
        "friction": 1.2,
        "matrix_strength": 400 * MPA,
        "cohesion": 1 * MPA,
    }
    return law.Porous(**{**parameters, **changes})


def separator(**changes) -> law.Porous:
    parameters = {
        "bulk_modulus": 4 * GPA,
        "shear_modulus": 0.4 * GPA,
        "reference_porosity": 0.39,
        "cap": law.Heckel(12 * MPA, 31 * MPA, 0.02),
        "friction": 1.0,
        "matrix_strength": 40 * MPA,
        "cohesion": 6 * MPA,
    }
    return law.Porous(**{**parameters, **changes})


def aluminium(**changes) -> law.Dense:
    parameters = {
        "bulk_modulus": 67.6 * GPA,
        "shear_modulus": 25.9 * GPA,
        "yield_stress": 160 * MPA,
        "hardening": 900 * MPA,
    }
    return law.Dense(**{**parameters, **changes})


CAPS = {
    "Heckel": law.Heckel(15 * MPA, 61 * MPA, 0.069),
    "Log": law.Log(intercept=1.3675, slope=0.2144, locking=1 * MPA),
    "Kawakita": law.Kawakita(a=0.478, b=0.0268e-6, p0=1 * MPA, locking=1 * MPA),
    "Kawakita that diverges": law.Kawakita(a=0.30, b=0.0268e-6, p0=1 * MPA, locking=1 * MPA),
    "Power": law.Power(p0=15 * MPA, exponent=9.0, locking=1 * MPA),
    "CamClay": law.CamClay(p0=15 * MPA, compression=0.2, swelling=0.02, locking=1 * MPA),
}


@dataclass(frozen=True)
class Reading:
    """A point with its deformation, read in the measure the law is written in (Mandel), one value a point."""

    p: np.ndarray  # Mandel pressure
    q: np.ndarray
    axial: np.ndarray  # minus the Mandel stress along z
    lateral: np.ndarray
    porosity: np.ndarray
    driving: np.ndarray  # p* = p + psi + (1 - phi) dpsi/dphi, theory (5)
    energy: np.ndarray  # psi per unloaded volume
    v: np.ndarray  # plastic compaction since the reference, -ln Jp
    eqps: np.ndarray


def read(model: law.Porous, F: np.ndarray, state: np.ndarray, T: float = ROOM) -> Reading:
    """Read points F (n, 9), state (n, N_STATE) of a law with linear elasticity."""
    F = F.reshape(-1, 3, 3)
    xx, yy, zz, yz, xz, xy = state.T[:6]
    C = np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=-1).reshape(-1, 3, 3)
    values, axes = np.linalg.eigh(F @ C @ F.transpose(0, 2, 1))
    e = np.einsum("nia,na,nja->nij", axes, 0.5 * np.log(values), axes)
    phi = law.porosity(state, model.at(T))
    s = 1.0 - phi / model.stiffness_porosity
    bulk, shear = model.bulk_modulus * s**2, model.shear_modulus * s**2
    trace = np.trace(e, axis1=1, axis2=2)
    deviator = e - trace[:, None, None] / 3.0 * np.eye(3)
    norm = np.sum(deviator**2, axis=(1, 2))
    mandel = bulk[:, None, None] * trace[:, None, None] * np.eye(3) + 2.0 * shear[:, None, None] * deviator
    psi = 0.5 * bulk * trace**2 + shear * norm
    slope = -2.0 / (model.stiffness_porosity - phi) * psi
    return Reading(
        p=-bulk * trace,
        q=2.0 * shear * np.sqrt(1.5 * norm),
        axial=-mandel[:, 2, 2],
        lateral=-mandel[:, 0, 0],
        porosity=phi,
        driving=-bulk * trace + psi + (1.0 - phi) * slope,
        energy=psi,
        v=0.5 * np.log(np.linalg.det(C)),
        eqps=state[:, law.EQPS],
    )


def march(model, strains, dt=1.0, T=ROOM, porosity=None):
    """Lead one point through logarithmic strains (steps, 3) along x, y, z: F, P, states, statuses."""
    state = model.initial_state(porosity)[None]
    rows = []
    for strain in np.asarray(strains, float):
        F = np.diag(np.exp(strain)).reshape(1, 9)
        P, _, state, status = law.advance(F, state, dt, T, [model])
        rows.append((F[0], P[0], state[0], status[0]))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def hydrostatic(compaction):
    """Strains (steps, 3) of equal compaction in all directions."""
    return np.outer(compaction, [-1.0, -1.0, -1.0]) / 3.0


def uniaxial(compaction):
    """Strains (steps, 3) of compaction along z alone."""
    return np.outer(compaction, [0.0, 0.0, -1.0])


def random_steps(model, rng, n, size=0.02):
    """Two successive deformations (n, 9) of n points: the second starts from a compacted state."""
    first = np.eye(3).ravel() + rng.normal(0.0, size / 2, (n, 9))
    first[:, 8] *= np.exp(-10 * size * rng.random(n))
    state = np.tile(model.initial_state(), (n, 1))
    _, _, state, status = law.advance(first, state, 1.0, ROOM, [model])
    assert (status >= 0).all()
    step = np.eye(3) + rng.normal(0.0, size / 2, (n, 3, 3)) - size * rng.random((n, 1, 1)) * np.eye(3)[2]
    return (step @ first.reshape(n, 3, 3)).reshape(n, 9), state
