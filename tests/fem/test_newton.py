"""Newton's method over the kinks of yield."""

import pytest

from isosim import fem, law
from isosim.fem.newton import Newton, NoConvergence
from isosim.stack import section_mesh, solid_mesh
from tests.fem.bodies import MPA, body, cycle, elastic
from tests.fem.press_on_ranks import FACES
from tests.fem.test_tangent import POROUS


def wide_laminate():
    """Coating between foils that yield, in a soft cover: 10 mm wide, 0.6 mm high, free to curl."""
    soft = elastic(3e9, 0.35)
    foil = law.Dense(bulk_modulus=70e9, shear_modulus=26e9, yield_stress=60 * MPA, hardening=100 * MPA)
    thickness = [1.6e-4, 4e-5, 1e-4, 7e-5, 4e-5, 1.6e-4]
    porosity = [None, None, None, 0.5, None, None]
    return body([soft, foil, soft, POROUS, foil, soft], thickness, half_width=1e-2, porosity=porosity)


@pytest.mark.parametrize("fidelity", ["section", "solid"])
def test_yielding_foils_do_not_stop_newton(fidelity, monkeypatch):
    """A wide laminate shall be loaded and released in large steps, each converged at the first attempt.

    Whole Newton corrections run to and fro over the yield of the foils: six attempts in the nine steps of
    the solid fail without a search along them.
    """
    solve, failures = Newton.solve, []

    def watched(newton, load):
        try:
            return solve(newton, load)
        except NoConvergence as failure:
            failures.append(f"{load.pressure / MPA:.4g} MPa: {failure}")
            raise

    monkeypatch.setattr(Newton, "solve", watched)
    stack = wide_laminate()
    mesh = (solid_mesh if fidelity == "solid" else section_mesh)(stack, 3)
    ds = fem.run(stack, mesh, cycle(100 * MPA, steps=6), FACES, fidelity=fidelity)
    assert failures == []
    assert ds.attrs["cuts"] == 0
    assert ds.pressure.values[-1] == 0.0
