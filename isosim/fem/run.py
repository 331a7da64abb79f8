"""Press a section: the finite-element fidelity."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import xarray as xr

from isosim import dataset, law
from isosim.errors import SolverError
from isosim.fem import compat
from isosim.fem.disassembly import relax_electrodes
from isosim.fem.fields import FieldWriter
from isosim.fem.guide import Guide
from isosim.fem.march import Step, StepFailure, march
from isosim.fem.newton import Newton
from isosim.fem.points import MaterialPoints
from isosim.fem.readings import MEANS, PROFILES, Readings
from isosim.fem.section_mesh import Section
from isosim.fem.weak_form import WeakForm
from isosim.progress import Progress, Silent
from isosim.recipe import Schedule
from isosim.stack import Stack
from isosim.stack.mesh import SectionMesh


def run(
    stack: Stack,
    mesh: SectionMesh,
    schedule: Schedule,
    pressed: set[str],
    lateral: str = "free",
    fields_to: Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Press the layer-resolved cross-section through the schedule and take the electrodes out.

    Parameters
    ----------
    stack
        The `isosim.stack.Stack`.
    mesh
        Its `isosim.stack.mesh.SectionMesh`.
    schedule
        Planned steps; a step that does not converge is cut, and the steps really taken are in the result.
    pressed
        Outer faces under fluid pressure, of "top", "bottom", "edge".
    lateral
        "free": generalised plane strain, free to contract along the cut and along the cell;
        "one direction": plane strain, free along the cut only; "confined": neither.
    fields_to
        Folder for fields (VTU) of the states before disassembly; None for none.

    Returns
    -------
    xr.Dataset
        See `isosim.dataset`; timings per phase and counts are in its attributes.

    Raises
    ------
    SolverError
        When a step fails even after it was cut; carries the dataset up to the last converged step.
    """
    clock = perf_counter()
    with compat.compiling():
        section = Section(mesh)
        form = WeakForm(section, pressed, free_along=lateral == "free", confined=lateral == "confined")
        record = _Record(stack, mesh, form, schedule, fields_to)
    newton = Newton(form, record.points)
    guide = Guide(stack, schedule, pressed, lateral, form.space.tabulate_dof_coordinates()[:, :2])
    timings = {"set-up": perf_counter() - clock}
    clock = perf_counter()
    progress = progress or Silent()
    record.unpressed()
    attrs = {"fidelity": "section", "lateral": lateral, "complete": 1}
    try:
        total = len(schedule.time) - 1
        for step in march(newton, schedule, guide, progress.note):
            record.step(step)
            progress.step(record.planned, total, step.pressure, step.phase, step.iterations)
        timings["press"] = perf_counter() - clock
        clock = perf_counter()
        record.disassemble()
        timings["disassembly"] = perf_counter() - clock
    except StepFailure as failure:
        partial = record.dataset({**attrs, "complete": 0})
        reached, phase = partial.pressure.values[-1] / 1e6, partial.phase.values[-1]
        advice = _advice(stack, pressed)
        raise SolverError(
            f"no equilibrium beyond {reached:.4g} MPa ({phase}): {failure}. {advice}",
            partial,
        ) from failure
    finally:
        factorisations = newton.solver.factorisations
        newton.solver.destroy()
    counts = {
        "dofs": form.u.x.array.size,
        "cells": len(section.cells),
        "factorisations": factorisations,
        "cuts": record.cuts,
        "law_fallbacks": record.points.fallbacks,
        "solid_mass_error": record.solid_mass_error,
    }
    return record.dataset({**attrs, **counts, **{f"seconds_{name}": t for name, t in timings.items()}})


def _advice(stack: Stack, pressed: set[str]) -> str:
    if "bottom" in pressed and "edge" not in pressed:
        return (
            "With fluid on top and bottom and none on the edge nothing holds the cell flat and it may "
            "curl up. Press the edge too (faces = 'all'), or onto a plate (faces = ['top'])."
        )
    return "Try model.refine = 2 (smaller steps)" + (", or edge_fill = 'frame'." if stack.edge_fill else ".")


class _Record:
    """What is kept of a run: layer means at every step, profiles and fields at the states."""

    def __init__(
        self, stack: Stack, mesh: SectionMesh, form: WeakForm, schedule: Schedule, fields_to: Path | None
    ):
        self.stack, self.form, self.schedule = stack, form, schedule
        self.where = form.section.quadrature_points()
        self.points = MaterialPoints(stack, mesh.material_names, self.where)
        self.readings = Readings(stack, self.where)
        layer, material = self.where.layer[:, 0], self.where.material[:, 0]
        self.writer = (
            FieldWriter(fields_to, form, self.where.area, {"layer": layer, "material": material})
            if fields_to
            else None
        )
        self.steps: list[Step] = []
        self.means: dict[str, list[np.ndarray]] = {name: [] for name in MEANS}
        self.strain_x: list[float] = []
        self.strain_y: list[float] = []
        shape = (len(dataset.STATES), len(stack.layers), len(self.where.station_x))
        self.profiles = {name: np.full(shape, np.nan) for name in PROFILES}
        self.solid = law.solid(self.points.accepted, self.points.of_point(schedule.temperature[0]))
        self.solid_mass_error = np.nan
        self.planned = 0
        self.cuts = 0

    def unpressed(self) -> None:
        schedule = self.schedule
        first = Step(
            schedule.time[0], schedule.pressure[0], schedule.temperature[0], schedule.phase[0], 0, 0, True
        )
        F = self.form.deformation()
        self.form.set_load(0.0)
        self.points.update(F, 1.0, first.temperature, self.form.stress, self.form.stress_tangent)
        self._keep(first, F, ("unpressed",))

    def step(self, step: Step) -> None:
        self.planned += step.last_of_plan
        self.cuts += step.cuts
        self._keep(step, self.form.deformation(), self._states_reached(step))

    def disassemble(self) -> None:
        temperature = self.steps[-1].temperature
        F = relax_electrodes(self.stack, self.where, self.points, self.form.deformation(), temperature)
        stress = np.zeros_like(F)
        fields = Readings.fields(F, stress, self.points.trial, self.points.of_point(temperature))
        inside = np.isfinite(F).all(axis=1)
        fields = {name: np.where(inside, value, np.nan) for name, value in fields.items()}
        solid = law.solid(self.points.trial, self.points.of_point(temperature))
        self.solid_mass_error = float(np.abs(solid / self.solid - 1.0).max())
        self._keep_profiles("disassembled", fields)

    def dataset(self, attrs: dict[str, Any]) -> xr.Dataset:
        taken = Schedule(
            time=np.array([step.time for step in self.steps]),
            pressure=np.array([step.pressure for step in self.steps]),
            temperature=np.array([step.temperature for step in self.steps]),
            phase=np.array([step.phase for step in self.steps]),
        )
        values = {name: np.array(rows) for name, rows in self.means.items()}
        values.update({f"{name}_profile": profile for name, profile in self.profiles.items()})
        values["lateral_strain_x"] = np.array(self.strain_x)
        values["lateral_strain_y"] = np.array(self.strain_y)
        values["iterations"] = np.array([step.iterations for step in self.steps])
        where = self.where
        return dataset.assemble(self.stack, taken, where.station_x, where.station_width, values, attrs)

    def _states_reached(self, step: Step) -> tuple[str, ...]:
        """The states that a step completes: the last one of the ramp, of the hold, of all.

        Without a hold the end of the ramp is both.
        """
        if not step.last_of_plan:
            return ()
        phase = self.schedule.phase
        if self.planned == len(phase) - 1:
            return ("released",)
        if phase[self.planned + 1] == step.phase:
            return ()
        if step.phase == "load":
            return ("loaded",) if "hold" in phase else ("loaded", "held")
        return ("held",) if step.phase == "hold" else ()

    def _keep(self, step: Step, F: np.ndarray, states: tuple[str, ...]) -> None:
        # after a converged step the state is the accepted one; before the first they are the same
        parameters = self.points.of_point(step.temperature)
        fields = Readings.fields(F, self.form.stress, self.points.accepted, parameters)
        self.steps.append(step)
        for name, value in self.readings.means(fields).items():
            self.means[name].append(value)
        centre = self.where.station.ravel() == 0
        self.strain_x.append(
            float(np.average(fields["strain_x"][centre], weights=self.where.area.ravel()[centre]))
        )
        self.strain_y.append(float(np.log(self.form.stretch)))
        for state in states:
            self._keep_profiles(state, fields)
            if self.writer is not None:
                self.writer.write(state, step.time, fields)

    def _keep_profiles(self, state: str, fields: dict[str, np.ndarray]) -> None:
        for name, profile in self.readings.profiles(fields).items():
            self.profiles[name][dataset.STATES.index(state)] = profile
