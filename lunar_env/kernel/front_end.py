"""A faster front end of Numba, in which half of the compile time of kernels is spent.

Nothing here changes the generated code. A version of Numba without the names used here compiles as
usual.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numba.core import types

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SKIPPED_PASSES", "fast_front_end", "without_skipped"]

# Passes without effect on a kernel, which has no closures, comprehensions or array expressions, no
# calls to inline at this level, no "with". Each would still traverse the function, and most would
# repeat the analysis of variable lifetimes.
SKIPPED_PASSES = frozenset(
    {"InlineClosureLikes", "InlineInlinables", "InlineOverloads", "NopythonRewrites", "WithLifting"}
)

# Numba's annotations do not allow replacing a method.
_Function: Any = types.Function
# Types that alone determine the result of an operator.
_PLAIN_TYPES = (types.Number, types.Boolean, types.Array, types.BaseAnonymousTuple)


def without_skipped(passes: list[Any]) -> list[Any]:
    """Return the passes of a pipeline without `SKIPPED_PASSES`.

    Parameters
    ----------
    passes : list of tuple
        Pairs of a pass class and its description.

    Returns
    -------
    list of tuple
        The remaining pairs, in the same order.
    """
    return [each for each in passes if getattr(each[0], "__name__", "") not in SKIPPED_PASSES]


@contextmanager
def fast_front_end() -> Iterator[None]:
    """Compile inside this context with operator lookups cached and garbage collection off.

    The compiler's lock must be held.

    Numba checks all implementations of an operator, about forty for "+", at each use; here the
    result for the same operand types is cached until the end. The garbage collector would traverse
    all objects of the process repeatedly while the compiler allocates more, almost all of which
    stay alive. It is turned on again at the end, if it was on before.
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
        keys = getattr(self, "_impl_keys", None)  # Numba finds the code of a signature by it
        if keys is None or kws or not _is_operator(self) or not _are_plain_types(args):
            return lookup(self, context, args, kws)
        call = id(self), id(context), tuple(args)
        if call not in known:
            signature = lookup(self, context, args, kws)
            if signature.args not in keys:
                return signature
            # The objects are kept with the result, so that their ids are not reused.
            known[call] = signature, keys[signature.args], self, context
        signature, key, *_ = known[call]
        keys[signature.args] = key
        return signature

    return get_call_type


def _is_operator(function: Any) -> bool:
    return getattr(function.typing_key, "__module__", "") == "_operator"


def _are_plain_types(args: Any) -> bool:
    return all(isinstance(each, _PLAIN_TYPES) for each in args)
