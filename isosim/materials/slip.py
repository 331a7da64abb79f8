"""The law of a film that stands for an interface with friction."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from isosim import law


@dataclass(frozen=True)
class SlipFilm(law.Dense):
    """A dense film that shears at adhesion + friction x fluid pressure (Briscoe & Tabor 1978).

    `under` a pressure it yields by J2, where simple shear reaches tau at an equivalent stress of sqrt(3) tau.
    """

    friction: float = 0.0
    adhesion: float = 0.0  # Pa

    def under(self, pressure: float) -> SlipFilm:
        """The film while the fluid has this pressure [Pa]."""
        return replace(self, yield_stress=math.sqrt(3.0) * (self.adhesion + self.friction * pressure))
