"""Put the figures and tables of a sweep on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.atomic import replacing
from isosim.errors import InputError, Problem
from isosim.materials.card import PROVENANCE
from isosim.report.figures import style
from isosim.report.sweep import curves, indices, scatter
from isosim.report.sweep.scales import label, number
from isosim.sweep import goals as aims
from isosim.sweep import show
from isosim.sweep.goals import Goal
from isosim.sweep.sensitivity import sobol_indices
from isosim.sweep.view import View

POINTS = 1500  # in a scatter matrix
CLOUD = 20_000  # behind a front
ROWS = 8
SHOWN = (
    "reduction_cathode_coating",
    "reduction_anode_coating",
    "porosity_cathode_disassembled",
    "porosity_anode_disassembled",
)


def write(view: View, texts: Sequence[str]) -> Path:
    """Write `report.html` into the store.

    Parameters
    ----------
    texts
        Goals such as "max reduction_cathode_coating"; the first two make the Pareto front.

    Raises
    ------
    InputError
        When no case is done, or a goal is none of the sweep.
    """
    numbers = show.numbers(view)
    if not numbers["done"]:
        raise InputError(Problem("report", f"{view.folder} without a finished case", "one or more"))
    goals = aims.read(texts, view)
    readings = list(dict.fromkeys([*(g.name for g in goals if g.name in view.readings), *SHOWN]))
    readings = [name for name in readings if name in view.readings]
    columns = list(dict.fromkeys(["id", *view.keys, *readings]))
    frame = view.frame(columns)
    path = view.folder / "report.html"
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            view=view,
            manifest=view.manifest,
            sweep=view.manifest["spec"]["sweep"],
            numbers=numbers,
            keys=_keys(view, frame),
            quantiles=_quantiles(view, numbers),
            figures=list(_figures(view, frame, readings, goals)),
            without_indices=_without_indices(view, numbers),
            worst=[_worst(view, frame, goal) for goal in goals],
            best=_front(view, frame, goals),
            provenance=PROVENANCE,
        )
    )
    with replacing(path) as unfinished:
        unfinished.write_text(text, "utf-8")
    return path


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (files(__package__) / name).read_text("utf-8")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip


def _figures(view: View, frame: pd.DataFrame, readings: list[str], goals: list[Goal]) -> Any:
    numeric = [
        key["path"] for key in view.manifest["keys"] if key["number"] and frame[key["path"]].nunique() > 1
    ]
    yield _figure("curves", curves.CAPTION, partial(curves.draw, view, frame, readings[:4]))
    if view.manifest["spec"]["sweep"]["method"] == "saltelli" and not _without_indices(view, None):
        found = sobol_indices(view, readings[:4])
        if len(found):
            yield _figure("indices", indices.CAPTION, partial(indices.draw, found))
    aimed = [goal.name for goal in goals if goal.name not in numeric]
    names = [*numeric[: scatter.MOST_PANELS - len(aimed)], *aimed][: scatter.MOST_PANELS]
    some = frame.sample(min(POINTS, len(frame)), random_state=0)
    if len(names) > 1:
        yield _figure(
            "matrix", scatter.MATRIX.format(points=len(some)), partial(scatter.matrix, view, some, names)
        )
    if len(goals) > 1:
        best = aims.front(goals[0].cost(frame), goals[1].cost(frame))
        cloud = np.random.default_rng(0).permutation(len(frame))[:CLOUD]
        chosen = np.r_[best, np.setdiff1d(cloud, best)]
        caption = scatter.FRONT.format(first=goals[0], second=goals[1])
        drawn = partial(scatter.pareto, view, frame.iloc[chosen], goals[:2], np.arange(len(best)))
        yield _figure("pareto", caption, drawn)


def _figure(name: str, caption: str, draw: Callable[[], Figure]) -> dict[str, str]:
    with style.look():
        element = style.svg(draw())
    return {"name": name, "caption": caption, "svg": style.inline(element, name, caption)}


def _without_indices(view: View, numbers: Any) -> str:
    """Why there are no Sobol indices; empty where there are."""
    method = view.manifest["spec"]["sweep"]["method"]
    if method != "saltelli":
        return f'The cases are a design by {method}: Sobol indices need method = "saltelli".'
    numbers = numbers or show.numbers(view)
    if numbers["done"] < numbers["cases"]:
        missing = numbers["cases"] - numbers["done"]
        return f"{missing} cases of Saltelli's design are missing or failed: no Sobol indices."
    return ""


def _keys(view: View, frame: pd.DataFrame) -> list[dict[str, str]]:
    """What varies: least and greatest value, and what a card says about it."""
    rows = []
    for key in view.manifest["keys"]:
        path = key["path"]
        card, _, quantity = path.partition(".")
        of_card = [
            v for v in view.manifest["cards"].get(card, {}).get("values", []) if v["quantity"] == quantity
        ]
        values = frame[path]
        ends = (
            (values.min(), values.max()) if key["number"] else (", ".join(sorted(set(map(str, values)))), "")
        )
        rows.append(
            {
                "name": label(view, path),
                "low": number(view, path, ends[0]),
                "high": number(view, path, ends[1]),
                "card": "; ".join(map(_story, of_card)),
            }
        )  # fmt: skip
    return rows


def _story(value: Mapping[str, str]) -> str:
    """A value of a card with where it comes from."""
    return f"{value['value']}, {PROVENANCE[value['provenance']]}, confidence {value['confidence']}"


def _quantiles(view: View, numbers: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "name": label(view, row["reading"]),
            **{p: number(view, row["reading"], row[p]) for p in ("p5", "p50", "p95")},
        }
        for row in numbers["readings"]
    ]


def _table(view: View, frame: pd.DataFrame) -> dict[str, Any]:
    columns = [name for name in frame.columns if name != "id"]
    return {
        "columns": [label(view, name) for name in columns],
        "rows": [
            [number(view, name, value) for name, value in zip(columns, row, strict=True)]
            for row in frame[columns].itertuples(index=False)
        ],
        "ids": list(frame["id"]),
    }


def _worst(view: View, frame: pd.DataFrame, goal: Goal) -> dict[str, Any]:
    order = np.argsort(-goal.cost(frame), kind="stable")[:ROWS]
    columns = list(dict.fromkeys(["id", goal.name, *view.keys]))
    return {"goal": str(goal), **_table(view, frame.iloc[order][columns])}


def _front(view: View, frame: pd.DataFrame, goals: list[Goal]) -> dict[str, Any] | None:
    if len(goals) < 2:
        return None
    best = aims.front(goals[0].cost(frame), goals[1].cost(frame))
    some = best[np.unique(np.linspace(0, len(best) - 1, min(ROWS, len(best))).astype(int))]
    columns = list(dict.fromkeys(["id", *(goal.name for goal in goals[:2]), *view.keys]))
    return {"count": len(best), **_table(view, frame.iloc[some][columns])}
