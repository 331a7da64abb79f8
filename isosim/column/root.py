"""Newton's method that cannot leave a bracket, for functions that increase."""

from __future__ import annotations

from .compiling import compiled

UNBOUNDED = 1e9


@compiled
def next_trial(x, value, slope, low, high, clip):
    """The next x, and the bracket narrowed by the sign of the value at x.

    Newton steps are clipped; one that leaves the bracket becomes a bisection.
    """
    if value > 0.0:
        high = min(high, x)
    else:
        low = max(low, x)
    step = -value / slope if slope > 0.0 else (-clip if value > 0.0 else clip)
    step = max(-clip, min(clip, step))
    trial = x + step
    if not low < trial < high:
        both = low > -UNBOUNDED and high < UNBOUNDED
        trial = 0.5 * (low + high) if both else x + 0.5 * step
    return trial, low, high
