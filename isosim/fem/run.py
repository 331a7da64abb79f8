"""Press a body of finite elements: the fidelities section, axisymmetric and solid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import xarray as xr
from mpi4py import MPI

from isosim.errors import SolverError
from isosim.fem import compat
from isosim.fem.body import Body
from isosim.fem.guide import Guide
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.march import Predictor, StepFailure, march
from isosim.fem.newton import Newton
from isosim.fem.record import Record
from isosim.fem.restart import Restart
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
    checkpoint: Path | None = None,
    identity: str = "",
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
    checkpoint
        File to write the state to now and then, and to go on from where it is there; None for none. Whoever
        puts the dataset into a safe place removes it.
    identity
        A text that is another for another case: a checkpoint of another case is refused.

    Returns
    -------
    xr.Dataset
        See `isosim.dataset`; timings per phase and counts are in its attributes.

    Raises
    ------
    InputError
        When the checkpoint is damaged or of another case.
    SolverError
        When a step fails even after it was cut; carries the dataset up to the last converged step.
    """
    clock = perf_counter()
    with compat.compiling():
        body = Body(mesh, KINEMATICS[fidelity], comm or MPI.COMM_WORLD)
        form = WeakForm(body, pressed, lateral)
        record = Record(stack, form, schedule, fields_to)
    newton = Newton(form, record.points)
    nodes = form.space.tabulate_dof_coordinates()[:, : len(body.extent)]
    predictor = Predictor(newton, Guide(stack, schedule, pressed, lateral, nodes))
    progress = progress or Silent()
    restart = Restart(checkpoint, identity, newton, record, predictor, progress.note)
    ranks = f"{body.comm.size} rank{'s' if body.comm.size > 1 else ''}"
    progress.note(f"{form.size} unknowns on {ranks}, solver {newton.tangent.solver}")
    timings = {"set-up": perf_counter() - clock}
    attrs = {"fidelity": fidelity, "lateral": lateral, "complete": 1}
    with _freed(newton, form):
        try:
            total = len(schedule.time) - 1
            if restart.read():
                progress.note(f"goes on after {record.planned} of {total} planned steps")
            else:
                record.unpressed()
            for step in march(newton, schedule, predictor, progress.note, record.planned + 1):
                record.step(step)
                progress.step(record.planned, total, step.pressure, step.phase, step.iterations)
                if step.last_of_plan:
                    restart.write()
            spent = restart.spent()
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
        "cuts": record.cuts,
        "solid_mass_error": record.solid_mass_error,
    }
    return record.dataset(
        {**attrs, **counts, **spent, **{f"seconds_{name}": seconds for name, seconds in timings.items()}}
    )


@contextmanager
def _freed(newton: Newton, form: WeakForm) -> Iterator[None]:
    """Free what PETSc holds where all ranks come by; one alone with its error must not wait for them."""
    try:
        yield
    except Exception as error:
        if isinstance(error, SolverError):
            newton.tangent.solver.destroy()
            form.destroy()
        raise
    newton.tangent.solver.destroy()
    form.destroy()


def _advice(stack: Stack, pressed: set[str]) -> str:
    if "bottom" in pressed and "edge" not in pressed:
        return (
            "With fluid on top and bottom and none on the edge nothing holds the cell flat: a stack that is "
            "not the same from above and below curls up. Press the edge too (faces = 'all'), or onto a "
            "plate (faces = ['top'])."
        )
    return "Try model.refine = 2 (smaller steps)" + (", or edge_fill = 'frame'." if stack.edge_fill else ".")
