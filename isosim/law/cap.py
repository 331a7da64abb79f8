"""Cap laws: the hydrostatic yield pressure p_c as a function of u = ln(phi - phi_m), theory (7).

Meaning of the constants of a row
    Heckel    cap_pressure p0, cap_slope kap: p_c = p0 + kap w with w = u_r - u; p0 exp(kap w / p0) for w < 0
    Log       cap_pressure unit, cap_x N, cap_y 1/lambda: p_c = unit exp((N - e) / lambda), e = phi/(1-phi)
    Kawakita  cap_pressure p0, cap_slope 1/b, cap_x 1-a, cap_y the floor of the denominator:
              p_c = p0 + (D - D_r) / (b den), den = D_r - (1-a) D; continued like Heckel for w < 0
    Power     cap_pressure p0, cap_slope m, cap_x 1/D_r: p_c = p0 (D / D_r)^m
Log, Kawakita and Power add locking w for w > 0, without which they may stay finite at full density. All lanes
have one law; its constants may differ from lane to lane.
"""

from __future__ import annotations

from .lanes import any_of, exp, inlined, log, select
from .row import HECKEL, KAWAKITA, LOG


@inlined
def _continued(pressure, slope, w, p0, slope_r):
    """The law for w >= 0, and p0 exp(slope_r w / p0) for w < 0: smooth, always positive."""
    outside = w.real < 0.0
    if any_of(outside):
        low = p0 * exp(slope_r / p0 * select(outside, w, 0.0 * w))
        pressure = select(outside, low, pressure)
        slope = select(outside, -slope_r / p0 * low, slope)
    return pressure, slope


@inlined
def cap(u, m):
    """Cap pressure p_c and dp_c/du."""
    w = m.reference - u
    if m.law == HECKEL:
        linear = m.cap_pressure + m.cap_slope * w
        return _continued(linear, 0.0 * w - m.cap_slope, w, m.cap_pressure, m.cap_slope)
    gap = exp(u)
    solid = 1.0 - m.floor - gap
    locking = select(w.real > 0.0, 0.0 * w + m.locking, 0.0 * w)
    if m.law == LOG:
        p = m.cap_pressure * exp((m.cap_x - 1.0 / solid + 1.0) * m.cap_y)
        slope = -p * m.cap_y * gap / (solid * solid)
    elif m.law == KAWAKITA:
        solid_r = 1.0 - m.floor - exp(m.reference)
        a = 1.0 - m.cap_x
        den = m.cap_y + m.cap_x * gap
        den_r = a * solid_r
        p = m.cap_pressure + m.cap_slope * (solid - solid_r) / den
        slope = -m.cap_slope * den_r * gap / (den * den)
        slope_r = m.cap_slope * (solid_r * a) * exp(m.reference) / (den_r * den_r)
        p, slope = _continued(p, slope, w, m.cap_pressure, slope_r)
    else:
        p = m.cap_pressure * exp(m.cap_slope * log(solid * m.cap_x))
        slope = -m.cap_slope * p * gap / solid
    return p + locking * w, slope - locking


@inlined
def jammed_cap(u, u_hist, m):
    """The cap with its hardening kept in dilation: p_c(min(u, u_hist)) and its derivative by u."""
    dilated = u.real > u_hist.real
    p, slope = cap(select(dilated, 0.0 * u + u_hist, u), m)
    return p, select(dilated, 0.0 * slope, slope)
