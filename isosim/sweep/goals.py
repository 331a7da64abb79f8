"""What a sweep is judged by: readings to be large or small, the best compromises, the worst cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isosim.errors import InputError, Problem
from isosim.sweep.view import View
from isosim.tables import nearest


@dataclass(frozen=True)
class Goal:
    """A reading or a key that shall be large ("max") or small ("min")."""

    sense: str
    name: str

    def __str__(self) -> str:
        return f"{self.sense} {self.name}"

    def cost(self, frame: pd.DataFrame) -> np.ndarray:
        """(cases,) small is good."""
        values = frame[self.name].to_numpy(float)
        return -values if self.sense == "max" else values


def read(texts: Sequence[str], view: View) -> list[Goal]:
    """Goals written as "max reduction_cathode_coating"; without any the usual ones of a cell.

    Raises
    ------
    InputError
        When the words are others, or the name is no number of the sweep.
    """
    known = [*view.readings, *(key["path"] for key in view.manifest["keys"] if key["number"])]
    if not texts:
        usual = [f"max reduction_{kind}_coating" for kind in ("cathode", "anode")]
        texts = [text for text in usual if text.split()[1] in known] or [f"min {view.readings[0]}"]
    goals, problems = [], []
    for text in texts:
        sense, _, name = text.strip().partition(" ")
        if sense not in ("max", "min"):
            problems.append(Problem("--goal", repr(text), "'max NAME' or 'min NAME'"))
        elif name not in known:
            needed = "the name of a reading or of a quantity that varies"
            problems.append(Problem("--goal", repr(name), needed, nearest(name, known)))
        else:
            goals.append(Goal(sense, name))
    if problems:
        raise InputError(problems)
    return goals


def front(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Indices of the Pareto front of two costs, by the first: no other case is better in one and as good in
    the other."""
    order = np.lexsort((second, first))
    best = np.minimum.accumulate(second[order])
    return order[np.r_[True, second[order][1:] < best[:-1]]] if len(order) else order
