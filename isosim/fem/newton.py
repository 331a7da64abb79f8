"""Newton's method for one step of a pressed body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isosim.fem.linear import linear_solver
from isosim.fem.multigrid import IterationsExhausted
from isosim.fem.points import LawFailure, MaterialPoints
from isosim.fem.weak_form import WeakForm

MAX_ITERATIONS = 25
PATIENCE = 6  # iterations in a row that may pass without the residual falling to a half
GROWTH = 1.2  # that a correction may make the residual grow; more, and the correction is halved
HARMLESS = 2e-2  # residual, of the load, that a correction may always leave: points yield and unyield
MAX_HALVINGS = 5
TOLERANCE = 1e-5  # of the nodal forces of the fluid
LEAST_PRESSURE = 1e7  # [Pa] scale of the nodal forces where the fluid pressure vanishes


class NoConvergence(Exception):
    """Newton's method did not converge; the step must be cut."""


@dataclass(frozen=True)
class Load:
    """What is prescribed at the end of a step."""

    pressure: float  # [Pa]
    temperature: float  # [K]
    dt: float  # [s]


@dataclass(frozen=True)
class Residual:
    """What is out of balance."""

    nodal: np.ndarray  # forces (dofs,) [N/m]
    end: float  # force on the end faces of the cell [N]
    size: float  # norm of both, in nodal forces of the fluid


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
        self.form.set_load(load.pressure)
        self.points.pressure = load.pressure
        try:
            residual = self._evaluate(load)
        except LawFailure as failure:
            raise NoConvergence(str(failure)) from failure
        sizes = [residual.size]
        while not sizes[-1] <= TOLERANCE:  # nan too
            if not np.isfinite(sizes[-1]):
                raise NoConvergence("the residual is not finite")
            if len(sizes) > MAX_ITERATIONS or _stagnates(sizes):
                raise NoConvergence(f"{len(sizes)} iterations left a residual of {sizes[-1]:.1e} of the load")
            residual = self._correct(load, residual, max(GROWTH * sizes[-1], HARMLESS))
            sizes.append(residual.size)
        return len(sizes) - 1

    def _evaluate(self, load: Load) -> Residual:
        form = self.form
        self.points.update(form.deformation(), load.dt, load.temperature, form.stress, form.stress_tangent)
        end = form.end_force() if form.free_along else 0.0
        nodal = form.residual()
        scale = self._unit_force * max(load.pressure, LEAST_PRESSURE)
        return Residual(nodal, end, float(np.hypot(form.norm(nodal), end)) / scale)

    def _correct(self, load: Load, residual: Residual, most: float) -> Residual:
        """Correct the unknowns by as much of Newton's as leaves a residual of `most` at most."""
        form = self.form
        form.assemble_matrix()
        self.solver.factorise()
        change = 0.0
        try:
            if form.free_along:
                correction, change = self.solver.solve_bordered(-residual.nodal, form.border())
            else:
                correction = self.solver.solve(-residual.nodal)
        except IterationsExhausted as failure:
            raise NoConvergence(f"the linear solver: {failure}") from failure
        correction = form.spread(correction)
        before, stretch = form.u.x.array.copy(), form.stretch
        why = f"each of them left more than a residual of {most:.1e} of the load"
        for halvings in range(MAX_HALVINGS + 1):
            fraction = 0.5**halvings
            form.u.x.array[:] = before + fraction * correction
            form.stretch = stretch + fraction * change
            try:
                after = self._evaluate(load)
            except LawFailure as failure:
                why = str(failure)
                continue
            if after.size <= most:
                return after
        raise NoConvergence(f"{MAX_HALVINGS} halvings of a Newton correction were not enough: {why}")


def _stagnates(sizes: list[float]) -> bool:
    """Whether the last iterations gained nothing: points that yield and unyield in turn."""
    return len(sizes) > 2 * PATIENCE and min(sizes[-PATIENCE:]) > 0.5 * min(sizes[:-PATIENCE])
