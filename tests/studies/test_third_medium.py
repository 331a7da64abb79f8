"""The third medium of studies/edge_gap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from isosim.stack import section_mesh
from studies.edge_gap import run
from studies.edge_gap.calculix import OnPlate, stress
from studies.edge_gap.contact import ContactSection
from studies.edge_gap.third_medium import MediumSection, energy, gradients
from tests.studies.test_edge_gap import PRESSURE, sandwich

CONTRASTS = (1e-4, 1e-6)


@pytest.fixture(scope="module")
def pressed() -> dict[float, tuple[MediumSection, np.ndarray]]:
    """A sandwich with a gap of 40 um, and its displacements [m] at 20 MPa, by the contrast of the medium."""
    stack = sandwich(4e-3)
    bodies = {contrast: MediumSection(stack, section_mesh(stack, 8), contrast) for contrast in CONTRASTS}
    return {contrast: (body, body.solve(PRESSURE, PRESSURE).u) for contrast, body in bodies.items()}


def test_stress_and_tangent_are_the_derivatives_of_the_energy():
    """P and A shall be the first and second differences of W, from stretched to squeezed to a tenth."""
    F = np.array([1.0, 0.1, -0.2, 0.9]) + 0.2 * np.random.default_rng(1).normal(size=(6, 4))
    F[3:, 3] = 0.1
    _, P, A = energy(F, 3.0, 2.0)
    step = 1e-6
    for i, way in enumerate(step * np.eye(4)):
        (up, P_up, _), (down, P_down, _) = energy(F + way, 3.0, 2.0), energy(F - way, 3.0, 2.0)
        np.testing.assert_allclose(P[:, i], (up - down) / (2 * step), rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(A[:, i], (P_up - P_down) / (2 * step), rtol=1e-6, atol=1e-6)
    assert np.allclose(energy(np.array([1.0, 0, 0, 1.0]), 3.0, 2.0)[1], 0.0)


def test_the_regularisation_is_the_second_gradient(pressed):
    """It shall hold no energy in affine motion, and k/2 |grad grad u|^2 per volume in a quadratic one."""
    body, _ = pressed[CONTRASTS[0]]
    x = body.section.nodes[body.medium[:, ::2] // 2]
    energy_of = lambda u: np.einsum("ea,eab,eb", u.reshape(-1, 18), body.penalty, u.reshape(-1, 18)) / 2  # noqa: E731
    quadratic = np.stack([3.0 * x[..., 0] * x[..., 1], x[..., 0] ** 2 + 4.0 * x[..., 1] ** 2], axis=-1)
    expected = 10e-3 / 2 * (2 * 3.0**2 + 2.0**2 + 8.0**2) * body.volume.sum()
    assert energy_of(quadratic) == pytest.approx(expected, rel=1e-9)
    affine = (x - x[:, 8:]) @ np.array([[2.0, 3.0], [-1.0, 4.0]]) + np.array([5e-5, 6e-5])
    assert abs(energy_of(affine)) < 1e-4 * expected


def test_shape_functions_reproduce_quadratics():
    """First and second gradients shall be those of x z in an element of any size, at all its nodes."""
    size = np.array([[2.0, 0.5]])
    grad, second = gradients(size)
    place = (
        np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (0, -1), (1, 0), (0, 1), (-1, 0), (0, 0)]) * size / 2
    )
    value = place.prod(axis=1)
    np.testing.assert_allclose(np.einsum("n,gni->gi", value, grad[0]), place[:, ::-1], atol=1e-14)
    mixed = np.tile([[0.0, 1.0], [1.0, 0.0]], (9, 1, 1))
    np.testing.assert_allclose(np.einsum("n,gnij->gij", value, second[0]), mixed, atol=1e-12)


def test_a_gap_closes_to_a_height_that_falls_with_the_contrast(pressed):
    """Far from the short layer the height left shall be that of the medium under the fluid's pressure."""
    for body, u in pressed.values():
        ((x, left, _),) = body.gaps(u)
        carries = lambda J, body=body: energy(np.array([1.0, 0, 0, J]), body.K, body.G)[1][3] + PRESSURE  # noqa: E731
        assert left[x > 3.2e-3] == pytest.approx(brentq(carries, 1e-7, 1.0) * 40e-6, rel=0.05)


def test_a_closed_gap_carries_the_pressure_of_the_fluid(pressed):
    """The squeezed medium shall carry what the fluid pushes, and nearly nothing where it is open."""
    body, u = pressed[CONTRASTS[-1]]
    ((x, left, pressure),) = body.gaps(u)
    assert left[0] > 1e-6 and abs(pressure[0]) < 1e-3 * PRESSURE
    assert pressure[x > 3.2e-3].mean() == pytest.approx(PRESSURE, rel=0.02)


def test_the_medium_comes_to_contact(pressed):
    """Displacements shall come to those of contact as the contrast falls, to 1 % of the gap."""
    stack = sandwich(4e-3)
    contact = ContactSection(stack, section_mesh(stack, 8))
    true = contact.solve(PRESSURE, PRESSURE).u
    at = {tuple(np.round(node, 9)): i for i, node in enumerate(contact.section.nodes)}
    errors = []
    for body, u in pressed.values():
        pairs = [
            (i, at[key])
            for i, node in enumerate(body.section.nodes)
            if (key := tuple(np.round(node, 9))) in at
        ]
        mine, own = np.array(pairs).T
        errors.append(np.abs(u[mine] - true[own]).max())
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.4e-6


def test_the_law_given_to_calculix_is_neo_hookean():
    """It shall have isosim's moduli in small strain; its tangent shall be the difference of its stress."""
    F = np.array([1.0, 0.1, -0.2, 0.9]) + 0.2 * np.random.default_rng(1).normal(size=(6, 4))
    K, G = 3.0 * np.ones(6), 2.0 * np.ones(6)
    _, A = stress(F, K, G)
    for i, way in enumerate(1e-6 * np.eye(4)):
        difference = (stress(F + way, K, G)[0] - stress(F - way, K, G)[0]) / 2e-6
        np.testing.assert_allclose(A[:, i], difference, rtol=1e-6, atol=1e-6)
    P, A = stress(np.array([1.0, 0, 0, 1.0]), K[0], G[0])
    assert np.allclose(P, 0.0) and A[0, 0] == pytest.approx(3 + 4 / 3 * 2) and A[1, 1] == pytest.approx(2)


def test_a_plate_carries_what_presses_the_top():
    """A flush stack on the plate shall be compressed as one pressed from both sides in small strain."""
    stack, pressure = sandwich(2e-3), 1e4
    plate, both = (
        of(stack, section_mesh(stack, 4)).solve(pressure, pressure) for of in (OnPlate, ContactSection)
    )
    assert plate.u[:, 1].min() == pytest.approx(both.u[:, 1].min(), rel=1e-4)


def test_the_page_says_how_far_contact_medium_and_calculix_agree():
    """Medium and contact shall agree to 0.6 % and 0.9 MPa, CalculiX to 0.2 % and 0.8 MPa, as on the page."""
    folder = Path(run.__file__).parent
    medium = pd.read_csv(folder / "third_medium.csv")
    used = medium[(medium.contrast == 1e-6) & (medium.regularisation_mN == 10)]
    assert used["compaction_off_%_of_middle"].max().round(1) == 0.6
    assert used.pressure_off_MPa.max().round(1) == 0.9
    both = pd.read_csv(folder / "calculix.csv")
    outer = both[both.from_edge_mm > 0.05]
    off = (outer["compaction_%_contact"] - outer["compaction_%_calculix"]).abs().max()
    assert round(100 * off / both["compaction_%_contact"][0], 1) == 0.2
    assert (outer.pressure_MPa_contact - outer.pressure_MPa_calculix).abs().max().round(1) == 0.8
    full = pd.read_csv(folder / "full_overhang.csv").set_index("gap")
    uneven = full[[f"pressure_MPa_at_{distance}" for distance in (0.5, 0.2, 0.1)]] - run.cell.PRESSURE / 1e6
    for filling, low, high in (("open gap", 0.68, 0.82), ("frame", 0.23, 0.35)):
        share = uneven.loc[filling] / uneven.loc["third medium"]
        assert (share.min().round(2), share.max().round(2)) == (low, high)
