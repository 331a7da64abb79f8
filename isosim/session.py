"""Press cases into a folder: each cell is on disk as soon as it is finished, the report follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import xarray as xr

from isosim import manifest, parallel, report, run_folder
from isosim.case import Case, load_set, scenarios
from isosim.data.published import declared, dixit2024, is_published
from isosim.data.validate import Row, validate
from isosim.errors import InputError, InterruptedRun, Problem, SolverError
from isosim.pressing import identity, press
from isosim.progress import Progress
from isosim.report import netcdf
from isosim.uncertainty import reported
from isosim.units import brief

RESULT, PARTIAL = "result.nc", "partial.nc"
CHECKPOINT = "checkpoint.npz"
T = TypeVar("T")
Watch = Callable[[str], AbstractContextManager[Progress]]


def press_into(
    cases: Sequence[Case], out: Path, watch: Watch, identify: bool = False, restart: bool = False
) -> tuple[list[xr.Dataset], list[Row] | None]:
    """Press cases one after the other into `out` and report on them. On many ranks the first one writes.

    Where the cases are those of a publication in its declared reading, its other readings are pressed as
    columns and shown beside. Returns the datasets, and the rows of the validation if it is one.

    Parameters
    ----------
    cases
        Valid cases of unlike names.
    out
        A folder that is missing, empty, or holds an earlier run, which is removed.
    watch
        Makes the progress display of a cell from its name.
    identify
        Put host, user and paths into the manifest.
    restart
        Keep the earlier run, which must be of the same cases: those that are finished are not pressed again,
        the one that was not goes on from its checkpoint.

    Raises
    ------
    InputError
        When `out` holds something else, the run to restart is of other cases, `out` cannot be written, or
        columns are asked for on many ranks; nothing is written then. Or a file to go on from is damaged.
    SolverError
        When a cell fails; `out/CELL/partial.nc` then holds it up to the last converged step.
    InterruptedRun
        When the user stops it; the cells finished before are on disk.
    """
    on_root: Callable[[Callable[[], Any]], Any] = _here
    if any(case.model.fidelity == "column" for case in cases):
        parallel.one_rank_only("fidelity column")
    if any(case.model.fidelity != "column" for case in cases):
        from isosim import fem  # says what is missing before anything is written

        on_root = fem.on_root
    on_root(lambda: run_folder.claim(out, {case.name: identity(case) for case in cases}, restart))
    started, clock = datetime.now(UTC), perf_counter()
    datasets: list[xr.Dataset] = []
    timings: dict[str, dict[str, float]] = {}
    try:
        for case in cases:
            begun = perf_counter()
            folder = out / case.name
            done = on_root(partial(_finished, folder))
            datasets.append(_press_one(case, folder, watch) if done is None else done)
            timings[case.name] = {**_seconds(datasets[-1]), "total": perf_counter() - begun}
        timings["all cells"] = {"total": perf_counter() - clock}

        def finish() -> list[Row] | None:
            shown, rows = list(datasets), None
            if is_validation(cases):
                beside = other_readings(watch)
                rows = validate({declared()["scenario"]: datasets, **beside})
                shown += [ds for sets in beside.values() for ds in sets]
            with watch("intervals, as columns"):
                found = reported.of_cases(cases)
            made_of = manifest.build(cases, timings, started, _petsc_options(datasets), identify)
            made_of["intervals"] = reported.summary(found)
            report.write(shown, rows, out, made_of, found)
            timings["all cells"]["with the report"] = perf_counter() - clock
            run_folder.finish(out, {**made_of, "seconds": timings})
            return rows

        rows = on_root(finish)
    except KeyboardInterrupt:
        done = ", ".join(ds.attrs["cell"] for ds in datasets) or "none"
        raise InterruptedRun(f"interrupted; cells finished in {out}: {done}") from None
    return datasets, rows


def is_validation(cases: Sequence[Case]) -> bool:
    """Whether these are the cells of Dixit et al. 2024 in the reading that is judged."""
    names = {cell["name"] for cell in dixit2024()["cell"]}
    return {case.name for case in cases} == names and all(
        case.scenario == declared()["scenario"] and is_published(case) for case in cases
    )


def other_readings(watch: Watch) -> dict[str, list[xr.Dataset]]:
    """The published cells as columns in every scenario but the declared one."""
    others = [name for name in scenarios() if name != declared()["scenario"]]
    pressed = {}
    for scenario in others:
        with watch(f"scenario {scenario!r}, as columns") as progress:
            cases = load_set("dixit2024", scenario)
            pressed[scenario] = [press(case, "column", progress=progress) for case in cases]
    return pressed


def _finished(folder: Path) -> xr.Dataset | None:
    """The result of a cell that an earlier run has finished."""
    path = folder / RESULT
    if not path.exists():
        return None
    try:
        ds = netcdf.read(path)
    except Exception as error:  # of many kinds
        hint = f"{brief(str(error))}; without it the cell is pressed again"
        raise InputError(Problem("--restart", f"{path}, damaged", "a whole file", hint)) from None
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return ds


def _press_one(case: Case, folder: Path, watch: Watch) -> xr.Dataset:
    of_fem = case.model.fidelity != "column"
    fields_to = folder / "fields" if of_fem else None
    checkpoint = folder / CHECKPOINT if of_fem else None
    with watch(case.name) as progress:
        try:
            ds = press(case, fields_to=fields_to, progress=progress, checkpoint=checkpoint)
        except SolverError as error:
            if error.partial is None or not parallel.is_root():
                raise
            folder.mkdir(parents=True, exist_ok=True)
            netcdf.write(error.partial, folder / PARTIAL)
            raise SolverError(f"{case.name}: {error} Finished steps: {folder / 'partial.nc'}") from error
    if parallel.is_root():
        folder.mkdir(parents=True, exist_ok=True)
        netcdf.write(ds, folder / RESULT)
        for left in (CHECKPOINT, PARTIAL):
            (folder / left).unlink(missing_ok=True)
    return ds


def _here(action: Callable[[], T]) -> T:
    """On one rank, `fem.on_root` without MPI."""
    return action()


def _seconds(ds: xr.Dataset) -> dict[str, float]:
    return {
        key.removeprefix("seconds_"): value for key, value in ds.attrs.items() if key.startswith("seconds_")
    }


def _petsc_options(datasets: Sequence[xr.Dataset]) -> dict[str, str]:
    if all(ds.attrs["fidelity"] == "column" for ds in datasets):
        return {}
    from isosim import fem

    return fem.petsc_options()
