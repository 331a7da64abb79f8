"""What of a run goes into a checkpoint: what is accepted, remembered for a guess, kept and spent so far."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from isosim.fem.checkpoint import Checkpoints
from isosim.fem.march import Predictor
from isosim.fem.newton import Newton
from isosim.fem.record import Record

SPENT = ("factorisations", "law_fallbacks", "restarts", "seconds_press", "seconds_checkpoints")


class Restart:
    """Writes the state of a run after planned steps, and brings another run of the case to it; collective.

    Parameters
    ----------
    path, identity
        As `checkpoint` and `identity` of `isosim.fem.run`; nothing is written or read without a path.
    newton, record, predictor
        The parts of the run.
    tell
        Told when a checkpoint cannot be written.
    """

    def __init__(
        self,
        path: Path | None,
        identity: str,
        newton: Newton,
        record: Record,
        predictor: Predictor,
        tell: Callable[[str], None],
    ):
        form = newton.form
        self._file = Checkpoints(path, identity, form.body, tell) if path else None
        self._newton, self._record, self._predictor = newton, record, predictor
        dofmap = form.space.dofmap
        self._nodes = np.array([dofmap.cell_dofs(cell) for cell in form.body.cells])
        self._dimension = form.body.kinematics.dimension
        self._earlier = dict.fromkeys(SPENT, 0.0)
        self._clock = perf_counter()

    def write(self) -> None:
        """Write a checkpoint where one is due."""
        if self._file is None or not self._file.due():
            return
        whole = {f"record {name}": values for name, values in self._record.kept().items()}
        whole["spent"] = np.array(list(self.spent().values()))
        unknowns = {"": self._predictor.unknowns}
        if self._predictor.last is not None:
            whole["column"], unknowns[" departure"] = self._predictor.last
        of_cell = {"state": self._of_points(self._record.points.accepted)}
        for name, values in unknowns.items():
            whole[f"stretch{name}"] = values[-1:]
            of_cell[f"displacement{name}"] = values[:-1].reshape(-1, self._dimension)[self._nodes]
        self._file.write(whole, of_cell)

    def read(self) -> bool:
        """Bring the run to its last checkpoint; False where there is none.

        Raises
        ------
        InputError
            On every rank, when the checkpoint is damaged or another's.
        """
        read = self._file.read() if self._file else None
        if read is None:
            return False
        whole, of_cell = read

        def unknowns(name: str) -> np.ndarray:
            values = np.empty(self._predictor.unknowns.size - 1)
            values.reshape(-1, self._dimension)[self._nodes] = of_cell[f"displacement{name}"]
            return np.append(values, whole[f"stretch{name}"])

        kept = {
            name.removeprefix("record "): values
            for name, values in whole.items()
            if name.startswith("record ")
        }
        self._record.restore(kept)
        self._of_points(self._record.points.accepted)[:] = of_cell["state"]
        self._predictor.unknowns = unknowns("")
        if "column" in whole:
            self._predictor.last = whole["column"], unknowns(" departure")
        self._earlier = dict(zip(SPENT, whole["spent"].tolist(), strict=True))
        self._earlier["restarts"] += 1
        return True

    def spent(self) -> dict[str, float]:
        """What the run has cost so far, that before a restart included; by the names of SPENT."""
        writing = self._file.seconds if self._file else 0.0
        now = {
            "factorisations": self._newton.tangent.solver.factorisations,
            "law_fallbacks": self._record.points.fallbacks,
            "restarts": 0,
            "seconds_press": perf_counter() - self._clock - writing,
            "seconds_checkpoints": writing,
        }
        total = {name: now[name] + self._earlier[name] for name in SPENT}
        return {name: value if name.startswith("seconds") else int(value) for name, value in total.items()}

    def _of_points(self, values: np.ndarray) -> np.ndarray:
        return values.reshape(len(self._nodes), -1, values.shape[-1])
