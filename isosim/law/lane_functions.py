"""exp, log, log1p and square root of lanes: polynomials to rounding, without a call or a branch."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

from llvmlite import ir

from .lane_type import LONG, intrinsic, vector_call


def _double(x: Any, value: float) -> Any:
    return ir.Constant(x.type, [value] * x.type.count)


def _long(x: Any, value: int) -> Any:
    return ir.Constant(ir.VectorType(LONG, x.type.count), [value] * x.type.count)


def _bits(value: float) -> int:
    return struct.unpack("<q", struct.pack("<d", value))[0]


def _polynomial(builder: Any, x: Any, coefficients: list[float]) -> Any:
    """Sum of coefficients[k] x^k, even and odd powers apart: half as long a chain of dependent steps."""
    square = builder.fmul(x, x)
    parts = []
    for start in (0, 1):
        *rest, last = coefficients[start::2]
        part = _double(x, last)
        for c in reversed(rest):
            part = vector_call(builder, "fma", part, square, _double(x, c))
        parts.append(part)
    return vector_call(builder, "fma", parts[1], x, parts[0])


LN2_HIGH = 6.93147180369123816490e-01  # the first 32 bits of ln 2: times an exponent it is exact
LN2_LOW = 1.90821492927058770002e-10
ROUNDING = 1.5 * 2.0**52  # added, it leaves an integer in the last bits
EXP_SERIES = [1.0 / math.factorial(k) for k in range(13)]
LOG_SERIES = [2.0 / (2 * k + 1) for k in range(10)]


def _exp(b: Any, x: Any) -> Any:
    """exp(x) to rounding, held at the ends of the doubles beyond |x| = 708; NaN stays NaN."""
    for symbol, limit in ((">", 709.0), ("<", -708.0)):
        end = _double(x, limit)
        x = b.select(b.fcmp_ordered(symbol, x, end), end, x)
    rounded = vector_call(b, "fma", x, _double(x, 1.0 / math.log(2.0)), _double(x, ROUNDING))
    n = b.fsub(rounded, _double(x, ROUNDING))
    r = vector_call(b, "fma", n, _double(x, -LN2_HIGH), x)
    r = vector_call(b, "fma", n, _double(x, -LN2_LOW), r)
    power = b.shl(b.add(b.bitcast(rounded, _long(x, 0).type), _long(x, 1023)), _long(x, 52))
    return b.fmul(_polynomial(b, r, EXP_SERIES), b.bitcast(power, x.type))


def _log(b: Any, x: Any, rest: Any = None) -> Any:
    """ln(x + rest) for positive normal x and |rest| < 1e-16 x; NaN for everything else."""
    root = _bits(math.sqrt(0.5))
    shifted = b.add(b.bitcast(x, _long(x, 0).type), _long(x, _bits(1.0) - root))
    exponent = b.lshr(shifted, _long(x, 52))
    m = b.bitcast(b.add(b.and_(shifted, _long(x, (1 << 52) - 1)), _long(x, root)), x.type)
    n = b.bitcast(b.or_(exponent, _long(x, _bits(2.0**52))), x.type)
    n = b.fsub(n, _double(x, 2.0**52 + 1023.0))
    upper, lower = b.fsub(m, _double(x, 1.0)), b.fadd(m, _double(x, 1.0))
    if rest is not None:
        scale = b.bitcast(b.shl(b.sub(_long(x, 2046), exponent), _long(x, 52)), x.type)
        upper = vector_call(b, "fma", rest, scale, upper)
    f = b.fdiv(upper, lower)
    p = _polynomial(b, b.fmul(f, f), LOG_SERIES)
    low = vector_call(b, "fma", n, _double(x, LN2_LOW), b.fmul(f, p))
    result = vector_call(b, "fma", n, _double(x, LN2_HIGH), low)
    fits = b.and_(
        b.fcmp_ordered(">=", x, _double(x, 2.0**-1022)), b.fcmp_ordered("<", x, _double(x, math.inf))
    )
    return b.select(fits, result, _double(x, math.nan))


def _log1p(b: Any, s: Any) -> Any:
    """ln(1 + s) for s > -1, exact to rounding for small s."""
    x = b.fadd(s, _double(s, 1.0))
    rest = b.fsub(s, b.fsub(x, _double(s, 1.0)))
    return _log(
        b, x, b.select(b.fcmp_ordered("<", vector_call(b, "fabs", s), _double(s, 1.0)), rest, _double(s, 0.0))
    )


def _function(build: Callable) -> Any:
    def typed(typingctx: Any, x: Any) -> Any:
        return x(x), lambda context, builder, sig, args: build(builder, args[0])

    return intrinsic(typed)


lanes_exp = _function(_exp)
lanes_log = _function(_log)
lanes_log1p = _function(_log1p)
lanes_sqrt = _function(lambda b, x: vector_call(b, "sqrt", x))
