"""Between lanes and arrays: consecutive items, and rows of a table whose columns become lanes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from .lane_type import DOUBLE, LONG, Lanes, intrinsic


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


@intrinsic
def lanes_prefetch(typingctx, array, order, i, column, like):
    """Call array[order[i + k], column] into the cache to be written to, k the lane."""

    def build(context, builder, sig, args):
        table, items, stride = _table(context, builder, sig, args)
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        options = [ir.Constant(number, k) for k in (1, 3, 1)]  # to write, all levels, data
        for k in range(like.width):
            place = _place(builder, items, stride, args[2], k, args[3])
            builder.call(function, [builder.bitcast(builder.gep(table, [place]), byte), *options])
        return context.get_dummy_value()

    return types.none(array, order, types.int64, types.int64, like), build


def _table(context: Any, builder: Any, sig: Any, args: Any) -> tuple[Any, Any, Any]:
    """Data and row length of the array, and data of the order."""
    array = context.make_array(sig.args[0])(context, builder, args[0])
    order = context.make_array(sig.args[1])(context, builder, args[1])
    return array.data, order.data, builder.extract_value(array.shape, 1)


def _place(builder: Any, items: Any, stride: Any, i: Any, k: int, column: Any) -> Any:
    row = builder.load(builder.gep(items, [builder.add(i, _index(k))]))
    row.set_metadata("invariant.load", builder.module.add_metadata([]))  # no kernel writes to the order
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
