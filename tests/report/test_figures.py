"""Figures draw exactly the numbers of their CSV."""

import io
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pandas as pd
import pytest

from isosim.report.figures import contraction, planned, pressure_thickness, reduction, section, style


def test_reduction_numbers_are_the_datasets(seven):
    """The reductions drawn shall be those measured, each with its published band."""
    frame = reduction.data(seven)
    row = frame[
        (frame["cell"] == "414RT-2") & (frame["kind"] == "anode") & (frame["definition"] == "with_foil")
    ]
    measured = seven[2].cell_reduction.sel(kind="anode", definition="with_foil")
    assert row["reduction_%"].item() == pytest.approx(100 * float(measured))
    assert (row["published_low_%"].item(), row["published_high_%"].item()) == (30.0, 50.0)


def test_caption_says_what_is_drawn(seven, pressed):
    """Only where fitted cards were used on published cells shall the caption say that they were fitted."""
    several = reduction.data([*seven, *(ds.assign_attrs(scenario="printed") for ds in seven)])
    assert "every reading" in reduction.caption(several, fitted=True)
    assert "“coating”, coating alone, was fitted" in reduction.caption(several, fitted=True)
    assert "was fitted" not in reduction.caption(several, fitted=False)
    own = reduction.data([pressed("mine")])
    assert "fitted" not in reduction.caption(own, fitted=True)
    assert "every reading" not in reduction.caption(own, fitted=True)
    with style.look():
        assert "published" not in style.svg(reduction.draw(own))


def test_section_layers_fill_the_stack(pressed):
    """The layers shall lie on each other without gap, as high as their thicknesses together."""
    ds = pressed(strain=-0.01)
    frame = section.data(ds)
    released = frame[frame["state"] == "released"]
    centre = released[released["x_inner_mm"] == 0.0]
    np.testing.assert_allclose(
        centre["z_bottom_um"].to_numpy()[:-1], centre["z_top_um"].to_numpy()[1:], atol=1e-9
    )
    height = 1e6 * float(ds.thickness_profile.sel(state="released").isel(x=0).sum())
    assert centre["z_top_um"].max() - centre["z_bottom_um"].min() == pytest.approx(height)
    assert released["x_outer_mm"].max() == pytest.approx(25 * np.exp(-0.01))


def test_axis_states_the_true_exaggeration(pressed):
    """The factor on the section's height axis shall be the ratio of its scales as drawn."""
    with style.look():
        figure = section.draw(section.data(pressed()))
        figure.savefig(io.BytesIO(), format="svg")
    axes = figure.axes[0]
    box = axes.get_window_extent()
    (x0, x1), (z0, z1) = axes.get_xlim(), axes.get_ylim()
    ratio = (box.height / (1e-3 * (z1 - z0))) / (box.width / (x1 - x0))
    stated = float(axes.get_ylabel().split("drawn ")[1].split()[0])
    assert stated == pytest.approx(ratio, rel=0.06)


def test_cycle_ends_with_the_disassembled_thickness(seven):
    """The last point of each cycle shall be 100 % less the reduction."""
    frame = pressure_thickness.data(seven)
    end = frame[(frame["phase"] == "disassembled") & (frame["kind"] == "cathode")]
    expected = [
        100 - 100 * float(ds.cell_reduction.sel(kind="cathode", definition="coating")) for ds in seven
    ]
    assert end["thickness_%"].to_numpy() == pytest.approx(expected)


def test_ruler_finds_the_electrodes_contraction(seven):
    """What a ruler finds shall be the unpressed width times the contraction of the electrode taken out."""
    frame = contraction.data(seven)
    row = frame[(frame["cell"] == "414RT-2") & (frame["what"] == "anode")]
    assert row["shorter_mm"].item() == pytest.approx(50 * (1 - np.exp(-0.011)))


def test_drawing_needs_nothing_but_the_csv(seven, tmp_path):
    """Every figure drawn from its CSV read back shall be the figure drawn from its numbers."""
    for figure in planned(seven[2:4], seven[2:4], fitted=True):
        figure.frame.to_csv(tmp_path / "numbers.csv", index=False)
        again = pd.read_csv(tmp_path / "numbers.csv", float_precision="round_trip")
        with style.look():
            assert style.svg(figure.draw(again)) == style.svg(figure.draw(figure.frame)), figure.name


def test_every_axis_has_its_unit(seven):
    """Every axis that shows a quantity shall be labelled with it, its unit in brackets."""
    for figure in planned(seven[:4], seven, fitted=True):
        with style.look():
            drawn = figure.draw(figure.frame)
        for axes in drawn.axes:
            labels = [axis.get_label_text() for axis in (axes.xaxis, axes.yaxis) if axis.get_label_text()]
            assert labels and all("(" in text or "drawn" in text for text in labels), (figure.name, labels)


def test_inline_svg_stands_alone(seven):
    """An inlined figure shall be sound XML, scale with the page, and refer to nothing outside itself."""
    figure = next(iter(planned(seven[:1], seven[:1], fitted=True)))
    with style.look():
        element = style.inline(style.svg(figure.draw(figure.frame)), "a", 'said "so" & more')
    root = ET.fromstring(element)
    assert "width" not in root.attrib and root.attrib["viewBox"]
    assert root.attrib["aria-label"] == 'said "so" & more'
    used = {value[1:] for node in root.iter() for key, value in node.attrib.items() if key.endswith("href")}
    assert used <= {node.attrib.get("id") for node in root.iter()}


def test_drawing_leaves_the_users_settings_alone(seven):
    """Drawing shall leave matplotlib's settings as it found them."""
    before = dict(matplotlib.rcParams)
    for figure in planned(seven[:1], seven[:1], fitted=True):
        with style.look():
            figure.draw(figure.frame)
    assert dict(matplotlib.rcParams) == before
