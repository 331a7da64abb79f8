"""Take the electrodes out of a released section and let each relax on its own (theory (21))."""

from __future__ import annotations

import numpy as np

from isosim import column, law
from isosim.fem.points import MaterialPoints
from isosim.fem.section_mesh import QuadraturePoints
from isosim.stack import Stack


def relax_electrodes(
    stack: Stack, where: QuadraturePoints, points: MaterialPoints, F: np.ndarray, temperature: float
) -> np.ndarray:
    """Deformation of every point after disassembly, shape (n, 5); NaN outside the electrodes.

    Each vertical line of points through an electrode relaxes with one common in-plane strain, flat, free of
    net in-plane force and of pressure. `points.trial` receives the relaxed states.
    """
    relaxed = np.full_like(F, np.nan)
    points.trial[:] = points.accepted
    parameters = points.of_point(temperature)
    layer, station = where.layer.ravel(), where.station.ravel()
    for electrode in stack.electrodes:
        members = np.flatnonzero(np.isin(layer, (*electrode.coatings, electrode.foil)))
        order = members[np.lexsort((where.z.ravel()[members], station[members]))]
        lines = order.reshape(len(np.unique(station[members])), -1)
        first = lines[0]
        thickness = where.area.ravel()[first] / where.station_width[station[first]]
        full = np.zeros((*lines.shape, 9))
        full[..., law.PLANE] = F[lines]
        new_F, new_state = column.relax(
            full.reshape(*lines.shape, 3, 3), points.accepted[lines], thickness, parameters[first]
        )
        relaxed[lines] = new_F.reshape(*lines.shape, 9)[..., law.PLANE]
        points.trial[lines] = new_state
    return relaxed
