"""Readings of the whole cell."""

import numpy as np
import pytest

from isosim.measure import zones


def test_averages_are_over_each_kind(pressed):
    """Cell means shall be those of all cathodes and of all anodes."""
    ds = pressed(electrodes=10)
    for kind in ("cathode", "anode"):
        of_kind = ds.reduction[ds.electrode_kind.values == kind]
        np.testing.assert_allclose(ds.cell_reduction.sel(kind=kind), of_kind.mean("electrode"))
    assert float(ds.cell_porosity.sel(kind="anode", state="disassembled")) == pytest.approx(0.204)


def test_contraction_is_positive_when_the_cell_shrinks(pressed):
    """A logarithmic strain of -1 % shall read as a contraction of 1 - exp(-0.01)."""
    ds = pressed(strain=-0.01)
    assert float(ds.contraction_x.sel(state="held")) == pytest.approx(1 - np.exp(-0.01))
    assert float(ds.contraction_y.sel(state="unpressed")) == 0.0
    assert np.isnan(ds.contraction_x.sel(state="disassembled"))
    assert ds.electrode_contraction.values == pytest.approx(1 - np.exp(-0.01))


def test_energy_density_counts_the_cell_and_not_the_experiment(pressed):
    """Energy per volume shall be the ratio of volumes without bag and films, with the pouch or without."""
    ds = pressed(electrodes=2, strain=-0.02)
    coatings = [(42.8, ds.reduction[0, 0]), (68.0, ds.reduction[1, 0])]
    lost = sum(thickness * float(reduction) for thickness, reduction in coatings)
    electrodes = 42.8 + 15 + 68 + 10 + 25
    for scope, height in (("electrodes", electrodes), ("cell", electrodes + 2 * 113)):
        expected = height / ((height - lost) * np.exp(-0.04)) - 1
        assert float(ds.energy_density_change.sel(scope=scope)) == pytest.approx(expected)


def test_energy_density_of_a_cell_that_spreads(pressed, measured_again):
    """A cell of unchanged volume shall keep its energy per volume, however much thinner it got."""
    ds = pressed(electrodes=2)
    thinner = ds.thickness_profile.sel(state="unpressed", drop=True) * np.exp(-0.1)
    released = ds.state == "released"
    raw = ds.assign(
        thickness_profile=ds.thickness_profile.where(~released, thinner).transpose("state", "layer", "x"),
        strain_x_profile=ds.strain_x_profile.where(~released, 0.07),
        strain_y_profile=ds.strain_y_profile.where(~released, 0.03),
    )
    assert measured_again(raw, electrodes=2).energy_density_change.values == pytest.approx(0.0, abs=1e-12)


def test_edge_zone_is_one_stack_height(pressed):
    """The edge zone shall be as wide as the unpressed stack is high, at most half of the half-width."""
    ds = pressed(electrodes=4)
    assert ds.attrs["edge_zone"] == pytest.approx(float(ds.thickness[0].sum()))
    assert pressed(electrodes=120).attrs["edge_zone"] == pytest.approx(12.5e-3)


def test_edge_zone_wider_than_the_electrode_is_refused(pressed):
    """An edge zone that leaves no interior shall be refused."""
    with pytest.raises(ValueError, match="edge_zone"):
        zones.split(pressed(), 30e-3)


def test_overhang_is_in_neither_zone(pressed, measured_again):
    """What a film sees beyond the edge of the electrodes shall not be read as their edge zone."""
    ds = pressed()
    narrow = np.where(ds.layer_electrode.values > 0, 20e-3, 25e-3)
    overhang = ds.x > 20e-3
    raw = ds.assign_coords(half_width=ds.half_width.copy(data=narrow)).assign(
        axial_pressure_profile=ds.axial_pressure_profile.where(~overhang, 0.0)
    )
    split = zones.split(raw)
    assert not (overhang & (split.interior | split.edge)).any()
    assert (overhang | (split.interior ^ split.edge)).all() and split.edge.any()
    again = measured_again(raw)
    assert again.film_edge_minimum.values == pytest.approx(120e6)
    assert again.film_edge_pressure.values == pytest.approx(120e6)


def test_stack_without_electrodes_is_measured(pressed, measured_again):
    """A layered body without electrodes shall get its contraction and no electrode readings."""
    ds = measured_again(pressed(), electrodes=4, forget_electrodes=True)
    assert "contraction_x" in ds and "reduction" not in ds
