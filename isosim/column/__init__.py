"""The column: N layers in series through the thickness, one material point each."""

from .disassembly import relax
from .many import press_many
from .run import run

__all__ = ["press_many", "relax", "run"]
