"""Press a body of finite elements: the fidelities section, axisymmetric and solid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import xarray as xr
from mpi4py import MPI

from isosim import dataset, law
from isosim.errors import SolverError
from isosim.fem import compat
from isosim.fem.body import Body
from isosim.fem.disassembly import relax_electrodes
from isosim.fem.fields import FieldWriter
from isosim.fem.guide import Guide
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.march import Step, StepFailure, march
from isosim.fem.newton import Newton
from isosim.fem.points import MaterialPoints
from isosim.fem.readings import MEANS, PROFILES, Readings
from isosim.fem.skin import Skin
from isosim.fem.weak_form import WeakForm
from isosim.progress import Progress, Silent
from isosim.recipe import Schedule
from isosim.stack import Stack
from isosim.stack.mesh import SectionMesh, SolidMesh


def run(
    stack: Stack,
    mesh: SectionMesh | SolidMesh,
    schedule: Schedule,
    pressed: set[str],
    lateral: str = "free",
    fields_to: Path | None = None,
    progress: Progress | None = None,
    comm: MPI.Comm | None = None,
    fidelity: str = "section",
) -> xr.Dataset:
    """Press the layer-resolved stack through the schedule and take the electrodes out.

    Collective over `comm`; every rank gets the whole dataset.

    Parameters
    ----------
    stack
        The `isosim.stack.Stack`.
    mesh
        Its `isosim.stack.mesh.SectionMesh` (of a disc: from the axis), or `SolidMesh`.
    schedule
        Planned steps; a step that does not converge is cut, and the steps really taken are in the result.
    pressed
        Outer faces under fluid pressure, of "top", "bottom", "edge".
    lateral
        "free": free to contract along the cut and across it (in a section: generalised plane strain);
        "one direction": along the cut only (in a section: plane strain; not of a disc); "confined": neither.
    fields_to
        Folder for fields (VTU) of the states before disassembly; None for none.
    comm
        MPI communicator; all ranks of the program when None.
    fidelity
        "section", "axisymmetric" or "solid".

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
        body = Body(mesh, KINEMATICS[fidelity], comm or MPI.COMM_WORLD)
        form = WeakForm(body, pressed, lateral)
        record = _Record(stack, form, schedule, fields_to)
    newton = Newton(form, record.points)
    nodes = form.space.tabulate_dof_coordinates()[:, : len(body.extent)]
    guide = Guide(stack, schedule, pressed, lateral, nodes)
    timings = {"set-up": perf_counter() - clock}
    clock = perf_counter()
    progress = progress or Silent()
    ranks = f"{body.comm.size} rank{'s' if body.comm.size > 1 else ''}"
    progress.note(f"{form.size} unknowns on {ranks}, solver {newton.solver}")
    record.unpressed()
    attrs = {"fidelity": fidelity, "lateral": lateral, "complete": 1}
    with _freed(newton, form):
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
            raise SolverError(
                f"no equilibrium beyond {reached:.4g} MPa ({phase}): {failure}. {_advice(stack, pressed)}",
                partial,
            ) from failure
    counts = {
        "dofs": form.size,
        "cells": len(mesh.cells),
        "ranks": body.comm.size,
        "factorisations": newton.solver.factorisations,
        "cuts": record.cuts,
        "law_fallbacks": record.points.fallbacks,
        "solid_mass_error": record.solid_mass_error,
    }
    return record.dataset({**attrs, **counts, **{f"seconds_{name}": t for name, t in timings.items()}})


@contextmanager
def _freed(newton: Newton, form: WeakForm) -> Iterator[None]:
    """Free what PETSc holds where all ranks come by; one alone with its error must not wait for them."""
    try:
        yield
    except Exception as error:
        if isinstance(error, SolverError):
            newton.solver.destroy()
            form.destroy()
        raise
    newton.solver.destroy()
    form.destroy()


def _advice(stack: Stack, pressed: set[str]) -> str:
    if "bottom" in pressed and "edge" not in pressed:
        return (
            "With fluid on top and bottom and none on the edge nothing holds the cell flat and it may "
            "curl up. Press the edge too (faces = 'all'), or onto a plate (faces = ['top'])."
        )
    return "Try model.refine = 2 (smaller steps)" + (", or edge_fill = 'frame'." if stack.edge_fill else ".")


class _Record:
    """What is kept of a run: layer means at every step, profiles and fields at the states."""

    def __init__(self, stack: Stack, form: WeakForm, schedule: Schedule, fields_to: Path | None):
        self.stack, self.form, self.schedule = stack, form, schedule
        self.where = form.body.quadrature_points()
        self.points = MaterialPoints(stack, form.body, self.where)
        self.readings = Readings(stack, form.body, self.where)
        source, fidelity = form.body.source, form.body.kinematics.fidelity
        path = source.skin if isinstance(source, SectionMesh) and fidelity == "section" else None
        self.skin = Skin(form.body, path, self.where) if path else None
        self.writer = FieldWriter(fields_to, form, self.where) if fields_to else None
        self.steps: list[Step] = []
        self.means: dict[str, list[np.ndarray]] = {name: [] for name in MEANS}
        self.strain_x: list[float] = []
        self.strain_y: list[float] = []
        shape = (len(dataset.STATES), len(stack.layers), len(self.where.stations.area))
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
        body, F = self.form.body, self.form.deformation()
        F = relax_electrodes(self.stack, body, self.where, self.points, F, temperature)
        fields = self.readings.fields(
            F, np.zeros_like(F), self.points.trial, self.points.of_point(temperature)
        )
        inside = np.isfinite(F).all(axis=1)
        fields = {name: np.where(inside, value, np.nan) for name, value in fields.items()}
        solid = law.solid(self.points.trial, self.points.of_point(temperature))
        error = float(np.abs(solid / self.solid - 1.0).max())
        self.solid_mass_error = float(body.comm.allreduce(error, MPI.MAX))
        self._keep_profiles("disassembled", fields)

    def dataset(self, attrs: dict[str, Any]) -> xr.Dataset:
        taken = Schedule(
            time=np.array([step.time for step in self.steps]),
            pressure=np.array([step.pressure for step in self.steps]),
            temperature=np.array([step.temperature for step in self.steps]),
            phase=np.array([step.phase for step in self.steps]),
        )
        values = {name: np.array(rows) for name, rows in self.means.items()}
        stations = self.where.stations
        across: dict[str, np.ndarray] = {}
        if self.form.body.kinematics.fidelity == "solid":
            across = {"y": stations.y, "y_width": stations.y_width}
        for name, profile in self.profiles.items():
            if across:
                shape = (*profile.shape[:2], len(stations.y), len(stations.x))
                values[f"{name}_map"] = profile.reshape(shape)
            else:
                values[f"{name}_profile"] = profile
        values["lateral_strain_x"] = np.array(self.strain_x)
        values["lateral_strain_y"] = np.array(self.strain_y)
        values["iterations"] = np.array([step.iterations for step in self.steps])
        read = dataset.assemble(self.stack, taken, stations.x, stations.x_width, values, attrs, **across)
        return read.merge(self.skin.dataset()) if self.skin else read

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
        fields = self.readings.fields(F, self.form.stress, self.points.accepted, parameters)
        self.steps.append(step)
        for name, value in self.readings.means(fields).items():
            self.means[name].append(value)
        self.strain_x.append(self.readings.centre(fields["strain_x"]))
        self.strain_y.append(self.readings.centre(fields["strain_y"]))
        for state in states:
            self._keep_profiles(state, fields)
            if self.skin is not None:
                self.skin.keep(state, F, self.form.stress, fields["plastic_strain"], step.pressure)
            if self.writer is not None:
                self.writer.write(state, step.time, fields)

    def _keep_profiles(self, state: str, fields: dict[str, np.ndarray]) -> None:
        for name, profile in self.readings.profiles(fields).items():
            self.profiles[name][dataset.STATES.index(state)] = profile
