"""What the terminal shows: the headline of pressed cells, validation rows, cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import xarray as xr
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from isosim import parallel
from isosim.data.published import dixit2024
from isosim.data.validate import Row, closing
from isosim.report.describe import contraction, label, published

if TYPE_CHECKING:
    from isosim.data.calibration import Calibration
    from isosim.data.compare import Comparison

WIDTH = 118  # where the output is not a terminal


def console() -> Console:
    """A console that wraps no tables when its output goes to a file or through mpirun; of rank 0 only."""
    plain = Console(quiet=not parallel.is_root())
    if plain.is_terminal and parallel.ranks() == 1:
        return plain
    return Console(width=WIDTH, soft_wrap=True, quiet=plain.quiet, force_terminal=False)


def headline(datasets: Sequence[xr.Dataset]) -> Table:
    """One line a cell: how much thinner, what porosity is left, what pressure the films saw."""
    with_bands = all(published(ds) for ds in datasets)
    table = Table(box=SIMPLE_HEAD, title_justify="left")
    table.add_column("cell", no_wrap=True)
    for kind in ("cathode", "anode"):
        band = dixit2024()["band"][kind]
        paper = f"% (paper {100 * band['low']:.0f}-{100 * band['high']:.0f})" if with_bands else "%"
        table.add_column(f"{kind} thinner\n{paper}", justify="right", no_wrap=True)
    table.add_column("with foil, %\ncathode / anode", justify="right", no_wrap=True)
    table.add_column("pores left, %\ncathode / anode", justify="right", no_wrap=True)
    table.add_column("films, MPa\nlow .. high", justify="right", no_wrap=True)
    table.add_column("in plane, %\nshorter by", justify="right", no_wrap=True)
    for ds in datasets:
        table.add_row(label(ds).cell, *_headline(ds))
    return table


def _headline(ds: xr.Dataset) -> list[str]:
    cells = [""] * 4
    if "kind" in ds.dims:
        kinds = [str(kind) for kind in ds.kind.values]
        reduction = {
            (kind, definition): f"{100 * float(ds.cell_reduction.sel(kind=kind, definition=definition)):.1f}"
            for kind in kinds
            for definition in ("coating", "with_foil")
        }
        left = [f"{100 * float(ds.cell_porosity.sel(kind=kind, state='disassembled')):.1f}" for kind in kinds]
        cells = [reduction.get((kind, "coating"), "") for kind in ("cathode", "anode")]
        cells += [" / ".join(reduction[kind, "with_foil"] for kind in kinds), " / ".join(left)]
    films = ds.film_pressure.values / 1e6
    cells.append(f"{films.min():.1f} .. {films.max():.1f}" if films.size else "")
    return [*cells, contraction(ds)]


def validation(rows: Sequence[Row]) -> Table:
    """Every row, grouped by kind."""
    table = Table(box=SIMPLE_HEAD)
    for column in ("kind", "cell", "quantity"):
        table.add_column(column)
    for column in ("predicted", "interval", "holds"):
        table.add_column(column, justify="right", no_wrap=True)
    for _, group in groupby(rows, key=lambda row: row.kind):
        for row in group:
            low, high = ("" if bound is None else f"{bound:.4g}" for bound in (row.low, row.high))
            interval = f"{low} .. {high}" if low or high else ""
            holds = "" if row.holds is None else ("yes" if row.holds else "no")
            predicted = f"{row.predicted:.4g} {'' if row.unit == '1' else row.unit}".strip()
            table.add_row(row.kind, row.cell, row.quantity, predicted, interval, holds)
        table.add_section()
    return table


def verdict(rows: Sequence[Row]) -> str:
    """How many judged rows hold, and how many rows are independent predictions."""
    judged = [row for row in rows if row.kind in ("identity", "fitted", "ordering")]
    held = sum(bool(row.holds) for row in judged)
    return f"{held} of {len(judged)} judged rows hold. {closing(rows)}"


def listing(rows: Sequence[Mapping[str, object]], title: str) -> Table:
    """Rows of a table of texts."""
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    return table


def comparison(rows: Sequence[Comparison]) -> Table:
    """Readings beside what was computed."""
    shown = [
        {
            "cell": row.cell,
            "quantity": row.quantity,
            "of": row.subject,
            "measured": f"{row.measured:.4g}" + (f" +- {row.sigma:.2g}" if row.sigma else ""),
            "n": str(row.readings),
            "predicted": "" if row.predicted is None else f"{row.predicted:.4g}",
            "model": "" if row.covered is None else f"{row.model_low:.4g} .. {row.model_high:.4g}",
            "unit": "" if row.unit == "1" else row.unit,
            "difference": "" if row.difference is None else f"{row.difference:+.3g}",
            "holds": "" if row.holds is None else ("yes" if row.holds else "no"),
            "remark": row.remark,
        }
        for row in rows
    ]
    return listing(
        shown,
        "readings beside the result; holds: within two standard deviations of the reading; model: interval",
    )


def calibration(found: Calibration) -> Iterator[Table | str]:
    """Laws compared, parameters, rows, skill and what else has to be known."""
    from isosim.data.calibration import output
    from isosim.data.calibration.calibrate import level_text

    series, one = found.series, found.chosen
    um = series.quantity == "thickness"
    scale, unit = (1e6, "um of thickness") if um else (1.0, "porosity")
    if found.compared:
        laws = [
            {
                "law": other.model.law.name,
                "formula": other.model.law.formula,
                "misfit": f"{other.misfit:.2f}",
                "free": str(other.free),
                "criterion": f"{criterion:.2f}",
                "weight": f"{weight:.3f}",
            }
            for other, criterion, weight in zip(found.fits, found.criteria, found.weights, strict=True)
        ]
        yield listing(laws, "laws, best first by Akaike's criterion")
    yield f"law {one.model.law.name}: {one.model.law.formula}, column {found.lateral}"
    for estimate in found.estimates:
        yield f"  {output.written(estimate)}{'' if estimate.identified else '  not identified'}"
    rows = [
        {
            "MPa": f"{row.pressure / 1e6:.4g}",
            "degC": f"{row.temperature - 273.15:.0f}",
            "role": row.role,
            "measured": f"{row.measured * scale:.4g}",
            "predicted": f"{row.predicted * scale:.4g}",
            f"{level_text()} interval": f"{row.low * scale:.4g} .. {row.high * scale:.4g}",
            "sigma: noise": f"{row.sigma_noise * scale:.2g}",
            "parameters": f"{row.sigma_parameters * scale:.2g}",
            "laws": f"{row.sigma_laws * scale:.2g}",
        }
        for row in found.rows
    ]
    yield listing(rows, f"rows, {unit}")
    skill = found.skill
    if skill["rows"] and skill["rms_error"] is not None:
        words = [
            f"{part['skill']:+.2f} against the {name.replace('_', ' ')} "
            f"(its error {part['rms_error'] * scale:.3g})"
            for name, part in skill.items()
            if isinstance(part, dict) and part["skill"] is not None
        ]
        yield (
            f"error of the predicted rows {skill['rms_error'] * scale:.3g} {unit}; skill {', '.join(words)}: "
            "1 is perfect, below 0 the line is better"
        )
    yield from output.statements(found)
