"""True contact across the gaps beside short layers: a small solver for verification.

The elements of eight nodes of `benchmarks.fem.calculix`, isosim's law at 3 x 3 Gauss points, plane strain,
fluid on the deformed top and bottom. Cells of the edge filling are absent: the gaps are empty, and the
surface above one meets the surface below without friction, by a penalty on its vertical distance g,

    force = k <-g>,   g = z of the upper point - z of the lower surface at the same x

which is the gradient of an energy: normal to the surface, in balance, with a symmetric derivative. The kink
of <-g> is rounded over `ROUNDING`, or points at the rim of the contact open and close for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from benchmarks.fem.calculix import Section
from isosim import law
from isosim.recipe import ROOM
from isosim.stack import SectionMesh, Stack

PENALTY = 1e15  # Pa/m: 120 MPa lets surfaces overlap by 0.12 um
TOLERANCE = 1e-7  # of the nodal forces of the fluid
ROUNDING = 1e-7  # m
ITERATIONS = 30
SEARCHES = (
    8  # iterations that look for the side beneath each point; later ones keep it, or points hop for ever
)
SMALLEST = 1e-6  # of the full pressure, for a step
Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # unknowns, nodal forces and their derivative, by element
NODES = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (0, -1), (1, 0), (0, 1), (-1, 0)], float)
GAUSS, WEIGHT = np.polynomial.legendre.leggauss(3)


def shapes(s: float, t: float) -> tuple[np.ndarray, np.ndarray]:
    """Shape functions (8,) of a cell and their derivatives (8, 2)."""
    a, b = NODES.T
    p, q = 1 + a * s, 1 + b * t
    corner = (a != 0) & (b != 0)
    value = np.where(
        corner, p * q * (a * s + b * t - 1) / 4, np.where(a == 0, (1 - s * s) * q / 2, p * (1 - t * t) / 2)
    )
    by_s = np.where(corner, a * q * (2 * a * s + b * t) / 4, np.where(a == 0, -s * q, a * (1 - t * t) / 2))
    by_t = np.where(corner, b * p * (2 * b * t + a * s) / 4, np.where(a == 0, b * (1 - s * s) / 2, -t * p))
    return value, np.stack([by_s, by_t], axis=1)


def line(s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shape functions (..., 3) of a side (ends, then middle) and their derivatives."""
    value = np.stack([s * (s - 1) / 2, s * (s + 1) / 2, 1 - s * s], axis=-1)
    return value, np.stack([s - 0.5, s + 0.5, -2 * s], axis=-1)


def rounded(g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """min(g, 0) with its kink rounded, and the derivative."""
    near = np.clip((ROUNDING - g) / (2 * ROUNDING), 0.0, 1.0)
    return np.where(g < -ROUNDING, g, -ROUNDING * near**2), near


@dataclass(frozen=True)
class Gap:
    """A rectangle of edge filling that was left out [m]."""

    inner: float
    outer: float
    bottom: float
    top: float

    @staticmethod
    def of(mesh: SectionMesh) -> list[Gap]:
        """All of a mesh, each as wide as its layers above and below reach; from the bottom up."""
        gaps: list[Gap] = []
        for column in np.unique(mesh.column[mesh.filling]):
            cells = np.flatnonzero(mesh.filling & (mesh.column == column))
            cells = cells[np.argsort(mesh.row[cells])]
            for run in np.split(cells, np.flatnonzero(np.diff(mesh.row[cells]) > 1) + 1):
                corners = mesh.points[mesh.cells[run]].reshape(-1, 2)
                (inner, bottom), (outer, top) = corners.min(axis=0), corners.max(axis=0)
                gaps.append(Gap(inner, outer, bottom, top))
        merged: dict[tuple[float, float], list[Gap]] = {}
        for gap in gaps:
            merged.setdefault((round(gap.bottom, 9), round(gap.top, 9)), []).append(gap)
        return [
            Gap(min(g.inner for g in part), max(g.outer for g in part), part[0].bottom, part[0].top)
            for _, part in sorted(merged.items())
        ]


@dataclass(frozen=True)
class Answer:
    """Displacements (nodes, 2) [m], F and P [Pa] at the Gauss points (elements, 9, 4): xx, xz, zx, zz."""

    section: Section
    u: np.ndarray
    F: np.ndarray
    P: np.ndarray


class NoContact(Exception):
    """No equilibrium was found beyond a pressure [Pa]."""

    def __init__(self, pressure: float):
        super().__init__(f"no equilibrium beyond {pressure / 1e6:.4g} MPa")
        self.pressure = pressure


class ContactSection:
    """Half a section with empty gaps, its edge held sideways or free."""

    def __init__(
        self, stack: Stack, mesh: SectionMesh, confined: bool = True, section: Section | None = None
    ):
        self.section = section = section or Section.of(mesh)
        corner = section.nodes[section.elements]
        size = corner[:, 2] - corner[:, 0]
        points = [(s, t) for t in GAUSS for s in GAUSS]
        self.weight = np.outer(size.prod(axis=1) / 4, [a * b for a in WEIGHT for b in WEIGHT])
        self.B = np.zeros((len(size), 9, 4, 16))
        for g, (s, t) in enumerate(points):
            slope = shapes(s, t)[1][None] * (2 / size)[:, None, :]
            for i in range(2):
                self.B[:, g, 2 * i : 2 * i + 2, i::2] = slope.transpose(0, 2, 1)
        self.dofs = np.stack([2 * section.elements, 2 * section.elements + 1], axis=-1).reshape(-1, 16)
        self.size = 2 * len(section.nodes)
        self.laws = [stack.materials[name].law for name in mesh.material_names]
        self.material = np.repeat(mesh.material[section.cell], 9)
        state = np.stack(
            [
                self.laws[material].initial_state(stack.layers[layer].porosity)
                for material, layer in zip(mesh.material[section.cell], mesh.layer[section.cell], strict=True)
            ]
        )
        self.state = self.trial = np.repeat(state, 9, axis=0)
        x, z = section.nodes.T
        held = [2 * section.at(0, 0.0), [2 * np.argmin(np.where(x < 1e-12, z, np.inf)) + 1]]
        held += [2 * section.at(0, x.max())] if confined else []
        self.free = np.setdiff1d(np.arange(self.size), np.concatenate(held))
        sides = lambda z, edge: section.sides(1, z, edge)  # noqa: E731
        bottom, top = section.elements[sides(z.min(), 0)], section.elements[sides(z.max(), 2)]
        self.pressed = np.concatenate([bottom[:, [0, 1, 4]], top[:, [2, 3, 6]]])
        self.pairs = []
        for gap in Gap.of(mesh):
            inside = lambda e, gap=gap: (x[e[:, 4]] > gap.inner) & (x[e[:, 4]] < gap.outer)  # noqa: E731
            upper, lower = section.elements[sides(gap.top, 0)], section.elements[sides(gap.bottom, 2)]
            upper, lower = upper[inside(upper)][:, [0, 1, 4]], lower[inside(lower)][:, [3, 2, 6]]
            self.pairs.append((upper[np.argsort(x[upper[:, 2]])], lower[np.argsort(x[lower[:, 2]])]))

    def solve(self, pressure: float, step: float, time: float = 1.0) -> Answer:
        """Raise the pressure [Pa] from zero at an even rate over `time` [s], in steps of at most `step` [Pa].

        Raises
        ------
        NoContact
            When steps become too small.
        """
        u, p, dp = np.zeros(self.size), 0.0, 2e-4 * pressure
        rate = np.zeros(self.size)
        while p < pressure * (1 - 1e-12):
            dp = min(dp, pressure - p, max(step, 0.0))
            for guess in (u + rate * dp, u):
                found = self._newton(guess, p + dp, time * dp / pressure)
                if found is not None:
                    break
            if found is None:
                dp, rate = dp / 3, 0 * rate
                if dp < SMALLEST * pressure:
                    raise NoContact(p)
                continue
            new, iterations = found
            rate, u, p = (new - u) / dp, new, p + dp
            self.state = self.trial
            dp *= 1.5 if iterations < 10 else 1.0
        return Answer(self.section, u.reshape(-1, 2), self.F, self.P)

    def gaps(self, u: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Per gap from the bottom: unpressed x [m] of its upper side, height left [m], pressure [Pa]."""
        out = []
        for upper, lower in self.pairs:
            which = self._beneath(upper, lower, u.ravel())
            g = self._gap(upper, lower, which, u.ravel())[0]
            x = np.einsum("gj,ej->eg", line(GAUSS)[0], self.section.nodes[upper, 0])
            out.append((x.ravel(), g.ravel(), -PENALTY * rounded(g.ravel())[0]))
        return out

    # ---- equilibrium -----------------------------------------------------------------------------

    def _newton(self, u: np.ndarray, p: float, dt: float) -> tuple[np.ndarray, int] | None:
        u = u.copy()
        for iteration in range(ITERATIONS):
            if iteration < SEARCHES:
                self.beneath = [self._beneath(upper, lower, u) for upper, lower in self.pairs]
            assembled = self._assemble(u, p, dt)
            if assembled is None:
                return None
            residual, matrix, scale = assembled
            if np.linalg.norm(residual[self.free]) <= TOLERANCE * scale:
                return u, iteration
            matrix = matrix[self.free][:, self.free].tocsc()
            change = np.zeros(self.size)
            change[self.free] = splu(matrix).solve(-residual[self.free])
            u += change * self._length(u, change)
        return None

    def _length(self, u: np.ndarray, change: np.ndarray) -> float:
        """What to go of a correction: less than a separator at once."""
        return min(1.0, 2e-5 / np.abs(change).max())

    def _assemble(self, u: np.ndarray, p: float, dt: float) -> tuple[np.ndarray, sp.csr_matrix, float] | None:
        F = np.einsum("egad,ed->ega", self.B, u[self.dofs]) + np.array([1.0, 0, 0, 1.0])
        found = self._respond(F, dt)
        if found is None:
            return None
        self.F, (self.P, A) = F, found
        inner = np.einsum("eg,ega,egad->ed", self.weight, self.P, self.B, optimize=True)
        stiff = np.einsum("eg,egad,egab,egbc->edc", self.weight, self.B, A, self.B, optimize=True)
        parts = [(self.dofs, inner, stiff), self._fluid(u, p)]
        parts += self._between(u)
        residual = np.zeros(self.size)
        for dofs, force, _ in parts:
            np.add.at(residual, dofs, force)
        width = [dofs.shape[1] for dofs, _, _ in parts]
        row = np.concatenate(
            [np.repeat(d, n, axis=1).ravel() for (d, _, _), n in zip(parts, width, strict=True)]
        )
        column = np.concatenate(
            [np.tile(d, (1, n)).ravel() for (d, _, _), n in zip(parts, width, strict=True)]
        )
        value = np.concatenate([part[2].ravel() for part in parts])
        push = np.zeros(self.size)
        np.add.at(push, parts[1][0], parts[1][1] / p)
        matrix = sp.coo_matrix((value, (row, column)), (self.size, self.size)).tocsr()
        return residual, matrix, float(np.linalg.norm(push) * max(p, 1e6))

    def _respond(self, F: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray] | None:
        """P (elements, 9, 4) and its derivative by F; None where a law gives up."""
        full = np.concatenate([F, np.ones((*F.shape[:2], 1))], axis=2).reshape(-1, 5)
        P, A, self.trial, status = law.advance(
            full, self.state, dt, ROOM, self.laws, self.material, law.PLANE
        )
        if (status < 0).any():
            return None
        shape = F.shape[:2]
        return P.reshape(*shape, 5)[..., :4], A.reshape(*shape, 5, 5)[..., :4, :4]

    def _between(self, u: np.ndarray) -> list[Part]:
        """What acts across the gaps."""
        return [self._touch(*pair, which, u) for pair, which in zip(self.pairs, self.beneath, strict=True)]

    def _fluid(self, u: np.ndarray, p: float) -> Part:
        side = self.pressed
        at = self.section.nodes[side] + u.reshape(-1, 2)[side]
        force, stiff = np.zeros((len(side), 3, 2)), np.zeros((len(side), 3, 2, 3, 2))
        for s, w in zip(GAUSS, WEIGHT, strict=True):
            N, dN = line(s)
            along = np.einsum("j,ejk->ek", dN, at)
            force += w * p * N[None, :, None] * np.stack([along[:, 1], -along[:, 0]], axis=1)[:, None, :]
            stiff[:, :, 0, :, 1] += w * p * np.outer(N, dN)
            stiff[:, :, 1, :, 0] -= w * p * np.outer(N, dN)
        dofs = np.stack([2 * side, 2 * side + 1], axis=-1).reshape(-1, 6)
        return dofs, force.reshape(-1, 6), stiff.reshape(-1, 6, 6)

    def _beneath(self, upper: np.ndarray, lower: np.ndarray, u: np.ndarray) -> np.ndarray:
        """The lower side beneath 3 points of every upper one."""
        at = self.section.nodes[:, 0] + u[::2]
        point = np.einsum("gj,ej->eg", line(GAUSS)[0], at[upper])
        return np.minimum(np.searchsorted(at[lower[:, 1]], point), len(lower) - 1)

    def _gap(
        self, upper: np.ndarray, lower: np.ndarray, which: np.ndarray, u: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """At these points: the vertical distance, and the place s on the side beneath."""
        at = self.section.nodes + u.reshape(-1, 2)
        point = np.einsum("gj,ejk->egk", line(GAUSS)[0], at[upper])
        on = at[lower[which]]
        s = np.zeros(which.shape)
        for _ in range(8):
            M, dM = line(s)
            x, by_s = np.einsum("egj,egj->eg", M, on[..., 0]), np.einsum("egj,egj->eg", dM, on[..., 0])
            s = np.clip(s - (x - point[..., 0]) / by_s, -2.0, 2.0)
        return point[..., 1] - np.einsum("egj,egj->eg", line(s)[0], on[..., 1]), s

    def _touch(self, upper: np.ndarray, lower: np.ndarray, which: np.ndarray, u: np.ndarray) -> Part:
        """Nodal forces of the contact and their exact derivative: upper points slide along lower sides."""
        g, s = self._gap(upper, lower, which, u)
        M, dM = line(s)
        on = (self.section.nodes + u.reshape(-1, 2))[lower[which]]
        x_s, z_s = np.einsum("egj,egjk->kegj", dM, on).sum(axis=-1)
        x_ss, z_ss = np.einsum("j,egjk->keg", np.array([1.0, 1.0, -2.0]), on)
        slope = z_s / x_s
        N = np.broadcast_to(line(GAUSS)[0], M.shape)
        normal = np.stack([-slope, np.ones_like(slope)], axis=-1)[..., None, :]
        along = np.stack([1.0 / x_s, np.zeros_like(slope)], axis=-1)[..., None, :]

        def vector(of_upper: np.ndarray, of_lower: np.ndarray) -> np.ndarray:
            return np.concatenate([of_upper, of_lower], axis=2).reshape(-1, 12)

        by_g = vector(N[..., None] * normal, -M[..., None] * normal)
        by_s = vector(N[..., None] * along, -M[..., None] * along)
        turn = vector(0.0 * N[..., None] * normal, dM[..., None] * normal)
        curve = (z_ss - slope * x_ss).ravel()[:, None, None]
        outer = lambda a, b: a[:, :, None] * b[:, None, :]  # noqa: E731
        second = -outer(by_s, turn) - outer(turn, by_s) - curve * outer(by_s, by_s)
        x = self.section.nodes[:, 0]
        weight = np.outer((x[upper[:, 1]] - x[upper[:, 0]]) / 2, WEIGHT)
        k = (PENALTY * weight).ravel()[:, None]
        force, stiffness = (value.ravel()[:, None] for value in rounded(g))
        nodes = np.concatenate([np.repeat(upper[:, None], 3, axis=1), lower[which]], axis=2).reshape(-1, 6)
        dofs = np.stack([2 * nodes, 2 * nodes + 1], axis=-1).reshape(-1, 12)
        stiff = k[..., None] * (stiffness[..., None] * outer(by_g, by_g) + force[..., None] * second)
        return dofs, k * force * by_g, stiff
