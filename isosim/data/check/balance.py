"""Statements reconciled with mass balance by weighted least squares of logarithms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog, lsq_linear
from scipy.stats import chi2

from isosim.data.check.statements import STATEMENTS, Stated, Statement

SURE = 0.95  # a row is incompatible when errors as stated would give less misfit this often
KEPT = 4


@dataclass(frozen=True)
class Balance:
    """Statements reconciled: unknowns (5,), misfit, and what errors alone exceed in 5 % of cases."""

    x: np.ndarray
    misfit: float
    limit: float
    redundant: bool

    @property
    def holds(self) -> bool:
        """Whether errors alone explain the misfit."""
        return self.misfit <= self.limit


def reconcile(stated: tuple[Stated, ...], kept: bool = True) -> Balance:
    """The unknowns nearest to all statements; with `kept` the solid of the unpressed coating is all there."""
    n, values = len(stated), [one for one in stated if not one.side]
    matrix, right = np.zeros((n, 5 + n)), np.zeros(n)
    low, high = np.full(5 + n, -np.inf), np.full(5 + n, np.inf)
    high[1:3] = 0.0  # no porosity below zero
    for i, one in enumerate(stated):
        matrix[i, :5] = np.array(one.kind.coefficients) / one.log_sigma
        right[i] = one.logarithm / one.log_sigma
        if one.log_side:  # beyond a bound is free
            matrix[i, 5 + i] = -one.log_side / one.log_sigma
            low[5 + i] = 0.0
        else:
            high[5 + i] = 1e-300
            low[5 + i] = 0.0
    if kept:
        matrix[:, KEPT] = 0.0
    solution = lsq_linear(matrix, right, (low, high), method="bvls", tol=1e-14)
    rank = np.linalg.matrix_rank(np.array([_row(one, kept) for one in values])) if values else 0
    spare = len(values) - rank
    misfit = float(((matrix @ solution.x - right) ** 2).sum())
    return Balance(solution.x[:5], misfit, float(chi2.ppf(SURE, max(spare, 1))), spare > 0)


def _row(one: Stated, kept: bool = True) -> np.ndarray:
    row = np.array(one.kind.coefficients, float)
    if kept:
        row[KEPT] = 0.0
    return row


def implied(stated: tuple[Stated, ...], balance: Balance) -> dict[str, tuple[float, float]]:
    """What the values determine, with its error propagated through the balance."""
    values = [one for one in stated if not one.side]
    if not values:
        return {}
    weighted = np.array([_row(one) / one.log_sigma for one in values])
    covariance = np.linalg.pinv(weighted.T @ weighted, rcond=1e-12, hermitian=True)
    plain = np.array([_row(one) for one in values])
    found = {}
    for name, kind in STATEMENTS.items():
        row = np.array(kind.coefficients, float)
        row[KEPT] = 0.0
        if np.linalg.matrix_rank(np.vstack([plain, row])) > np.linalg.matrix_rank(plain):
            continue
        value = kind.value(float(row @ balance.x))
        sd = float(np.sqrt(max(row @ covariance @ row, 0.0))) * (1.0 - value if kind.pores else value)
        found[name] = (value, sd)
    return found


def open_range(
    stated: tuple[Stated, ...], balance: Balance, kind: Statement, kept: bool = True
) -> tuple[float, float]:
    """Smallest and largest value of a quantity that the statements, reconciled, leave open."""
    values = [one for one in stated if not one.side]
    bounds = [one for one in stated if one.side]
    equal = np.array([_row(one, kept) for one in values]).reshape(-1, 5)
    above = np.array([-one.log_side * _row(one, kept) for one in bounds]).reshape(-1, 5)
    limit = np.array([-one.log_side * one.logarithm for one in bounds])
    objective = np.array(kind.coefficients, float)
    free, solid = (None, None), (None, 0.0)
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * objective,
            A_ub=above if len(bounds) else None,
            b_ub=limit + 1e-9 if len(bounds) else None,
            A_eq=equal if len(values) else None,
            b_eq=equal @ balance.x if len(values) else None,
            bounds=[free, solid, solid, free, (0.0, 0.0) if kept else free],
        )
        ends.append(sign * float(found.fun) if found.status == 0 else -sign * np.inf)
    with np.errstate(over="ignore"):
        low, high = (kind.value(end) for end in ends)
    return (high, low) if kind.pores else (low, high)
