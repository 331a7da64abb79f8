"""A laboratory's readings beside a result: who is compared with whom, and when that is judged."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from isosim import cli
from isosim.data import templates
from isosim.data.compare import (
    compare,
    holds,
    load_intervals,
    load_results,
    result_files,
    summary,
)
from isosim.data.compare.film import scan
from isosim.errors import InputError
from isosim.measure import film
from isosim.report import netcdf


@pytest.fixture
def beside(tmp_path, pressed):
    """Compares a table of texts with two cells that were pressed by hand."""
    hot = pressed("120C90-2", 2, temperature=363.15)
    results = {"120RT-4": pressed(), "120C90-2": hot}

    def compare_text(text, results=results):
        path = tmp_path / "a.csv"
        path.write_text(text)
        return compare(path, results)

    return compare_text


def thickness(ds, kind, definition):
    """Disassembled thickness of a kind [um]."""
    chosen = ds.electrode_thickness.sel(definition=definition, state="disassembled")
    return 1e6 * float(chosen.values[ds.electrode_kind.values == kind].mean())


def test_a_thickness_that_holds_and_one_that_does_not(beside, pressed):
    """Rows within two standard deviations of their mean shall hold, others shall not."""
    right = thickness(pressed(), "cathode", "with_foil")
    header = "cell,electrode,replicate,definition,thickness_um,sigma_um\n"
    lines = [f"120RT-4,cathode,{r},with_foil,{right + e},0.5\n" for r, e in ((1, 0.6), (2, -0.4))]
    (row,) = beside(header + "".join(lines))
    assert row.holds and row.readings == 2
    assert row.difference == pytest.approx(-0.1)
    assert row.sigma == pytest.approx(0.5)  # scatter 0.71/sqrt 2, above the stated 0.5/sqrt 2
    (row,) = beside(header + f"120RT-4,cathode,1,with_foil,{right + 1.1},0.5\n")
    assert row.holds is False and not holds([row])


def test_with_or_without_foil(beside):
    """A thickness that does not say whether it holds the foil shall be shown beside both and not judged."""
    rows = beside("cell,layer,electrode,thickness_um,sigma_um\n120RT-4,1,cathode,33,0.5\n")
    assert [row.quantity for row in rows] == [
        "thickness, coating, disassembled",
        "thickness, with_foil, disassembled",
    ]
    assert [row.holds for row in rows] == [None, None]
    assert rows[1].predicted - rows[0].predicted > 10.0


def test_reduction_from_two_thicknesses(beside):
    """Thickness before and after shall also be compared as a reduction, its error propagated."""
    rows = beside(
        "cell;electrode;definition;thickness0_um;thickness_um;sigma_um\n120RT-4;cathode;coating;42,8;32,1;0,4\n"
    )
    reduction = next(row for row in rows if row.quantity.startswith("reduction"))
    assert reduction.measured == pytest.approx(25.0)
    assert reduction.sigma == pytest.approx(100 * 0.4 / 42.8 * np.hypot(1.0, 0.75))


def test_the_models_interval_stands_beside_the_reading(tmp_path, pressed):
    """The run's interval shall be laid around reduction, thickness and porosity, and say what lies in it."""
    cell = tmp_path / "run" / "120RT-4"
    cell.mkdir(parents=True)
    netcdf.write(pressed(), cell / "result.nc")
    (tmp_path / "run" / "intervals.csv").write_text(
        "cell,name,value_%,cards_low_%,cards_high_%,both_low_%,both_high_%\n"
        "120RT-4,reduction_cathode_coating,20,19,21,10,21\n"
        "120RT-4,porosity_anode_disassembled,30,29,31,0,31\n"
    )
    path = tmp_path / "mine.csv"
    path.write_text(
        "cell,electrode,definition,thickness0_um,thickness_um,porosity_%,sigma_um\n"
        "120RT-4,cathode,coating,42.8,36,,0.5\n120RT-4,anode,,,,40,\n"
    )
    results, files = load_results(tmp_path / "run"), result_files(tmp_path / "run")
    rows = {row.quantity: row for row in compare(path, results, load_intervals(files))}
    thick, thin = rows["thickness, coating, disassembled"], rows["reduction, coating"]
    assert (thin.model_low, thin.model_high) == pytest.approx((thin.predicted - 10, thin.predicted + 1))
    assert thick.model_high == pytest.approx(thick.predicted + 0.1 * 42.8)
    assert thick.covered and thin.covered and thick.holds is False
    pores = rows["porosity, disassembled"]
    assert pores.model_low == 0.0 and pores.covered is False
    assert rows["thickness, coating, unpressed"].covered is None
    assert summary(list(rows.values())).startswith("2 of 3 readings lie in the model's interval")
    alone = compare(path, results)
    assert all(row.covered is None for row in alone) and "no model's interval" in summary(alone)
    assert load_intervals([tmp_path / "elsewhere" / "a" / "result.nc"]) == {}


def test_without_sigma_nothing_is_judged(beside):
    """A single reading without sigma shall be shown and not judged."""
    (row,) = beside("cell,electrode,porosity_%\n120RT-4,anode,20\n")
    assert row.holds is None and row.predicted == pytest.approx(20.4)


def test_a_scan_with_its_wedge_gives_the_pressure(tmp_path, beside):
    """A scan of known pressure shall be read back through the wedge, whichever way grey runs."""
    steps = np.linspace(40e6, 140e6, 9)
    grey = np.round(film.grey(np.full((80, 120), 100e6))).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "film.png")
    Image.fromarray(255 - grey).save(tmp_path / "negative.png")
    for name, shades in (("wedge", film.grey(steps)), ("negative", 255 - film.grey(steps))):
        lines = [f"{g:.3f},{p / 1e6}" for g, p in zip(shades, steps, strict=True)]
        (tmp_path / f"{name}.csv").write_text("grey,pressure_MPa\n" + "\n".join(lines))
    for image, wedge in (("film.png", "wedge.csv"), ("negative.png", "negative.csv")):
        assert scan(tmp_path, image, wedge) == (pytest.approx(100e6, rel=0.02), 0.0)
    rows = beside("cell,plane,image,wedge\n120RT-4,2,film.png,wedge.csv\n120C90-2,1,film.png,wedge.csv\n")
    assert rows[0].holds is not None and rows[0].sigma == pytest.approx(10.0, rel=0.02)
    assert rows[1].holds is None and "90 degC" in rows[1].remark  # beyond the film's temperatures


def test_a_scan_beyond_its_wedge_is_a_bound(tmp_path, beside):
    """A saturated scan shall say so and not be judged."""
    Image.fromarray(np.zeros((50, 50), np.uint8)).save(tmp_path / "film.png")
    (tmp_path / "wedge.csv").write_text("grey,pressure_MPa\n200,50\n120,90\n60,130\n")
    (row,) = beside("cell,plane,image,wedge\n120RT-4,1,film.png,wedge.csv\n")
    assert row.measured == pytest.approx(130.0)
    assert row.holds is None and "beyond the wedge" in row.remark


def test_instruments_of_the_result(beside, pressed):
    """Peel and the like shall be compared where the result reads them, and listed with the reason if not."""
    asked = (
        ("adhesion ratio", 10, "1"),
        ("median pore diameter ratio", 0.5, "1"),
        ("contact resistance, coating to foil", 3, "ohm m2"),
        ("colour", 1, "1"),
    )
    text = "electrode;quantity;value;sigma_value;unit\n" + "".join(
        f"cathode;{name};{value};0.1;{unit}\n" for name, value, unit in asked
    )
    rows = beside(text, {"120RT-4": pressed()})
    assert [row.holds for row in rows] == [False, True, None, None]
    assert rows[2].remark.startswith("declined: no public relation")
    assert rows[3].remark.startswith("this result does not read it")
    with pytest.raises(InputError, match="unit of adhesion ratio"):
        beside("cell,electrode,quantity,value,unit\n120RT-4,cathode,adhesion ratio,10,N/m\n")


def test_pore_sizes(beside, pressed):
    """Pore tables shall be compared by their median diameter where the result has pore sizes."""
    text = "cell,electrode,state,pore_diameter_um,pore_share_%\n" + "".join(
        f"120RT-4,cathode,pressed,{d},{share}\n" for d, share in ((0.25, 20), (0.5, 60), (1.0, 20))
    )
    (row,) = beside(text)
    assert row.measured == pytest.approx(0.5)
    assert 0.1 < row.predicted < 0.7 and row.holds is None and "assumed" in row.remark
    bare = pressed().drop_vars(["pore_diameter", "pore_volume"])
    (row,) = beside(text, {"120RT-4": bare})
    assert row.predicted is None and row.remark == "this result has no pore sizes"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cell,electrode,thickness_um\nmine,cathode,30\n", "one of 120RT-4, 120C90-2"),
        ("cell,electrode,thickness_um\n120RT-4,separator,30\n", "cathode or anode"),
        ("cell,layer,thickness_um\n120RT-4,9,30\n", "1 to 4"),
        ("cell,layer,electrode,thickness_um\n120RT-4,1,anode,30\n", "cathode for electrode 1"),
        ("cell,electrode,thickness_um\n120RT-4,cathode,\n", "none that is filled in"),
        ("cell,note\n120RT-4,hello\n", "pore sizes"),
        ("cell,plane,pressure_MPa\n120RT-4,7,100\n", "1 to 3"),
        ("cell,plane,image\n120RT-4,1,a.png\n", "the step wedge"),
        ("cell,plane,image,wedge\n120RT-4,1,no.png,w.csv\n", "an image that can be read"),
    ],
)
def test_bad_tables(beside, text, says):
    """What has no counterpart in the result shall be refused with what there is."""
    with pytest.raises(InputError) as error:
        beside(text)
    assert says in str(error.value)


def test_command_line(tmp_path, monkeypatch, pressed):
    """compare shall read a run folder or a file, and end with 1 when a judged row does not hold."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        netcdf.write(pressed(), tmp_path / name / "result.nc")
    assert set(load_results(tmp_path)) == {"120RT-4"}
    (tmp_path / "a.csv").write_text("electrode,porosity_%,sigma_porosity_%\ncathode,40,1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["isosim", "compare", "a.csv", "one/result.nc", "--json", "a.json"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    (row,) = json.loads((tmp_path / "a.json").read_text())
    assert row["difference"] == pytest.approx(row["predicted"] - 40.0)
    for wrong in ("nothing", "a.csv"):
        with pytest.raises(InputError, match="RESULT"):
            load_results(tmp_path / wrong)


def test_templates_can_be_filled_and_compared(tmp_path, beside, pressed):
    """Every template shall be read by compare once a row is filled in, and never overwrite a file."""
    paths = templates.write("dixit2024", tmp_path / "t")
    assert [path.stem for path in paths] == ["fig1B", "fig1C", "fig4E", "figS2"]
    results = {name: pressed() for name in ("120RT-2", "120C90-2", "414RT-2", "120RT-4")}
    results |= {name: pressed() for name in ("120RT-10", "120RT-20", "120RT-40")}
    for path in paths:
        lines = path.read_text().splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith("120RT-2,"))
        empty = len(lines[first]) - len(lines[first].rstrip(","))
        filled = ["coating", "50", "40", "1"] if empty == 4 else ["20", "1"]
        lines[first] = lines[first].rstrip(",") + "," + ",".join(filled)
        assert beside("\n".join(lines) + "\n", results), path
    with pytest.raises(InputError, match="without these files"):
        templates.write("dixit2024", tmp_path / "t")
    with pytest.raises(InputError, match="did you mean 'dixit2024'"):
        templates.write("dixit2025", tmp_path / "t")
