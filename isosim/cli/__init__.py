"""The command line: one function per verb, no logic.

Exit codes: 0 done; 1 ran, but a row, case or check does not hold; 2 bad input, nothing written;
3 the solver gave up, last good state on disk; 4 a needed part is not installed;
130 interrupted, finished cells on disk.
"""

from __future__ import annotations

import sys

from isosim import parallel
from isosim.cli import cells, laboratory, library, sweeps
from isosim.cli.app import app
from isosim.errors import IsosimError

__all__ = ["app", "cells", "laboratory", "library", "main", "sweeps"]  # the verbs register themselves


def main() -> None:
    """Run the command line; errors on purpose become one message and an exit code."""
    try:
        app()
    except IsosimError as error:
        if parallel.is_root():
            print(f"isosim: {error}", file=sys.stderr, flush=True)
        raise SystemExit(parallel.leave(error)) from None
    except Exception as error:
        parallel.leave(error)
        raise
