"""Named readings of what the founding paper leaves open; the data are in cases/scenarios.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from isosim.errors import Problem
from isosim.tables import brief, nearest, read_toml

CASES = Path(str(resources.files("isosim"))) / "cases"


@dataclass(frozen=True)
class Scenario:
    """What a scenario settles: the coatings' cards and initial porosities, and why."""

    name: str
    title: str
    why: str
    cathode: dict[str, Any]
    anode: dict[str, Any]


@cache
def scenarios() -> Mapping[str, Scenario]:
    """All scenarios by name, the default one first."""
    document = read_toml(CASES / "scenarios.toml")
    return {name: Scenario(name, **table) for name, table in document.items()}


def settle(document: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Write into a case document what its scenario says; a key that both give is a problem."""
    name = document.get("scenario", "")
    if name == "":
        return document, []
    problems = []
    if not isinstance(name, str) or name not in scenarios():
        known = ", ".join(map(repr, scenarios()))
        hint = nearest(name, scenarios()) if isinstance(name, str) else ""
        problems.append(Problem("scenario", brief(name), f"one of {known}", hint))
        name = next(iter(scenarios()))  # stands in, so that the rest can be checked
    scenario = scenarios()[name]
    said = f"scenario {name!r} says it: leave one of them out"
    settled = {**document, "scenario": name}
    stack = document.get("stack")
    if not isinstance(stack, Mapping):
        if "stack" not in document:
            needed = "[stack]; layers one by one state their own materials"
            problems.append(Problem("scenario", f"{name!r} without [stack]", needed))
        return settled, problems
    stack = settled["stack"] = dict(stack)
    for kind, values in (("cathode", scenario.cathode), ("anode", scenario.anode)):
        own = stack.get(kind, {})
        if not isinstance(own, Mapping):
            continue
        for key in (*values, "press_density", "thickness"):
            if key in own:
                problems.append(
                    Problem(f"stack.{kind}.{key}", "a value beside a scenario", "one of them", said)
                )
        stack[kind] = {**own, **values}
    return settled, problems
