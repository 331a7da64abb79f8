"""Write the validation dossier: validation.csv and a figure here, and docs/validation.md.

python -m studies.validation.dossier
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.report.figures import style
from studies.validation.rows import Row, all_rows, as_dict

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "validation.md"
SAMPLES = 64
BETWEEN = ("120RT-4:", "120RT-10:", "120RT-20:")
ORDER = ("prediction", "identity", "fitted", "ordering", "open", "declined")
MEANING = {
    "prediction": "nothing of the row was used",
    "identity": "true by statics or mass balance; a row that fails is a defect of the program or of the data",
    "fitted": "a number was fitted to it, or to a target inside a published band: it confirms nothing",
    "ordering": "which of two conditions compacts more",
    "open": "not judged; 4, 10 and 20 layers read like 40 and are in studies/validation/validation.csv",
    "declined": "the model does not speak to it",
}


def number(x: float | None, unit: str) -> str:
    """A number, or nothing."""
    if x is None or not np.isfinite(x):
        return ""
    if abs(x) < 1e-9:
        return "0"
    return f"{x:.1f}" if unit == "%" and abs(x) >= 10 else f"{x:.3g}"


def span(low: float | None, high: float | None, unit: str) -> str:
    """An interval, open ends as inequalities."""
    a, b = number(low, unit), number(high, unit)
    if a == b:
        return a
    return f"{a} to {b}" if a and b else (f"> {a}" if a else f"< {b}" if b else "")


def page(rows: Sequence[Row], skill: dict[str, float], score: dict[str, float]) -> str:
    """The page in markdown."""
    words = {"predictions": sum(row.kind == "prediction" for row in rows), **skill, **score}
    text = [(HERE / "head.md").read_text("utf-8").format(**words).rstrip()]
    for kind in ORDER:
        words = MEANING[kind][0].upper() + MEANING[kind][1:]
        text += ["", f"## {kind.capitalize()}", "", words + ".", ""]
        if kind == "declined":
            text += ["| row | what | why |", "|---|---|---|"]
            text += [f"| {row.id} | {row.what} | {row.remark} |" for row in rows if row.kind == kind]
            continue
        text += [
            "| row | what | predicted | interval | measured | outcome | source |",
            "|---|---|---|---|---|---|---|",
        ]
        for row in rows:
            if row.kind == kind and not (kind == "open" and row.what.startswith(BETWEEN)):
                measured = span(*row.measured, row.unit) if row.measured else ""
                unit = "" if row.unit in ("", "1") else f" {row.unit}"
                cells = (
                    row.id,
                    row.what,
                    number(row.predicted, row.unit) + (unit if row.predicted is not None else ""),
                )
                cells += (span(row.low, row.high, row.unit), measured, row.outcome, row.source)
                text.append("| " + " | ".join(cells) + " |")
    return "\n".join(text) + "\n\n" + (HERE / "tail.md").read_text("utf-8")


def draw(rows: Sequence[Row]) -> Figure:
    """Predictions and the fitted rows of V1, with both intervals."""
    shown = [
        row
        for row in rows
        if row.id in ("V1", "V2", "V3", "V8") or (row.id == "V12" and row.kind == "prediction")
    ]
    figure = style.new(0.7 + 0.3 * len(shown))
    axes = figure.subplots()
    colour = dict(
        zip(("prediction", "fitted", "identity"), style.COLOURS[:2] + style.COLOURS[3:4], strict=True)
    )
    for y, row in enumerate(shown):
        axes.plot(row.measured, [y + 0.15] * 2, color=style.COLOURS[2], lw=4, solid_capstyle="butt")
        if row.low is not None:
            axes.plot([row.low, row.high], [y - 0.15] * 2, color=colour[row.kind], lw=1.5)
        axes.plot(row.predicted, y - 0.15, "o", color=colour[row.kind])
    axes.set_yticks(range(len(shown)), [f"{row.id}  {row.what}" for row in shown], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("porosity (V12: ratio)")
    for kind, shade in colour.items():
        axes.plot([], [], "o-", color=shade, label=f"{kind}, 90 %")
    axes.plot([], [], color=style.COLOURS[2], lw=4, label="measured, second-hand")
    figure.legend(loc="outside lower center", ncols=4)
    style.light_grid(axes, "x")
    return figure


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=SAMPLES)
    rows, skill, score = all_rows(parser.parse_args().samples, lambda words: print(words, flush=True))
    pd.DataFrame([as_dict(row) for row in rows]).to_csv(
        HERE / "validation.csv", index=False, float_format="%.6g"
    )
    with style.look():
        draw(rows).savefig(PAGE.parent / "images" / "validation.png")
    PAGE.write_text(page(rows, skill, score), "utf-8")
    print(f"{PAGE}: {len(rows)} rows")


if __name__ == "__main__":
    main()
