"""Power series made short: economised by Lanczos, so that the error is the same all over an interval.

C. Lanczos, Applied Analysis (1956), chapter VII: from a long truncated series, that multiple of the Chebyshev
polynomial of its degree is taken away that removes the highest power; it is small all over the interval.
And so on downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def economised(terms: Sequence[Fraction], kept: int, end: float) -> tuple[float, ...]:
    """Coefficients of the powers 0 to kept - 1 for the sum of terms[k] x^k on -end <= x <= end."""
    c = [term * Fraction(end) ** k for k, term in enumerate(terms)]
    while len(c) > kept:
        chebyshev = _chebyshev(len(c) - 1)
        ratio = c[-1] / chebyshev[-1]
        c = [a - ratio * b for a, b in zip(c, chebyshev, strict=True)][:-1]
    return tuple(float(a / Fraction(end) ** k) for k, a in enumerate(c))


def _chebyshev(n: int) -> list[int]:
    """Coefficients of the Chebyshev polynomial of degree n > 0, lowest first."""
    before, last = [1], [0, 1]
    for _ in range(n - 1):
        before, last = (
            last,
            [a - b for a, b in zip([0, *(2 * k for k in last)], [*before, 0, 0], strict=True)],
        )
    return last
