"""One look for all figures: quiet, printable, colours that survive colour blindness and grey copies."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import quoteattr

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 8.4  # inches; the page shows a figure 860 px wide
COLOURS = ("#0072B2", "#D55E00", "#000000", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
BAND = "#e9e4d4"
QUIET = "#777777"
_LOOK: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.linewidth": 0.7,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.3,
    "lines.markersize": 4.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "isosim",
    "savefig.dpi": 200,
}


@contextmanager
def look() -> Iterator[None]:
    """The look of a figure, while it is drawn and while it is saved."""
    with matplotlib.rc_context(_LOOK):
        yield


def new(height: float) -> Figure:
    """An empty figure of the page's width [inches], on no screen."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


def conditions(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker for each press condition, in order of appearance."""
    unique = list(dict.fromkeys(names))
    return {name: (COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i, name in enumerate(unique)}


def light_grid(axes: Axes, axis: str = "y") -> None:
    """Thin lines behind the data."""
    axes.grid(True, axis=axis, color="#dddddd", linewidth=0.5)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def svg(figure: Figure) -> str:
    """The figure as an SVG element that scales with the page; the same numbers give the same text."""
    with look():
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    element = text.getvalue()
    return element[element.index("<svg") :]


def standalone(element: str) -> str:
    """An SVG file from an SVG element."""
    return '<?xml version="1.0" encoding="utf-8"?>\n' + element


def inline(element: str, prefix: str, description: str) -> str:
    """The element for a page: no fixed size, identifiers of its own, a description for screen readers."""
    element = re.sub(r' (?:width|height)="[\d.]+pt"', "", element, count=2)
    element = re.sub(r'\bid="', f'id="{prefix}-', element)
    element = re.sub(r'(href="|url\()#', rf"\g<1>#{prefix}-", element)
    return element.replace("<svg ", f'<svg role="img" aria-label={quoteattr(description)} ', 1)
