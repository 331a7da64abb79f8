"""The linearised body, bordered by the stretch along the cell where that is free."""

from __future__ import annotations

import numpy as np

from isosim.fem.linear import linear_solver
from isosim.fem.weak_form import WeakForm


class Tangent:
    """Tangent where it was last taken over, for as many corrections as are asked of it; collective.

    The bordered system is eliminated by hand: the border costs one solution when it is taken over, nothing
    with each correction.
    """

    def __init__(self, form: WeakForm):
        self._form = form
        self.solver = linear_solver(form)

    def take_over(self) -> None:
        """Be the tangent at the present state of the form.

        Raises
        ------
        IterationsExhausted
            When the linear solver gives up, here and in `correction`.
        """
        form = self._form
        self.solver.factorise()
        if form.free_along:
            self._border = form.border()
            self._across = self.solver.solve(self._border.column)
            self._pivot = self._border.corner - form.dot(self._border.row, self._across)

    def correction(self, nodal: np.ndarray, end: float) -> tuple[np.ndarray, float]:
        """Change of the owned displacements and of the stretch that takes the residual (nodal, end) away."""
        found = self.solver.solve(-nodal)
        if not self._form.free_along:
            return found, 0.0
        change = -(end + self._form.dot(self._border.row, found)) / self._pivot
        return found - self._across * change, float(change)
