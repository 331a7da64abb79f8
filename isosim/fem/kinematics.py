"""The three kinematics of the one weak form: what of F the law sees, and how volume and fluid enter.

Coordinates of the mesh are (x, z) in a section, (r, z) in a disc, (x, y, z) in a solid. Everything is written
out in components: UFL orders operands by counters of free indices, and a form whose operands change places
is compiled anew in every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl

from isosim import law


@dataclass(frozen=True)
class Kinematics:
    """One way from displacements to deformation gradients.

    `components` are the flat indices of F that the law sees. Of these the first `len(changes)` follow from
    the displacement; a section's last one, the stretch along the cell, is a number for the whole section.
    """

    fidelity: str
    dimension: int
    components: tuple[int, ...]
    lateral: tuple[str, ...]
    facet_degree: int  # of quadrature on the faces

    def weight(self, X: Any) -> Any:
        """Volume that a unit of the mesh's area or volume stands for."""
        return 2.0 * np.pi * X[0] if self.fidelity == "axisymmetric" else 1.0

    def changes(self, w: Any, X: Any) -> list[Any]:
        """Change of the components of F when the displacement changes by w."""
        d = range(self.dimension)
        changes = [ufl.grad(w)[i, j] for i in d for j in d]
        if self.fidelity == "axisymmetric":
            changes.append(w[0] / X[0])
        return changes

    def deformation(self, u: Any, X: Any, stretch: Any) -> list[Any]:
        """Components of F; `stretch` is that along the cell, without effect but in a section."""
        unit = [1.0 if k in (0, 4, 8) else 0.0 for k in self.components]
        F = [one + change for one, change in zip(unit, self.changes(u, X), strict=False)]
        return [*F, stretch] if self.fidelity == "section" else F

    def plane_cofactor(self, F: list[Any]) -> list[Any]:
        """Cofactor of the part of F in the plane of a two-dimensional mesh, row by row."""
        return [F[3], -F[2], -F[1], F[0]]

    def area(self, F: list[Any], N: Any) -> list[Any]:
        """Present area vector per reference area, cof(F) N (Nanson), out-of-plane stretch included."""
        if self.dimension == 2:
            c = self.plane_cofactor(F)
            return [F[4] * (c[2 * i] * N[0] + c[2 * i + 1] * N[1]) for i in range(2)]
        c = [
            F[3 * ((i + 1) % 3) + (j + 1) % 3] * F[3 * ((i + 2) % 3) + (j + 2) % 3]
            - F[3 * ((i + 1) % 3) + (j + 2) % 3] * F[3 * ((i + 2) % 3) + (j + 1) % 3]
            for i in range(3)
            for j in range(3)
        ]
        return [c[3 * i] * N[0] + c[3 * i + 1] * N[1] + c[3 * i + 2] * N[2] for i in range(3)]

    def full(self, values: np.ndarray, diagonal: float) -> np.ndarray:
        """Tensors (n, 3, 3) from the components (n, len(components)); `diagonal` where there is none."""
        tensor = np.zeros((len(values), 9))
        tensor[:, [0, 4, 8]] = diagonal
        tensor[:, self.components] = values
        return tensor.reshape(-1, 3, 3)


KINEMATICS = {
    kinematics.fidelity: kinematics
    for kinematics in (
        Kinematics("section", 2, law.PLANE, ("free", "one direction", "confined"), 4),
        Kinematics("axisymmetric", 2, law.PLANE, ("free", "confined"), 6),
        Kinematics("solid", 3, law.FULL, ("free", "one direction", "confined"), 4),
    )
}
