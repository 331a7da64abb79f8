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
    """Energy per volume shall be the ratio of heights without bag and films, with the pouch or without."""
    ds = pressed(electrodes=2)
    coatings = [(42.8, ds.reduction[0, 0]), (68.0, ds.reduction[1, 0])]
    lost = sum(thickness * float(reduction) for thickness, reduction in coatings)
    electrodes = 42.8 + 15 + 68 + 10 + 25
    for scope, height in (("electrodes", electrodes), ("cell", electrodes + 2 * 113)):
        expected = height / (height - lost) - 1
        assert float(ds.energy_density_change.sel(scope=scope)) == pytest.approx(expected)


def test_edge_zone_is_one_stack_height(pressed):
    """The edge zone shall be as wide as the unpressed stack is high, at most half of the half-width."""
    ds = pressed(electrodes=4)
    assert ds.attrs["edge_zone"] == pytest.approx(float(ds.thickness[0].sum()))
    assert pressed(electrodes=120).attrs["edge_zone"] == pytest.approx(12.5e-3)


def test_edge_zone_wider_than_the_electrode_is_refused(pressed):
    """An edge zone that leaves no interior shall be refused."""
    with pytest.raises(ValueError, match="edge_zone"):
        zones.split(pressed(), 30e-3)


def test_stack_without_electrodes_is_measured(pressed, measured_again):
    """A layered body without electrodes shall get its contraction and no electrode readings."""
    ds = measured_again(pressed(), electrodes=4, forget_electrodes=True)
    assert "contraction_x" in ds and "reduction" not in ds
