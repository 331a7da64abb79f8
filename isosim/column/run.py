"""Press a column through a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from isosim import dataset
from isosim.errors import SolverError
from isosim.law import EQPS, porosity, solid
from isosim.stack import Stack

from .disassembly import relax
from .kinds import Kinds, kinds_of
from .pile import FREE_ALIKE, FREE_X, HELD, balance_piles
from .sheet import Load

if TYPE_CHECKING:
    from isosim.progress import Progress
    from isosim.recipe import Schedule

LATERAL = {"free": FREE_ALIKE, "one direction": FREE_X, "confined": HELD}
SMALLEST_STEP = 1.0 / 64.0  # of a planned step


def run(
    stack: Stack,
    schedule: Schedule,
    lateral: str = "free",
    edge_pressure: bool = True,
    lateral_strain: np.ndarray | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Press the layers of a stack in series, one material point each, and take the electrodes out.

    Every layer carries the fluid pressure through its thickness; all share their in-plane strains, theory
    (19). Footprints are not seen: this is the middle of the cell.

    Parameters
    ----------
    stack
        The `isosim.stack.Stack`.
    schedule
        The planned steps; a step without balance is cut inside, the rows of the result are the planned ones.
    lateral
        "free": one strain in both in-plane directions; "one direction": plane strain, free along x only;
        "confined": no in-plane strain.
    edge_pressure
        Whether the fluid also presses on the edges (isostatic) or not (a platen).
    lateral_strain
        Logarithmic in-plane strains (steps, 2) along x and y to impose instead of `lateral`.
    progress
        Told about every step.

    Returns
    -------
    xr.Dataset
        See `isosim.dataset`, with one station.

    Raises
    ------
    ValueError
        Unknown `lateral`, or lateral strains of the wrong shape or beside a `lateral`.
    SolverError
        When a step finds no balance even after it was cut.
    """
    if lateral not in LATERAL:
        raise ValueError(f"lateral {lateral!r}: needed one of {', '.join(map(repr, LATERAL))}")
    if lateral_strain is not None:
        if lateral != "free":
            raise ValueError(f"lateral {lateral!r} beside lateral_strain: give one of them")
        lateral_strain = np.asarray(lateral_strain, float)
        if lateral_strain.shape != (len(schedule.time), 2):
            raise ValueError(
                f"lateral_strain: shape {lateral_strain.shape}, needed ({len(schedule.time)}, 2)"
            )
    kinds = kinds_of(stack)
    column = Column(kinds, HELD if lateral_strain is not None else LATERAL[lateral], float(edge_pressure))
    rows = [column.row(schedule.temperature[0])]
    iterations = [0.0]
    total = len(schedule.time) - 1
    for k in range(1, total + 1):
        begin, end = (
            np.array([schedule.time[j], schedule.pressure[j], schedule.temperature[j]]) for j in (k - 1, k)
        )
        plane = None if lateral_strain is None else lateral_strain[k]
        count = column.step(begin, end, plane)
        rows.append(column.row(schedule.temperature[k]))
        iterations.append(count / len(kinds.laws))
        if progress is not None:
            progress.step(k, total, schedule.pressure[k], schedule.phase[k], round(iterations[-1]))
    values = _label(stack, schedule, kinds, rows)
    values["iterations"] = np.array(iterations)
    mass_error = _disassemble(stack, kinds, column, schedule.temperature[-1], values)
    attrs = {
        "fidelity": "column",
        "lateral": "prescribed" if lateral_strain is not None else lateral,
        "complete": 1,
        "kinds": len(kinds.laws),
        "law_evaluations": column.evaluations,
        "law_fallbacks": column.fallbacks,
        "solid_mass_error": mass_error,
    }
    return dataset.assemble(stack, schedule, np.zeros(1), np.array([stack.width]), values, attrs)


class Column:
    """The kinds of a stack as one pile of sheets, marched through time."""

    def __init__(self, kinds: Kinds, free: int, edge: float):
        n = len(kinds.laws)
        self.kinds, self.free, self.edge = kinds, free, edge
        self.plane = np.zeros(2)
        self.z = np.zeros(n)
        self.state = kinds.state.copy()
        self.stress = np.zeros((n, 3))
        self._flat = np.tile([1.0, 1.0, 1.0, 0.0], (1, n, 1))
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

    def step(self, begin: np.ndarray, end: np.ndarray, plane: np.ndarray | None) -> int:
        """March from begin to end = (time, pressure, temperature); counts the evaluations of the law."""
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
        return self.evaluations - before

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
        }


def _label(
    stack: Stack, schedule: Schedule, kinds: Kinds, rows: list[dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """The variables of the dataset but those of disassembly and iterations."""
    history = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    layer = kinds.of_layer
    thickness = np.array([layer.thickness for layer in stack.layers])
    values = {
        "lateral_strain_x": history["plane"][:, 0],
        "lateral_strain_y": history["plane"][:, 1],
        "thickness": history["stretch"][:, layer] * thickness,
        "porosity": history["porosity"][:, layer],
        "axial_pressure": -history["cauchy"][:, layer, 2],
        "stress_x": history["cauchy"][:, layer, 0],
        "stress_y": history["cauchy"][:, layer, 1],
        "plastic_strain": history["plastic_strain"][:, layer],
    }
    phase = np.asarray(schedule.phase)
    reached = {"unpressed": 0, "released": len(rows) - 1}
    for state, name in (("loaded", "load"), ("held", "hold")):
        if (ends := np.flatnonzero(phase == name)).size:
            reached[state] = ends[-1]
    for name in ("thickness", "porosity", "axial_pressure"):
        profile = np.full((len(dataset.STATES), len(layer), 1), np.nan)
        for state, k in reached.items():
            profile[dataset.STATES.index(state), :, 0] = values[name][k]
        values[f"{name}_profile"] = profile
    for name, strain in (("strain_x", "lateral_strain_x"), ("strain_y", "lateral_strain_y")):
        profile = np.full((len(dataset.STATES), len(layer), 1), np.nan)
        for state, k in reached.items():
            profile[dataset.STATES.index(state)] = values[strain][k]
        values[f"{name}_profile"] = profile
    return values


def _disassemble(
    stack: Stack, kinds: Kinds, column: Column, temperature: float, values: dict[str, np.ndarray]
) -> float:
    """Relax each electrode and fill the profiles of the state "disassembled"; the error of solid mass."""
    row = dataset.STATES.index("disassembled")
    parameters = kinds.parameters(temperature)
    unpressed = solid(kinds.state, parameters)
    error = np.abs(solid(column.state, parameters) / unpressed - 1.0).max()
    relaxed: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}
    for electrode in stack.electrodes:
        layers = [*electrode.coatings, electrode.foil]
        kind = kinds.of_layer[layers]
        thickness = np.array([stack.layers[i].thickness for i in layers])
        label = (*kind, *thickness)
        if label not in relaxed:
            F = np.zeros((1, len(layers), 3, 3))
            F[0, :, 0, 0], F[0, :, 1, 1] = np.exp(column.plane)
            F[0, :, 2, 2] = np.exp(column.z[kind])
            relaxed[label] = relax(F, column.state[None, kind], thickness, parameters[kind])
            after = solid(relaxed[label][1][0], parameters[kind])
            error = max(error, np.abs(after / unpressed[kind] - 1.0).max())
        F, state = relaxed[label]
        stretches = np.diagonal(F[0], axis1=1, axis2=2)
        values["thickness_profile"][row, layers, 0] = thickness * stretches[:, 2]
        values["porosity_profile"][row, layers, 0] = porosity(state[0], parameters[kind])
        values["axial_pressure_profile"][row, layers, 0] = 0.0
        values["strain_x_profile"][row, layers, 0] = np.log(stretches[:, 0])
        values["strain_y_profile"][row, layers, 0] = np.log(stretches[:, 1])
    return float(error)
