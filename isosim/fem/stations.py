"""Stations: the vertical lines of quadrature points through the stack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stations:
    """Where the vertical lines of points stand; the same on every rank.

    Station numbers run along x first. `place` (stations, 1 or 2) is the reference x or (x, y) [m]; `area`
    (stations,) the footprint that each stands for: a width [m] in a section, else an area [m2]; `along_x`
    the number of stations on a line along x; `extent` (1 or 2,) that of the body [m].
    """

    place: np.ndarray
    area: np.ndarray
    along_x: int
    extent: np.ndarray
    round_axis: bool

    @property
    def x(self) -> np.ndarray:
        """Distances from the centre along the first line [m], shape (along_x,)."""
        return self.place[: self.along_x, 0]

    @property
    def x_width(self) -> np.ndarray:
        """Width that each of them stands for [m], shape (along_x,)."""
        if self.round_axis:
            return self.area / (2.0 * np.pi * self.x)
        if self.place.shape[1] == 1:
            return self.area
        return self.area.reshape(-1, self.along_x).sum(axis=0) / self.extent[1]

    @property
    def y(self) -> np.ndarray:
        """Distances of the lines along x from the centre [m], of a solid."""
        return self.place[:: self.along_x, 1]

    @property
    def y_width(self) -> np.ndarray:
        """Width that each of those stands for [m]."""
        return self.area.reshape(-1, self.along_x).sum(axis=1) / self.extent[0]
