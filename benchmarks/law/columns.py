"""Whole presses per second: `column.press_many` against `column.run`, in one go.

`rows()` gives one dictionary for each figure. `presses_per_s` is by the wall clock, `presses_per_cpu_s` by
the processor time of all threads, which a busy machine changes less; of both the fastest call counts. Run it
alone with `python -m benchmarks.law.columns`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import numba
import numpy as np

from isosim import column
from isosim.case import load
from isosim.recipe import ROOM, Recipe, Schedule
from isosim.stack import Stack

REPEATS = 7
SPREAD = 0.05  # of the constants that differ from case to case
CONFINED = "column, 102 layers confined, 60 steps, every layer its own state, {}"
FREE = "column, 166 layers free, disassembly, every layer its own state, {}"
COLLAPSED = "column, 166 layers free, disassembly, like layers collapsed, {}"
VARIED = (
    "nmc622.cap.hardening", "nmc622.friction", "nmc622.bulk_modulus", "graphite.cap.hardening",
    "graphite.friction", "graphite.shear_modulus", "celgard2325.cap.hardening", "al_foil.yield_stress",
)  # fmt: skip


def stack_of(electrodes: int, viscous: bool) -> Stack:
    """A cell with its default cards, or with the same ones independent of rate."""
    stack = load("120RT-2", {"stack.electrodes": electrodes}).stack()
    materials = {}
    for name, material in stack.materials.items():
        law = material.law if viscous else dataclasses.replace(material.law, viscosity=None)
        materials[name] = dataclasses.replace(material, law=law, card=None)
    return dataclasses.replace(stack, materials=materials)


def sixty_steps(peak: float = 120e6) -> Schedule:
    """Thirty steps up, ten that grow through the hold, twenty down."""
    hold = 300.0 * np.expm1(np.linspace(0.0, 3.0, 11)[1:]) / np.expm1(3.0)
    up, down = np.linspace(0.0, 120.0, 31), np.linspace(0.0, 120.0, 21)[1:]
    return Schedule(
        np.concatenate([up, 120.0 + hold, 420.0 + down]),
        peak * np.concatenate([up / 120.0, np.ones(10), 1.0 - down / 120.0]),
        np.full(61, ROOM),
        np.array(["start"] + ["load"] * 30 + ["hold"] * 10 + ["release"] * 20),
    )


def varied(stack: Stack, count: int) -> dict[str, np.ndarray]:
    """Constants of `count` cases."""
    rng = np.random.default_rng(0)
    values = {}
    for name in VARIED:
        material, _, path = name.partition(".")
        law: Any = stack.materials[material].law
        for part in path.split("."):
            law = getattr(law, part)
        values[name] = law * np.exp(SPREAD * rng.normal(size=count))
    return values


def timed(press: Any) -> tuple[float, float]:
    """Shortest wall and processor time of a call [s], after one to warm up."""
    press()
    walls, processors = [], []
    for _ in range(REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        press()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def many(
    name: str, stack: Stack, recipe: Recipe | Schedule, count: int, threads: int, **options: Any
) -> dict[str, Any]:
    """One figure of `press_many`."""
    numba.set_num_threads(threads)
    overrides = varied(stack, count)
    wall, processor = timed(lambda: column.press_many(stack, overrides, recipe, **options))
    done = column.press_many(stack, overrides, recipe, **options).status.values
    return {
        "name": name,
        "threads": threads,
        "presses_per_s": count / wall,
        "presses_per_cpu_s": count / processor,
        "fallbacks": float(np.mean(done == 1)),
        "failed": float(np.mean(done < 0)),
    }


def alone(name: str, stack: Stack, schedule: Schedule, lateral: str) -> dict[str, Any]:
    """One figure of `column.run`, which collapses like layers."""
    wall, processor = timed(lambda: column.run(stack, schedule, lateral))
    return {"name": name, "threads": 1, "presses_per_s": 1.0 / wall, "presses_per_cpu_s": 1.0 / processor}


def rows() -> Iterator[dict[str, Any]]:
    """All figures of the column on one thread and on all there are."""
    most = numba.config.NUMBA_NUM_THREADS
    sixty, usual = sixty_steps(), load("120RT-2").recipe.schedule()
    for viscous in (False, True):
        rate = "viscous" if viscous else "rate-independent"
        confined, free = stack_of(24, viscous), stack_of(40, viscous)
        for threads in sorted({1, most}):
            count = 512 * threads
            yield many(
                CONFINED.format(rate), confined, sixty, count, threads, lateral="confined", explicit=True
            )
            yield many(FREE.format(rate), free, usual, count, threads, explicit=True)
            yield many(COLLAPSED.format(rate), free, usual, 16 * count, threads)
        yield alone(f"column.run, 166 layers free, disassembly, collapsed, {rate}", free, usual, "free")


if __name__ == "__main__":
    for row in rows():
        shares = f"  fallback {row['fallbacks']:.1e}  failed {row['failed']:.0e}" if "failed" in row else ""
        print(
            f"{row['presses_per_s']:9.0f} presses/s  {row['presses_per_cpu_s']:9.0f} per cpu-s  "
            f"{row['threads']} threads  {row['name']}{shares}"
        )
