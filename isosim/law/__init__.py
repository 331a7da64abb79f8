"""The constitutive law of every layer: points in, points out. Imports nothing else of isosim."""

from . import pores
from .batch import advance, advance_into
from .cap_laws import CamClay, Heckel, Kawakita, Log, Power
from .damage import Damage
from .parameters import Dense, Porous, PressureProportional, Thermal, Viscosity
from .pores import Pores
from .row import N_PARAMETERS
from .state import EQPS, N_STATE, U_HIST, U, porosity, solid

PLANE = (0, 2, 6, 8, 4)
FULL = tuple(range(9))

__all__ = [
    "EQPS",
    "FULL",
    "N_PARAMETERS",
    "N_STATE",
    "PLANE",
    "U_HIST",
    "CamClay",
    "Damage",
    "Dense",
    "Heckel",
    "Kawakita",
    "Log",
    "Pores",
    "Porous",
    "Power",
    "PressureProportional",
    "Thermal",
    "U",
    "Viscosity",
    "advance",
    "advance_into",
    "pores",
    "porosity",
    "solid",
]
