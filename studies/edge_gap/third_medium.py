"""A regularised third medium in the gaps beside short layers, in place of contact.

The gaps are filled with a neo-Hookean body that is very soft until it is squeezed to nothing; a penalty on the
second gradient of its displacements keeps the elements in shape on the way (energy per unpressed volume)

    W = c [K/2 ln(J)^2 + G/2 (J^(-2/3) I1 - 3)] + k/2 |grad grad u|^2

with K and G of the softest solid, the contrast c and the regularisation k. The idea is that of Wriggers,
Schröder & Schwarz (2013), doi 10.1007/s00466-013-0848-5; this form follows Bluhm, Sigmund & Poulios (2021), doi
10.1007/s00466-021-01974-x. Elements of nine nodes share their sides with those of the solids; Lobatto's points
are their nodes, so that no corner turns over (Frederiksen, Dalklint, Sigmund & Poulios 2025, doi
10.1016/j.cma.2024.117595).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from benchmarks.fem.calculix import EDGES, SAME_PLACE, Section
from isosim.stack import SectionMesh, Stack
from studies.edge_gap.contact import ContactSection, Part

CONTRAST = 1e-6
REGULARISATION = 3e-3  # N
MOST_SQUEEZE = 0.2  # of the volume a point of the medium keeps at least in one correction
LOBATTO, WEIGHT = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 4.0, 1.0]) / 3
POINTS = np.array([(s, t) for t in LOBATTO for s in LOBATTO])
# corners, then middles of EDGES, then the centre: which of (-1, 1, 0) along s and t
PLACES = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (2, 0), (1, 2), (2, 1), (0, 2), (2, 2)])
TURN = np.array([[0, 0, 0, 1.0], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]])  # J = F.TURN.F / 2


def energy(F: np.ndarray, K: float, G: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energy [J/m3] of the medium in plane strain, its derivative P (..., 4) and second derivative [Pa].

    F (..., 4) is xx, xz, zx, zz.
    """
    by_J = F @ TURN
    J = 0.5 * (F * by_J).sum(axis=-1)
    I1 = (F * F).sum(axis=-1) + 1.0
    W = K / 2 * np.log(J) ** 2 + G / 2 * (J ** (-2 / 3) * I1 - 3)
    W_J = K * np.log(J) / J - G / 3 * J ** (-5 / 3) * I1
    W_JJ = K * (1 - np.log(J)) / J**2 + G * 5 / 9 * J ** (-8 / 3) * I1
    shear = G * J ** (-2 / 3)
    J, W_J, W_JJ, shear = (value[..., None] for value in (J, W_J, W_JJ, shear))
    P = W_J * by_J + shear * F
    mixed = -2 / 3 * (shear / J * F)[..., :, None] * by_J[..., None, :]
    A = W_JJ[..., None] * by_J[..., :, None] * by_J[..., None, :] + mixed + mixed.swapaxes(-1, -2)
    return W, P, A + W_J[..., None] * TURN + shear[..., None] * np.eye(4)


def gradients(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First (m, 9 points, 9 nodes, 2) and second (m, 9, 9, 2, 2) gradients of the shape functions.

    size (m, 2) are widths and heights of the elements [m].
    """
    value, slope, bend = (np.stack(each, axis=-1) for each in zip(*map(_line, POINTS.T), strict=True))
    (s, t), (first, second) = PLACES.T, size.T[:, :, None, None] / 2
    grad = np.stack(
        np.broadcast_arrays(slope[:, s, 0] * value[:, t, 1] / first, value[:, s, 0] * slope[:, t, 1] / second),
        axis=-1,
    )
    mixed = slope[:, s, 0] * slope[:, t, 1] / (first * second)
    xx, zz = bend[:, s, 0] * value[:, t, 1] / first**2, value[:, s, 0] * bend[:, t, 1] / second**2
    return grad, np.stack([np.stack([xx, mixed], axis=-1), np.stack([mixed, zz], axis=-1)], axis=-1)


def _line(s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quadratic functions of the places -1, 1 and 0, their slopes and curvatures, each (points, 3)."""
    value = np.stack([s * (s - 1) / 2, s * (s + 1) / 2, 1 - s * s], axis=-1)
    slope = np.stack([s - 0.5, s + 0.5, -2 * s], axis=-1)
    return value, slope, np.broadcast_to([1.0, 1.0, -2.0], value.shape)


class MediumSection(ContactSection):
    """Half a section whose gaps hold a third medium.

    contrast is that of its moduli to the softest solid, regularisation [N] the factor k of the penalty.
    """

    def __init__(
        self,
        stack: Stack,
        mesh: SectionMesh,
        contrast: float = CONTRAST,
        regularisation: float = REGULARISATION,
    ):
        solid = Section.of(mesh)
        corner = mesh.points[mesh.cells[mesh.filling]]
        middle = np.stack([corner[:, list(edge)].mean(axis=1) for edge in EDGES], axis=1)
        places = np.concatenate([corner, middle, corner.mean(axis=1, keepdims=True)], axis=1).reshape(-1, 2)
        known = {tuple(key): i for i, key in enumerate(np.round(solid.nodes / SAME_PLACE).astype(int))}
        keys = [tuple(key) for key in np.round(places / SAME_PLACE).astype(int)]
        number = [known.setdefault(key, len(known)) for key in keys]
        nodes = np.empty((len(known), 2))
        nodes[: len(solid.nodes)] = solid.nodes
        nodes[number] = places
        super().__init__(stack, mesh, section=Section(nodes, solid.elements, solid.cell))
        medium = np.reshape(number, (-1, 9))
        self.medium = np.stack([2 * medium, 2 * medium + 1], axis=-1).reshape(-1, 18)
        size = corner[:, 2] - corner[:, 0]
        self.volume = np.outer(size.prod(axis=1) / 4, np.outer(WEIGHT, WEIGHT))
        grad, second = gradients(size)
        self.grad = np.zeros((*grad.shape[:2], 4, 18))
        for i in range(2):
            self.grad[:, :, 2 * i : 2 * i + 2, i::2] = grad.swapaxes(-1, -2)
        laws = [self.laws[material] for material in np.unique(mesh.material[~mesh.filling])]
        softest = min(laws, key=lambda law: law.shear_modulus)
        self.K, self.G = contrast * softest.bulk_modulus, contrast * softest.shear_modulus
        penalty = regularisation * np.einsum("eg,egaij,egbij->eab", self.volume, second, second)
        self.penalty = np.einsum("eab,ij->eaibj", penalty, np.eye(2)).reshape(-1, 18, 18)

    def _F(self, u: np.ndarray) -> np.ndarray:
        return np.einsum("egad,ed->ega", self.grad, u[self.medium]) + np.array([1.0, 0, 0, 1.0])

    def _between(self, u: np.ndarray) -> list[Part]:
        _, P, A = energy(self._F(u), self.K, self.G)
        force = np.einsum("eg,ega,egad->ed", self.volume, P, self.grad, optimize=True)
        stiff = np.einsum("eg,egad,egab,egbc->edc", self.volume, self.grad, A, self.grad, optimize=True)
        force += np.einsum("eab,eb->ea", self.penalty, u[self.medium])
        return [(self.medium, force, stiff + self.penalty)]

    def _assemble(self, u: np.ndarray, p: float, dt: float) -> tuple[np.ndarray, sp.csr_matrix, float] | None:
        return super()._assemble(u, p, dt) if self._volume(u).min() > 0 else None

    def _volume(self, u: np.ndarray) -> np.ndarray:
        return np.linalg.det(self._F(u).reshape(-1, 2, 2))

    def _length(self, u: np.ndarray, change: np.ndarray) -> float:
        before, length = self._volume(u), super()._length(u, change)
        while (self._volume(u + length * change) < MOST_SQUEEZE * before).any():
            length /= 2
        return length
