"""What limits the numbers of a report, said before any number is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xarray as xr

from isosim.case import scenarios
from isosim.data.published import declared, dixit2024
from isosim.report.describe import label, published

_FIT = "studies/calibration/fit_dixit2024"  # named by the source of a value fitted to published cells
_FIDELITY = {
    "column": "one material point for each layer through the thickness; it has no edge",
    "section": "a layer-resolved cross-section to the edge, the same all along the cell; it has no corners",
    "axisymmetric": "a layer-resolved disc to its edge, round where the cell has straight edges and corners",
    "solid": "a layer-resolved quarter of the cell with its corners, which are sharp",
}


def limits(datasets: Sequence[xr.Dataset], manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headings and paragraphs, most important first."""
    found = [("Baseline", _baseline(datasets))]
    if all(published(ds) for ds in datasets):
        found.append(("Mass balance", _mass_balance(datasets)))
    if fitted_values(manifest):
        found.append(("Fitted", _fitted(manifest)))
    found += [("Weak numbers", _weak(manifest)), ("Model", _model(datasets))]
    return [(heading, text.replace(" %", "\N{NO-BREAK SPACE}%")) for heading, text in found]


def fitted_values(manifest: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Card and entry of every value that was fitted to the cells of a publication."""
    return [
        (name, value)
        for name, value in _values(manifest)
        if value["provenance"] == "C" and _FIT in value["source"]
    ]


def _values(manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, card in manifest["cards"].items():
        for value in card["values"]:
            yield name, value


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.3g} %"


def _range(values: Sequence[float]) -> str:
    return f"{_span([100 * value for value in values])} %"


def _span(values: Sequence[float]) -> str:
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return low if low == high else f"{low} to {high}"


def _baseline(datasets: Sequence[xr.Dataset]) -> str:
    by_scenario: dict[str, list[xr.Dataset]] = {}
    for ds in datasets:
        by_scenario.setdefault(label(ds).scenario, []).append(ds)
    shown = declared()["scenario"] if declared()["scenario"] in by_scenario else next(iter(by_scenario))
    of_shown = by_scenario.pop(shown)
    text = (
        f"The numbers are those of the scenario “{shown}”: {scenarios()[shown].title}."
        if shown
        else "The case states its own baseline."
    )
    start: dict[str, list[float]] = {}
    for ds in of_shown:
        for kind in ds.kind.values if "kind" in ds.dims else ():
            start.setdefault(kind, []).append(float(ds.cell_porosity.sel(kind=kind, state="unpressed")))
    if start:
        porosities = ", ".join(f"{kind}s {_range(values)}" for kind, values in start.items())
        text += f" Porosity before pressing: {porosities}."
    if by_scenario:
        others = [
            f"“{name}” (fidelity {label(sets[0]).fidelity}): {scenarios()[name].title}"
            for name, sets in by_scenario.items()
        ]
        text += f" Shown beside it but not judged: {'; '.join(others)}."
    return text


def _mass_balance(datasets: Sequence[xr.Dataset]) -> str:
    porosity, band = dixit2024()["porosity"], dixit2024()["band"]
    initial, below = porosity["initial"], porosity["below"]
    start = _percent(initial)
    anodes = f"{100 * band['anode']['low']:.0f}–{_percent(band['anode']['high'])}"
    text = (
        "Solid is neither lost nor gained, so a coating cannot become thinner by more than its pores: "
        f"from the printed {start} porosity by at most {start}. The anodes' published band, {anodes}, is "
        f"therefore out of reach from there above {start}; its upper end needs "
        f"{_percent(band['anode']['high'])} porosity or more to begin with."
    )
    printed = [ds for ds in datasets if label(ds).scenario == "printed"]
    if printed:
        lost = [float(ds.cell_reduction.sel(kind="anode", definition="coating")) for ds in printed]
        text += f" Computed from {start}, the anodes become {_range(lost)} thinner."
    needed = 1.0 - (1.0 - initial) / (1.0 - below)
    return (
        f"{text} In the same way, less than {_percent(below)} porosity after pressing needs a reduction of "
        f"at least {_percent(needed)} from {start}, which excludes the lower part of the cathodes' band. "
        "Whether the published thickness included the foil is not known; both readings are given."
    )


def _fitted(manifest: Mapping[str, Any]) -> str:
    by_card: dict[str, list[str]] = {}
    for name, value in fitted_values(manifest):
        by_card.setdefault(name, []).append(f"{value['quantity']} {value['value']}")
    cards = "; ".join(f"{name}: {', '.join(values)}" for name, values in by_card.items())
    return (
        "One set of values for all cells, fitted to targets that were chosen inside the published bands "
        f"and in the published order ({cards}). That reductions lie inside the bands and in that order is "
        "thus no independent confirmation of the model."
    )


def _weak(manifest: Mapping[str, Any]) -> str:
    codes = Counter(value["provenance"] for _, value in _values(manifest))
    second = [
        f"{name} {value['quantity']} {value['value']}"
        for name, value in _values(manifest)
        if value["provenance"] == "D" or "second-hand" in value["source"]
    ]
    text = (
        f"Of {codes.total()} values on the material cards, {codes['A']} are assumed and {codes['M']} are "
        "from memory of the literature, unverified."
    )
    if second:
        text += f" At second hand, from digests of their sources: {', '.join(second)}."
    return f"{text} The cards at the end give the source of every value."


def _model(datasets: Sequence[xr.Dataset]) -> str:
    fidelities = dict.fromkeys(label(ds).fidelity for ds in datasets)
    text = " ".join(f"Fidelity “{name}” is {_FIDELITY[name]}." for name in fidelities)
    zones = [1e3 * ds.attrs["edge_zone"] for ds in datasets if ds.sizes["x"] > 1]
    if zones:
        text += (
            f" Interior means leave out the outermost stack height ({_span(zones)} mm); thickness is the "
            "mean over the whole electrode."
        )
    slips = any((ds.role == "slip").any() for ds in datasets)
    bonded = (
        "Layers are bonded to each other, but for the interfaces named to slip,"
        if slips
        else ("Layers are bonded to each other")
    )
    return (
        f"{text} {bonded} and dry, the temperature is uniform, and electrodes taken "
        "out are measured flat. The grey response of the films is assumed: compare planes, not grey "
        "values."
    )
