"""From quadrature points to layer means, profiles and maps."""

from __future__ import annotations

import numpy as np

from isosim import law
from isosim.fem.body import Body, QuadraturePoints
from isosim.stack import Stack

MEANS = ("thickness", "porosity", "axial_pressure", "stress_x", "stress_y", "plastic_strain")
PROFILES = ("thickness", "porosity", "axial_pressure", "plastic_strain", "strain_x", "strain_y")


class Readings:
    """Averages point values over layers (reference volume) and over vertical lines of points (stations).

    Collective; every rank gets the same answers.
    """

    def __init__(self, stack: Stack, body: Body, points: QuadraturePoints):
        self._body = body
        self._initial_thickness = np.array([layer.thickness for layer in stack.layers])
        inside = points.layer.ravel() >= 0
        self._inside = np.flatnonzero(inside)
        self._layer = points.layer.ravel()[inside]
        self._volume = points.volume.ravel()[inside]
        self._shape = (len(stack.layers), len(points.stations.area))
        self._line = self._layer * self._shape[1] + points.station.ravel()[inside]
        self._layer_volume = self._total(self._layer, self._volume, self._shape[0])
        self._line_volume = self._total(self._line, self._volume, self._shape[0] * self._shape[1])
        self._at_centre = np.flatnonzero(points.station.ravel() == 0)
        self._centre_volume = points.volume.ravel()[self._at_centre]

    def fields(
        self, F: np.ndarray, stress: np.ndarray, state: np.ndarray, parameters: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Point values by name from F and P [Pa] (n, components), state and parameters; shape (n,) each.

        Thickness is relative to the unpressed one. It, the pressure and the stresses are those of the layer
        as it lies, square to it and along it: a flap or a curled cell is tilted. "x" is the way that lines
        along x have come to lie, "y" the way in the layer square to it.
        """
        F, P = self._body.kinematics.full(F, 1.0), self._body.kinematics.full(stress, 0.0)
        area = np.cross(F[:, :, 0], F[:, :, 1])  # of the layer, per unpressed area
        stretch = np.linalg.norm(area, axis=1)
        along = np.linalg.norm(F[:, :, 0], axis=1)
        normal, t_x = area / stretch[:, None], F[:, :, 0] / along[:, None]
        t_y = np.cross(normal, t_x)
        volume = np.einsum("ni,ni->n", area, F[:, :, 2])

        def kirchhoff(t: np.ndarray) -> np.ndarray:
            return np.einsum("nj,nj->n", np.einsum("ni,nij->nj", t, P), np.einsum("ni,nij->nj", t, F))

        return {
            "thickness": volume / stretch,
            "porosity": law.porosity(state, parameters),
            "axial_pressure": -np.einsum("ni,ni->n", normal, P[:, :, 2]) / stretch,
            "stress_x": kirchhoff(t_x) / volume,
            "stress_y": kirchhoff(t_y) / volume,
            "plastic_strain": state[:, -1],
            "strain_x": np.log(along),
            "strain_y": np.log(stretch / along),
        }

    def means(self, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Layer means, shape (layers,) each."""
        means = {
            name: self._total(self._layer, self._volume * fields[name][self._inside], self._shape[0])
            / self._layer_volume
            for name in MEANS
        }
        means["thickness"] *= self._initial_thickness
        return means

    def profiles(self, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Values by layer and station, shape (layers, stations) each; NaN where a layer does not reach."""
        profiles = {}
        for name in PROFILES:
            value = self._volume * fields[name][self._inside]
            total = self._total(self._line, value, len(self._line_volume))
            with np.errstate(invalid="ignore"):
                profiles[name] = (total / self._line_volume).reshape(self._shape)
        profiles["thickness"] *= self._initial_thickness[:, None]
        return profiles

    def centre(self, values: np.ndarray) -> float:
        """Mean of point values over the innermost station."""
        sums = np.array([self._centre_volume @ values[self._at_centre], self._centre_volume.sum()])
        total, volume = self._body.comm.allreduce(sums)
        return float(total / volume)

    def _total(self, index: np.ndarray, value: np.ndarray, count: int) -> np.ndarray:
        """Sums of values by index over all ranks, shape (count,)."""
        return np.asarray(self._body.comm.allreduce(np.bincount(index, value, count)))
