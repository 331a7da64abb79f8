"""Pressure films: what they record and how grey they are."""

import numpy as np
import pytest

from isosim.measure import film


def test_more_pressure_is_darker():
    """Grey shall fall with pressure, from nearly white to the grey of a saturated film."""
    grey = film.grey(np.array([0.0, 49e6, 80e6, 120e6, 127e6, 1e9]))
    assert (np.diff(grey) < 0).all()
    assert grey[0] == pytest.approx(255 * 10 ** (-0.5 * 0.05))
    assert grey[-1] == pytest.approx(255 * 10 ** (-0.5 * 1.4))


def test_interior_and_edge_are_kept_apart(pressed):
    """A loss of pressure in the edge zone shall show there and not in the interior."""
    ds = pressed(edge_loss=0.3)
    assert ds.film_pressure.values == pytest.approx(120e6)
    assert ds.film_edge_minimum.values == pytest.approx(84e6)
    assert (ds.film_edge_pressure < ds.film_pressure).all()
    assert (ds.film_edge_grey > ds.film_grey).all()
    assert (ds.film_pressure_std < 1.0).all()


def test_film_records_the_largest_pressure(pressed):
    """A film read after release shall still show the pressure of the hold."""
    ds = pressed()
    assert float(ds.axial_pressure_profile.sel(state="released").max()) == 0.0
    assert (ds.film_pressure_profile.isel(x=0) == 120e6).all()


def test_saturation_and_temperature_window_are_flagged(pressed):
    """414 MPa shall be flagged as saturated, 20 MPa as faint, 90 degC as invalid with the reason."""
    assert pressed(pressure=414e6).film_saturated.all()
    assert pressed(pressure=20e6).film_faint.all()
    at_room = pressed()
    assert at_room.film_valid.all() and not at_room.film_saturated.any() and not at_room.film_faint.any()
    hot = pressed(temperature=363.15)
    assert not hot.film_valid.any()
    assert "90 degC" in hot.film_valid.attrs["reason"]


def test_planes_lie_between_the_electrodes(pressed):
    """A stack of N electrodes shall have N - 1 film planes, plane k below electrode k."""
    assert pressed(electrodes=10).electrode_above.values.tolist() == list(range(1, 10))
