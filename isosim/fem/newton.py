"""Newton's method for one step of a pressed body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isosim.fem.multigrid import IterationsExhausted
from isosim.fem.points import LawFailure, MaterialPoints
from isosim.fem.tangent import Tangent
from isosim.fem.weak_form import WeakForm

MAX_ITERATIONS = 25
PATIENCE = 6  # iterations in a row that may pass without the residual falling to a half
LEFT = 0.5  # of the work of the residual along a correction, that may be left
MAX_TRIALS = 6  # of a part of one correction
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
    """Solves one step from the accepted state of the points; leaves the solution in the weak form.

    A tangent is kept for one more correction where that, as good as the last one, ends the step.
    """

    def __init__(self, form: WeakForm, points: MaterialPoints):
        self.form = form
        self.points = points
        self.tangent = Tangent(form)
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
        sizes, expected = [residual.size], np.inf
        while not sizes[-1] <= TOLERANCE:  # nan too
            if not np.isfinite(sizes[-1]):
                raise NoConvergence("the residual is not finite")
            if len(sizes) > MAX_ITERATIONS or _stagnates(sizes):
                raise NoConvergence(f"{len(sizes)} iterations left a residual of {sizes[-1]:.1e} of the load")
            residual = self._correct(load, residual, keep=expected <= TOLERANCE)
            sizes.append(residual.size)
            expected = sizes[-1] ** 2 / sizes[-2]
        return len(sizes) - 1

    def _evaluate(self, load: Load) -> Residual:
        form = self.form
        self.points.update(form.deformation(), load.dt, load.temperature, form.stress, form.stress_tangent)
        end = form.end_force() if form.free_along else 0.0
        nodal = form.residual()
        scale = self._unit_force * max(load.pressure, LEAST_PRESSURE)
        return Residual(nodal, end, float(np.hypot(form.norm(nodal), end)) / scale)

    def _correct(self, load: Load, residual: Residual, keep: bool) -> Residual:
        """Correct the unknowns by as much of Newton's correction as is worth while; `keep` the tangent.

        Yield is a kink of the response, and whole corrections can run to and fro over the kinks of thin foils
        for ever. A step is nearly the minimum of an energy: the slope of that along the correction is the
        work of the residual, and the search for its zero ends when half of it is gone (Matthies & Strang
        1979, doi 10.1002/nme.1620141104).
        """
        form = self.form
        try:
            if not keep:
                self.points.convexify(form.stress_tangent)
                self.tangent.take_over()
            correction, change = self.tangent.correction(residual.nodal, residual.end)
        except IterationsExhausted as failure:
            raise NoConvergence(f"the linear solver: {failure}") from failure
        before, stretch, whole = form.u.x.array.copy(), form.stretch, form.spread(correction)
        slope = self._work(residual, correction, change)
        near, far, fraction = (0.0, 1.0), None, 1.0  # fractions with the part of the slope left there
        found, why = None, ""
        for _ in range(MAX_TRIALS):
            form.u.x.array[:] = before + fraction * whole
            form.stretch = stretch + fraction * change
            try:
                found = self._evaluate(load)
            except LawFailure as failure:
                found, why, far = None, str(failure), None
                fraction = 0.5 * (near[0] + fraction)
                continue
            left = self._work(found, correction, change) / slope
            if abs(left) <= LEFT or (left > 0.0 and far is None) or found.size <= TOLERANCE:
                return found
            near, far = ((fraction, left), far) if left > 0.0 else (near, (fraction, left))
            assert far is not None
            step = far[0] - near[0]
            fraction = near[0] + step * min(max(near[1] / (near[1] - far[1]), 0.1), 0.9)
        if found is None:
            raise NoConvergence(f"{MAX_TRIALS} ever smaller parts of a Newton correction failed: {why}")
        return found

    def _work(self, residual: Residual, correction: np.ndarray, change: float) -> float:
        """What the forces out of balance do along a correction [N for one metre of a section]."""
        return self.form.dot(residual.nodal, correction) + residual.end * change


def _stagnates(sizes: list[float]) -> bool:
    """Whether the last iterations gained nothing: points that yield and unyield in turn."""
    return len(sizes) > 2 * PATIENCE and min(sizes[-PATIENCE:]) > 0.5 * min(sizes[:-PATIENCE])
