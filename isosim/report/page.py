"""The page: one HTML file with everything in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import jinja2
import xarray as xr

from isosim.data.published import dixit2024
from isosim.data.validate import Row, closing
from isosim.materials.card import PROVENANCE
from isosim.measure import film
from isosim.report import edge, intervals, readings, validation_tables
from isosim.report.describe import contraction, label, published
from isosim.report.limits import limits
from isosim.uncertainty.intervals import Uncertainty
from isosim.uncertainty.reported import Found


def render(
    main: Sequence[xr.Dataset],
    datasets: Sequence[xr.Dataset],
    validation: Sequence[Row] | None,
    figures: Sequence[Mapping[str, str]],
    manifest: Mapping[str, Any],
    found: Found,
) -> str:
    """The text of `report.html`.

    `main` are the datasets of the scenario that the headline shows, `datasets` all of them; each figure has
    name, caption and svg (an SVG element).
    """
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string((files(__package__) / "report.html.j2").read_text("utf-8"))
    return template.render(
        title=_title(main),
        labels=[label(ds) for ds in main],
        limits=limits(datasets, manifest),
        edge=edge.section(main),
        headline=[_headline(ds, found[label(ds).cell]) for ds in main if "kind" in ds.dims],
        intervals=list(intervals.statements([ds for ds in main if "kind" in ds.dims], found)),
        bands=dixit2024()["band"] if all(published(ds) for ds in main) else {},
        anticipated=dixit2024()["porosity"]["below"],
        source=dixit2024()["source"]["citation"],
        validation=validation_tables.tables(validation) if validation else [],
        counts=validation_tables.counts(validation) if validation else [],
        closing=closing(validation) if validation else "",
        readings=readings.lines(main),
        figures=figures,
        assumed=_assumed(manifest["assumptions"]),
        cards=manifest["cards"],
        film=film.card(),
        provenance=PROVENANCE,
        manifest=manifest,
    )


def _title(main: Sequence[xr.Dataset]) -> str:
    names = {label(ds).cell for ds in main}
    if all(published(ds) for ds in main) and len(names) == len(dixit2024()["cell"]):
        return "Isostatic pressing of the seven dummy cells of Dixit 2024"
    return "Isostatic pressing: " + ", ".join(sorted(names))


def _assumed(by_case: Mapping[str, Sequence[str]]) -> list[tuple[str, list[str]]]:
    """What all cases assume, under "", then what single ones do."""
    everywhere = [
        text for text in next(iter(by_case.values()), ()) if all(text in own for own in by_case.values())
    ]
    single = [(case, [text for text in own if text not in everywhere]) for case, own in by_case.items()]
    return [(case, texts) for case, texts in [("", everywhere), *single] if texts]


def _headline(ds: xr.Dataset, found: Uncertainty | str) -> dict[str, Any]:
    here = label(ds)
    around = {} if isinstance(found, str) else intervals.of(ds, found)
    kinds = {}
    for kind in ds.kind.values:
        band = dixit2024()["band"][kind] if published(ds) else None
        reductions = {}
        for definition in ds.definition.values:
            value = float(ds.cell_reduction.sel(kind=kind, definition=definition))
            outside = (
                ""
                if band is None
                else "below"
                if value < band["low"]
                else "above"
                if value > band["high"]
                else ""
            )
            reductions[str(definition)] = {
                "text": _percent(value, band),
                "outside": outside,
                "interval": around.get(f"reduction_{kind}_{definition}"),
            }
        porosity = float(ds.cell_porosity.sel(kind=kind, state="disassembled"))
        left = {
            "text": f"{100.0 * porosity:.1f}",
            "interval": around.get(f"porosity_{kind}_disassembled"),
        }
        kinds[str(kind)] = {**reductions, "porosity": left}
    pressures = ds.film_pressure.values / 1e6
    return {
        "cell": here.cell,
        "condition": here.condition,
        "kinds": kinds,
        "film": (pressures.min(), pressures.max()) if pressures.size else None,
        "film_valid": bool(ds.film_valid.all()) and not bool(ds.film_saturated.any()),
        "contraction": {"text": contraction(ds), "interval": around.get("contraction")},
    }


def _percent(value: float, band: Mapping[str, float] | None) -> str:
    """A reduction in %, with a second digit where one would hide on which side of its band it lies."""
    near = band is not None and min(abs(value - band["low"]), abs(value - band["high"])) < 5e-4
    return f"{100.0 * value:.{2 if near else 1}f}"
