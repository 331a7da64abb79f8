"""SIMD lanes as a numba type: W doubles that are computed with as if they were one.

`Lanes` becomes an LLVM vector of doubles, `Mask` one of bits, so that the width is explicit and no
vectoriser has to guess. Mixed arithmetic with a number spreads the number over the lanes. What a law needs
beyond arithmetic and comparisons is in the functions here; `lanes.py` gives each its plain Python meaning.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typeconv import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import (
    intrinsic as _intrinsic,
)
from numba.extending import (
    lower_builtin,
    lower_cast,
    models,
    overload_attribute,
    register_model,
)

intrinsic: Any = _intrinsic  # its types are those of the compiled function, less the typing context
CONTRACT = ("contract",)  # a product and a sum may become one fused operation
BIT, LONG, DOUBLE = ir.IntType(1), ir.IntType(64), ir.DoubleType()


class Lanes(types.Type):
    """`width` doubles, one per point."""

    def __init__(self, width: int):
        self.width = width
        super().__init__(name=f"lanes[{width}]")

    def can_convert_from(self, typingctx: Any, other: types.Type) -> Conversion | None:
        return Conversion.safe if isinstance(other, (types.Float, types.Integer)) else None

    def unify(self, typingctx: Any, other: types.Type) -> types.Type | None:
        return self if isinstance(other, (types.Float, types.Integer)) else None


class Mask(types.Type):
    """The outcome of a comparison of lanes."""

    def __init__(self, width: int):
        self.width = width
        super().__init__(name=f"mask[{width}]")

    def can_convert_from(self, typingctx: Any, other: types.Type) -> Conversion | None:
        return Conversion.safe if isinstance(other, types.Boolean) else None

    def unify(self, typingctx: Any, other: types.Type) -> types.Type | None:
        return self if isinstance(other, types.Boolean) else None


def items(kind: Any) -> tuple[types.Type, ...]:
    """The types of the items of a tuple type."""
    return tuple(kind)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Lanes):
        super().__init__(manager, kind, ir.VectorType(DOUBLE, kind.width))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Mask):
        super().__init__(manager, kind, ir.VectorType(BIT, kind.width))


overload_attribute(Lanes, "real")(lambda x: lambda x: x)


# --- numbers to lanes


def _spread(builder: Any, value: Any, width: int) -> Any:
    nothing = ir.Constant(ir.VectorType(value.type, width), ir.Undefined)
    one = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        one, nothing, ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    )


@lower_cast(types.Float, Lanes)
@lower_cast(types.Integer, Lanes)
def _number_to_lanes(context: Any, builder: Any, given: types.Type, wanted: Lanes, value: Any) -> Any:
    return _spread(builder, context.cast(builder, value, given, types.float64), wanted.width)


@lower_cast(types.Boolean, Mask)
def _boolean_to_mask(context: Any, builder: Any, given: types.Type, wanted: Mask, value: Any) -> Any:
    return _spread(builder, builder.trunc(value, BIT) if value.type != BIT else value, wanted.width)


# --- operators


def _define(symbol: Any, kind: type, result: type, count: int, build: Callable) -> None:
    """Let an operator with `count` operands, at least one of them of the kind, give the result."""

    class Template(AbstractTemplate):
        def generic(self, args: tuple, kws: dict) -> Any:
            lanes: list[Any] = [a for a in args if isinstance(a, kind)]
            if len(args) != count or not lanes:
                return None
            return signature(result(lanes[0].width), *[lanes[0]] * count)

    infer_global(symbol)(Template)
    lower_builtin(symbol, *[kind] * count)(lambda context, builder, sig, args: build(builder, *args))


for _symbols, _name in (
    ((operator.add, operator.iadd), "fadd"),
    ((operator.sub, operator.isub), "fsub"),
    ((operator.mul, operator.imul), "fmul"),
    ((operator.truediv, operator.itruediv), "fdiv"),
):
    for _symbol in _symbols:
        _define(_symbol, Lanes, Lanes, 2, lambda b, x, y, name=_name: getattr(b, name)(x, y, flags=CONTRACT))

for _symbol, _name in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
):
    _define(_symbol, Lanes, Mask, 2, lambda b, x, y, name=_name: b.fcmp_ordered(name, x, y))

for _symbol, _name in ((operator.and_, "and_"), (operator.or_, "or_")):
    _define(_symbol, Mask, Mask, 2, lambda b, x, y, name=_name: getattr(b, name)(x, y))

_define(operator.neg, Lanes, Lanes, 1, lambda b, x: b.fneg(x))
_define(operator.not_, Mask, Mask, 1, lambda b, x: b.xor(x, ir.Constant(x.type, [1] * x.type.count)))
_define(abs, Lanes, Lanes, 1, lambda b, x: _call(b, "fabs", x))


# --- functions


def _call(builder: Any, name: str, *args: Any) -> Any:
    """An LLVM function of vectors of one kind."""
    vector = args[0].type
    kind = ir.FunctionType(vector, [vector] * len(args))
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{vector.count}f64")
    return builder.call(function, args)


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
            part = _call(builder, "fma", part, square, _double(x, c))
        parts.append(part)
    return _call(builder, "fma", parts[1], x, parts[0])


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
    rounded = _call(b, "fma", x, _double(x, 1.0 / math.log(2.0)), _double(x, ROUNDING))
    n = b.fsub(rounded, _double(x, ROUNDING))
    r = _call(b, "fma", n, _double(x, -LN2_HIGH), x)
    r = _call(b, "fma", n, _double(x, -LN2_LOW), r)
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
        upper = _call(b, "fma", rest, scale, upper)
    f = b.fdiv(upper, lower)
    p = _polynomial(b, b.fmul(f, f), LOG_SERIES)
    low = _call(b, "fma", n, _double(x, LN2_LOW), b.fmul(f, p))
    result = _call(b, "fma", n, _double(x, LN2_HIGH), low)
    fits = b.and_(
        b.fcmp_ordered(">=", x, _double(x, 2.0**-1022)), b.fcmp_ordered("<", x, _double(x, math.inf))
    )
    return b.select(fits, result, _double(x, math.nan))


def _log1p(b: Any, s: Any) -> Any:
    """ln(1 + s) for s > -1, exact to rounding for small s."""
    x = b.fadd(s, _double(s, 1.0))
    rest = b.fsub(s, b.fsub(x, _double(s, 1.0)))
    return _log(
        b, x, b.select(b.fcmp_ordered("<", _call(b, "fabs", s), _double(s, 1.0)), rest, _double(s, 0.0))
    )


def _function(build: Callable) -> Any:
    def typed(typingctx: Any, x: Any) -> Any:
        return x(x), lambda context, builder, sig, args: build(builder, args[0])

    return intrinsic(typed)


lanes_exp = _function(_exp)
lanes_log = _function(_log)
lanes_log1p = _function(_log1p)
lanes_sqrt = _function(lambda b, x: _call(b, "sqrt", x))


@intrinsic
def lanes_select(typingctx, mask, yes, no):
    width = next(kind.width for kind in (mask, yes, no) if isinstance(kind, (Lanes, Mask)))
    kind = Lanes(width)
    chooser = mask if isinstance(mask, Mask) else types.boolean

    def build(context, builder, sig, args):
        return builder.select(*args)

    return kind(chooser, kind, kind), build


@intrinsic
def lanes_any(typingctx, mask):
    def build(context, builder, sig, args):
        bits = builder.bitcast(args[0], ir.IntType(mask.width))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(mask), build


@intrinsic
def lanes_get(typingctx, x, i):
    """Lane i of lanes, of a mask, or of every item of a tuple of them."""

    def single(kind: Any) -> Any:
        if isinstance(kind, types.BaseTuple):
            singles = [single(item) for item in items(kind)]
            if isinstance(kind, types.BaseNamedTuple):
                return types.NamedTuple(singles, cast(Any, kind).instance_class)
            return types.Tuple(singles)
        return {Lanes: types.float64, Mask: types.boolean}.get(type(kind), kind)

    def take(context, builder, kind, value, index):
        if isinstance(kind, types.BaseTuple):
            parts = [
                take(context, builder, item, builder.extract_value(value, k), index)
                for k, item in enumerate(items(kind))
            ]
            return context.make_tuple(builder, single(kind), parts)
        return builder.extract_element(value, index) if isinstance(kind, (Lanes, Mask)) else value

    def build(context, builder, sig, args):
        return take(context, builder, x, args[0], builder.trunc(args[1], ir.IntType(32)))

    return single(x)(x, types.int64), build


@intrinsic
def lanes_put(typingctx, x, i, value):
    """The lanes x with lane i set to a value."""
    item = types.float64 if isinstance(x, Lanes) else types.boolean

    def build(context, builder, sig, args):
        return builder.insert_element(args[0], args[2], builder.trunc(args[1], ir.IntType(32)))

    return x(x, types.int64, item), build


@intrinsic
def lanes_spread(typingctx, unit):
    """Lanes of one, as many as the tuple has items."""
    kind = Lanes(unit.count)

    def build(context, builder, sig, args):
        return ir.Constant(ir.VectorType(DOUBLE, kind.width), [1.0] * kind.width)

    return kind(unit), build


@intrinsic
def lanes_load(typingctx, array, i, like):
    """Consecutive items of a contiguous array, from flat index i."""
    kind = Lanes(like.count if isinstance(like, types.UniTuple) else like.width)

    def build(context, builder, sig, args):
        pointer = _pointer(context, builder, array, args, kind.width)
        load = builder.load(pointer)
        load.align = 8
        return load

    return kind(array, types.int64, like), build


@intrinsic
def lanes_store(typingctx, array, i, value):
    """Put lanes to consecutive items of a contiguous array, from flat index i."""

    def build(context, builder, sig, args):
        pointer = _pointer(context, builder, array, args, value.width)
        store = builder.store(args[2], pointer)
        store.align = 8
        return context.get_dummy_value()

    return types.none(array, types.int64, value), build


def _pointer(context: Any, builder: Any, array: Any, args: Any, width: int) -> Any:
    data = context.make_array(array)(context, builder, args[0]).data
    vector = ir.VectorType(DOUBLE, width)
    return builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer())


@intrinsic
def lanes_gather(typingctx, array, order, i, column, like):
    """Items array[order[i + k], column] of a C-contiguous array with two axes, k the lane."""
    kind = Lanes(like.count)

    def build(context, builder, sig, args):
        table, items, stride = _table(context, builder, sig, args)
        lanes = ir.Constant(ir.VectorType(DOUBLE, kind.width), ir.Undefined)
        for k in range(kind.width):
            place = _place(builder, items, stride, args[2], k, args[3])
            value = builder.load(builder.gep(table, [place]))
            lanes = builder.insert_element(lanes, value, ir.Constant(ir.IntType(32), k))
        return lanes

    return kind(array, order, types.int64, types.int64, like), build


@intrinsic
def lanes_gather_nine(typingctx, array, order, i, like):
    """The nine columns of rows order[i + k] of a C-contiguous array (n, 9), k the lane."""
    kind = Lanes(like.count)
    side = min(8, kind.width)

    def build(context, builder, sig, args):
        table, items, stride = _table(context, builder, sig, args)
        places = [_place(builder, items, stride, args[2], k, _index(0)) for k in range(kind.width)]
        columns = []
        for left, count in [*((left, side) for left in range(0, 8, side)), (8, 1)]:
            line = ir.VectorType(DOUBLE, count)
            rows = [_at(builder, table, place, left, line, builder.load) for place in places]
            squares = [_transpose(builder, rows[k : k + count]) for k in range(0, kind.width, count)]
            columns += [_joined(builder, list(parts)) for parts in zip(*squares, strict=True)]
        return context.make_tuple(builder, sig.return_type, columns)

    return types.UniTuple(kind, 9)(array, order, types.int64, like), build


@intrinsic
def lanes_scatter(typingctx, array, order, i, column, values):
    """Put `values`, a tuple of lanes, to array[order[i + k], column:column + len(values)], k the lane."""
    width, count = values.dtype.width, values.count

    def build(context, builder, sig, args):
        table, items, stride = _table(context, builder, sig, args)
        columns = [builder.extract_value(args[4], k) for k in range(count)]
        places = [_place(builder, items, stride, args[2], k, args[3]) for k in range(width)]
        left = 0
        while left < count:
            side = next(size for size in (8, 4, 2, 1) if size <= min(width, count - left))
            for first in range(0, width, side):
                square = [_slice(builder, one, first, side) for one in columns[left : left + side]]
                for place, line in zip(places[first:], _transpose(builder, square), strict=False):
                    _at(builder, table, place, left, line.type, lambda p, line=line: builder.store(line, p))
            left += side
        return context.get_dummy_value()

    return types.none(array, order, types.int64, types.int64, values), build


def _table(context: Any, builder: Any, sig: Any, args: Any) -> tuple[Any, Any, Any]:
    """Data and row length of the array, and data of the order."""
    array = context.make_array(sig.args[0])(context, builder, args[0])
    order = context.make_array(sig.args[1])(context, builder, args[1])
    return array.data, order.data, builder.extract_value(array.shape, 1)


def _place(builder: Any, items: Any, stride: Any, i: Any, k: int, column: Any) -> Any:
    row = builder.load(builder.gep(items, [builder.add(i, _index(k))]))
    return builder.add(builder.mul(row, stride), column)


def _at(builder: Any, table: Any, place: Any, left: int, kind: Any, access: Callable) -> Any:
    """Load or store a vector of the kind at an item of the table."""
    pointer = builder.gep(table, [builder.add(place, _index(left))])
    done = access(builder.bitcast(pointer, kind.as_pointer()))
    done.align = 8
    return done


def _index(k: int) -> Any:
    return ir.Constant(LONG, k)


def _shuffle(builder: Any, x: Any, y: Any, picked: list[int]) -> Any:
    return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(ir.IntType(32), len(picked)), picked))


def _slice(builder: Any, x: Any, first: int, count: int) -> Any:
    return x if x.type.count == count else _shuffle(builder, x, x, list(range(first, first + count)))


def _joined(builder: Any, parts: list[Any]) -> Any:
    """One vector of the parts, a power of two of them, one after the other."""
    while len(parts) > 1:
        size = 2 * parts[0].type.count
        parts = [
            _shuffle(builder, x, y, list(range(size))) for x, y in zip(parts[::2], parts[1::2], strict=True)
        ]
    return parts[0]


def _transpose(builder: Any, rows: list[Any]) -> list[Any]:
    """Rows and columns exchanged, by swapping the off-diagonal quarters of ever larger squares."""
    rows, side = list(rows), len(rows)
    step = 1
    while step < side:
        for i in range(side):
            if not i & step:
                x, y = rows[i], rows[i + step]
                rows[i] = _shuffle(builder, x, y, [side + k - step if k & step else k for k in range(side)])
                rows[i + step] = _shuffle(
                    builder, x, y, [side + k if k & step else k + step for k in range(side)]
                )
        step *= 2
    return rows
