"""What instruments read on a press whose answer is prescribed."""

import math

import numpy as np
import pytest

from isosim.law import Damage
from isosim.measure.instruments import Reading, from_dataset
from isosim.measure.instruments.transport import kozeny_carman


def readings(ds):
    return {(r.subject, r.quantity): r for r in from_dataset(ds)}


def test_every_reading_has_its_verdict_model_and_reason(pressed):
    """Each reading shall be predicted, bounded or declined, name its model and say what it does not know."""
    found = from_dataset(pressed())
    assert {r.verdict for r in found} == {"predicted", "bounded", "declined"}
    assert all(r.limits and r.model and r.source and r.unit for r in found)
    assert len({(r.subject, r.quantity) for r in found}) == len(found)


def test_numbers_must_fit_the_verdict():
    """A declined reading with a number, and a prediction without one, shall be refused."""
    words = ("scale", "mass", "cathode", "g")
    with pytest.raises(ValueError, match="do not fit 'declined'"):
        Reading(*words, "declined", "m", "s", "l", value=1.0)
    with pytest.raises(ValueError, match="do not fit 'predicted'"):
        Reading(*words, "predicted", "m", "s", "l", low=1.0)
    with pytest.raises(ValueError, match="outside"):
        Reading(*words, "predicted", "m", "s", "l", 3.0, 1.0, 2.0)


def test_micrometer_reads_the_coating_by_difference(pressed):
    """The anvil shall take less than a hundredth of a micrometre off, and the coating be total less foil."""
    ds = pressed(strain=0.0)
    read = readings(ds)
    total = 1e6 * float(ds.electrode_thickness.sel(definition="with_foil", state="disassembled")[0])
    shown = read["cathode", "thickness with foil"]
    assert 0.0 < total - shown.value < 0.01
    assert shown.high - shown.low == pytest.approx(1.0, abs=0.01)
    bare = read["cathode", "coating thickness by difference"]
    assert shown.value - bare.value == pytest.approx(15.0)
    lost = read["cathode", "reduction of thickness with foil"]
    assert lost.value == pytest.approx(100 * (1 - shown.value / shown.unpressed))


def test_film_is_declined_hot_and_bounded_when_saturated(pressed):
    """A film shall be declined at 90 degC with the reason, and bound 414 MPa from below."""
    hot = readings(pressed(temperature=363.15))["film 1", "pressure, interior"]
    assert hot.verdict == "declined" and "90 degC" in hot.limits
    saturated = readings(pressed(pressure=414e6))
    assert saturated["film 1", "pressure, interior"].low == pytest.approx(127.6)
    assert saturated["film 1", "grey value, interior"].verdict == "bounded"
    usual = readings(pressed())["film 1", "pressure, interior"]
    assert (usual.low, usual.value, usual.high) == pytest.approx((108.0, 120.0, 132.0))


def test_film_blurs_what_is_finer_than_its_grain(pressed):
    """The smallest pressure at an edge shall be a mean over the film's resolution."""
    fine = pressed(edge_loss=0.3, stations=4000)
    smallest = readings(fine)["film 1", "pressure, smallest near the edge"].value
    assert float(fine.film_edge_minimum.min()) / 1e6 <= smallest < 120.0


def test_tomogram_closes_on_the_porosity(pressed):
    """Pores with the cracks among them shall sum to phi/(1-phi) before and after, and shrink."""
    ds = pressed()
    read = readings(ds)
    for kind in ("cathode", "anode"):
        for state in ("unpressed", "disassembled"):
            phi = float(ds.cell_porosity.sel(kind=kind, state=state))
            volume = ds.pore_volume.sel(kind=kind, pore_state=state)
            assert float(volume.sum()) == pytest.approx(phi / (1 - phi), rel=1e-12)
        ratio = read[kind, "median pore diameter ratio"]
        assert ratio.verdict == "bounded" and 0.1 < ratio.low < ratio.high < 1.0
    assert float(ds.pore_volume.sel(kind="cathode", pore_state="disassembled")[-1]) > 0.0
    assert float(ds.pore_volume.sel(kind="anode", pore_state="disassembled")[-1]) == 0.0


def test_pores_pressed_away_are_declined(pressed):
    """A coating without pores shall have no pore sizes, tortuosity or permeability, and say why."""
    read = readings(pressed(final={"cathode": 0.0, "anode": 0.0}, strain=0.0))
    for quantity in ("median pore diameter ratio", "tortuosity", "permeability", "wetting time ratio"):
        assert read["cathode", quantity].verdict == "declined"


def test_broken_particles_are_bounded_beyond_what_is_known(pressed):
    """Beyond 159 MPa the broken share shall be a lower bound: that of 159 MPa; graphite shall be declined."""
    known = readings(pressed())["cathode", "particle volume broken by pressing"]
    assert known.value == pytest.approx(100 * float(Damage.read().broken(120e6)))
    assert known.low < known.value < known.high
    beyond = readings(pressed(pressure=414e6))["cathode", "particle volume broken by pressing"]
    assert beyond.verdict == "bounded" and beyond.high is None
    assert known.low < beyond.low < 100 * float(Damage.read().broken(159.4e6))
    assert readings(pressed())["anode", "particle volume broken by pressing"].verdict == "declined"


def test_adhesion_stays_below_what_the_paper_saw(pressed):
    """The stored relation shall stay below tenfold even with all pores closed: a failed model, not a fit."""
    read = readings(pressed(final={"cathode": 0.01, "anode": 0.01}))["cathode", "adhesion ratio"]
    assert read.high < 10.0 and read.value == pytest.approx((0.99 / 0.65) ** 1.98)


def test_conduction_and_pores_go_opposite_ways(pressed):
    """Pressing shall lower the electronic resistance and raise tortuosity and wetting time."""
    read = readings(pressed())
    assert read["cathode", "electronic resistance ratio"].high < 1.0
    for quantity in ("tortuosity", "MacMullin number", "wetting time ratio"):
        reading = read["cathode", quantity]
        assert reading.value > reading.unpressed
    assert read["anode", "wetting time ratio"].verdict == "declined"
    assert read["cathode", "contact resistance, coating to foil"].verdict == "declined"


def test_permeability_of_the_tables():
    """Kozeny-Carman with 8 um shall give 3.6e-14, 1.7e-15 and 4.4e-16 m2 at 35, 15 and 10 %."""
    for porosity, expected in ((0.35, 3.6e-14), (0.15, 1.7e-15), (0.10, 4.4e-16)):
        assert kozeny_carman(porosity, 8e-6) == pytest.approx(expected, rel=0.02)


def test_texture_follows_the_strain_of_a_volume_keeping_press(pressed):
    """Pressed to half the height at constant volume, r shall be one half; a polycrystal shall be declined."""
    ds = pressed()
    read = readings(ds)
    through = float(
        (ds.electrode_thickness.sel(state="disassembled") / ds.electrode_thickness.sel(state="unpressed"))
        .sel(definition="coating")
        .isel(electrode=1)
    )
    anode = read["anode", "March-Dollase parameter"]
    assert anode.low == pytest.approx((through / math.exp(-0.003)) ** (2 / 3), rel=1e-9)
    assert (0.5 / 0.5**-0.5) ** (2 / 3) == pytest.approx(0.5)
    assert read["cathode", "March-Dollase parameter"].verdict == "declined"


def test_readings_survive_the_file(pressed, tmp_path):
    """Readings shall be the same after a dataset was written and read."""
    import xarray as xr

    from isosim.report import netcdf

    ds = pressed()
    netcdf.write(ds, tmp_path / "result.nc")
    with xr.open_dataset(tmp_path / "result.nc") as again:
        assert from_dataset(again) == from_dataset(ds)
    assert np.isfinite(ds.pore_volume).all()
