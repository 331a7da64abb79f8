"""What a terminal shows of a sweep that runs."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

EVERY = 10.0  # s between lines where there is no terminal


class ConsoleWatch:
    """A bar on a terminal; otherwise a line now and then."""

    def __init__(self, title: str):
        self._console = Console(file=sys.stderr)
        self._title = title
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.fields[failed]}"),
            console=self._console, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task(title, total=None, failed="")
        self._total = self._ended = self._failed = self._before = 0
        self._began = self._told = time.perf_counter()

    def __enter__(self) -> ConsoleWatch:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def begin(self, total: int, done: int, failed: int) -> None:
        """Say what there is to do."""
        self._total, self._ended, self._failed = total, done + failed, failed
        self._before, self._began = self._ended, time.perf_counter()
        self.note(f"{total} cases, {done} done, {failed} failed, {total - done - failed} to run")
        self._bar.update(self._task, total=total, completed=self._ended)

    def advance(self, done: int, failed: int) -> None:
        """Move the bar."""
        self._ended += done + failed
        self._failed += failed
        words = f"{self._failed} failed" if self._failed else ""
        self._bar.update(self._task, completed=self._ended, failed=words)
        now = time.perf_counter()
        if not self._console.is_terminal and (now - self._told > EVERY or self._ended == self._total):
            self._told = now
            rate = (self._ended - self._before) / (now - self._began)
            left = (self._total - self._ended) / rate
            words = f", {words}" if words else ""
            self.note(f"{self._ended} of {self._total}{words}, {rate:.3g} a second, {left:.0f} s left")

    def status(self, text: str) -> None:
        """Say how far something is whose end is not known; without a terminal only now and then."""
        self._bar.update(self._task, description=f"{self._title}: {text}")
        now = time.perf_counter()
        if not self._console.is_terminal and now - self._told > EVERY:
            self._told = now
            self.note(text)

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        self._console.print(f"{self._title}: {text}", highlight=False, soft_wrap=True, markup=False)
