"""The column: N layers in series through the thickness, one material point each."""

from .disassembly import relax
from .run import run

__all__ = ["relax", "run"]
