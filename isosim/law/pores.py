"""Pore sizes: void ratio in bins of radius; large pores close first; closed exactly on the porosity.

Bin j holds e_j, pore volume per solid volume, so that a pore that does not close keeps its e_j. The collapse
pressure of a hollow sphere (Torre 1948; Carroll & Holt 1972) with a size effect, P_j = (2/3) Y ln(1/phi)
[1 + (r*/r_j)^m], gives how fast the bins close relative to each other, theory (18):

    de_j = -w_j e_j dL,   w_j = r_j^m / (r_j^m + r*^m),   sum_j e_j exp(-w_j L) = phi / (1 - phi).

The porosity comes from the return map; L, the only unknown, follows from it. Bins are named by the radius
before pressing; the pores in them shrink at a fixed number, `Pores.radii`. docs/pores.md has the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import collapse


@dataclass(frozen=True)
class Pores:
    """The pore sizes of an unpressed layer and how they close. `exponent` and `strengthening_radius` have no
    default: nothing public calibrates them.

    Raises
    ------
    ValueError
        When the radii are not positive and ascending, a share is negative, or a constant not positive.
    """

    radius: Sequence[float]  # of the bins [m], ascending
    share: Sequence[float]  # of the pore volume, in any unit: divided by their sum
    exponent: float  # m
    strengthening_radius: float  # r* [m]: pores of this radius need twice the pressure of large ones
    crack_radius: float | None = None  # [m]; adds a last bin, empty at first, which takes up cracks

    def __post_init__(self) -> None:
        radius, share = checked_table("radius", self.radius, self.share)
        for name in ("exponent", "strengthening_radius", "crack_radius"):
            value = getattr(self, name)
            if value is not None and not 0.0 < value < math.inf:
                raise ValueError(f"{name}: got {value}, needed a number above zero")
        object.__setattr__(self, "radius", tuple(radius))
        object.__setattr__(self, "share", tuple(share))

    @classmethod
    def lognormal(
        cls,
        median: float,
        spread: float,
        exponent: float,
        strengthening_radius: float,
        crack_radius: float | None = None,
        bins: int = 32,
    ) -> Pores:
        """Log-normal in volume, by median radius [m] and standard deviation of ln r.

        `bins` counts the one of cracks.
        """
        radius, share = lognormal_table(median, spread, bins - (crack_radius is not None))
        return cls(radius, share, exponent, strengthening_radius, crack_radius)

    @property
    def names(self) -> np.ndarray:
        """Radius before pressing (bins,) [m]; the bin of cracks, where there is one, is the last."""
        cracks = [] if self.crack_radius is None else [self.crack_radius]
        return np.array([*self.radius, *cracks])

    @property
    def weights(self) -> np.ndarray:
        """w_j (bins,), divided by their largest: only their ratios count."""
        w = 1.0 / (1.0 + (self.strengthening_radius / self.names) ** self.exponent)
        return w / w.max()

    def initial(self, porosity: np.ndarray | float) -> np.ndarray:
        """Bins (..., bins) of unpressed points with these porosities (...)."""
        phi = np.asarray(porosity, float)
        if not ((phi > 0.0) & (phi < 1.0)).all():
            raise ValueError(f"porosity: got {phi.min()} to {phi.max()}, needed above 0 and below 1")
        share = np.zeros(len(self.names))
        share[: len(self.share)] = self.share
        return (phi / (1.0 - phi))[..., None] * share

    def radii(self, bins: np.ndarray, initial: np.ndarray, cracks: np.ndarray | float = 0.0) -> np.ndarray:
        """Radius now (..., bins) [m] of the pores of each bin, NaN where there never were any.

        `initial` (..., bins) is what the bins held before pressing and `cracks` (...) the void ratio of all
        cracks since: together they fix the number of pores.
        """
        born = np.broadcast_to(initial, np.shape(bins)).copy()
        if self.crack_radius is not None:
            born[..., -1] += cracks
        with np.errstate(invalid="ignore"):
            return self.names * np.cbrt(bins / born)


def median_radius(bins: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Radius (...) [m] below which half of the pore volume lies; bins and radii (..., bins).

    The volume of a bin counts half below and half above its own radius; between bins, linear in ln r.
    """
    order = np.argsort(radii, axis=-1)  # NaN, the empty bins, last
    volume = np.take_along_axis(bins, order, -1)
    radius = np.take_along_axis(radii, order, -1)
    below = np.cumsum(volume, -1) - 0.5 * volume
    half = 0.5 * volume.sum(-1, keepdims=True)
    flat = (half.reshape(-1), below.reshape(-1, bins.shape[-1]), radius.reshape(-1, bins.shape[-1]))
    found = [np.exp(np.interp(h, b[r > 0.0], np.log(r[r > 0.0]))) for h, b, r in zip(*flat, strict=True)]
    return np.array(found).reshape(bins.shape[:-1])


def advance(
    bins: np.ndarray, pores: Pores, porosity: np.ndarray, cracks: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Bring the bins (n, bins) of n points to new porosities (n,); `cracks` (n,) is void ratio newly cracked.

    Without cracks L is additive, so that one call from the initial bins gives what any path would give.

    Returns
    -------
    new bins (n, bins), status (n,) int8: see `advance_into`.

    Raises
    ------
    ValueError
        When shapes do not fit, or there are cracks but no bin for them.
    """
    bins = np.ascontiguousarray(bins, float)
    porosity = np.ascontiguousarray(porosity, float)
    source = np.empty(0) if cracks is None else np.ascontiguousarray(cracks, float)
    weights = pores.weights
    n = len(porosity)
    if bins.shape != (n, len(weights)) or (cracks is not None and source.shape != (n,)):
        raise ValueError(
            f"shapes bins {bins.shape}, cracks {source.shape} do not fit {n} points of {len(weights)} bins: "
            f"needed ({n}, {len(weights)}), ({n},)"
        )
    if cracks is not None and pores.crack_radius is None:
        raise ValueError("cracks: got some, needed none, as these pores have no bin for them (crack_radius)")
    new, status = np.empty_like(bins), np.empty(n, np.int8)
    advance_into(bins, weights, porosity, source, new, status)
    return new, status


def advance_into(
    bins: np.ndarray,
    weights: np.ndarray,
    porosity: np.ndarray,
    cracks: np.ndarray,
    new_bins: np.ndarray,
    status: np.ndarray,
) -> None:
    """Advance the pore sizes of n points of one layer, into arrays that the caller owns; threaded.

    Parameters
    ----------
    bins : (n, bins) float64
        Void ratio by bin, at the start of the step.
    weights : (bins,) float64
        `Pores.weights`.
    porosity : (n,) float64
        Of the unloaded body, at the end of the step.
    cracks : (n,) float64
        Void ratio of the cracks opened in the step, or an array of length zero for none. They go to the last
        bin before the step closes pores, so that the porosity stays what the law says it is.
    new_bins, status
        Outputs: (n, bins), which may be `bins` itself, and (n,) int8: 0 done; -1 a bin negative, all empty or
        not finite, a porosity not above 0 and below 1, negative cracks; -2 no solution found. The bins of a
        failed point are NaN.
    """
    collapse.advance(bins, weights, porosity, cracks, new_bins, status)


def checked_table(name: str, size: Sequence[float], share: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """A table of sizes [m] and volume shares, the shares divided by their sum.

    Raises ValueError naming the row that is wrong.
    """
    sizes, shares = np.array(size, float), np.array(share, float)
    if sizes.ndim != 1 or sizes.shape != shares.shape or not sizes.size:
        raise ValueError(
            f"{name}, share: got shapes {sizes.shape}, {shares.shape}, needed two columns of one length"
        )
    for row, value in enumerate(sizes):
        before = sizes[row - 1] if row else 0.0
        if not before < value < math.inf:
            raise ValueError(
                f"{name}, row {row + 1}: got {value}, needed above {before}: sizes in metres, positive, "
                "smallest first"
            )
    for row, value in enumerate(shares):
        if not 0.0 <= value < math.inf:
            raise ValueError(f"share, row {row + 1}: got {value}, needed zero or more")
    if not 0.0 < shares.sum() < math.inf:
        raise ValueError(f"share: got a sum of {shares.sum()}, needed one above zero")
    return sizes, shares / shares.sum()


def lognormal_table(median: float, spread: float, rows: int) -> tuple[list[float], list[float]]:
    """Sizes and volume shares of a log-normal, in classes equal in the logarithm out to three spreads."""
    for name, value in (("median", median), ("spread", spread)):
        if not 0.0 < value < math.inf:
            raise ValueError(f"{name}: got {value}, needed a number above zero")
    if rows < 2:
        raise ValueError(f"bins: got {rows} for the distribution, needed 2 or more")
    edges = np.linspace(-3.0, 3.0, rows + 1)
    share = np.diff([0.5 * math.erf(edge / math.sqrt(2.0)) for edge in edges])
    middle = 0.5 * (edges[1:] + edges[:-1])
    return (median * np.exp(spread * middle)).tolist(), (share / share.sum()).tolist()
