"""The march of a column through time."""

from __future__ import annotations

import numpy as np

from isosim.errors import SolverError
from isosim.law import EQPS, porosity

from .kinds import Kinds
from .pile import balance_piles
from .sheet import Load

SMALLEST_STEP = 1.0 / 64.0  # of a planned step


class Column:
    """The kinds of a stack as one pile of sheets, marched through time."""

    def __init__(self, kinds: Kinds, free: int, edge: float):
        n = len(kinds.laws)
        self.kinds, self.free, self.edge = kinds, free, edge
        self.plane = np.zeros(2)
        self.z = np.zeros(n)
        self.state = kinds.state.copy()
        self.stress = np.zeros((n, 3))
        self._iterations = 0.0
        self._flat = np.tile([1.0, 1.0, 1.0, 0.0, 0.0, 0.0], (1, n, 1))
        self._evaluations = np.zeros(1, np.int64)
        self._fallbacks = np.zeros((1, 1), np.int64)

    @property
    def evaluations(self) -> int:
        """How often the law was evaluated."""
        return int(self._evaluations[0])

    @property
    def fallbacks(self) -> int:
        """How often the law took its bracketed fallback."""
        return int(self._fallbacks[0, 0])

    def step(self, begin: np.ndarray, end: np.ndarray, plane: np.ndarray | None) -> None:
        """March from begin to end = (time, pressure, temperature), where the held stretches are `plane`.

        Raises
        ------
        SolverError
            When there is no balance even after the step was cut.
        """
        before, start = self.evaluations, self.plane.copy()
        target = start if plane is None else plane
        done, fraction = 0.0, 1.0
        while done < 1.0:
            now, then = begin + done * (end - begin), begin + (done + fraction) * (end - begin)
            given = start + (done + fraction) * (target - start) if plane is not None else self.plane
            if self._attempt(then[0] - now[0], then[1], then[2], given):
                done += fraction
                fraction = min(2.0 * fraction, 1.0 - done)
            else:
                fraction *= 0.5
                if fraction < SMALLEST_STEP:
                    raise SolverError(
                        f"no balance of the column beyond {now[1] / 1e6:.4g} MPa at {now[0]:.4g} s. "
                        "Try smaller steps, or check the cards for layers without strength."
                    )
        self._iterations = (self.evaluations - before) / len(self.z)

    def _attempt(self, dt: float, pressure: float, temperature: float, plane: np.ndarray) -> bool:
        plane, z = plane.copy()[None], self.z.copy()[None]
        stress, new_state = np.zeros_like(self.stress)[None], np.empty_like(self.state)[None]
        found = np.empty(1, np.bool_)
        balance_piles(
            self.free,
            Load(float(pressure), self.edge, float(dt)),
            self.kinds.weight,
            self._flat,
            self.kinds.parameters(temperature),
            self.state[None],
            np.zeros_like(stress),
            plane,
            z,
            stress,
            new_state,
            found,
            self._evaluations,
            self._fallbacks,
        )
        if found[0]:
            self.plane, self.z, self.stress, self.state = plane[0], z[0], stress[0], new_state[0]
        return bool(found[0])

    def row(self, temperature: float) -> dict[str, np.ndarray]:
        """What is kept of a step, for each kind."""
        jacobian = np.exp(self.plane.sum() + self.z)
        return {
            "plane": self.plane,
            "stretch": np.exp(self.z),
            "cauchy": self.stress / jacobian[:, None],
            "porosity": porosity(self.state, self.kinds.parameters(temperature)),
            "plastic_strain": self.state[:, EQPS].copy(),
            "iterations": np.array(self._iterations),  # evaluations of the law for each kind
        }
