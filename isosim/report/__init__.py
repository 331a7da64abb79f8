"""Tables, figures and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from isosim.atomic import replacing
from isosim.data.published import declared
from isosim.data.validate import Row
from isosim.report import page, tables
from isosim.report.describe import label
from isosim.report.figures import Planned, planned, style
from isosim.report.limits import fitted_values
from isosim.uncertainty.reported import Found

__all__ = ["write"]


def write(
    datasets: Sequence[xr.Dataset],
    validation: Sequence[Row] | None,
    out: Path,
    manifest: Mapping[str, Any],
    intervals: Found,
) -> None:
    """Write `report.html`, `summary.csv`, `summary.xlsx`, `intervals.csv` and `figures/` into `out`.

    Parameters
    ----------
    datasets
        Measured datasets (`isosim.measure.all`) of one or more scenarios. Tables and figures show the
        declared scenario, or else that of the first dataset; the reductions show all.
    validation
        Rows of `isosim.data.validate`; None when the cells are not those of a publication.
    manifest
        From `isosim.manifest.build`: the page shows its cards, versions and times.
    intervals
        By cell of the scenario shown: its uncertainty, or why there is none.
    """
    scenarios = [label(ds).scenario for ds in datasets]
    shown = declared()["scenario"] if declared()["scenario"] in scenarios else scenarios[0]
    main = [ds for ds in datasets if label(ds).scenario == shown]
    (out / "figures").mkdir(parents=True, exist_ok=True)
    tables.write(main, intervals, out)
    figures = []
    for figure in planned(main, datasets, bool(fitted_values(manifest))):
        element = _write_figure(figure, out / "figures")
        inline = style.inline(element, figure.name, figure.caption)
        figures.append({"name": figure.name, "caption": figure.caption, "svg": inline})
    text = page.render(main, datasets, validation, figures, manifest, intervals)
    with replacing(out / "report.html") as partial:
        partial.write_text(text, "utf-8")


def _write_figure(figure: Planned, out: Path) -> str:
    with style.look():
        element = style.svg(figure.draw(figure.frame))
    with replacing(out / f"{figure.name}.svg") as partial:
        partial.write_text(style.standalone(element), "utf-8")
    with replacing(out / f"{figure.name}.csv") as partial:
        figure.frame.to_csv(partial, index=False, float_format="%.6g")
    return element
