"""Why statements cannot be true together, and which assumption would mend it, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from isosim.data.check.balance import Balance, open_range, reconcile
from isosim.data.check.statements import SOLID, Stated


def reasons(stated: tuple[Stated, ...]) -> Iterator[str]:
    """What the balance demands of reductions, which people quote most."""
    by_name = {one.name: one.value for one in stated}
    before, after, loss = (by_name.get(name) for name in ("porosity0", "porosity", "reduction"))
    if loss is None and {"thickness", "thickness0"} <= by_name.keys():
        loss = 1.0 - by_name["thickness"] / by_name["thickness0"]
    if before is None or loss is None:
        return
    if loss > before:
        yield f"from {100 * before:.3g} % porosity a coating alone loses at most {100 * before:.3g} %"
    if after is not None:
        needs = 1.0 - (1.0 - before) / (1.0 - after)
        way = f"from {100 * before:.3g} % to {100 * after:.3g} % porosity"
        yield f"{way} needs a reduction of {100 * needs:.3g} %"


def mends(stated: tuple[Stated, ...], balance: Balance) -> Iterator[str]:
    for i, one in enumerate(stated):
        rest = stated[:i] + stated[i + 1 :]
        without = reconcile(rest)
        if without.holds:
            low, high = open_range(rest, without, one.kind)
            if (words := _needed(one, low, high)) is not None:
                yield words
    for one in stated:
        if one.name == "density":
            solid = replace(one, name="solid_density")
            if reconcile(tuple(solid if other is one else other for other in stated)).holds:
                yield "the density was that of the solid"
    free = reconcile(stated, kept=False)
    if free.holds:
        yield from _sideways(*open_range(stated, free, SOLID, kept=False))
    yield f"all errors were {np.sqrt(balance.misfit / balance.limit):.2g} times as large or more"


def _sideways(low: float, high: float) -> Iterator[str]:
    """What the share of the solid that is still there, in a range without 1, says of the footprint."""
    least = "" if np.isclose(low, high, rtol=1e-6) else "at least "
    if high < 1.0 - 1e-9:
        growth = 100.0 * (high**-0.5 - 1.0)
        yield (
            f"{least}{100 * (1.0 - high):.3g} % of the solid was lost, or spread sideways "
            f"(by {least}{growth:.3g} % in both directions)"
        )
    elif low > 1.0 + 1e-9:
        shrinkage = 100.0 * (1.0 - low**-0.5)
        yield f"the coating drew together sideways (by {least}{shrinkage:.3g} % in both directions)"


def _needed(one: Stated, low: float, high: float) -> str | None:
    """The statement that would be compatible, from the range (ends in SI) that the rest leaves."""
    kind = one.kind
    if np.isclose(low, high, rtol=1e-6):
        if kind.pores and not 0.0 <= low < 1.0:
            return None
        extra = ""
        if one.name == "thickness" and low < one.value:
            extra = f", as with a foil of {kind.text(one.value - low)} in it"
        return f"the {kind.words} was {kind.text(low)}{extra}"
    ends = []
    if np.isfinite(low) and low > one.value:
        ends.append(f"{kind.text(low)} or more")
    if np.isfinite(high) and high < one.value:
        ends.append(f"{kind.text(high)} or less")
    return f"the {kind.words} was {' and '.join(ends)}" if ends else None
