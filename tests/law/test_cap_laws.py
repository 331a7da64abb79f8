"""Cap laws: what every one of them has to be, and the equation each is named after."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isosim.law.cap import cap, jammed_cap
from isosim.law.row import read as read_row
from tests.law.laws import CAPS, MPA, ROOM, cathode

every_cap = pytest.mark.parametrize("name", CAPS)


def row(name):
    model = cathode(cap=CAPS[name])
    return model, read_row(model.at(ROOM)[None], 0)


@every_cap
@given(w=st.floats(-0.6, 300.0))
@settings(max_examples=60, deadline=None)
def test_caps_are_positive_and_harden(name, w):
    """The cap pressure shall be positive and fall with porosity, however far compacted."""
    _, m = row(name)
    p, slope = cap(m.reference - w, m)
    assert p > 0.0 and slope < 0.0 and np.isfinite(p)


@every_cap
@given(w=st.floats(-0.5, 20.0).filter(lambda w: abs(w) > 1e-6))
@settings(max_examples=60, deadline=None)
def test_cap_slopes_are_derivatives(name, w):
    """The slope of the cap shall equal its complex-step derivative."""
    _, m = row(name)
    p, slope = cap(complex(m.reference - w, 1e-30), m)
    assert slope.real == pytest.approx(p.imag / 1e-30, rel=1e-12)


@every_cap
def test_caps_diverge_at_their_floor(name):
    """Every cap shall exceed any load before its floor is reached."""
    _, m = row(name)
    assert cap(m.reference - 2000.0, m)[0] > 1000 * MPA


@every_cap
def test_hardening_is_kept_in_dilation(name):
    """A dilated layer shall keep the cap of its smallest porosity."""
    _, m = row(name)
    u = m.reference - 1.0
    assert jammed_cap(u + 0.3, u, m) == (cap(u, m)[0], 0.0)
    assert jammed_cap(u - 0.3, u, m) == cap(u - 0.3, m)


def at_porosity(name, porosity):
    _, m = row(name)
    locking = m.locking * max(0.0, m.reference - np.log(porosity - m.floor))
    return cap(np.log(porosity - m.floor), m)[0] - locking


def test_heckel_and_meyer_equations():
    """Heckel shall give phi = phi_m + (phi_r - phi_m) exp(-(p - p0)/kappa)."""
    p = at_porosity("Heckel", 0.12)
    assert 0.069 + (0.35 - 0.069) * np.exp(-(p - 15e6) / 61e6) == pytest.approx(0.12, rel=1e-13)


def test_log_equation():
    """Log shall give void ratio = intercept - slope ln(p)."""
    assert 1.3675 - 0.2144 * np.log(at_porosity("Log", 0.2) / MPA) == pytest.approx(0.25, rel=1e-13)


@pytest.mark.parametrize("name", ["Kawakita", "Kawakita that diverges"])
def test_kawakita_equation(name):
    """Kawakita shall give C = a b p/(1 + b p) beyond its first pressure."""
    law = CAPS[name]
    p = at_porosity(name, 0.2) - law.p0
    assert law.a * law.b * p / (1 + law.b * p) == pytest.approx(1 - 0.65 / 0.8, rel=1e-12)


def test_kawakita_floor():
    """Kawakita with a < phi_r shall have the floor at which its equation diverges."""
    model = cathode(cap=CAPS["Kawakita that diverges"])
    assert model.floor == pytest.approx(1 - 0.65 / 0.7)
    assert cathode(cap=CAPS["Kawakita"]).floor == 0.0


def test_cam_clay_is_exponential_in_compaction():
    """CamClay shall harden as exp((1 + e_r) v/(lambda - kappa)) with the logarithmic compaction v."""
    v = np.log(0.8 / 0.65)
    assert at_porosity("CamClay", 0.2) == pytest.approx(15e6 * np.exp(v / 0.65 / 0.18), rel=1e-12)
    assert at_porosity("Power", 0.2) == pytest.approx(15e6 * (0.8 / 0.65) ** 9, rel=1e-12)
