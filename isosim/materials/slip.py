"""The law of a film that stands for an interface with friction."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from isosim import law

LEAST_PRESSURE = 1e5  # [Pa] an interface without pressure would leave the bag unconnected


@dataclass(frozen=True)
class SlipFilm(law.Dense):
    """A dense film that shears where the shear stress reaches `friction` times the fluid pressure.

    Elastic as it stands; `under` a pressure it yields by J2, where simple shear reaches tau at sqrt(3) tau.
    """

    friction: float = 0.0

    def under(self, pressure: float) -> SlipFilm:
        """The film while the fluid has this pressure [Pa]."""
        shear = self.friction * max(pressure, LEAST_PRESSURE)
        return replace(self, yield_stress=math.sqrt(3.0) * shear)
