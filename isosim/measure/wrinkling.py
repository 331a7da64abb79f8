"""Whether the foils would wrinkle: the critical strain of a stiff film between two compliant layers.

A foil of thickness h and plane-strain modulus B between half-spaces of plane-strain moduli B1 and B2 that is
compressed along itself buckles into waves of wave number k when its stress reaches

    s(k) = B (k h)^2 / 12 + (B1 + B2) / (2 k h),

the film's bending plus the springs of the half-spaces, each B_i k / 2 (Biot 1937, J. Appl. Mech. 4, A1-A7).
The least s is at (k h)^3 = 3 (B1 + B2) / B, where s = B (k h)^2 / 4; with one half-space it is the face
wrinkling of sandwich panels (Allen 1969, Analysis and Design of Structural Sandwich Panels, chapter 8). A
foil that yields bends with its tangent modulus (Shanley 1947), B = 4/3 E H / (E + H). Sources from memory,
unverified. The layers are tied: this is an estimate beside the computation, which cannot wrinkle. Where k h
comes out above 1 the wave is no longer long beside the foil, and the estimate is an order of magnitude.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from isosim import law

READINGS = {
    "compression": ("1", "largest in-plane compression of the foil under pressure, logarithmic"),
    "critical_compression": ("1", "compression at which a foil between its neighbours would wrinkle"),
    "wavelength": ("m", "length of the first waves"),
    "wrinkles": ("1", "1 where the foil is compressed beyond the critical compression"),
}


class Wrinkle(NamedTuple):
    """Where a film between two half-spaces starts to wrinkle: stress [Pa], wavelength [m]."""

    stress: float
    wavelength: float


def critical(thickness: float, film: float, below: float, above: float) -> Wrinkle:
    """Least critical stress of a film from its plane-strain modulus and those of the half-spaces [Pa]."""
    kh = np.cbrt(3.0 * (below + above) / film)
    return Wrinkle(0.25 * film * kh**2, 2.0 * np.pi * thickness / kh)


def critical_strain(foil: law.Dense, thickness: float, below: float, above: float) -> tuple[float, float]:
    """Compression at which a foil wrinkles, and the wavelength [m]: elastic first, then with its tangent."""
    young, poisson = _young(foil)
    elastic = critical(thickness, young / (1.0 - poisson**2), below, above)
    if elastic.stress <= foil.yield_stress:
        return elastic.stress / young, elastic.wavelength
    yields = foil.yield_stress / young
    if foil.hardening == 0.0:
        return yields, 0.0
    tangent = young * foil.hardening / (young + foil.hardening)
    plastic = critical(thickness, tangent / 0.75, below, above)
    return yields + max(0.0, plastic.stress - foil.yield_stress) / tangent, plastic.wavelength


def read(ds: xr.Dataset, stack: Any) -> xr.Dataset:
    """`READINGS` of the foil of every electrode (foil_...), in its middle, and of the pouch's stiffest sheet
    on the top face (pouch_...), where it is compressed most.

    Compressions are logarithmic and positive. A porous neighbour supports a foil with the slope of its
    compaction in the last step of loading; a dense one with its elastic modulus, or the tangent where it has
    yielded.
    """
    rows = [_foil(ds, stack, electrode.foil, ds.isel(x=0)) for electrode in stack.electrodes]
    read = xr.Dataset()
    for k, (name, (unit, meaning)) in enumerate(READINGS.items()):
        values = ("electrode", np.array([row[k] for row in rows]))
        read[f"foil_{name}"] = (*values, {"units": unit, "long_name": meaning})
    pouch = [i for i, layer in enumerate(stack.layers) if layer.role == "pouch"]
    if pouch:
        stiffest = max(pouch, key=lambda i: stack.materials[stack.layers[i].material].law.shear_modulus)
        row = _foil(ds, stack, next(i for i in pouch if _same(stack, i, stiffest)), ds)
        for value, (name, (unit, meaning)) in zip(row, READINGS.items(), strict=True):
            read[f"pouch_{name}"] = (
                (),
                value,
                {"units": unit, "long_name": meaning.replace("foil", "sheet")},
            )
    return read


def _same(stack: Any, one: int, other: int) -> bool:
    return stack.layers[one].material == stack.layers[other].material


def _foil(ds: xr.Dataset, stack: Any, foil: int, where: xr.Dataset) -> tuple[float, float, float, float]:
    """The values of `READINGS` for a layer; its compression is the largest one of `where`."""
    below, above = (_support(ds, stack, foil + way) for way in (1, -1))
    layer = stack.layers[foil]
    limit, wavelength = critical_strain(stack.materials[layer.material].law, layer.thickness, below, above)
    pressed = where.isel(layer=foil).sel(state=["loaded", "held"])
    compression = -min(float(pressed.strain_x_profile.min()), float(pressed.strain_y_profile.min()))
    return compression, limit, wavelength, float(compression > limit)


def _support(ds: xr.Dataset, stack: Any, index: int) -> float:
    """Plane-strain modulus with which a layer holds its neighbour [Pa]; 0 beyond the stack."""
    if not 0 <= index < len(stack.layers):
        return 0.0
    own = stack.materials[stack.layers[index].material].law
    if isinstance(own, law.Dense):
        young, poisson = _young(own)
        if float(ds.plastic_strain.isel(layer=index).max()) == 0.0:
            return young / (1.0 - poisson**2)
        return young * own.hardening / (young + own.hardening) / 0.75
    end = int(np.flatnonzero(ds.phase == "load")[-1])
    at = [end - 1, end]
    pressure, thickness = ds.pressure.values[at], ds.thickness.isel(layer=index).values[at]
    return float((pressure[1] - pressure[0]) / np.log(thickness[0] / thickness[1]))


def _young(body: Any) -> tuple[float, float]:
    """E [Pa] and nu from K and G."""
    K, G = body.bulk_modulus, body.shear_modulus
    return 9.0 * K * G / (3.0 * K + G), (3.0 * K - 2.0 * G) / (6.0 * K + 2.0 * G)
