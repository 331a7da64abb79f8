"""The CalculiX input of benchmarks/fem."""

from __future__ import annotations

import re

import numpy as np

from benchmarks.fem import calculix
from benchmarks.fem.cells import CELLS, elastic
from isosim.stack import section_mesh


def test_deck_has_every_cell_once_and_the_fluid_all_round():
    """The input shall hold every cell, once, and push on all outer sides but those on the symmetry plane."""
    stack = elastic(CELLS["2 electrodes, section, flush"].case().stack())
    mesh = section_mesh(stack, 6)
    text = calculix.deck(stack, mesh, 10e6, 1)
    elements = re.findall(r"^(\d+)(?:, \d+){8}$", text, re.MULTILINE)
    assert sorted(map(int, elements)) == list(range(1, len(mesh.cells) + 1))
    loads = re.findall(r"^\d+, P([123]), 10$", text, re.MULTILINE)
    rows, columns = mesh.row.max() + 1, mesh.columns_along_x
    assert [loads.count(side) for side in "123"] == [columns, rows, columns]


def test_sections_keep_the_area_of_the_mesh():
    """Corners of the eight-node elements shall run counter-clockwise with their middles between them."""
    stack = elastic(CELLS["2 electrodes, section, flush"].case().stack())
    section = calculix.Section.of(section_mesh(stack, 6))
    at = section.nodes[section.elements]
    x, z = at[:, :4, 0], at[:, :4, 1]
    area = 0.5 * (x * np.roll(z, -1, axis=1) - np.roll(x, -1, axis=1) * z).sum()
    assert np.isclose(area, stack.width * stack.height)
    assert np.allclose(at[:, 4:], 0.5 * (at[:, :4] + np.roll(at[:, :4], -1, axis=1)), atol=1e-12)
