"""A run on disk, so that it goes on after it was ended, on any number of ranks.

What belongs to points and nodes is kept cell by cell in the numbering of the mesh, a node once for each of
its cells. A checkpoint is due when writing one costs less than SHARE of the time since the last.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from isosim import __version__
from isosim.atomic import replacing
from isosim.errors import InputError, Problem
from isosim.fem.body import Body
from isosim.fem.ranks import together
from isosim.units import brief

SHARE = 0.01  # of the time of a run that writing checkpoints may take

Arrays = dict[str, np.ndarray]


class Checkpoints:
    """The checkpoint file of one run; collective.

    Parameters
    ----------
    path
        The file.
    of
        What is pressed, in a text that is another for another answer.
    body
        The mesh.
    tell
        Told when a checkpoint could not be written; the run goes on.
    """

    def __init__(self, path: Path, of: str, body: Body, tell: Callable[[str], None]):
        self._path = path
        self._comm, self._cells = body.comm, body.source_cell
        self._count = len(body.source.cells)
        told = {"of": of, "version": __version__, "cells": self._count}
        self._identity = {name: np.array(text) for name, text in told.items()}
        self._tell = tell
        self._since, self._took = perf_counter(), 0.0
        self.seconds = 0.0  # that writing has taken

    def due(self) -> bool:
        """Whether a checkpoint can be written for less than SHARE of the time since the last one."""
        return bool(self._comm.bcast(self._took <= SHARE * (perf_counter() - self._since)))

    def write(self, whole: Arrays, of_cell: Arrays) -> None:
        """Write what is the same on every rank, and what is of this rank's cells, (cells, ...)."""
        begun = perf_counter()
        of_all = {name: self._gathered(values) for name, values in of_cell.items()}
        if self._comm.rank == 0:
            named: dict[str, Any] = {
                f"{part}.{name}": value
                for part, values in (("whole", whole), ("cell", of_all))
                for name, value in values.items()
            }
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with replacing(self._path) as partial:
                    np.savez(partial, **self._identity, **named)
            except OSError as error:
                self._tell(f"no checkpoint: {self._path}, {error.strerror}")
        self._since = perf_counter()
        self._took = self._since - begun
        self.seconds += self._took

    def read(self) -> tuple[Arrays, Arrays] | None:
        """What `write` was given, for the cells of this rank; None where there is no file.

        Raises
        ------
        InputError
            On every rank, when the file is not whole or of another case, mesh or version of isosim.
        """
        content: Arrays = {}
        with together(self._comm, InputError):
            if self._comm.rank == 0 and self._path.exists():
                content = self._load()
        parts: dict[str, Arrays] = {"whole": {}, "cell": {}}
        for name in self._comm.bcast([name for name in content if "." in name]):
            part, _, key = name.partition(".")
            value = content.get(name)
            parts[part][key] = self._comm.bcast(value) if part == "whole" else self._scattered(value)
        return (parts["whole"], parts["cell"]) if parts["whole"] else None

    def _load(self) -> Arrays:
        try:
            with np.load(self._path, allow_pickle=False) as file:
                content = {name: file[name] for name in file.files}
        except Exception as error:  # of many kinds, from zip and from NumPy
            hint = f"{brief(str(error))}; without it the cell is pressed from its beginning"
            raise InputError(Problem("checkpoint", f"{self._path}, damaged", "a whole file", hint)) from None
        if any(str(content.get(name)) != str(text) for name, text in self._identity.items()):
            got = f"{self._path}, of another case or version"
            hint = "give the case as it was, or press without --restart"
            raise InputError(Problem("checkpoint", got, f"that of this case and isosim {__version__}", hint))
        return content

    def _gathered(self, own: np.ndarray) -> np.ndarray | None:
        """Values (cells, ...) of all cells in the numbering of the mesh, on rank 0."""
        own = np.ascontiguousarray(own)
        if self._comm.rank > 0:
            self._comm.send(self._cells, 0)
            self._comm.Send(own, 0)
            return None
        values = np.empty((self._count, *own.shape[1:]))
        values[self._cells] = own
        for rank in range(1, self._comm.size):
            cells = self._comm.recv(source=rank)
            theirs = np.empty((len(cells), *own.shape[1:]))
            self._comm.Recv(theirs, source=rank)
            values[cells] = theirs
        return values

    def _scattered(self, values: np.ndarray | None) -> np.ndarray:
        """The values of this rank's cells from those of all cells on rank 0."""
        shape = self._comm.bcast(values.shape[1:] if values is not None else None)
        if self._comm.rank > 0:
            self._comm.send(self._cells, 0)
            own = np.empty((len(self._cells), *shape))
            self._comm.Recv(own, source=0)
            return own
        assert values is not None
        for rank in range(1, self._comm.size):
            self._comm.Send(values[self._comm.recv(source=rank)], rank)
        return values[self._cells]
