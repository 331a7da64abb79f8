"""The increments that real presses ask the law for: recorded from the column, and counted."""

import numpy as np

from isosim import column, law
from isosim.case import load, scenarios
from isosim.column.march import Column
from isosim.law.porous import FAST
from tests.column.test_many import LATERAL, NAMES

PARTS = np.linspace(0.01, 1.4, 180)  # of an increment; Newton's method tries more and less than the whole


def recorded(monkeypatch, presses):
    """Run the presses: increments (model, before, after, state, dt, T) of every porous sheet, and counts."""
    increments, evaluations, fallbacks = [], 0, 0
    plain = Column.step

    def step(self, begin, end, plane):
        before = np.column_stack([np.tile(self.plane, (len(self.z), 1)), self.z])
        state = self.state.copy()
        plain(self, begin, end, plane)
        after = np.column_stack([np.tile(self.plane, (len(self.z), 1)), self.z])
        for k, model in enumerate(self.kinds.laws):
            if isinstance(model, law.Porous):
                increments.append((model, before[k], after[k], state[k], end[0] - begin[0], end[2]))

    monkeypatch.setattr(Column, "step", step)
    for stack, schedule, lateral in presses:
        ds = column.run(stack, schedule, lateral)
        evaluations += ds.attrs["law_evaluations"]
        fallbacks += ds.attrs["law_fallbacks"]
    return increments, evaluations, fallbacks


def test_presses_never_need_the_fallback(monkeypatch):
    """No evaluation in the presses of the seven cells, nor any part of their increments, shall fall back.

    All scenarios and kinematics; a million parts of the recorded increments besides what the solver tried.
    """
    cases = [load(name, {"scenario": scenario}) for name in NAMES for scenario in scenarios()]
    presses = [(case.stack(), case.recipe.schedule(), lateral) for case in cases for lateral in LATERAL]
    increments, evaluations, fallbacks = recorded(monkeypatch, presses)
    assert evaluations > 100_000 and fallbacks == 0
    groups = {}
    for model, before, after, state, dt, T in increments:
        F = np.zeros((len(PARTS), 9))
        F[:, [0, 4, 8]] = np.exp(before + PARTS[:, None] * (after - before))
        group = groups.setdefault((model, round(dt, 6), T), ([], []))
        group[0].append(F)
        group[1].append(np.tile(state, (len(PARTS), 1)))
    count = 0
    for (model, dt, T), (F, state) in groups.items():
        status = law.advance(np.concatenate(F), np.concatenate(state), dt, T, [model])[3]
        assert (status == FAST).all()
        count += len(status)
    assert count > 1_000_000
