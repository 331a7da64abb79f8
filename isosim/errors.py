"""The errors a user meets, each with the exit code of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class IsosimError(Exception):
    """Base of all errors that isosim raises on purpose."""

    exit_code = 1


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where, what it got, what it needs, and how to mend it."""

    where: str
    got: str
    needed: str
    hint: str = ""

    def __str__(self) -> str:
        line = f"{self.where}: got {self.got}, needed {self.needed}"
        return f"{line} ({self.hint})" if self.hint else line


class InputError(IsosimError):
    """Bad input; nothing has been written. Carries every problem that was found."""

    exit_code = 2

    def __init__(self, problems: Problem | Sequence[Problem] | str, source: str = ""):
        if isinstance(problems, str):
            self.problems: tuple[Problem, ...] = ()
            message = problems
        else:
            self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
            message = "\n".join(f"  {problem}" for problem in self.problems)
            count = len(self.problems)
            message = f"{count} problem{'s' if count != 1 else ''}:\n{message}"
        super().__init__(f"{source}: {message}" if source else message)


class SolverError(IsosimError):
    """The solver gave up. `partial` is the dataset up to the last converged step, where there is one."""

    exit_code = 3

    def __init__(self, message: str, partial: Any = None):
        self.partial = partial
        super().__init__(message)


class InterruptedRun(IsosimError):
    """The user stopped a run; what was finished is on disk."""

    exit_code = 130


class MissingPartError(IsosimError):
    """A part that this verb needs is not installed; the message says how to get it."""

    exit_code = 4
