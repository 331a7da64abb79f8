"""What the command line does about uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from isosim.atomic import replacing
from isosim.case import Case
from isosim.errors import InputError, Problem
from isosim.uncertainty import intervals, laws, output
from isosim.uncertainty.intervals import Uncertainty

FEW = 8  # sections


def run(
    cases: Sequence[Case], folder: Path, samples: int | None, sections: bool, told: Callable[[str], None]
) -> list[Uncertainty]:
    """Uncertainty of each case into `folder`: intervals, influence, a figure of both.

    Raises
    ------
    InputError, MissingPartError, SolverError
        As `intervals.of` and `of_sections`; a folder that cannot be written.
    """
    from isosim.report.figures import style, uncertainty

    found: list[Uncertainty] = []
    others: dict[tuple[str, ...], laws.Alternatives] = {}
    for case in cases:
        told(f"{case.name}: other laws, sampling")
        own = laws.shared(case, others)
        if sections:
            found.append(intervals.of_sections(case, samples or FEW, told, own))
        else:
            found.append(intervals.of(case, samples or intervals.SAMPLES, own))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            Problem("--out", f"{folder}, {error.strerror}", "a folder that can be written")
        ) from None
    output.write(found, folder)
    with style.look():
        for name, figure in (
            ("intervals.png", uncertainty.intervals(output.table(found))),
            *((f"tornado_{one.case}.png", uncertainty.tornado(one)) for one in found),
        ):
            with replacing(folder / name) as partial:
                figure.savefig(partial)
    return found
