"""The tangent of a filling that opens again, without its negative eigenvalues."""

from __future__ import annotations

import numpy as np


def convex(moduli: np.ndarray) -> np.ndarray:
    """Symmetric parts of dP/dF [Pa], shape (n, c, c), with their negative eigenvalues replaced by zero.

    dP/dF of a point that has next to no stiffness left, but stress, is neither definite nor symmetric. Nor is
    then the tangent of the body: in the modes of some single cells a Newton correction leads uphill, and
    no search along it finds the way. Zeros there make it lead downhill again (Teran et al. 2005,
    doi 10.1145/1073368.1073394). The residual is as before: what changes is the way to the answer.
    """
    values, vectors = np.linalg.eigh(0.5 * (moduli + moduli.transpose(0, 2, 1)))
    kept: np.ndarray = (vectors * np.maximum(values, 0.0)[:, None, :]) @ vectors.transpose(0, 2, 1)
    return kept
