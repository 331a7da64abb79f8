"""Tables of measurements: the ways a laboratory writes them, and what is wrong with them."""

import numpy as np
import openpyxl
import pytest

from isosim.data import measured
from isosim.data.calibration.series import QUANTITIES
from isosim.errors import InputError

ROWS = [["pressure_MPa", "porosity", "sigma", "role"], [0, 0.5, 0.01, "fit"], [40.5, 0.4, 0.01, "predict"]]


def written(path, delimiter, decimal):
    lines = [delimiter.join(str(cell) for cell in row) for row in ROWS]
    path.write_text(
        "# a remark\n\n" + "\n".join([lines[0], *(line.replace(".", decimal) for line in lines[1:])])
    )
    return path


def workbook(path):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("how", [",.", ";,", ";.", "\t,", "xlsx"])
def test_one_table_however_it_is_written(tmp_path, how):
    """Commas, semicolons, tabs, decimal commas and workbooks shall give the same SI numbers."""
    path = workbook(tmp_path / "a.xlsx") if how == "xlsx" else written(tmp_path / "a.csv", *how)
    table = measured.read(path, QUANTITIES)
    assert table.get("pressure") == pytest.approx([0.0, 40.5e6])
    assert table.get("porosity") == pytest.approx([0.5, 0.4])
    assert table.get("sigma_porosity") == pytest.approx([0.01, 0.01])
    assert table.texts["role"] == ["fit", "predict"]


@pytest.mark.parametrize(
    ("header", "name", "si"),
    [
        ("thickness_um", "thickness", 2e-6),
        ("Thickness [mm]", "thickness", 2e-3),
        ("hold_min", "hold", 120.0),
        ("temperature_degC", "temperature", 275.15),
        ("areal_mass_mg/cm2", "areal_mass", 0.02),
        ("areal_mass_mg_cm2", "areal_mass", 0.02),
        ("solid_density_g/cm^3", "solid_density", 2000.0),
        ("porosity_%", "porosity", 0.02),
        ("sigma_%", "sigma_porosity", 0.02),
        ("sigma_um", "sigma", 2e-6),
    ],
)
def test_headers_carry_units(tmp_path, header, name, si):
    """A header shall be a name and a unit, as people write them."""
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n2\n")
    assert measured.read(path, QUANTITIES).get(name) == pytest.approx([si])


def test_half_of_the_last_digit(tmp_path):
    """What is not written shall be taken as unknown to half of the last digit that is."""
    path = tmp_path / "a.csv"
    path.write_text("porosity_%,thickness_um\n35,42.80\n35.0,4e1\n")
    digits = measured.read(path, QUANTITIES).digits
    assert digits["porosity"] == pytest.approx([0.005, 0.0005])
    assert digits["thickness"] == pytest.approx([0.005e-6, 5e-6])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pressure,porosity\n1,0.5\n", "such as pressure_MPa"),
        ("pressure_um,porosity\n1,0.5\n", "measures something else"),
        ("pressure_MPa,thick_um\n1,50\n", "did you mean 'thickness_um'"),
        ("pressure_MPa,thickness_um\n1,-50\n", "row 2 of thickness_um: got '-50', needed more than zero"),
        ("pressure_MPa,porosity\n1,35\n", "a percentage needs a header that ends in _%"),
        ("pressure_MPa,porosity\n1,a lot\n", "got 'a lot', needed a number"),
        ("pressure_MPa,porosity\n1,0,5\n", "decimal commas need semicolons"),
        ("porosity,porosity_%\n0.1,10\n", "a second column of porosity"),
        ("pressure_MPa,porosity\n", "needed a header and a row"),
    ],
)
def test_bad_tables(tmp_path, text, says):
    """A bad table shall be refused with the place and what is needed."""
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"a\.csv") as error:
        measured.read(path, QUANTITIES)
    assert says in str(error.value)


def test_no_table(tmp_path):
    """A file that is missing or no workbook shall be refused, not crash."""
    (tmp_path / "a.xlsx").write_text("no workbook")
    for name in ("a.xlsx", "b.xlsx", "b.csv"):
        with pytest.raises(InputError, match=name):
            measured.read(tmp_path / name, QUANTITIES)


def test_percent_in_a_cell(tmp_path):
    """A percentage shall be read with its sign, and not without."""
    path = tmp_path / "a.csv"
    path.write_text("porosity\n35 %\n0.35\n")
    assert measured.read(path, QUANTITIES).get("porosity") == pytest.approx([0.35, 0.35])


def test_empty_cells_are_nan(tmp_path):
    """An empty cell shall be not a number, and not zero."""
    path = tmp_path / "a.csv"
    path.write_text("pressure_MPa,porosity,thickness_um\n1,,50\n2,0.5,\n")
    table = measured.read(path, QUANTITIES)
    assert np.isnan([table.get("porosity")[0], table.get("thickness")[1]]).all()
