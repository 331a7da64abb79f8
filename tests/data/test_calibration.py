"""Calibration: known parameters come back, intervals cover, bad series are refused."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from isosim import calibrating, cli, materials
from isosim import case as cases
from isosim.data import measured
from isosim.data.calibration import Known, calibrate, load
from isosim.data.calibration.fit import LEVEL, fit
from isosim.data.calibration.laws import LAWS, SAME_CURVE
from isosim.data.calibration.model import Model
from isosim.data.calibration.output import summary, write_card
from isosim.data.calibration.skill import lines
from isosim.errors import InputError

BASE = "nmc622_log"
TRUTH = {
    "heckel": {"p0": 8e6, "hardening": 90e6},
    "meyer": {"p0": 6e6, "hardening": 60e6, "minimum_porosity": 0.12},
    "kawakita": {"a": 0.45, "b": 3e-8},
    "power": {"p0": 2e6, "exponent": 10.0},
    "camclay": {"p0": 2e6, "compression": 0.2},
    "log": {"intercept": 1.1, "slope": 0.165},
}
HEADER = "pressure_MPa,porosity,sigma,role\n"
FIT = "0,0.52,S,fit\n15,0.45,S,fit\n30,0.41,S,fit\n60,0.36,S,fit\n120,0.3,S,fit\n240,0.25,S,predict\n"


def series_of(tmp_path, text, known=None):
    path = tmp_path / "series.csv"
    path.write_text(text)
    return load(path, known)


def with_truth(series, law, lateral="confined", **more):
    """The series read from a coating of a known law, without noise, and the vector of its unknowns."""
    model = Model(BASE, LAWS[law], series, lateral)
    values = {**TRUTH[law], **more}
    unknowns = np.log([values[p.name] for p in model.unknowns])
    reading = model.predicted(unknowns[None])[0]
    return dataclasses.replace(series, reading=reading), unknowns


# --- what is known comes back


@pytest.mark.parametrize("law", LAWS)
def test_exact_data_give_the_parameters_back(tmp_path, law):
    """Every law shall find its own parameters in data without noise."""
    series = series_of(tmp_path, HEADER + FIT.replace("S", "0.01"))
    series, _ = with_truth(series, law, porosity0=0.52)
    found = fit(Model(BASE, LAWS[law], series, "confined"))
    assert found.misfit < 1e-6
    for name, value in TRUTH[law].items():
        assert found.values()[name] == pytest.approx(value, rel=0.01), name


def test_the_factor_of_temperature_comes_back(tmp_path):
    """Series at two temperatures shall give the factor of strength between them."""
    rows = [f"{p},{T},0.4,0.01" for T in (25, 90) for p in (20, 40, 80, 160)]
    text = "pressure_MPa,temperature_degC,porosity,sigma\n0,25,0.52,0.01\n" + "\n".join(rows)
    series, _ = with_truth(series_of(tmp_path, text), "power", porosity0=0.52, strength=0.8)
    assert fit(Model(BASE, LAWS["power"], series, "confined")).values()["strength"] == pytest.approx(
        0.8, rel=1e-3
    )


@pytest.mark.parametrize("lateral", ["confined", "one direction", "free"])
def test_thickness_and_porosity_are_one_reading(tmp_path, lateral):
    """A thickness series of the same coating shall give the law that its porosity series gives."""
    series = series_of(tmp_path, HEADER + FIT.replace("S", "0.01"), Known(porosity0=0.52))
    known, unknowns = with_truth(series, "power", lateral)
    model = Model(BASE, LAWS["power"], known, lateral)
    thickness = 28e-6 * model.readings(unknowns[None])[1][0]
    rows = zip(series.pressure / 1e6, thickness * 1e6, strict=True)
    text = "pressure_MPa,thickness_um,sigma_um\n" + "\n".join(f"{p},{t:.9f},0.3" for p, t in rows)
    for options in (
        Known(thickness0=28e-6 / 0.48, porosity0=0.52),
        Known(areal_mass=28e-6 * 4110.0, solid_density=4110.0),
        Known(porosity0=0.52),
    ):
        found = fit(Model(BASE, LAWS["power"], series_of(tmp_path, text, options), lateral))
        assert found.values()["p0"] == pytest.approx(2e6, rel=1e-3)
        assert found.values()["exponent"] == pytest.approx(10.0, rel=1e-3)


def test_intervals_cover(tmp_path):
    """Over synthetic series the intervals shall cover parameter and unseen reading as often as they say."""
    rng, count = np.random.default_rng(7), 100
    text = (
        HEADER + "0,.5,.0125,fit\n20,.4,.0125,fit\n43,.4,.0125,fit\n79,.3,.0125,fit\n159,.2,.0125,predict\n"
    )
    exact, truth = with_truth(series_of(tmp_path, text), "log", porosity0=0.522)
    parameter = reading = 0
    for _ in range(count):
        noisy = exact.reading + rng.normal(0.0, exact.sigma)
        model = Model(BASE, LAWS["log"], dataclasses.replace(exact, reading=noisy), "confined")
        one = fit(model, truth[None])
        sd = np.sqrt(np.diag(one.covariance))
        parameter += bool(abs(one.unknowns[1] - truth[1]) <= one.quantile * sd[1])
        half = one.quantile * np.hypot(one.sigma, one.parameter_sigma)[-1]
        reading += bool(abs(one.predicted[-1] - noisy[-1]) <= half)
    bound = 3.0 * np.sqrt(LEVEL * (1.0 - LEVEL) / count)
    assert abs(parameter / count - LEVEL) < bound
    assert abs(reading / count - LEVEL) < bound


def test_estimated_errors_are_right(tmp_path):
    """Without a sigma the scatter shall give it, and the covariance shall be that of the stated one."""
    series, truth = with_truth(
        series_of(tmp_path, HEADER + FIT.replace("S", "0.01")), "power", porosity0=0.52
    )
    off = np.array([1.0, -1.0, 1.0, -1.0, 1.0, 0.0])
    stated = dataclasses.replace(series, reading=series.reading + 0.01 * off)
    silent = dataclasses.replace(stated, sigma=np.full(len(off), np.nan))
    a, b = (fit(Model(BASE, LAWS["power"], s, "confined"), truth[None]) for s in (stated, silent))
    factor = a.misfit / a.free
    assert b.sigma[0] == pytest.approx(0.01 * np.sqrt(factor), rel=1e-3)
    assert np.diag(b.covariance) == pytest.approx(factor * np.diag(a.covariance), rel=1e-2)
    assert b.quantile > a.quantile


def test_a_law_chooses_itself(tmp_path):
    """Of precise data that one law made, that law shall be chosen, with nearly all the weight."""
    for law in ("kawakita", "log"):
        series, _ = with_truth(series_of(tmp_path, HEADER + FIT.replace("S", "0.001")), law, porosity0=0.52)
        found = calibrate(series, BASE)
        assert found.chosen.model.law.name == law
        assert found.weights[0] > 0.8
        assert {one.model.law.name for one in found.fits} == set(LAWS) - set(SAME_CURVE)


def test_camclay_is_a_power_law(tmp_path):
    """The two laws that are one curve shall fit equally and therefore not be compared."""
    series, _ = with_truth(series_of(tmp_path, HEADER + FIT.replace("S", "0.01")), "log", porosity0=0.52)
    a, b = (fit(Model(BASE, LAWS[law], series, "confined")) for law in ("power", "camclay"))
    assert a.predicted == pytest.approx(b.predicted, abs=1e-5)


def test_what_the_data_do_not_know_is_said(tmp_path):
    """A floor that low pressures cannot show shall be called not identified, by a profile open to a side."""
    text = HEADER + "0,.52,.01,fit\n15,.5,.01,fit\n20,.49,.01,fit\n25,.48,.01,fit\n30,.47,.01,fit\n"
    found = calibrate(series_of(tmp_path, text), BASE, "meyer")
    by_name = {estimate.parameter.name: estimate for estimate in found.estimates}
    assert not by_name["minimum_porosity"].identified
    assert by_name["porosity0"].identified
    assert any(text.startswith("not identified: minimum_porosity") for text in summary(found)["statements"])


def test_profile_of_a_linear_parameter_is_its_standard_error(v1):
    """The profile of a parameter that the readings are nearly linear in shall be estimate +- z sd."""
    porosity0 = next(e for e in v1.estimates if e.parameter.name == "porosity0")
    half = v1.chosen.quantile * porosity0.relative_sigma * porosity0.value
    assert porosity0.low == pytest.approx(porosity0.value - half, abs=0.05 * half)
    assert porosity0.high == pytest.approx(porosity0.value + half, abs=0.05 * half)


def test_lines_are_lines(tmp_path):
    """The lines that skill is counted against shall be the weighted least squares of the fitted rows."""
    series = series_of(
        tmp_path, HEADER + "0,.5,.01,fit\n10,.4,.01,fit\n100,.3,.01,fit\n1000,.2,.01,predict\n"
    )
    log = lines(series)["log line"]
    assert log(series.pressure[1:]) == pytest.approx([0.4, 0.3, 0.2])
    assert np.isnan(log(series.pressure[:1])).all()


# --- V1: points 1 to 4 are fitted, point 5 is predicted


@pytest.fixture(scope="module")
def v1():
    """Row V1 of the validation: Sangros Gimenez 2019, second-hand."""
    return calibrate(load(measured.path_of("sangros2019")), BASE)


def test_v1_predicts_the_fifth_point(v1):
    """The numbers quoted in docs/calibrate.md for 159 MPa shall come out: prediction, interval, skill."""
    row = v1.rows[-1]
    assert (row.role, row.measured) == ("predict", 0.217)
    assert row.predicted == pytest.approx(0.248, abs=0.001)
    assert (row.low, row.high) == pytest.approx((0.204, 0.291), abs=0.001)
    assert row.low < row.measured < row.high
    assert 1e6 * row.measured_thickness == pytest.approx(47.55)
    assert 1e6 * row.predicted_thickness == pytest.approx(49.6, abs=0.2)
    assert v1.chosen.model.law.name == "log"
    assert v1.skill["straight_line"]["skill"] == pytest.approx(0.958, abs=0.005)
    assert v1.skill["log_line"]["skill"] == pytest.approx(-0.38, abs=0.03)


def test_v1_interval_says_what_is_in_it(v1):
    """Noise, parameters and laws shall add up to the interval."""
    row = v1.rows[-1]
    half = v1.chosen.quantile * np.sqrt(row.sigma_noise**2 + row.sigma_parameters**2 + row.sigma_laws**2)
    assert row.high - row.predicted == pytest.approx(half)
    assert row.sigma_laws > 0.0
    assert all(one == 0.0 for one in (r.sigma_laws for r in calibrate(v1.series, BASE, "log").rows))


# --- what is left


def test_the_card_can_be_pressed(tmp_path, v1):
    """The card shall be usable in a case as it is, with the fitted numbers in it and their source."""
    path = tmp_path / "mine.toml"
    write_card(v1, path)
    material = materials.load(str(path))
    assert material.law.cap.slope == pytest.approx(v1.chosen.values()["slope"], rel=1e-5)
    assert material.law.reference_porosity == pytest.approx(v1.chosen.values()["porosity0"], rel=1e-5)
    slope = material.card.cap.slope
    assert slope.low < slope.si < slope.high
    assert "sangros2019" in slope.source and slope.provenance == "C"
    (tmp_path / "case.toml").write_text(
        'schema_version = 1\nname = "own"\nrecipe = { pressure = "100 MPa" }\n'
        'model = { fidelity = "column", lateral = "confined" }\n[[layer]]\nname = "coating"\n'
        'material = "mine.toml"\nthickness = "60 um"\nhalf_width = "10 mm"\n'
    )
    (own,) = cases.load_set(str(tmp_path / "case.toml"))
    assert own.stack().materials


@pytest.mark.parametrize("law", ["meyer", "kawakita", "camclay"])
def test_every_law_gives_a_card(tmp_path, law):
    """Whatever the law, its card shall be read back."""
    series, _ = with_truth(series_of(tmp_path, HEADER + FIT.replace("S", "0.01")), law, porosity0=0.52)
    found = calibrate(series, BASE, law)
    write_card(found, tmp_path / "card.toml")
    assert materials.load(str(tmp_path / "card.toml")).law.cap is not None


def test_command_line(tmp_path, monkeypatch, capsys):
    """The command shall write card, figure and numbers, in the units of the file."""
    rows = "0;60;0,5;fit\n20;52;0,5;fit\n40;47;0,5;fit\n80;43;0,5;fit\n160;39;0,5;predict\n"
    (tmp_path / "a.csv").write_text("pressure_MPa;thickness_um;sigma_um;role\n" + rows)
    monkeypatch.chdir(tmp_path)
    options = ["--law", "power", "--areal-mass", "11.4", "--solid-density", "4.11 g/cm^3", "--json", "a.json"]
    monkeypatch.setattr(sys, "argv", ["isosim", "calibrate", "a.csv", "--material", BASE, *options])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    assert sorted(p.name for p in Path("out/a").iterdir()) == [
        "calibration.json", "calibration.png", f"{BASE}_power.toml",
    ]  # fmt: skip
    found = json.loads(Path("a.json").read_text())
    last = found["rows"][-1]
    assert (last["pressure_MPa"], last["role"], last["measured_um"]) == (pytest.approx(160), "predict", 39.0)
    assert last["low"] < last["predicted_um"] < last["high"]
    assert last["measured_porosity"] == pytest.approx(1 - 11.4e-2 / 4110 / 39e-6, abs=4e-3)  # elastic
    assert {"straight_line", "log_line"} < found["skill"].keys()


# --- what is refused


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("porosity\n0.5\n", "no pressure"),
        ("pressure_MPa\n1\n", "neither thickness nor porosity"),
        ("pressure_MPa,thickness_um\n0,60\n20,50\n", "thickness alone"),
        ("pressure_MPa,porosity\n0,.5\n40,.4\n20,.35\n", "needed pressure that does not fall"),
        ("pressure_MPa,porosity,role\n0,.5,fit\n40,.4,guess\n", "needed 'fit' or 'predict'"),
        ("pressure_MPa,porosity,role\n0,.5,fit\n40,.4,predict\n", "no row to fit above zero"),
        ("pressure_MPa,porosity,sigma\n0,.5,.01\n40,.4,\n", "a sigma in every fitted row"),
        ("pressure_Pa,porosity\n0,.5\n40,.4\n", "1 kPa to 10 GPa"),
        ("pressure_MPa,thickness_um,areal_mass_mg/cm2\n0,60,11\n40,50,11\n", "areal mass alone"),
        (
            "pressure_MPa,thickness_um,areal_mass_mg/cm2,solid_density_g/cm3\n0,60,11.4,4.11\n40,20,11.4,4.11\n",
            "the solid alone",
        ),
    ],
)
def test_bad_series(tmp_path, text, says):
    """A series that cannot be fitted shall be refused with what is missing."""
    with pytest.raises(InputError) as error:
        series_of(tmp_path, text)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "law", "says"),
    [
        ("0,.5,.01,fit\n40,.4,.01,fit\n", "meyer", "1 pressed point to fit, needed 3 or more"),
        ("0,.5,.01,fit\n40,.4,.01,fit\n40,.41,.01,fit\n40,.4,.01,fit\n", "power", "1 pressed point"),
        ("0,.5,.01,fit\n40,.4,.01,fit\n", None, "needed 2 or more"),
        ("0,.5,,fit\n20,.45,,fit\n40,.4,,fit\n", "power", "no sigma"),
        ("0,.5,.01,fit\n20,.45,.01,fit\n40,.4,.01,fit\n", "linear", "one of heckel, meyer"),
    ],
)
def test_too_little_for_a_law(tmp_path, text, law, says):
    """A law with more parameters than pressed points shall be refused, replicates counted once."""
    with pytest.raises(InputError) as error:
        calibrate(series_of(tmp_path, HEADER + text), BASE, law)
    assert says in str(error.value)


def test_other_refusals(tmp_path):
    """A dense card, unknown kinematics, and an option that contradicts a column shall be refused."""
    series = series_of(tmp_path, HEADER + FIT.replace("S", "0.01"))
    with pytest.raises(InputError, match="porous"):
        calibrate(series, "al_foil")
    with pytest.raises(InputError, match="--lateral"):
        calibrate(series, BASE, lateral="sideways")
    with pytest.raises(InputError, match="a column and an option"):
        text = "pressure_MPa,thickness_um,porosity0\n0,60,.5\n40,50,.5\n"
        series_of(tmp_path, text, Known(porosity0=0.5))
    with pytest.raises(InputError, match="--areal-mass"):
        calibrating.known(areal_mass="11.4 um")


def test_nothing_says_how_loose(tmp_path):
    """Without an unpressed state the start shall be assumed looser than all readings, and that be said."""
    text = "pressure_MPa,thickness_um,sigma_um\n20,52,.5\n40,47,.5\n80,43,.5\n160,40,.5\n"
    series = series_of(tmp_path, text, Known(areal_mass=0.114, solid_density=4110.0))
    found = calibrate(series, BASE, "log")
    assert found.chosen.model.porosity0 > series.porosities().max()
    assert any("is assumed, looser" in words for words in summary(found)["statements"])
