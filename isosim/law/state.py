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
