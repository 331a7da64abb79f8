"""A design's answer in words."""

from __future__ import annotations

from collections.abc import Iterator

from isosim import units
from isosim.materials.card import PROVENANCE
from isosim.sweep.confidence import FEW, NOTABLE, Moved
from isosim.sweep.design import Answer, Bound
from isosim.sweep.readings import SHOWN, meaning


def text(answer: Answer, assumed: list[Moved]) -> str:
    """Values, readings at each fidelity, and what the answer rests on."""
    return "\n".join([*_found(answer), "", *_asked(answer), *_edges(answer), *_rests(assumed, answer)])


def _found(answer: Answer) -> Iterator[str]:
    yield f"{answer.design.base.name}: found with {answer.presses} columns"
    width = max(len(key.path) for key in answer.values)
    for key, value in answer.values.items():
        yield f"  {key.path:{width}s}  {_show(value, key.unit)}"


def _asked(answer: Answer) -> Iterator[str]:
    width = max(len(name) for name in answer.design.asked)
    for bound in answer.design.bounds:
        found = f"{_values(answer, bound.name)}  {_verdict(answer, bound)}"
        yield f"  {bound.name:{width}s}  {_words(bound):28s}{found}"
    if (least := answer.design.minimise) in answer.column:
        yield f"  {least:{width}s}  {'as small as possible':28s}{_values(answer, least)}"


def _values(answer: Answer, name: str) -> str:
    unit = meaning(name)[0]
    words = f"column {_show(answer.column[name], unit)}"
    if answer.section is not None:
        apart = answer.section[name] - answer.column[name]
        words += f", section {_show(answer.section[name], unit)} (apart by {_show(apart, unit)})"
    return words


def _verdict(answer: Answer, bound: Bound) -> str:
    if not bound.holds(answer.column[bound.name]):
        return "does not hold"
    if answer.section is not None and not bound.holds(answer.section[bound.name]):
        return "holds for the column, not for the section"
    return "holds"


def _edges(answer: Answer) -> Iterator[str]:
    for key, between in answer.design.ranges.items():
        span = between.high - between.low
        near = [end for end in (between.low, between.high) if abs(answer.values[key] - end) < 1e-3 * span]
        if near:
            yield f"  at the end of its range: {key.path}; beyond it there may be better"


def _rests(assumed: list[Moved], answer: Answer) -> Iterator[str]:
    for key in answer.values:
        strongest: dict[str, Moved] = {}
        for m in assumed:
            if m.effects[key.path] > max(
                NOTABLE, strongest[m.name].effects[key.path] if m.name in strongest else 0.0
            ):
                strongest[m.name] = m
        ranked = sorted(strongest.values(), key=lambda m: -m.effects[key.path])
        if ranked:
            worst = ", ".join(f"{m.name} ({m.effects[key.path]:.0%})" for m in ranked[:4])
            yield f"  warning: what {key.path} does rests on assumed values, whose ranges change it: {worst}"
        card, _, name = key.path.partition(".")
        material = answer.design.base.stack().materials.get(card)
        for quantity, value in material.card.values() if material and material.card else ():
            if quantity == name:
                story = f"{PROVENANCE[value.provenance]}, confidence {value.confidence}"
                yield f"  warning: {key.path} is a value of a card, {value.text}: {story}"
    if assumed:
        yield "  assumed values that move the answer most, over their ranges:"
    for m in assumed[:FEW]:
        unit = meaning(m.reading)[0]
        low, high = (_show(change, unit) for change in m.change)
        what = f"{m.value.text}, {PROVENANCE[m.value.provenance]}, confidence {m.value.confidence}"
        yield f"    {m.name} ({what}): {m.reading} by {low} to {high}"


def _words(bound: Bound) -> str:
    unit = meaning(bound.name)[0]
    if bound.target:
        return f"{_show(0.5 * (bound.low + bound.high), unit)} ± {_show(bound.scale, unit)}"
    ends = [
        f"{word} {_show(end, unit)}"
        for word, end in (("least", bound.low), ("most", bound.high))
        if abs(end) < float("inf")
    ]
    return ", ".join(ends)


def _show(value: float, unit: str) -> str:
    """A value in the unit of a reader; a difference of temperatures does not occur."""
    if unit in ("", "1"):
        return f"{value:.4g}"
    return units.show(value, SHOWN.get(unit, unit))
