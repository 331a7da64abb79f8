"""From quadrature points to layer means and profiles."""

from __future__ import annotations

import numpy as np

from isosim import law
from isosim.fem.section_mesh import QuadraturePoints
from isosim.stack import Stack

MEANS = ("thickness", "porosity", "axial_pressure", "stress_x", "stress_y", "plastic_strain")
PROFILES = ("thickness", "porosity", "axial_pressure", "plastic_strain", "strain_x", "strain_y")


class Readings:
    """Averages point values over layers (reference area) and over vertical lines of points (stations)."""

    def __init__(self, stack: Stack, points: QuadraturePoints):
        self._where = points
        self._initial_thickness = np.array([layer.thickness for layer in stack.layers])
        inside = points.layer.ravel() >= 0
        self._inside = np.flatnonzero(inside)
        self._layer = points.layer.ravel()[inside]
        self._station = points.station.ravel()[inside]
        self._area = points.area.ravel()[inside]
        self._shape = (len(stack.layers), len(points.station_x))
        self._line = self._layer * self._shape[1] + self._station
        self._layer_area = np.bincount(self._layer, self._area, self._shape[0])
        self._line_area = np.bincount(self._line, self._area, self._shape[0] * self._shape[1])

    @staticmethod
    def fields(
        F: np.ndarray, stress: np.ndarray, state: np.ndarray, parameters: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Point values by name from F (n, 5), P (n, 5) [Pa], state and parameters, shape (n,) each.

        Thickness is relative to the unpressed one. It, the pressure and the stress along the cut are those of
        the layer as it lies, square to it and along it: a flap or a curled cell is tilted.
        """
        xx, xz, zx, zz, yy = F.T
        area = xx * zz - xz * zx
        along = np.hypot(xx, zx)
        t_x, t_z = xx / along, zx / along  # direction of the layer; its normal is (-t_z, t_x)
        P_xx, P_xz, P_zx, P_zz, P_yy = stress.T
        normal = t_x * P_zz - t_z * P_xz
        pull = (t_x * P_xx + t_z * P_zx) * along + (t_x * P_xz + t_z * P_zz) * (t_x * xz + t_z * zz)
        return {
            "thickness": area / along,
            "porosity": law.porosity(state, parameters),
            "axial_pressure": -normal / (along * yy),
            "stress_x": pull / (area * yy),
            "stress_y": P_yy / area,
            "plastic_strain": state[:, -1],
            "strain_x": np.log(along),
            "strain_y": np.log(yy),
        }

    def means(self, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Layer means, shape (layers,) each."""
        weigh = lambda value: np.bincount(self._layer, self._area * value[self._inside], self._shape[0])  # noqa: E731
        means = {name: weigh(fields[name]) / self._layer_area for name in MEANS}
        means["thickness"] *= self._initial_thickness
        return means

    def profiles(self, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Values by layer and station, shape (layers, stations) each; NaN where a layer does not reach."""
        profiles = {}
        for name in PROFILES:
            total = np.bincount(self._line, self._area * fields[name][self._inside], len(self._line_area))
            with np.errstate(invalid="ignore"):
                profiles[name] = (total / self._line_area).reshape(self._shape)
        profiles["thickness"] *= self._initial_thickness[:, None]
        return profiles
