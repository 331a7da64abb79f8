"""First guess of every step: the middle of a wide cell moves as its column does."""

from __future__ import annotations

import numpy as np

from isosim import column
from isosim.errors import SolverError
from isosim.recipe import Schedule
from isosim.stack import Stack


class Guide:
    """The column's answer to the planned steps, laid over the nodes of the body.

    Parameters
    ----------
    stack, schedule, pressed, lateral
        As for `isosim.fem.run`.
    nodes
        Unpressed positions [m], shape (n, 2 or 3): from the symmetry planes outwards, last upwards.
    """

    def __init__(self, stack: Stack, schedule: Schedule, pressed: set[str], lateral: str, nodes: np.ndarray):
        try:
            path = column.run(stack, schedule, lateral, edge_pressure="edge" in pressed)
        except SolverError as error:  # the section may still go on: it has other ways to move
            path = error.partial
        height = np.array([layer.thickness for layer in reversed(stack.layers)])
        bottom = np.concatenate([[0.0], np.cumsum(height)])
        self._in_plane = nodes[:, :-1]
        self._layer = np.clip(np.searchsorted(bottom, nodes[:, -1], "right") - 1, 0, len(height) - 1)
        self._part = (nodes[:, -1] - bottom[self._layer]) / height[self._layer]
        strains = np.stack([path.lateral_strain_x.values, path.lateral_strain_y.values], axis=1)
        self._numbers = np.hstack([strains, path.thickness.values[:, ::-1] - height])

    def numbers(self, place: float) -> np.ndarray:
        """Lateral strains, and thickness change [m] of every layer from the bottom up.

        A place in the schedule is the number of a row, with a fraction between rows; shape (2 + layers,).
        """
        last = len(self._numbers) - 1
        row = min(int(place), last)
        following = self._numbers[min(row + 1, last)]
        return self._numbers[row] + (place - int(place)) * (following - self._numbers[row])

    def displacement(self, numbers: np.ndarray) -> np.ndarray:
        """Displacement of the nodes (dofs,) and, last, the stretch along the cell."""
        thicker = numbers[2:]
        risen = np.concatenate([[0.0], np.cumsum(thicker)])
        moved = np.expm1(numbers[: self._in_plane.shape[1]]) * self._in_plane
        up = risen[self._layer] + self._part * thicker[self._layer]
        return np.append(np.column_stack([moved, up]).ravel(), np.exp(numbers[1]))
