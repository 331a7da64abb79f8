"""The verification solver of studies/edge_gap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isosim import materials
from isosim.stack import Layer, Stack, section_mesh
from studies.edge_gap import run
from studies.edge_gap.cell import elastic
from studies.edge_gap.contact import ContactSection

E, NU, PRESSURE = 4e9, 0.3, 20e6


def sandwich(reach: float) -> Stack:
    """Two wide layers with one between them that ends 1 mm earlier, or not."""
    sheets = (("top", 110e-6, reach), ("short", 40e-6, 2e-3), ("bottom", 110e-6, reach))
    layers = tuple(Layer(name, "other", "body", height, width) for name, height, width in sheets)
    known = {"body": elastic("body", E, NU)}
    if reach == 2e-3:
        return Stack(layers, known)
    return Stack(layers, known | {"frame": materials.load("frame")}, "frame")


def test_confined_layers_follow_the_logarithmic_law():
    """Flush layers held sideways shall be compressed by ln(t) = -t p / M, M the oedometric modulus."""
    stack = sandwich(2e-3)
    body = ContactSection(stack, section_mesh(stack, 4))
    top = body.solve(PRESSURE, PRESSURE).u[:, 1].min()
    modulus, stretch = E * (1 - NU) / ((1 + NU) * (1 - 2 * NU)), 1.0
    for _ in range(50):
        stretch = np.exp(-stretch * PRESSURE / modulus)
    assert top == pytest.approx((stretch - 1.0) * stack.height, rel=1e-6)


def test_a_closed_gap_carries_the_pressure_of_the_fluid():
    """Across a gap that has closed, contact shall carry what the fluid pushes; nothing where it is open."""
    stack = sandwich(4e-3)
    body = ContactSection(stack, section_mesh(stack, 8))
    ((x, left, pressure),) = body.gaps(body.solve(PRESSURE, PRESSURE).u)
    assert left[0] > 1e-6 and pressure[0] == 0.0
    far = x > 3.2e-3
    assert np.all(np.abs(left[far]) < 1e-7)
    assert pressure[far].mean() == pytest.approx(PRESSURE, rel=0.02)


def test_the_page_says_what_the_table_holds():
    """Open gap and frame shall show 69 to 81 and 19 to 32 % of the unevenness in contact, as on the page."""
    table = pd.read_csv(Path(run.__file__).with_name("edge_gap.csv")).set_index(["gap", "electrodes"])
    uneven = table[[f"pressure_MPa_at_{distance}" for distance in (0.5, 0.2, 0.1)]] - run.cell.PRESSURE / 1e6
    for filling, low, high in (("open gap", 0.69, 0.81), ("frame", 0.19, 0.32)):
        share = (uneven.loc[filling] / uneven.loc["contact"]).values
        assert (share.min().round(2), share.max().round(2)) == (low, high)
    differs = table.differs_within_mm
    assert differs["open gap"].max() < 0.5 and 0.5 < differs["frame"].max() < 0.7
