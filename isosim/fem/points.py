"""The constitutive law at the quadrature points of a body."""

from __future__ import annotations

import numpy as np

from isosim import law
from isosim.fem.body import Body, QuadraturePoints
from isosim.fem.convex import convex
from isosim.materials.slip import SlipFilm
from isosim.stack import Stack


class LawFailure(Exception):
    """The law found no stress at some quadrature points of a trial state."""


class MaterialPoints:
    """Holds the state of this rank's quadrature points and calls the law on all of them at once.

    Arrays are flat over (cells * points). `accepted` is the state at the end of the last converged step.
    `pressure` [Pa] of the fluid sets the friction of slip films; whoever sets the load sets it.
    """

    def __init__(self, stack: Stack, body: Body, points: QuadraturePoints):
        material_names = body.source.material_names
        self._comm = body.comm
        self._laws = [stack.materials[name].law for name in material_names]
        self.pressure = 0.0
        self._material = points.material.ravel().astype(np.int64)
        layer = points.layer.ravel()
        count = len(layer)
        self.accepted = np.empty((count, law.N_STATE))
        self._filling = np.flatnonzero(layer < 0)
        for index in range(len(material_names)):
            filling = (layer < 0) & (self._material == index)
            self.accepted[filling] = self._laws[index].initial_state()
        for index, description in enumerate(stack.layers):
            inside = layer == index
            if inside.any():
                own = stack.materials[description.material].law
                self.accepted[inside] = own.initial_state(description.porosity)
        self.trial = self.accepted.copy()
        self._status = np.zeros(count, np.int8)
        self._components = np.array(body.kinematics.components, np.int64)
        self._fallbacks = 0

    def parameters(self, temperature: float) -> np.ndarray:
        """Parameters of every material at a temperature [K], shape (materials, N_PARAMETERS)."""
        present = [own.under(self.pressure) if isinstance(own, SlipFilm) else own for own in self._laws]
        return np.stack([material.at(temperature) for material in present])

    def of_point(self, temperature: float) -> np.ndarray:
        """Parameters of every point, shape (points, N_PARAMETERS)."""
        return self.parameters(temperature)[self._material]

    def update(
        self, F: np.ndarray, dt: float, temperature: float, stress: np.ndarray, tangent: np.ndarray
    ) -> None:
        """Fill `stress` and `tangent` for the deformation F, from the accepted state.

        With c components, F and stress are (n, c), the tangent (n, c, c).

        Raises
        ------
        LawFailure
            On every rank, when a point on any of them has no admissible stress (the step must be cut).
        """
        law.advance_into(
            F,
            self.accepted,
            self._material,
            self.parameters(temperature),
            dt,
            self._components,
            stress,
            tangent,
            self.trial,
            self._status,
        )
        failed = self._comm.allreduce(int(np.count_nonzero(self._status < 0)))
        if failed:
            raise LawFailure(f"the law failed at {failed} points")
        self._fallbacks += int(np.count_nonzero(self._status > 0))

    def convexify(self, tangent: np.ndarray) -> None:
        """Make dP/dF, shape (n, c, c), symmetric without negative eigenvalues where a filling opens again.

        Those points flow while their pores grow: under no pressure, as the gap beside a short layer does in
        the release.
        """
        grown = self.trial[self._filling, law.U] > self.accepted[self._filling, law.U]
        opening = self._filling[grown]
        tangent[opening] = convex(tangent[opening])

    @property
    def fallbacks(self) -> int:
        """How often the law took its bracketed fallback, on all ranks; collective."""
        return int(self._comm.allreduce(self._fallbacks))

    def accept(self) -> None:
        """Make the trial state the accepted one."""
        self.accepted, self.trial = self.trial, self.accepted
