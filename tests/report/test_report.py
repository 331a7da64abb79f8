"""The page and the tables."""

import re
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest

from isosim import report
from isosim.data.validate import validate
from isosim.report import console, tables
from isosim.report.describe import label
from isosim.report.limits import fitted_values, limits
from isosim.uncertainty.intervals import Headline, Uncertainty


@pytest.fixture(scope="module")
def manifest():
    """A manifest with the parts that the page shows."""
    value = {"quantity": "cap.hardening", "value": "61 MPa", "range": "", "confidence": "L"}
    card = {
        "title": "Cathode coating",
        "values": [
            {**value, "provenance": "C", "source": "fitted by studies/calibration/fit_dixit2024"},
            {**value, "quantity": "density", "value": "4.77 g/cm^3", "provenance": "D", "source": "<digest>"},
        ],
        "assumptions": ["isotropic"],
    }
    return {
        "isosim": "0.0",
        "git_commit": None,
        "started_utc": "2026-11-22T10:00:00+00:00",
        "input_hash": "0" * 64,
        "assumptions": {"a": ["dry <cell>", "flush"], "b": ["dry <cell>"]},
        "cards": {"nmc": card, "block": {"title": "Block", "values": [], "assumptions": []}},
        "versions": {"python": "3"},
        "petsc_options": {},
        "seconds": {"120RT-2": {"press": 1.0}},
    }


@pytest.fixture(scope="module")
def written(seven, manifest, found, tmp_path_factory):
    """A report of the seven cells in two scenarios."""
    out = tmp_path_factory.mktemp("report")
    printed = [ds.assign_attrs(scenario="printed") for ds in seven]
    rows = validate({"coating": seven, "printed": printed})
    reasons = {label(ds).cell: "not asked <for>" for ds in seven}
    report.write([*printed, *seven], rows, out, manifest, {**reasons, "120RT-2": found})
    return out


@pytest.fixture(scope="module")
def found():
    """The uncertainty of the smallest cell, by hand."""
    numbers = (
        Headline("reduction_cathode_coating", "1", 0.23, 0.21, 0.24, -0.08, 0.0),
        Headline("porosity_cathode_disassembled", "1", 0.15, 0.13, 0.17, -0.14, 0.08),
        Headline("lateral_strain_x_held", "1", -0.006, -0.008, -0.005, 0.0, 0.001),
    )
    ends = pd.DataFrame(
        [("reduction_cathode_coating", "nmc.cap.hardening", 0.25, 0.2, 0.23)],
        columns=["reading", "input", "at_low", "at_high", "nominal"],
    )
    laws = {"power through 120 MPa": {"reduction_cathode_coating": 0.15}}
    return Uncertainty("120RT-2", "column", numbers, (), {}, pd.DataFrame(), ends, laws, (), 64, 1)


def write(datasets, out, manifest):
    """A report of cells that have no intervals."""
    report.write(datasets, None, out, manifest, {label(ds).cell: "none by hand" for ds in datasets})


class _Resources(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.found += [value for key, value in attrs if key in ("src", "href", "xlink:href") and value]
        if tag not in ("meta", "col", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found += [value for key, value in attrs if key in ("src", "href", "xlink:href") and value]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_is_whole_and_self_contained(written):
    """The page shall be well formed and load nothing: no script, no link, no image from elsewhere."""
    text = (written / "report.html").read_text("utf-8")
    parser = _Resources()
    parser.feed(text)
    assert not parser.open
    assert all(value.startswith(("#", "data:")) for value in parser.found)
    assert "<script" not in text and "@import" not in text and "url(http" not in text


def test_page_opens_with_its_limits(written):
    """Before any number the page shall say scenario, mass balance at 35 %, what was fitted, what is weak."""
    text = (written / "report.html").read_text("utf-8")
    opening = text[text.index("<h1>") : text.index("Predicted and published")]
    for statement in (
        "“coating”",
        "35\N{NO-BREAK SPACE}%",
        "23.5\N{NO-BREAK SPACE}%",
        "cap.hardening 61 MPa",
        "density",
    ):
        assert statement in opening, statement
    assert "no independent" in opening


def test_page_escapes_what_it_is_given(written):
    """Text from cards shall not become markup."""
    text = (written / "report.html").read_text("utf-8")
    assert "&lt;digest&gt;" in text and "<digest>" not in text


def test_page_says_what_the_cases_assume(written):
    """What every case assumes shall be said once, what a single one does under its name."""
    text = (written / "report.html").read_text("utf-8")
    assert text.count("<li>dry &lt;cell&gt;</li>") == 1
    assert re.search(r"<h3>a</h3>\s*<ul>\s*<li>flush</li>", text)


def test_page_shows_every_judged_row(written, seven):
    """The page shall give the count of rows of each kind and the closing sentence."""
    text = re.sub(r"\s+", " ", (written / "report.html").read_text("utf-8"))
    assert "identity 25 of 25, fitted 14 of 14, ordering 4 of 4" in text
    assert "rows are independent predictions" in text


def test_intervals_are_laid_around_what_is_shown(written, seven):
    """A headline number shall have the column's distances to both ends of its interval around itself."""
    table = pd.read_csv(written / "intervals.csv").set_index("name")
    assert set(table["cell"]) == {"120RT-2"}
    value = 100 * float(seven[0].cell_reduction.sel(kind="cathode", definition="coating"))
    row = table.loc["reduction_cathode_coating"]
    ends = [row[f"{name}_%"] for name in ("value", "cards_low", "cards_high", "both_low", "both_high")]
    assert ends == pytest.approx([value, value - 2, value + 1, value - 10, value + 1], abs=1e-3)
    assert table.loc["porosity_cathode_disassembled", "both_low_%"] == 0.0
    held = table.loc["contraction"]
    assert held["cards_low_%"] < held["value_%"] < held["cards_high_%"]
    text = (written / "report.html").read_text("utf-8")
    assert f"{value - 10:.1f}–{value + 1:.1f}" in text and "64 draws" in text and "1 draws found no" in text


def test_page_says_why_there_is_no_interval(written):
    """Cells without intervals shall be named with the reason."""
    text = (written / "report.html").read_text("utf-8")
    assert "No intervals for 120C90-2, 414RT-2" in text and "not asked &lt;for&gt;" in text


def test_every_figure_has_its_numbers(written):
    """Every SVG shall have a CSV of the same name."""
    files = {path.suffix: set() for path in (written / "figures").iterdir()}
    for path in (written / "figures").iterdir():
        files[path.suffix].add(path.stem)
    assert files[".svg"] == files[".csv"]
    assert {"reduction", "film_planes", "pressure_thickness", "contraction", "energy"} <= files[".svg"]


def test_summary_is_in_laboratory_units(written, seven):
    """The CSV shall give every electrode and film with units in the column names."""
    table = pd.read_csv(written / "summary.csv")
    electrodes, films = table[table["item"] == "electrode"], table[table["item"] == "film"]
    assert len(electrodes) == sum(ds.sizes["electrode"] for ds in seven)
    assert len(films) == sum(ds.sizes["plane"] for ds in seven)
    first = electrodes.iloc[0]
    assert first["coating_unpressed_um"] == pytest.approx(42.8)
    assert first["coating_reduction_%"] == pytest.approx(100 * float(seven[0].reduction[0, 0]), rel=1e-5)
    assert films["film_pressure_MPa"].iloc[0] == pytest.approx(120.0)
    assert set(table["scenario"]) == {"coating"}


def test_workbook_has_a_sheet_for_each_table(written, seven):
    """The workbook shall hold cells, electrodes, films, readings and intervals, one row each."""
    book = openpyxl.load_workbook(written / "summary.xlsx")
    assert book.sheetnames == ["cells", "electrodes", "films", "readings", "intervals"]
    assert book["cells"].max_row == 1 + len(seven)


def test_cells_of_ones_own_get_no_published_bands(pressed, manifest, tmp_path):
    """A report of cells that are in no paper shall claim no band and no mass balance of the paper."""
    own = pressed("mine").assign_attrs(scenario="")
    write([own], tmp_path, manifest)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "Mass balance" not in text and "Held against" not in text and "Published" not in text
    assert tables.cells([own])["cell"].tolist() == ["mine"]


def test_same_name_does_not_make_a_cell_published(pressed, manifest, tmp_path):
    """A case of one's own under a name of the paper shall get no published band, on page or console."""
    own = pressed("120RT-2", 2).assign_attrs(published=0)
    write([own], tmp_path, manifest)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "Mass balance" not in text and "Published" not in text and "alone, was fitted" not in text
    assert pd.read_csv(tmp_path / "figures" / "reduction.csv")["published_low_%"].isna().all()
    assert not any("paper" in str(column.header) for column in console.headline([own]).columns)


def test_console_and_page_give_the_same_contraction(pressed, manifest, tmp_path):
    """Console and page shall give the contraction at the end of the hold, 1 - exp(strain), with its sign."""
    for strain, text in ((-0.02, "1.98"), (0.02, "-2.02"), (1e-6, "0.00"), (-1e-6, "0.00")):
        ds = pressed(strain=strain)
        assert list(console.headline([ds]).columns[-1].cells) == [text]
        write([ds], tmp_path, manifest)
        assert f"<td>{text}</td></tr>" in (tmp_path / "report.html").read_text("utf-8")


def test_star_is_explained_only_where_there_is_one(pressed, manifest, tmp_path):
    """The note on film ranges shall be there when a film could not show its pressure, and only then."""
    for pressure, starred in ((120e6, False), (414e6, True)):
        write([pressed(pressure=pressure)], tmp_path, manifest)
        text = (tmp_path / "report.html").read_text("utf-8")
        assert ("* Beyond" in text) is starred and (" *</td>" in text) is starred


def test_one_edge_zone_is_given_as_one_number(pressed, manifest):
    """A single width shall not be written as a range from itself to itself."""
    ((_, model),) = [part for part in limits([pressed()], manifest) if part[0] == "Model"]
    assert " to " not in model[model.index("stack height") : model.index("mm)")]


def test_card_of_ones_own_is_not_declared_fitted(manifest):
    """A value fitted by the user shall not count as fitted to the published cells."""
    value = {"quantity": "cap.hardening", "value": "1 MPa", "range": "", "confidence": "L", "provenance": "C"}
    own = {"title": "", "values": [{**value, "source": "fitted to our own press"}], "assumptions": []}
    assert fitted_values({"cards": {"own": own}}) == []


def test_fitted_values_are_found_on_the_real_cards():
    """Both coatings shall name their fitted values: hardening, minimum porosity, factor at 90 degC."""
    from isosim import materials
    from isosim.manifest import card_values

    cards = {
        name: card_values(materials.load(name)) for name in ("nmc622", "nmc622_log", "graphite", "al_foil")
    }
    found = {(name, value["quantity"]) for name, value in fitted_values({"cards": cards})}
    quantities = ("cap.hardening", "cap.minimum_porosity", "thermal.strength")
    assert found == {(name, quantity) for name in ("nmc622", "graphite") for quantity in quantities}
