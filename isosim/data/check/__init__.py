"""Whether thickness, porosity, loading and density of a coating can be true together under mass balance.

A coating keeps its solid: with D = 1 - porosity, t thickness, rho_s density of the solid,

    t D = t0 D0,    density = rho_s D,    loading = density t,    1 - reduction = t/t0,    D <= 1.

In logarithms all of these are linear in ln t0, ln D0, ln D and ln rho_s. A row is reconciled with them by
weighted least squares; where the misfit is larger than its errors allow, each statement in turn is left out
to see which assumption would mend it (data reconciliation; Crowe 1996, J. Process Control 6, 89).
"""

from isosim.data.check.check import Verdict, check, explained, summary_words, write_json
from isosim.data.check.statements import STATEMENTS

__all__ = ["STATEMENTS", "Verdict", "check", "explained", "summary_words", "write_json"]
