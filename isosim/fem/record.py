"""What is kept of a press: layer means at every step, profiles, skin and fields at the states."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from mpi4py import MPI

from isosim import dataset, law
from isosim.fem.disassembly import relax_electrodes
from isosim.fem.fields import FieldWriter
from isosim.fem.march import Step
from isosim.fem.points import MaterialPoints
from isosim.fem.readings import MEANS, PROFILES, Readings
from isosim.fem.skin import Skin
from isosim.fem.weak_form import WeakForm
from isosim.recipe import Schedule
from isosim.stack import Stack
from isosim.stack.mesh import SectionMesh

STEP = [field.name for field in dataclasses.fields(Step)]


class Record:
    """Reads the converged steps of one run; collective."""

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

    def kept(self) -> dict[str, np.ndarray]:
        """All that is kept so far; the same on every rank."""
        kept = {f"step {name}": np.array([getattr(step, name) for step in self.steps]) for name in STEP}
        kept |= {f"mean {name}": np.array(rows) for name, rows in self.means.items()}
        kept |= {f"profile {name}": profile for name, profile in self.profiles.items()}
        kept |= {"strain_x": np.array(self.strain_x), "strain_y": np.array(self.strain_y)}
        if self.skin is not None:
            kept |= {"skin force": self.skin.force, "skin strain": self.skin.strain}
        written = self.writer.written if self.writer is not None else []
        kept["written time"] = np.array([time for time, _ in written], float)
        kept["written file"] = np.array([file for _, file in written], str)
        return kept

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Go on from what `kept` gave, after a planned step."""
        self.steps = [
            Step(*row) for row in zip(*(kept[f"step {name}"].tolist() for name in STEP), strict=True)
        ]
        self.planned = sum(step.last_of_plan for step in self.steps) - 1
        self.cuts = sum(step.cuts for step in self.steps)
        self.means = {name: list(kept[f"mean {name}"]) for name in MEANS}
        self.profiles = {name: kept[f"profile {name}"] for name in PROFILES}
        self.strain_x, self.strain_y = kept["strain_x"].tolist(), kept["strain_y"].tolist()
        if self.skin is not None:
            self.skin.force, self.skin.strain = kept["skin force"], kept["skin strain"]
        if self.writer is not None:
            times, files = kept["written time"].tolist(), kept["written file"].tolist()
            self.writer.restore(list(zip(times, files, strict=True)))
        self.points.pressure = self.steps[-1].pressure

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
