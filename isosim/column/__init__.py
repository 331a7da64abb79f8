"""The column: N layers in series through the thickness, one material point each."""

from .disassembly import relax
from .many import press_many
from .plan import Plan, plan
from .run import run

__all__ = ["Plan", "plan", "press_many", "relax", "run"]
