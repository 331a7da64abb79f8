"""Weak form of a pressed section, with the stress and its tangent given at the quadrature points.

Unknowns are the displacement u(x, z) of the cut and, in generalised plane strain, one stretch `ly`
along the cell (theory (22)). With F2 = 1 + grad u and outward reference normal N the residual is

    R_u  = int P : grad v dA + p ly int v . cof(F2) N ds
    R_ly = int P_yy dA + p_end int det F2 dA

so that fluid pressure acts on the deformed surface and on the end faces of the cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dolfinx.fem.petsc as fem_petsc
import numpy as np
import ufl
from dolfinx import fem
from petsc4py import PETSc

from isosim.fem import compat
from isosim.fem.section_mesh import PRESSED, QUADRATURE_DEGREE, Section

COMPONENTS = 5  # xx, xz, zx, zz, yy: isosim.law.PLANE


@dataclass(frozen=True)
class Border:
    """The row and column that the stretch along the cell adds to the linear system."""

    column: np.ndarray  # dR_u/d ly
    row: np.ndarray  # dR_ly/d u
    corner: float  # dR_ly/d ly
    residual: float  # R_ly


class WeakForm:
    """Assembles residual and tangent of one section.

    Parameters
    ----------
    section
        The meshed section.
    pressed
        Outer faces that carry fluid pressure, of "top", "bottom", "edge".
    free_along
        True for generalised plane strain: the stretch along the cell is an unknown.
    confined
        True if the edge may not move sideways.
    """

    def __init__(self, section: Section, pressed: set[str], free_along: bool, confined: bool):
        mesh = section.mesh
        self.section = section
        self.free_along = free_along
        self.space = compat.vector_space(mesh, 2)
        self.u = fem.Function(self.space)
        self._scalars = fem.Constant(mesh, np.array([1.0, 0.0, 0.0], PETSc.ScalarType))
        self.edge_is_pressed = "edge" in pressed
        points, weights = compat.quadrature_rule(QUADRATURE_DEGREE)
        self.points_per_cell = len(weights)
        self._stress = fem.Function(compat.quadrature_space(mesh, COMPONENTS, QUADRATURE_DEGREE))
        self._tangent = fem.Function(compat.quadrature_space(mesh, COMPONENTS**2, QUADRATURE_DEGREE))
        self.bcs = self._boundary_conditions(pressed, confined)
        self.fixed = np.unique(np.concatenate([bc.dof_indices()[0] for bc in self.bcs]))
        self._compile(points, pressed)

    def _compile(self, points: np.ndarray, pressed: set[str]) -> None:
        # Written out in components and with one Constant: UFL orders operands by counters of free indices and
        # constants, and a form whose operands change places is compiled anew in every process.
        section, mesh = self.section, self.section.mesh
        v, du = ufl.TestFunction(self.space), ufl.TrialFunction(self.space)
        stretch, pressure, end_pressure = (self._scalars[i] for i in range(3))
        dx = ufl.Measure(
            "dx",
            domain=mesh,
            metadata={"quadrature_degree": QUADRATURE_DEGREE, "quadrature_scheme": "default"},
        )
        ds = ufl.Measure(
            "ds", domain=mesh, subdomain_data=section.tag(pressed), metadata={"quadrature_degree": 4}
        )(PRESSED)
        flat = lambda w: [ufl.grad(w)[i, j] for i in range(2) for j in range(2)]  # noqa: E731
        P, A = self._stress, self._tangent
        F2 = ufl.Identity(2) + ufl.grad(self.u)
        cofactor = [F2[1, 1], -F2[1, 0], -F2[0, 1], F2[0, 0]]
        N = ufl.FacetNormal(mesh)
        area = [cofactor[2 * i] * N[0] + cofactor[2 * i + 1] * N[1] for i in range(2)]
        push = pressure * (v[0] * area[0] + v[1] * area[1]) * ds
        load = stretch * push
        residual = sum(P[i] * g for i, g in enumerate(flat(v))) * dx + load
        tangent = sum(
            A[COMPONENTS * i + j] * gv * gu for i, gv in enumerate(flat(v)) for j, gu in enumerate(flat(du))
        ) * dx + ufl.derivative(load, self.u, du)
        self._residual_form = fem.form(residual)
        self._tangent_form = fem.form(tangent)
        self._push_form = fem.form(push)
        self._deformation = fem.Expression(
            ufl.as_vector([F2[i, j] for i in range(2) for j in range(2)]), points
        )
        self.matrix = fem_petsc.create_matrix(self._tangent_form)
        self._vector = compat.create_vector(self._residual_form, self.space)
        if self.free_along:
            y = COMPONENTS - 1
            column = sum(A[COMPONENTS * i + y] * g for i, g in enumerate(flat(v))) * dx + push
            end = sum(end_pressure * c * g for c, g in zip(cofactor, flat(v), strict=True))
            row = sum(A[COMPONENTS * y + j] * g for j, g in enumerate(flat(v))) * dx + end * dx
            self._column_form, self._row_form = fem.form(column), fem.form(row)
            self._corner_form = fem.form(A[COMPONENTS * y + y] * dx)
            self._end_form = fem.form((P[y] + end_pressure * ufl.det(F2)) * dx)

    def _boundary_conditions(self, pressed: set[str], confined: bool) -> list[Any]:
        section, space = self.section, self.space
        small = 1e-9 * section.width

        def fix(component: int, marker: Any) -> Any:
            sub, _ = space.sub(component).collapse()
            dofs = fem.locate_dofs_geometrical((space.sub(component), sub), marker)
            return fem.dirichletbc(fem.Function(sub), dofs, space.sub(component))

        bcs = [fix(0, lambda X: X[0] < small)]
        if "bottom" in pressed:  # nothing holds the cell: take away the rigid motion only
            bcs.append(fix(1, lambda X: (X[0] < small) & (X[1] < small)))
        else:
            bcs.append(fix(1, lambda X: X[1] < small))
        if confined:
            bcs.append(fix(0, lambda X: X[0] > section.width - small))
        return bcs

    @property
    def stretch(self) -> float:
        """Stretch along the cell; 1 in plane strain."""
        return float(self._scalars.value[0].real)

    @stretch.setter
    def stretch(self, value: float) -> None:
        self._scalars.value[0] = value

    # ---- the quadrature points -------------------------------------------------------------------

    @property
    def stress(self) -> np.ndarray:
        """View of P at the quadrature points, shape (cells * points, 5) [Pa]."""
        return self._stress.x.array.reshape(-1, COMPONENTS)

    @property
    def stress_tangent(self) -> np.ndarray:
        """View of dP/dF at the quadrature points, shape (cells * points, 5, 5) [Pa]."""
        return self._tangent.x.array.reshape(-1, COMPONENTS, COMPONENTS)

    def deformation(self) -> np.ndarray:
        """Deformation gradient at the points, ordered as `isosim.law.PLANE`; shape (cells * points, 5)."""
        values = compat.evaluate(self._deformation, self.section.mesh, self.section.cells)
        F = np.empty((values.size // 4, COMPONENTS))
        F[:, :4] = values.reshape(-1, 4)
        F[:, 4] = self.stretch
        return F

    # ---- assembly --------------------------------------------------------------------------------

    def set_load(self, pressure: float) -> None:
        """Fluid pressure [Pa], positive in compression."""
        self._scalars.value[1] = pressure
        self._scalars.value[2] = pressure if self.edge_is_pressed else 0.0

    def residual(self) -> np.ndarray:
        """Residual of the displacements, zero where they are prescribed; shape (dofs,)."""
        return self._free(self._assemble(self._residual_form))

    def push(self) -> np.ndarray:
        """Nodal forces of the present fluid pressure on the present surface; shape (dofs,)."""
        return self._free(self._assemble(self._push_form))

    def assemble_matrix(self) -> PETSc.Mat:
        """Tangent of the displacements, with identity rows where they are prescribed."""
        self.matrix.zeroEntries()
        fem_petsc.assemble_matrix(self.matrix, self._tangent_form, bcs=self.bcs)
        self.matrix.assemble()
        return self.matrix

    def border(self) -> Border:
        """Row, column and residual of the stretch along the cell."""
        return Border(
            column=self._free(self._assemble(self._column_form)),
            row=self._free(self._assemble(self._row_form)),
            corner=float(fem.assemble_scalar(self._corner_form)),
            residual=self.end_force(),
        )

    def end_force(self) -> float:
        """Residual force on the end faces of the cell, for half the width [N]."""
        return float(fem.assemble_scalar(self._end_form))

    def _assemble(self, form: Any) -> np.ndarray:
        with self._vector.localForm() as local:
            local.set(0.0)
        fem_petsc.assemble_vector(self._vector, form)
        return self._vector.array.copy()

    def _free(self, values: np.ndarray) -> np.ndarray:
        values[self.fixed] = 0.0
        return values
