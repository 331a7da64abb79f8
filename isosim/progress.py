"""How a long run tells what it is doing."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from isosim import parallel


class Progress(Protocol):
    """Receives one call for every converged step, and notes on what went wrong on the way."""

    def step(self, done: int, total: int, pressure: float, phase: str, iterations: int) -> None:
        """`done` of `total` planned steps; pressure [Pa]."""

    def note(self, text: str) -> None:
        """Something the user may want to know."""


class Silent:
    """Tells nothing."""

    def step(self, done: int, total: int, pressure: float, phase: str, iterations: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class ConsoleProgress:
    """A bar with step, pressure and iterations on a terminal, else one line per finished run; on rank 0."""

    def __init__(self, title: str, stream: Console | None = None):
        self._console = stream or Console(file=sys.stderr, quiet=not parallel.is_root())
        self._title = title
        self._began = time.perf_counter()
        self._steps = 0
        columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bar = [TextColumn(c) if isinstance(c, str) else c for c in columns]
        self._bar = RichProgress(
            *bar, TextColumn("{task.fields[detail]}"), console=self._console, transient=True
        )
        self._task = self._bar.add_task(title, total=None, detail="")
        self._live = self._console.is_terminal

    def __enter__(self) -> ConsoleProgress:
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._bar.stop()
        seconds = time.perf_counter() - self._began
        end = "done" if kind is None else f"stopped ({kind.__name__})"
        self._console.print(
            f"{self._title}: {end}, {self._steps} steps, {seconds:.1f} s", highlight=False, soft_wrap=True
        )

    def step(self, done: int, total: int, pressure: float, phase: str, iterations: int) -> None:
        """Move the bar."""
        self._steps += 1
        detail = f"{phase:8s}{pressure / 1e6:7.1f} MPa {iterations:3d} iterations"
        self._bar.update(self._task, completed=done, total=total, detail=detail)

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        self._console.print(f"  {self._title}: {text}", highlight=False, soft_wrap=True)
