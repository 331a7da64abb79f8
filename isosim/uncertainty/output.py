"""The uncertainty of cases as tables and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from isosim.atomic import replacing
from isosim.materials.card import PROVENANCE
from isosim.sweep.readings import meaning
from isosim.uncertainty.intervals import LEVEL, Uncertainty

MEASURED = 3  # of the inputs that move a reading most, named in words


def table(found: Sequence[Uncertainty]) -> pd.DataFrame:
    """A row for each headline of each case, SI; see `intervals.Headline`."""
    rows = []
    for one in found:
        for headline in one.headlines:
            low, high = headline.both
            rows.append(
                {
                    "case": one.case,
                    "fidelity": one.fidelity,
                    **asdict(headline),
                    "both_low": low,
                    "both_high": high,
                }
            )
    return pd.DataFrame(rows)


def shown(found: Sequence[Uncertainty]) -> list[dict[str, str]]:
    """Rows for the terminal, in percent."""
    return [
        {
            "case": one.case,
            "reading": h.name,
            "value, %": f"{100 * h.nominal:.2f}",
            "cards": f"{100 * h.low:.2f} .. {100 * h.high:.2f}",
            "another law": f"{100 * h.law_low:+.2f} .. {100 * h.law_high:+.2f}",
            "moved most by": ", ".join(to_measure(one, h.name)),
        }
        for one in found
        for h in one.headlines
    ]


def influence(one: Uncertainty) -> pd.DataFrame:
    """How far each input moves each headline, with Sobol indices, the farthest first."""
    frame = one.ends.assign(swing=(one.ends.at_high - one.ends.at_low).abs())
    if len(one.indices):
        frame = frame.merge(one.indices, on=["reading", "input"], how="left")
        return frame.sort_values(["reading", "total"], ascending=[True, False], kind="stable")
    return frame.sort_values(["reading", "swing"], ascending=[True, False], kind="stable")


def to_measure(one: Uncertainty, reading: str, count: int = MEASURED) -> list[str]:
    """The inputs that move a reading most: what to measure next."""
    frame = influence(one)
    return list(frame[frame.reading == reading].input[:count])


def write(found: Sequence[Uncertainty], folder: Path) -> None:
    """Write intervals.csv, influence.csv and uncertainty.json."""
    texts = {
        "intervals.csv": table(found).to_csv(index=False, float_format="%.9g"),
        "influence.csv": pd.concat([influence(one).assign(case=one.case) for one in found]).to_csv(
            index=False, float_format="%.6g"
        ),
        "uncertainty.json": json.dumps([_summary(one) for one in found], indent=1, allow_nan=False) + "\n",
    }
    for name, text in texts.items():
        with replacing(folder / name) as partial:
            partial.write_text(text, "utf-8")


def _summary(one: Uncertainty) -> dict[str, Any]:
    return {
        "case": one.case,
        "fidelity": one.fidelity,
        "level": LEVEL,
        "interval_holds": "ranges of the cards, evenly and independently distributed",
        "law_holds": "least and greatest change by another compaction law; no probability",
        "presses": one.presses,
        "failed": one.failed,
        "headlines": [
            {**asdict(h), "meaning": meaning(h.name)[1], "measure_next": to_measure(one, h.name)}
            for h in one.headlines
        ],
        "varied": [
            {
                "name": i.name,
                "low": i.low,
                "nominal": i.nominal,
                "high": i.high,
                "provenance": PROVENANCE[i.value.provenance],
                "confidence": i.value.confidence,
                "source": i.value.source,
            }
            for i in one.inputs
        ],
        "fixed": dict(one.fixed),
        "laws": {label: dict(values) for label, values in one.laws.items()},
        "laws_left_out": list(one.refused),
    }
