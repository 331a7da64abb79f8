"""Newton's method for one step of a pressed body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isosim.fem.linear import linear_solver
from isosim.fem.points import LawFailure, MaterialPoints
from isosim.fem.weak_form import WeakForm

MAX_ITERATIONS = 15
PATIENCE = 4  # iterations in a row that may pass without the residual falling to a half
MAX_HALVINGS = 5  # of a Newton correction that leads the law out of its range
TOLERANCE = 1e-7  # of the nodal forces of the fluid
LEAST_PRESSURE = 1e7  # [Pa] scale of the nodal forces where the fluid pressure vanishes


class NoConvergence(Exception):
    """Newton's method did not converge; the step must be cut."""


@dataclass(frozen=True)
class Load:
    """What is prescribed at the end of a step."""

    pressure: float  # [Pa]
    temperature: float  # [K]
    dt: float  # [s]


class Newton:
    """Solves one step from the accepted state of the points; leaves the solution in the weak form."""

    def __init__(self, form: WeakForm, points: MaterialPoints):
        self.form = form
        self.points = points
        self.solver = linear_solver(form.assemble_matrix(), form)
        form.set_load(1.0)
        self._unit_force = form.norm(form.push())

    def solve(self, load: Load) -> int:
        """Iterate from the present displacement to equilibrium; returns the number of iterations.

        Raises
        ------
        NoConvergence
            When the iterations run out, the residual is not finite, or the law fails.
        """
        form = self.form
        form.set_load(load.pressure)
        self.points.pressure = load.pressure
        tolerance = TOLERANCE * self._unit_force * max(load.pressure, LEAST_PRESSURE)
        try:
            residual, end = self._evaluate(load)
        except LawFailure as failure:
            raise NoConvergence(str(failure)) from failure
        sizes: list[float] = []
        while True:
            sizes.append(float(np.hypot(form.norm(residual), end)))
            if not np.isfinite(sizes[-1]):
                raise NoConvergence("the residual is not finite")
            if sizes[-1] <= tolerance:
                return len(sizes) - 1
            if len(sizes) > MAX_ITERATIONS or _stagnates(sizes):
                left = sizes[-1] / tolerance * TOLERANCE
                raise NoConvergence(f"{len(sizes)} iterations left a residual of {left:.1e} of the load")
            residual, end = self._correct(load, residual)

    def _evaluate(self, load: Load) -> tuple[np.ndarray, float]:
        form = self.form
        self.points.update(form.deformation(), load.dt, load.temperature, form.stress, form.stress_tangent)
        end = form.end_force() if form.free_along else 0.0
        return form.residual(), end

    def _correct(self, load: Load, residual: np.ndarray) -> tuple[np.ndarray, float]:
        form = self.form
        form.assemble_matrix()
        self.solver.factorise()
        change = 0.0
        if form.free_along:
            correction, change = self.solver.solve_bordered(-residual, form.border())
        else:
            correction = self.solver.solve(-residual)
        correction = form.spread(correction)
        before, stretch = form.u.x.array.copy(), form.stretch
        fraction = 1.0
        for _ in range(MAX_HALVINGS):
            form.u.x.array[:] = before + fraction * correction
            form.stretch = stretch + fraction * change
            try:
                return self._evaluate(load)
            except LawFailure:
                fraction *= 0.5
        raise NoConvergence("the law fails along the whole Newton correction")


def _stagnates(sizes: list[float]) -> bool:
    """Whether the last iterations gained nothing: points that yield and unyield in turn."""
    return len(sizes) > 2 * PATIENCE and min(sizes[-PATIENCE:]) > 0.5 * min(sizes[:-PATIENCE])
