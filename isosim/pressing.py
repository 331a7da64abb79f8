"""Press a case: the one entry point, whatever the fidelity."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from isosim import case as cases
from isosim import column, measure
from isosim.case import Case
from isosim.errors import InputError, Problem
from isosim.progress import Progress
from isosim.stack import SectionMesh, SolidMesh, section_mesh, solid_mesh


def press(
    case: Case | str | Path,
    fidelity: str | None = None,
    fields_to: Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Press a cell and read it as a laboratory would.

    Parameters
    ----------
    case
        A case, the path of a case file, or the name of a cell that comes with the package ("120RT-4").
    fidelity
        "column", "section", "axisymmetric" or "solid" instead of what the case says.
    fields_to
        Folder for the fields (VTU, for ParaView) of any fidelity but the column.
    progress
        Told about every step.

    Returns
    -------
    xr.Dataset
        The labelled dataset of `isosim.dataset` with the readings of `isosim.measure`: SI units, each
        variable with `units` and `long_name`.

    Raises
    ------
    InputError
        When the case is not valid, or fields are asked of a column.
    MissingPartError
        When the fidelity needs dolfinx and there is none.
    SolverError
        When the solver gives up; carries what was finished.
    """
    if not isinstance(case, Case):
        case = cases.load(case)
    if fidelity is not None:
        case = case.changed({"model.fidelity": fidelity})
    return measure.all(_run(case, fields_to, progress), case)


def _run(case: Case, fields_to: Path | None, progress: Progress | None) -> xr.Dataset:
    stack, model, recipe = case.stack(), case.model, case.recipe
    edge_pressure = "edge" in recipe.pressed_faces
    if model.fidelity == "column":
        if fields_to is not None:
            raise InputError(Problem("fields", "a folder", "none for a column", "it is one point a layer"))
        schedule = recipe.schedule(refine=model.refine)
        return column.run(stack, schedule, model.lateral, edge_pressure=edge_pressure, progress=progress)
    from isosim import fem  # only here, so that the column works without dolfinx

    plan = column.plan(stack, recipe, model.lateral, edge_pressure, model.refine)
    faces: set[str] = set(recipe.pressed_faces)
    ds = fem.run(
        stack,
        mesh(case),
        plan.schedule,
        faces,
        model.lateral,
        fields_to,
        progress,
        fidelity=model.fidelity,
    )
    return ds.assign_attrs(step_error=plan.error)


def mesh(case: Case) -> SectionMesh | SolidMesh:
    """The mesh of a case at its fidelity; that of a section for a column, which has none.

    Raises
    ------
    InputError
        When columns or edge cell do not fit the stack.
    """
    stack, model = case.stack(), case.model
    if model.fidelity == "solid":
        return solid_mesh(stack, model.solid.columns, model.solid.edge_cell)
    return section_mesh(stack, model.section.columns, model.section.edge_cell)
