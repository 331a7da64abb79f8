"""The state of a point: Cp^-1 (xx yy zz yz xz xy), u = ln(phi - phi_m), smallest u so far, plastic strain."""

from __future__ import annotations

import numpy as np

from .row import DENSE, Row

N_STATE = 9
U, U_HIST, EQPS = 6, 7, 8


def porosity(state: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Porosity of the unloaded configuration, 0 for dense points.

    state (..., N_STATE) and parameters (..., N_PARAMETERS) broadcast against each other.
    """
    law = parameters[..., Row._fields.index("law")]
    floor = parameters[..., Row._fields.index("floor")]
    return np.where(law == DENSE, 0.0, floor + np.exp(state[..., U]))


def solid(state: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Solid volume per unpressed volume, (1 - phi) Jp: constant for every point, theory (3).

    Shapes as in `porosity`.
    """
    xx, yy, zz, yz, xz, xy = np.moveaxis(state[..., :U], -1, 0)
    determinant = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz)
    return (1.0 - porosity(state, parameters)) / np.sqrt(determinant)
