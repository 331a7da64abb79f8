"""Thickness, porosity and springback of electrodes."""

import numpy as np
import pytest


def test_reduction_is_that_of_the_mass_balance(pressed):
    """The reduction of a coating shall be 1 - (1-phi0)/(1-phi) exp(-2 e), theory (20)."""
    ds = pressed(strain=-0.004)
    expected = 1 - (1 - 0.35) / (1 - 0.146) * np.exp(0.008)
    assert ds.reduction.sel(definition="coating")[0] == pytest.approx(expected, rel=1e-12)
    assert ds.reduction_mass_balance[0] == pytest.approx(expected, rel=1e-12)
    assert abs(ds.solid_volume_change).max() < 1e-14


def test_with_foil_dilutes_the_reduction(pressed):
    """Counting the foil shall divide the same loss by the thickness of coating and foil together."""
    ds = pressed()
    coating, with_foil = (ds.reduction.sel(definition=name) for name in ("coating", "with_foil"))
    share = np.where(ds.electrode_kind == "cathode", 42.8 / 57.8, 68.0 / 78.0)
    assert with_foil.values == pytest.approx(coating.values * share, rel=1e-12)


def test_no_reduction_above_the_ceiling(pressed):
    """A coating pressed to no porosity shall reach its ceiling, and any other stay below it."""
    dense = pressed(final={"cathode": 0.0, "anode": 0.0}, strain=0.0)
    assert dense.reduction_ceiling.values == pytest.approx([0.35, 0.50] * 2, rel=1e-12)
    assert dense.reduction.sel(definition="coating").values == pytest.approx(dense.reduction_ceiling.values)
    ds = pressed()
    assert (ds.reduction.sel(definition="coating") < ds.reduction_ceiling).all()


def test_springback_is_relative_to_the_disassembled_coating(pressed):
    """Springback shall be (disassembled - held)/disassembled: the 1 % that the factory's coating recovers."""
    assert pressed().springback.values == pytest.approx(0.01, rel=1e-9)


def test_porosity_and_foil_strain(pressed):
    """Porosity before and after, and the foil's strain, shall be those that were put in."""
    ds = pressed(strain=-0.007)
    cathode = ds.isel(electrode=0)
    assert cathode.electrode_porosity.sel(state="unpressed") == pytest.approx(0.35)
    assert cathode.electrode_porosity.sel(state="disassembled") == pytest.approx(0.146)
    assert cathode.foil_strain_x.sel(state="disassembled") == pytest.approx(-0.007)
    assert cathode.foil_strain_y.sel(state="held") == pytest.approx(-0.007)


def test_interior_leaves_out_the_edge_zone(pressed, measured_again):
    """A coating thinner in its outermost station shall have another whole mean and the same interior."""
    ds = pressed()
    thin = ds.thickness_profile.copy()
    thin[dict(state=4, x=-1)] *= 0.5
    other = measured_again(ds.assign(thickness_profile=thin))
    assert (other.reduction > ds.reduction).all()
    np.testing.assert_allclose(other.reduction_interior, ds.reduction_interior, rtol=1e-12)


def test_every_reading_names_its_unit(pressed):
    """Every variable shall carry a unit and a meaning."""
    for name, variable in pressed().data_vars.items():
        assert variable.attrs.get("units"), name
        assert variable.attrs.get("long_name"), name


def test_dataset_of_another_stack_is_refused(pressed, measured_again):
    """A dataset whose layers are not those of the case shall be refused."""
    with pytest.raises(ValueError, match="layers"):
        measured_again(pressed(electrodes=4), electrodes=2)
