"""What Numba's front end need not do for kernels: half of the time to compile is spent in it.

Nothing here changes the code that is made. Where another version of Numba has not what is looked
for, it compiles in its own way.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numba.core import types

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SKIPPED_PASSES", "fast_front_end", "without_skipped"]

# Passes that find nothing in a kernel: no closures, comprehensions or expressions of whole arrays,
# no calls to inline at this level, no "with". Each still walks through the function, and most find
# the life of its variables anew.
SKIPPED_PASSES = frozenset(
    {"InlineClosureLikes", "InlineInlinables", "InlineOverloads", "NopythonRewrites", "WithLifting"}
)

# Numba's annotations do not foresee that a method is replaced.
_Function: Any = types.Function
# Types of which an operator's result depends on nothing else than they.
_PLAIN_TYPES = (types.Number, types.Boolean, types.Array, types.BaseAnonymousTuple)


def without_skipped(passes: list[Any]) -> list[Any]:
    """Passes of a pipeline, as pairs of class and text, without those that are `SKIPPED_PASSES`."""
    return [each for each in passes if getattr(each[0], "__name__", "") not in SKIPPED_PASSES]


@contextmanager
def fast_front_end() -> Iterator[None]:
    """Compile within: operators are looked up once, and memory is not searched for garbage.

    The compiler's lock must be held.

    Numba asks all implementations of an operator, some forty of "+", at each of its uses; here the
    answer for the same types of operands is kept until the end. The collector of garbage would go
    through every object of the process again and again while the compiler's grow in number; almost
    all of them live on. It starts again at the end, if it ran before.
    """
    lookup = _Function.get_call_type
    collects = gc.isenabled()
    try:
        gc.disable()
        _Function.get_call_type = _cached_lookup(lookup)
        yield
    finally:
        _Function.get_call_type = lookup
        if collects:
            gc.enable()


def _cached_lookup(lookup: Any) -> Any:
    """Wrap `lookup` of a call's signature so that operators look up the same types only once."""
    known: dict[Any, Any] = {}

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        keys = getattr(self, "_impl_keys", None)  # by it Numba finds the code of a signature
        if keys is None or kws or not _is_operator(self) or not _are_plain_types(args):
            return lookup(self, context, args, kws)
        call = id(self), id(context), tuple(args)
        if call not in known:
            signature = lookup(self, context, args, kws)
            if signature.args not in keys:
                return signature
            # The objects are kept with the answer, so that no others get their ids.
            known[call] = signature, keys[signature.args], self, context
        signature, key, *_ = known[call]
        keys[signature.args] = key
        return signature

    return get_call_type


def _is_operator(function: Any) -> bool:
    return getattr(function.typing_key, "__module__", "") == "_operator"


def _are_plain_types(args: Any) -> bool:
    return all(isinstance(each, _PLAIN_TYPES) for each in args)
