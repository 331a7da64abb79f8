"""Weak form of a pressed stack, with the stress and its tangent given at the quadrature points.

Unknowns are the displacement u and, in a section under generalised plane strain, one stretch `ly` along the
cell (theory (22)). With the components of F that the law sees, their change G(v) for a test function v and
the outward reference normal N the residual is

    R_u = int P . G(v) dV + p int v . cof(F) N dA

so that fluid pressure acts on the deformed surface, and in a section, with F2 the part of F in the cut,

    R_ly = int P_yy dA + p_end int det F2 dA

so that it also acts on the end faces of the cell.
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
from isosim.fem.body import PRESSED, QUADRATURE_DEGREE, Body


@dataclass(frozen=True)
class Border:
    """The row and column that the stretch along the cell adds to the linear system."""

    column: np.ndarray  # dR_u/d ly
    row: np.ndarray  # dR_ly/d u
    corner: float  # dR_ly/d ly


class WeakForm:
    """Assembles residual and tangent of one body; collective over its ranks.

    Vectors of residuals and corrections hold the degrees of freedom that this rank owns; `u` also has those
    of its neighbours that it sees (`spread`).

    Parameters
    ----------
    body
        The meshed stack.
    pressed
        Outer faces that carry fluid pressure, of "top", "bottom", "edge".
    lateral
        "free"; "one direction" for no strain along the cell (section) or along y (solid); "confined" if the
        edge may not move sideways either.
    """

    def __init__(self, body: Body, pressed: set[str], lateral: str = "free"):
        mesh, components = body.mesh, len(body.kinematics.components)
        self.body = body
        self.free_along = body.kinematics.fidelity == "section" and lateral == "free"
        self.space = compat.vector_space(mesh, 2)
        self.u = fem.Function(self.space)
        self._work = fem.Function(self.space)
        dofs = self.space.dofmap
        self.owned = dofs.index_map.size_local * dofs.index_map_bs
        self.size = dofs.index_map.size_global * dofs.index_map_bs
        self._scalars = fem.Constant(mesh, np.array([1.0, 0.0, 0.0], PETSc.ScalarType))
        self.pressed = pressed
        points, weights = compat.quadrature_rule(mesh, QUADRATURE_DEGREE)
        self.points_per_cell = len(weights)
        self._stress = fem.Function(compat.quadrature_space(mesh, components, QUADRATURE_DEGREE))
        self._tangent = fem.Function(compat.quadrature_space(mesh, components**2, QUADRATURE_DEGREE))
        self.bcs = self._boundary_conditions(pressed, lateral)
        fixed = np.unique(np.concatenate([bc.dof_indices()[0] for bc in self.bcs]))
        self.fixed = fixed[fixed < self.owned]
        self._matrix: PETSc.Mat | None = None
        self._compile(points, pressed)

    def _compile(self, points: np.ndarray, pressed: set[str]) -> None:
        # With one Constant: UFL orders constants by their counters, and a form whose operands change places
        # is compiled anew in every process.
        body, mesh, kinematics = self.body, self.body.mesh, self.body.kinematics
        v, du = ufl.TestFunction(self.space), ufl.TrialFunction(self.space)
        stretch, pressure, end_pressure = (self._scalars[i] for i in range(3))
        X, N = ufl.SpatialCoordinate(mesh), ufl.FacetNormal(mesh)
        degree = {"quadrature_degree": QUADRATURE_DEGREE, "quadrature_scheme": "default"}
        dx = ufl.Measure("dx", domain=mesh, metadata=degree)
        ds = ufl.Measure(
            "ds",
            domain=mesh,
            subdomain_data=body.tag(pressed),
            metadata={"quadrature_degree": kinematics.facet_degree},
        )(PRESSED)
        weight, P, A = kinematics.weight(X), self._stress, self._tangent
        width = len(kinematics.components)
        F = kinematics.deformation(self.u, X, stretch)
        gv, gu = kinematics.changes(v, X), kinematics.changes(du, X)

        def push(F: list[Any]) -> Any:
            return pressure * weight * sum(v[i] * a for i, a in enumerate(kinematics.area(F, N))) * ds

        load = push(F)
        residual = weight * sum(P[i] * g for i, g in enumerate(gv)) * dx + load
        stiffness = sum(A[width * i + j] * g * h for i, g in enumerate(gv) for j, h in enumerate(gu))
        self._residual_form = fem.form(residual)
        self._tangent_form = fem.form(weight * stiffness * dx + ufl.derivative(load, self.u, du))
        self._push_form = fem.form(load)
        self._deformation = fem.Expression(ufl.as_vector(F), points)
        self._vector = compat.create_vector(self._residual_form, self.space)
        if self.free_along:
            y = width - 1
            cofactor = kinematics.plane_cofactor(F)
            column = sum(A[width * i + y] * g for i, g in enumerate(gv)) * dx + push([*F[:y], 1.0])
            end = sum(end_pressure * c * g for c, g in zip(cofactor, gv, strict=True))
            row = sum(A[width * y + j] * g for j, g in enumerate(gv)) * dx + end * dx
            self._column_form, self._row_form = fem.form(column), fem.form(row)
            self._corner_form = fem.form(A[width * y + y] * dx)
            self._end_form = fem.form((P[y] + end_pressure * (F[0] * F[3] - F[1] * F[2])) * dx)

    def _boundary_conditions(self, pressed: set[str], lateral: str) -> list[Any]:
        space, face = self.space, self.body.face

        def fix(component: int, marker: Any) -> Any:
            sub, _ = space.sub(component).collapse()
            dofs = fem.locate_dofs_geometrical((space.sub(component), sub), marker)
            return fem.dirichletbc(fem.Function(sub), dofs, space.sub(component))

        up = self.body.kinematics.dimension - 1
        planes = ["x", "y"][:up]
        bcs = [fix(component, face(plane)) for component, plane in enumerate(planes)]
        if "bottom" in pressed:  # nothing holds the cell: take away the rigid motion only
            at = [face(name) for name in (*planes, "bottom")]
            bcs.append(fix(up, lambda X: np.all([near(X) for near in at], axis=0)))
        else:
            bcs.append(fix(up, face("bottom")))
        held = {"free": [], "one direction": planes[1:], "confined": planes}[lateral]
        bcs += [fix("xy".index(axis), face(f"{axis} edge")) for axis in held]
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
        """View of P at the quadrature points, shape (cells * points, components) [Pa]."""
        return self._stress.x.array.reshape(-1, len(self.body.kinematics.components))

    @property
    def stress_tangent(self) -> np.ndarray:
        """View of dP/dF at the quadrature points, shape (cells * points, components, components) [Pa]."""
        count = len(self.body.kinematics.components)
        return self._tangent.x.array.reshape(-1, count, count)

    def deformation(self) -> np.ndarray:
        """Deformation gradient at the points, shape (cells * points, components)."""
        values = compat.evaluate(self._deformation, self.body.mesh, self.body.cells)
        return values.reshape(-1, len(self.body.kinematics.components))

    # ---- assembly --------------------------------------------------------------------------------

    def set_load(self, pressure: float) -> None:
        """Fluid pressure [Pa], positive in compression."""
        self._scalars.value[1] = pressure
        self._scalars.value[2] = pressure if "edge" in self.pressed else 0.0

    @property
    def pressure(self) -> float:
        """The fluid pressure that was set [Pa]."""
        return float(self._scalars.value[1].real)

    def residual(self) -> np.ndarray:
        """Residual of the displacements, zero where they are prescribed; shape (owned,)."""
        return self._free(self._assemble(self._residual_form))

    def push(self) -> np.ndarray:
        """Nodal forces of the present fluid pressure on the present surface; shape (owned,)."""
        return self._free(self._assemble(self._push_form))

    def assemble_matrix(self) -> PETSc.Mat:
        """Tangent of the displacements, with identity rows where they are prescribed; one matrix for all."""
        if self._matrix is None:
            self._matrix = fem_petsc.create_matrix(self._tangent_form)
        self._matrix.zeroEntries()
        fem_petsc.assemble_matrix(self._matrix, self._tangent_form, bcs=self.bcs)
        self._matrix.assemble()
        return self._matrix

    def border(self) -> Border:
        """Row and column of the stretch along the cell."""
        return Border(
            column=self._free(self._assemble(self._column_form)),
            row=self._free(self._assemble(self._row_form)),
            corner=self._sum(self._corner_form),
        )

    def end_force(self) -> float:
        """Residual force on the end faces of the cell, for half the width [N]."""
        return self._sum(self._end_form)

    def norm(self, values: np.ndarray) -> float:
        """Euclidean norm of a vector of owned degrees of freedom over all ranks."""
        return float(np.sqrt(self.dot(values, values)))

    def dot(self, values: np.ndarray, others: np.ndarray) -> float:
        """Product of two vectors of owned degrees of freedom over all ranks."""
        return float(self.body.comm.allreduce(float(values @ others)))

    def spread(self, values: np.ndarray) -> np.ndarray:
        """A vector of owned degrees of freedom with those of other ranks appended, as in `u.x.array`."""
        self._work.x.array[: self.owned] = values
        self._work.x.scatter_forward()
        return self._work.x.array.copy()

    def gather(self, values: np.ndarray) -> np.ndarray:
        """The sum over all ranks of a vector laid out as in `u.x.array`, at the owned degrees of freedom."""
        with self._vector.localForm() as local:
            local.array[:] = values
        self._vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return self._vector.array.copy()

    def destroy(self) -> None:
        """Free what PETSc holds, in the same order on every rank, or exit hangs under MPI."""
        self._vector.destroy()
        if self._matrix is not None:
            self._matrix.destroy()

    def _sum(self, form: Any) -> float:
        return float(self.body.comm.allreduce(fem.assemble_scalar(form)))

    def _assemble(self, form: Any) -> np.ndarray:
        with self._vector.localForm() as local:
            local.set(0.0)
        fem_petsc.assemble_vector(self._vector, form)
        self._vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return self._vector.array.copy()

    def _free(self, values: np.ndarray) -> np.ndarray:
        values[self.fixed] = 0.0
        return values
