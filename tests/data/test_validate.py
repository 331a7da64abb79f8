"""Rows held against the statements of Dixit 2024."""

import dataclasses
import json

import numpy as np
import pytest

from isosim.data.published import dixit2024
from isosim.data.validate import Row, all_hold, closing, validate, write_json
from isosim.errors import InputError


@pytest.fixture(scope="module")
def rows(seven):
    return validate({"coating": seven})


def of(rows, kind, quantity=""):
    return [row for row in rows if row.kind == kind and quantity in row.quantity]


def test_every_band_is_a_fitted_row(rows):
    """Each cell shall have one fitted row for cathodes (20-30 %) and one for anodes (30-50 %)."""
    fitted = of(rows, "fitted")
    assert len(fitted) == 14
    limits = {(row.quantity.split()[0], row.low, row.high) for row in fitted}
    assert limits == {("cathode", 20.0, 30.0), ("anode", 30.0, 50.0)}
    assert {row.cell for row in fitted} == {cell["name"] for cell in dixit2024()["cell"]}


def test_orderings_are_differences(rows, seven):
    """An ordering shall be a row whose predicted value is the difference, from 0 upwards."""
    ordering = of(rows, "ordering", "cathode")
    assert [row.cell for row in ordering] == ["120RT-2|120C90-2", "120C90-2|414RT-2"]
    assert all(row.low == 0.0 and row.high is None and row.holds for row in ordering)
    reduction = {
        ds.attrs["cell"]: float(ds.cell_reduction.sel(kind="cathode", definition="coating")) for ds in seven
    }
    assert ordering[0].predicted == pytest.approx(100 * (reduction["120C90-2"] - reduction["120RT-2"]))


def test_equal_conditions_are_no_ordering(seven, pressed):
    """An ordering of two equal reductions shall not hold."""
    same = [pressed("120C90-2", 2) if ds.attrs["cell"] == "120C90-2" else ds for ds in seven]
    rows = validate({"coating": same})
    assert not of(rows, "ordering")[0].holds
    assert not all_hold(rows)


def test_misfit_of_a_fitted_row_shows(seven, pressed):
    """A cathode that loses too little shall fail its row and the whole."""
    stiff = pressed("120RT-10", 10, final={"cathode": 0.25})
    rows = validate({"coating": [stiff if ds.attrs["cell"] == "120RT-10" else ds for ds in seven]})
    failing = [row for row in of(rows, "fitted") if not row.holds]
    assert [(row.cell, row.quantity) for row in failing] == [("120RT-10", "cathode reduction")]
    assert not all_hold(rows)


def test_film_pressure_is_an_identity_within_the_films_accuracy(seven, pressed):
    """The plane farthest from the applied pressure shall decide; 10 % off shall be the limit."""
    lossy = pressed("120RT-4", 4)
    lossy["film_pressure"] = lossy.film_pressure * (1.0, 0.88, 1.05)
    rows = validate({"coating": [lossy if ds.attrs["cell"] == "120RT-4" else ds for ds in seven]})
    film = {row.cell: row for row in of(rows, "identity", "film")}
    assert list(film) == ["120RT-4", "120RT-10", "120RT-20", "120RT-40"]
    assert film["120RT-4"].predicted == pytest.approx(0.88 * 120) and not film["120RT-4"].holds
    assert film["120RT-40"].holds and (film["120RT-40"].low, film["120RT-40"].high) == pytest.approx(
        (108, 132)
    )


def test_lost_solid_is_a_failed_identity(seven, pressed):
    """A solid mass error above 1e-12 shall fail the run."""
    leaky = pressed("120RT-2", 2).assign_attrs(solid_mass_error=1e-9)
    rows = validate({"coating": [leaky if ds.attrs["cell"] == "120RT-2" else ds for ds in seven]})
    assert [row.cell for row in of(rows, "identity", "solid") if not row.holds] == ["120RT-2"]
    assert not all_hold(rows)


def test_open_rows_never_decide(seven, rows):
    """Open rows that do not hold (porosity under 15 %, with foil) shall not fail the run."""
    assert any(row.holds is False for row in of(rows, "open"))
    assert all_hold(rows)


def test_first_film_is_compared_with_the_others(seven, pressed):
    """A first film of less pressure shall come out lighter than the mean of the others."""
    lighter = pressed("120RT-4", 4)
    lighter["film_grey"] = lighter.film_grey + np.array([6.0, 0.0, 0.0])
    rows = validate({"coating": [lighter if ds.attrs["cell"] == "120RT-4" else ds for ds in seven]})
    first = {row.cell: row for row in of(rows, "open", "first film")}
    assert first["120RT-4"].predicted == pytest.approx(6.0) and first["120RT-4"].holds
    assert not first["120RT-10"].holds


def test_other_scenarios_are_shown_and_not_judged(seven):
    """Another scenario shall add open rows, by its own definition of thickness, and change no judged row."""
    alone = validate({"coating": seven})
    rows = validate({"coating": seven, "foil included": seven})
    assert rows[: len(alone)] == alone
    added = rows[len(alone) :]
    assert len(added) == 14 and {row.kind for row in added} == {"open"}
    with_foil = 100 * float(seven[0].cell_reduction.sel(kind="cathode", definition="with_foil"))
    assert added[0].predicted == pytest.approx(with_foil)


def test_no_row_claims_to_be_a_prediction(rows):
    """The closing sentence shall say that none of the rows is an independent prediction."""
    assert not of(rows, "prediction")
    sentence = closing(rows)
    assert sentence.startswith(f"0 of {len(rows)} rows")
    assert all(figure in sentence for figure in ("1B", "1C", "4E", "S2"))


def test_missing_cells_and_scenarios_are_refused(seven):
    """A set that lacks a cell or the declared scenario shall be refused with what is missing."""
    with pytest.raises(InputError, match="120RT-40"):
        validate({"coating": seven[:-1]})
    with pytest.raises(InputError, match="declared scenario 'coating'"):
        validate({"printed": seven})


def test_json_is_a_list_of_rows(rows, tmp_path):
    """The JSON file shall hold the rows with exactly their eight keys, an absent bound as null."""
    write_json(rows, tmp_path / "rows.json")
    read = json.loads((tmp_path / "rows.json").read_text("utf-8"))
    keys = ["cell", "quantity", "unit", "predicted", "low", "high", "holds", "kind"]
    assert all(list(row) == keys for row in read)
    assert [Row(**row) for row in read] == rows


def test_json_that_cannot_be_written_leaves_nothing(rows, tmp_path):
    """A value that JSON cannot hold shall raise and leave the older file untouched."""
    path = tmp_path / "rows.json"
    path.write_text("old")
    with pytest.raises(ValueError):
        write_json([dataclasses.replace(rows[0], predicted=float("nan"))], path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
