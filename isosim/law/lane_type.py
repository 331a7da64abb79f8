"""SIMD lanes as a numba type: W doubles that are computed with as if they were one.

`Lanes` becomes an LLVM vector of doubles, `Mask` one of bits, so that the width is explicit and no
vectoriser has to guess. Mixed arithmetic with a number spreads the number over the lanes. What a law needs
beyond arithmetic and comparisons is in the functions here; `lanes.py` gives each its plain Python meaning.
"""

from __future__ import annotations

import operator
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
_define(abs, Lanes, Lanes, 1, lambda b, x: vector_call(b, "fabs", x))


def vector_call(builder: Any, name: str, *args: Any) -> Any:
    """An LLVM function of vectors of one kind."""
    vector = args[0].type
    kind = ir.FunctionType(vector, [vector] * len(args))
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{vector.count}f64")
    return builder.call(function, args)


# --- choosing


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


def _type_of_each(kind: Any, change: Callable) -> Any:
    """The type of a tuple with the types of all its items changed, of tuples inside too."""
    if isinstance(kind, types.BaseTuple):
        changed = [_type_of_each(item, change) for item in items(kind)]
        if isinstance(kind, types.BaseNamedTuple):
            return types.NamedTuple(changed, cast(Any, kind).instance_class)
        return types.Tuple(changed)
    return change(kind)


def _each(context: Any, builder: Any, kind: Any, value: Any, wanted: Any, change: Callable) -> Any:
    """A tuple with all its items changed, of tuples inside too, but for those that are not lanes."""
    if isinstance(kind, types.BaseTuple):
        parts = [
            _each(context, builder, item, builder.extract_value(value, k), items(wanted)[k], change)
            for k, item in enumerate(items(kind))
        ]
        return context.make_tuple(builder, wanted, parts)
    return change(value) if isinstance(kind, (Lanes, Mask)) else value


@intrinsic
def lanes_get(typingctx, x, i):
    """Lane i of lanes, of a mask, or of every item of a tuple of them."""
    kind = _type_of_each(x, lambda k: {Lanes: types.float64, Mask: types.boolean}.get(type(k), k))

    def build(context, builder, sig, args):
        index = builder.trunc(args[1], ir.IntType(32))
        return _each(context, builder, x, args[0], kind, lambda v: builder.extract_element(v, index))

    return kind(x, types.int64), build


def _half(place: int) -> Any:
    @intrinsic
    def lanes_half(typingctx, x):
        """The lower or upper half of lanes, or of every item of a tuple of them."""
        kind = _type_of_each(x, lambda k: type(k)(k.width // 2) if isinstance(k, (Lanes, Mask)) else k)

        def build(context, builder, sig, args):
            def picked(v):
                half = v.type.count // 2
                lanes = [place * half + k for k in range(half)]
                return builder.shuffle_vector(v, v, ir.Constant(ir.VectorType(ir.IntType(32), half), lanes))

            return _each(context, builder, x, args[0], kind, picked)

        return kind(x), build

    return lanes_half


lanes_lower, lanes_upper = _half(0), _half(1)


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
