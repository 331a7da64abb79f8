"""One case of many on the safe road: every sheet and every stretch bracketed, steps cut where need be."""

from __future__ import annotations

import numpy as np

from isosim.errors import SolverError
from isosim.law import U

from .disassembly import relax
from .kinds import Kinds
from .many_cases import Cases
from .many_plan import Plan
from .many_press import MEMBERS
from .march import Column
from .run import LATERAL


def press_alone(cases: Cases, case: int, plan: Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Stretches, u and in-plane stretches of one case, as in `many_press.Records`; None without balance."""
    sheets = cases.sheets
    laws = tuple(cases.law(sheet, case) for sheet in sheets)
    start = np.stack(
        [law.initial_state(cases.porosity(s, case)) for law, s in zip(laws, sheets, strict=True)]
    )
    weight = np.array([cases.weight(sheet, np.array(case)) for sheet in sheets], float)
    kinds = Kinds(laws, start, weight / weight.sum(), np.arange(len(sheets)))
    column = Column(kinds, LATERAL[cases.lateral_of(case)], float(cases.edge_of(np.array(case))))
    schedule = plan.schedule
    rows = np.column_stack([schedule.time, schedule.pressure, schedule.temperature])
    stretch, u, plane = [], [], []
    try:
        for k in range(len(plan.dt)):
            column.step(rows[k], rows[k + 1], None)
            for _ in range(np.count_nonzero(plan.record == k)):
                stretch.append(column.z)
                u.append(column.state[:, U])
                plane.append(column.plane)
        for member in cases.members:
            z, left, ends = _relaxed(cases, case, column, member.sheets, member.layers, rows[-1, 2])
            stretch.append(z)
            u.append(left)
            plane.append(ends)
    except SolverError:
        return None
    return np.concatenate(stretch), np.concatenate(u), np.concatenate(plane)


def _relaxed(
    cases: Cases, case: int, column: Column, sheets: tuple, layers: tuple, temperature: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A disassembled electrode: stretches and u of its layers, padded to MEMBERS, and its plane."""
    index = list(sheets)
    F = np.zeros((1, len(index), 3, 3))
    F[0, :, 0, 0], F[0, :, 1, 1] = np.exp(column.plane)
    F[0, :, 2, 2] = np.exp(column.z[index])
    thickness = np.array([cases.thickness(i, np.array(case)) for i in layers], float)
    parameters = column.kinds.parameters(temperature)[index]
    F, state = relax(F, column.state[None, index], thickness, parameters)
    log = np.log(np.diagonal(F[0], axis1=1, axis2=2))
    padding = (0, MEMBERS - len(index))
    return np.pad(log[:, 2], padding), np.pad(state[0, :, U], padding), log[0, :2]
