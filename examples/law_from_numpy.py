"""The law from plain numpy: a coating pressed through its thickness to 414 MPa, width held, and released.

The axial stretch follows the pressure by Newton's method on one component of P, with the law's own tangent.
Any finite element code calls `law.advance` in the same way, with one row per quadrature point.
"""

import numpy as np

from isosim import law

COATING = law.Porous(
    bulk_modulus=25e9, shear_modulus=15e9, reference_porosity=0.35,
    cap=law.Heckel(p0=15e6, hardening=62e6, minimum_porosity=0.065), friction=1.3, cohesion=2e6,
)  # fmt: skip
AXIAL = 8  # zz in a row-major deformation gradient


def press(pressures, dt=1.0, T=298.15):
    """Porosity and thickness (relative) after each pressure [Pa]."""
    F, state = np.eye(3).reshape(1, 9), COATING.initial_state()[None]
    porosity, thickness = [], []
    for pressure in pressures:
        for _ in range(30):
            P, dPdF, new, status = law.advance(F, state, dt, T, [COATING])
            assert status[0] >= 0, "cut the step"
            miss = P[0, AXIAL] + pressure  # tension is positive
            if abs(miss) < 1.0:
                break
            F[0, AXIAL] -= np.clip(miss / dPdF[0, AXIAL, AXIAL], -0.02, 0.02)
        state = new
        porosity.append(law.porosity(state, COATING.at(T))[0])
        thickness.append(F[0, AXIAL])
    return porosity, thickness


if __name__ == "__main__":
    pressures = np.concatenate([np.linspace(10e6, 414e6, 40), np.linspace(400e6, 0.0, 20)])
    for row in zip(pressures / 1e6, *press(pressures), strict=True):
        print("{:6.1f} MPa   porosity {:.4f}   thickness {:.4f}".format(*row))
