"""Series made short: as good as long ones, all over their interval."""

from fractions import Fraction

import pytest

from isosim.law import strain


@pytest.mark.parametrize(
    ("short", "terms", "end"),
    [
        (strain.LOG, strain._LOG, strain.FAR_END),
        (strain.LOG_CLOSE, strain._LOG, strain.CLOSE_END),
        (strain.EXP, strain._EXP, strain.FAR_END),
        (strain.EXP_CLOSE, strain._EXP, strain.CLOSE_END),
        (strain.COTH, strain._COTH, strain.NEAR),
    ],
)
def test_short_series_equal_long_ones(short, terms, end):
    """An economised series shall be the long one to half a unit in the last place of one."""
    for k in range(-20, 21):
        x = Fraction(end) * k / 20
        exact = sum(c * x**n for n, c in enumerate(terms))
        assert abs(sum(Fraction(c) * x**n for n, c in enumerate(short)) - exact) < 2**-53
