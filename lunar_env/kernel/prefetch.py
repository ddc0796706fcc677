"""Prefetching: rows of landers are too far apart in memory for the hardware prefetcher."""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.core.extending import intrinsic

from lunar_env.kernel.compile import inline_kernel, numba_config

DOUBLES: Final = 8  # float64 values in a cache line of 64 bytes
SINGLES: Final = 16  # float32 values
_READ, _KEEP, _DATA = 0, 3, 1
_function: Any = get_or_insert_function


def _prefetch(_typing: Any, array: Any, at: Any) -> Any:
    """Request the cache line of the element `at` of a contiguous array, without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if "cuda" not in type(context).__module__:  # a GPU hides latency by itself
            view = context.make_array(signature.args[0])(context, builder, args[0])
            item = builder.gep(view.data, [context.cast(builder, args[1], at, types.intp)])
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            call = _function(builder.module, kind, "llvm.prefetch.p0")
            flags = [number(_READ), number(_KEEP), number(_DATA)]
            builder.call(call, [builder.bitcast(item, byte), *flags])
        return context.get_dummy_value()

    return types.none(array, at), generate


def _no_prefetch(array: np.ndarray, at: int) -> None:
    """Replace `prefetch` when kernels are interpreted."""


prefetch: Any = _no_prefetch if numba_config.DISABLE_JIT else intrinsic(_prefetch)


@inline_kernel
def prefetch_part(
    array: np.ndarray, i: int, first: int, last: int, part: int, parts: int, line: int
) -> None:
    """Prefetch one of `parts` interleaved parts of the elements `first` to `last` of row `i`.

    Part number `part` consists of every `parts`-th cache line; a cache line holds `line` elements.
    """
    if i < array.shape[0]:
        row = i * (array.strides[0] // array.itemsize)
        j = row + first + part * line
        while j < row + last:  # the length of a range would cost a division
            prefetch(array, j)
            j += parts * line
