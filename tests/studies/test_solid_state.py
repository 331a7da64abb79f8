"""Lithium between rigid faces, and the separator at the cathode's step."""

import numpy as np
import pytest

from isosim.law import Dense
from isosim.recipe import ROOM
from studies.solid_state import squeeze, step

COARSE = 16  # columns


@pytest.mark.fem
def test_a_strip_flows_at_prandtls_pressure():
    """A strip without creep shall flow above the slip lines' mean pressure, by no more than the slab's."""
    found = squeeze.limit(10.0, COARSE)
    assert squeeze.prandtl(10.0) < found < 1.01 * squeeze.slab(10.0)


@pytest.mark.fem
def test_a_strip_creeps_as_a_power_law_fluid():
    """A creeping strip shall thin at the rate of the closed forms, within a tenth of either."""
    found, slip_lines, slab = squeeze.creep(COARSE)
    assert 0.9 * slab < found < 1.1 * slip_lines


@pytest.mark.fem
def test_fluid_on_the_edge_squeezes_nothing_out():
    """With the same pressure on its edge a strip shall lose p/K, the rest of its thickness staying."""
    found, elastic = squeeze.isostatic(COARSE)
    assert found == pytest.approx(elastic, rel=0.05)


def test_threshold_thickness():
    """At 450 MPa foils of 117 um at 25 degC and 86 um at 80 degC shall become a tenth thinner in 5 min."""
    cold, warm = (squeeze.threshold(squeeze.WIP, T) for T in (ROOM, squeeze.WARM))
    assert (1e6 * cold, 1e6 * warm) == pytest.approx((116.5, 85.8), abs=0.1)
    assert 1e6 * squeeze.threshold(120e6, ROOM) == pytest.approx(369, abs=1)
    rates = [squeeze.creep_rate(h, squeeze.WIP, squeeze.WIDTH, ROOM) for h in (cold, 0.5 * cold)]
    assert np.log2(rates[0] / rates[1]) == pytest.approx(8.6, abs=0.02)
    assert rates[1] * squeeze.HOLD / (0.5 * cold) == pytest.approx(0.0008, abs=1e-4)


def test_norton_law_of_the_card():
    """The card shall creep at 1.4e-2 1/s under its flow resistance, ten times as fast at 80 degC."""
    own = squeeze.LITHIUM
    assert isinstance(own, Dense) and own.yield_stress == 0.0
    rate = own.viscosity.rate_at(squeeze.WARM, own.thermal.reference_temperature)
    assert rate / own.viscosity.rate == pytest.approx(10.2, abs=0.1)


@pytest.mark.fem
def test_a_frame_takes_the_step_away():
    """A separator shall be a seventh thinner inside an empty step and keep its thickness beside a frame."""
    open_gap, frame = (
        step.summary(step.pressed(filling, step.CATHODE, 0.0, 20.0)) for filling in ("open gap", "frame")
    )
    assert open_gap["thinnest_inside_%"] == pytest.approx(-14.2, abs=0.3)
    assert open_gap["shear"] == pytest.approx(0.34, abs=0.02)
    assert frame["thinnest_inside_%"] == pytest.approx(-0.4, abs=0.2)
    assert frame["middle_um"] == pytest.approx(37.7, abs=0.1)
