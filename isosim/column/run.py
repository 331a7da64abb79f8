"""Press a column through a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from isosim import dataset
from isosim.errors import SolverError
from isosim.law import EQPS, porosity, solid
from isosim.recipe import Schedule
from isosim.stack import Stack

from .disassembly import relax
from .kinds import Kinds, kinds_of
from .march import Column
from .pile import FREE_ALIKE, FREE_X, HELD

if TYPE_CHECKING:
    from isosim.progress import Progress

LATERAL = {"free": FREE_ALIKE, "one direction": FREE_X, "confined": HELD}


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
        Whether the fluid also presses on the edges (isostatic) or not.
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
        When a step finds no balance even after it was cut; carries the dataset up to there.
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
    free = HELD if lateral_strain is not None else LATERAL[lateral]
    column = Column(kinds, free, float(edge_pressure))
    attrs = {
        "fidelity": "column",
        "lateral": "prescribed" if lateral_strain is not None else lateral,
        "kinds": len(kinds.laws),
    }
    rows = [column.row(schedule.temperature[0])]
    total = len(schedule.time) - 1
    for k in range(1, total + 1):
        begin, end = (
            np.array([schedule.time[j], schedule.pressure[j], schedule.temperature[j]]) for j in (k - 1, k)
        )
        try:
            column.step(begin, end, None if lateral_strain is None else lateral_strain[k])
        except SolverError as error:
            values = _label(stack, schedule, kinds, rows)
            error.partial = _dataset(stack, _until(schedule, k), values, {**attrs, "complete": 0})
            raise
        rows.append(column.row(schedule.temperature[k]))
        if progress is not None:
            iterations = round(float(rows[-1]["iterations"]))
            progress.step(k, total, schedule.pressure[k], schedule.phase[k], iterations)
    values = _label(stack, schedule, kinds, rows)
    attrs["solid_mass_error"] = _disassemble(stack, kinds, column, schedule.temperature[-1], values)
    attrs |= {"complete": 1, "law_evaluations": column.evaluations, "law_fallbacks": column.fallbacks}
    return _dataset(stack, schedule, values, attrs)


def _dataset(stack: Stack, schedule: Schedule, values: dict[str, np.ndarray], attrs: dict) -> xr.Dataset:
    return dataset.assemble(stack, schedule, np.zeros(1), np.array([stack.width]), values, attrs)


def _until(schedule: Schedule, rows: int) -> Schedule:
    """The first rows of a schedule."""
    return Schedule(
        *(getattr(schedule, name)[:rows] for name in ("time", "pressure", "temperature", "phase"))
    )


def _label(
    stack: Stack, schedule: Schedule, kinds: Kinds, rows: list[dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """The variables of the dataset, those of disassembly still NaN."""
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
        "iterations": history["iterations"],
    }
    phase = np.asarray(schedule.phase)
    reached = {"unpressed": 0, "released": len(phase) - 1}
    if (ends := np.flatnonzero(phase == "load")).size:
        reached["loaded"] = reached["held"] = int(ends[-1])
    if (ends := np.flatnonzero(phase == "hold")).size:
        reached["held"] = int(ends[-1])
    reached = {state: k for state, k in reached.items() if k < len(rows)}
    for name in ("thickness", "porosity", "axial_pressure", "plastic_strain"):
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
        values["plastic_strain_profile"][row, layers, 0] = state[0][:, EQPS]
        values["strain_x_profile"][row, layers, 0] = np.log(stretches[:, 0])
        values["strain_y_profile"][row, layers, 0] = np.log(stretches[:, 1])
    return float(error)
