"""Take the electrodes out of a released body and let each relax on its own (theory (21))."""

from __future__ import annotations

import numpy as np

from isosim import column
from isosim.errors import SolverError
from isosim.fem.body import Body, QuadraturePoints
from isosim.fem.points import MaterialPoints
from isosim.fem.ranks import together
from isosim.stack import Stack


def relax_electrodes(
    stack: Stack,
    body: Body,
    where: QuadraturePoints,
    points: MaterialPoints,
    F: np.ndarray,
    temperature: float,
) -> np.ndarray:
    """Deformation of every point after disassembly, shape (n, components); NaN outside the electrodes.

    Each vertical line of points through an electrode relaxes with one common in-plane strain in each
    direction, flat, free of net in-plane force and of pressure. `points.trial` receives the relaxed states.

    Raises
    ------
    SolverError
        On every rank, when a line on any of them finds no balance.
    """
    relaxed = np.full_like(F, np.nan)
    points.trial[:] = points.accepted
    parameters = points.of_point(temperature)
    components = list(body.kinematics.components)
    layer, station = where.layer.ravel(), where.station.ravel()
    with together(body.comm, SolverError):
        for electrode in stack.electrodes:
            members = np.flatnonzero(np.isin(layer, (*electrode.coatings, electrode.foil)))
            if not members.size:
                continue
            order = members[np.lexsort((where.z.ravel()[members], station[members]))]
            lines = order.reshape(len(np.unique(station[members])), -1)
            first = lines[0]
            thickness = where.volume.ravel()[first] / where.stations.area[station[first]]
            full = body.kinematics.full(F[lines].reshape(lines.size, -1), 1.0).reshape(*lines.shape, 3, 3)
            new_F, new_state = column.relax(full, points.accepted[lines], thickness, parameters[first])
            relaxed[lines] = new_F.reshape(*lines.shape, 9)[..., components]
            points.trial[lines] = new_state
    return relaxed
