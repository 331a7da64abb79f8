"""A regularised third medium in the gaps beside short layers, in place of contact.

The gaps are filled with a neo-Hookean body that is very soft until it is squeezed to nothing; a penalty on
the second gradient of its displacements keeps its elements in shape on the way. Energy per unpressed volume:

    W = c [K/2 ln(J)^2 + G/2 (J^(-2/3) I1 - 3)] + k/2 |grad grad u|^2

with K and G of the softest solid, the contrast c and the regularisation k. The idea is that of Wriggers,
Schröder & Schwarz (2013), doi 10.1007/s00466-013-0848-5, this form that of Bluhm, Sigmund & Poulios (2021),
doi 10.1007/s00466-021-01974-x. Elements of nine nodes share their sides with those of the solids. They are
integrated at their nodes, so that no corner turns over; Frederiksen, Dalklint, Sigmund & Poulios (2025) do
so, doi 10.1016/j.cma.2024.117595.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from benchmarks.fem.calculix import EDGES, SAME_PLACE, Section
from isosim.stack import SectionMesh, Stack
from studies.edge_gap.contact import GAUSS, ContactSection, Part, line

CONTRAST = 1e-6
REGULARISATION = 10e-3  # N
MOST_SQUEEZE = 0.2  # of the volume a point of the medium keeps at least in one correction
# nodes: corners, middles of EDGES, centre; by 0, 1 and 2 for -1, 1 and 0 along both sides
NODES = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (2, 0), (1, 2), (2, 1), (0, 2), (2, 2)])
TOP = [3, 2, 6]  # ends and middle of the upper side
POINTS = np.array([-1.0, 1.0, 0.0])[NODES]
WEIGHT = (np.array([1.0, 1.0, 4.0]) / 3)[NODES].prod(axis=1)  # Lobatto's
TURN = np.array([[0, 0, 0, 1.0], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]])  # J = F.TURN.F / 2


def volume(F: np.ndarray) -> np.ndarray:
    """J (...) in plane strain; F (..., 4) is xx, xz, zx, zz."""
    return 0.5 * (F @ TURN * F).sum(axis=-1)


def neo_hooke(
    F: np.ndarray, G: np.ndarray | float, U_J: np.ndarray, U_JJ: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """P (..., 4) of W = U(J) + G/2 (J^(-2/3) I1 - 3) and its derivative by F (..., 4, 4) [Pa].

    U_J and U_JJ (...) are the derivatives of U [Pa].
    """
    by_J, J, I1 = F @ TURN, volume(F), (F * F).sum(axis=-1) + 1.0
    W_J, W_JJ = U_J - G / 3 * J ** (-5 / 3) * I1, U_JJ + G * 5 / 9 * J ** (-8 / 3) * I1
    J, W_J, W_JJ, shear = (value[..., None] for value in (J, W_J, W_JJ, G * J ** (-2 / 3)))
    mixed = -2 / 3 * (shear / J * F)[..., :, None] * by_J[..., None, :]
    A = W_JJ[..., None] * by_J[..., :, None] * by_J[..., None, :] + mixed + mixed.swapaxes(-1, -2)
    return W_J * by_J + shear * F, A + W_J[..., None] * TURN + shear[..., None] * np.eye(4)


def energy(F: np.ndarray, K: float, G: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energy [J/m3] of the medium, its derivative P (..., 4) and second derivative (..., 4, 4) [Pa]."""
    J = volume(F)
    W = K / 2 * np.log(J) ** 2 + G / 2 * (J ** (-2 / 3) * ((F * F).sum(axis=-1) + 1.0) - 3)
    return W, *neo_hooke(F, G, K * np.log(J) / J, K * (1 - np.log(J)) / J**2)


def gradients(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First (m, 9 points, 9 nodes, 2) and second (m, 9, 9, 2, 2) gradients of the shape functions.

    size (m, 2) are widths and heights of the elements [m].
    """
    (value, slope), bend = line(POINTS), np.array([1.0, 1.0, -2.0])
    (s, t), (a, b) = NODES.T, size.T[:, :, None, None] / 2
    x, z, x_s, z_t = value[:, 0, s], value[:, 1, t], slope[:, 0, s], slope[:, 1, t]
    grad = np.stack([x_s * z / a, x * z_t / b], axis=-1)
    xx, xz, zz = bend[s] * z / a**2, x_s * z_t / (a * b), x * bend[t] / b**2
    return grad, np.stack([np.stack([xx, xz], axis=-1), np.stack([xz, zz], axis=-1)], axis=-1)


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
        own = np.concatenate([corner, middle, corner.mean(axis=1, keepdims=True)], axis=1).reshape(-1, 2)
        places = np.concatenate([solid.nodes, own])
        grid = np.round(places / SAME_PLACE).astype(np.int64)
        _, first, number = np.unique(grid, axis=0, return_index=True, return_inverse=True)
        known, medium = number.ravel()[: len(solid.nodes)], number.ravel()[len(solid.nodes) :].reshape(-1, 9)
        super().__init__(stack, mesh, section=Section(places[first], known[solid.elements], solid.cell))
        self.medium = np.stack([2 * medium, 2 * medium + 1], axis=-1).reshape(-1, 18)
        size = corner[:, 2] - corner[:, 0]
        self.volume = np.outer(size.prod(axis=1) / 4, WEIGHT)
        grad, second = gradients(size)
        self.grad = np.zeros((*grad.shape[:2], 4, 18))
        for i in range(2):
            self.grad[:, :, 2 * i : 2 * i + 2, i::2] = grad.swapaxes(-1, -2)
        laws = [self.laws[material] for material in np.unique(mesh.material[~mesh.filling])]
        softest = min(laws, key=lambda law: law.shear_modulus)
        self.K, self.G = contrast * softest.bulk_modulus, contrast * softest.shear_modulus
        penalty = regularisation * np.einsum("eg,egaij,egbij->eab", self.volume, second, second)
        self.penalty = np.einsum("eab,ij->eaibj", penalty, np.eye(2)).reshape(-1, 18, 18)

    def deformation(self, u: np.ndarray) -> np.ndarray:
        """F (elements of the medium, 9, 4) at displacements u (2 per node) [m]."""
        return np.einsum("egad,ed->ega", self.grad, u[self.medium]) + np.array([1.0, 0, 0, 1.0])

    def gaps(self, u: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """As in contact; the pressure is that of the medium beneath the upper side."""
        P = energy(self.deformation(u.ravel()), self.K, self.G)[1]
        below = {node: e for e, node in enumerate(self.medium[:, 2 * TOP[2]] // 2)}
        out = []
        for (x, left, _), (upper, _) in zip(super().gaps(u), self.pairs, strict=True):
            pushed = -P[[below[node] for node in upper[:, 2]]][:, TOP, 3]
            out.append((x, left, (pushed @ line(GAUSS)[0].T).ravel()))
        return out

    def _between(self, u: np.ndarray) -> list[Part]:
        _, P, A = energy(self.deformation(u), self.K, self.G)
        force = np.einsum("eg,ega,egad->ed", self.volume, P, self.grad, optimize=True)
        stiff = np.einsum("eg,egad,egab,egbc->edc", self.volume, self.grad, A, self.grad, optimize=True)
        force += np.einsum("eab,eb->ea", self.penalty, u[self.medium])
        return [(self.medium, force, stiff + self.penalty)]

    def _assemble(self, u: np.ndarray, p: float, dt: float) -> tuple[np.ndarray, sp.csr_matrix, float] | None:
        return super()._assemble(u, p, dt) if self._volume(u).min() > 0 else None

    def _volume(self, u: np.ndarray) -> np.ndarray:
        return volume(self.deformation(u))

    def _length(self, u: np.ndarray, change: np.ndarray) -> float:
        before, length = self._volume(u), super()._length(u, change)
        while (self._volume(u + length * change) < MOST_SQUEEZE * before).any():
            length /= 2
        return length
