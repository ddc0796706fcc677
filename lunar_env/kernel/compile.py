"""Decorators for compiled functions, whose machine code is kept and notices every edit.

Only *entries* are kept, the functions that Python calls, under a digest of all kernel sources: a
change anywhere in them recompiles and nothing else does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

from lunar_env.kernel.front_end import fast_front_end
from lunar_env.kernel.library import EntryCompiler, KernelCompiler
from lunar_env.kernel.machine_code import MachineCode, Sources

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KERNELS", "cached", "entry", "inline_kernel", "kernel"]

F = TypeVar("F", bound="Callable[..., Any]")

# Numba's own annotations do not know these options and settings.
_njit: Any = numba.njit
numba_config: Any = numba.config

KERNELS = Sources(
    Path(__file__).resolve().parents[1],
    *(f"{package}/**/*.py" for package in ("kernel", "physics", "sensors", "sim")),
)
# error_model="numpy" is CUDA's: a division by zero gives inf instead of raising. Without the
# runtime (_nrt) a kernel cannot allocate, which CUDA forbids too, and counts no references: that
# costs a fifth of a step.
_KERNEL_OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}


class _Kernel(CPUDispatcher):
    """A compiled function for other compiled functions.

    The wrapper that lets Python call it is as much to compile as the function. It is left out,
    and made only for those that Python does call.
    """

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call from Python, with a wrapper made on the first call."""
        wrapped = self.__dict__.get("wrapped")
        if wrapped is None:
            wrapped = self.__dict__["wrapped"] = _njit(**_KERNEL_OPTIONS)(self.py_func)
        return wrapped(*values, **named)


class _Entry(CPUDispatcher):
    """A compiled function for Python, whose machine code is kept."""

    _cache: Any  # Numba's name for it

    def compile(self, sig: Any) -> Any:
        """Load or compile the code of a signature: on its first call in a process."""
        with global_compiler_lock, fast_front_end():
            try:
                return super().compile(sig)
            finally:
                if isinstance(self._cache, MachineCode):
                    self._cache.done()


def _compiled(func: F, **options: bool) -> F:
    if numba_config.DISABLE_JIT:
        return func
    inner = {**_KERNEL_OPTIONS, "nopython": True, "no_cpython_wrapper": True, **options}
    compiled: Any = _Kernel(py_func=func, targetoptions=inner, pipeline_class=KernelCompiler)
    return cast("F", compiled)


def inline_kernel(func: F) -> F:
    """Compile a pure scalar function that is inlined where it is called: small and often used."""
    return _compiled(func, forceinline=True)


def kernel(func: F) -> F:
    """Compile a function that is called, not inlined: less to compile where it is large or rare."""
    return _compiled(func)


def entry(func: F) -> F:
    """Compile a function that Python calls, on its first call, and keep the machine code."""
    return cached(func)


def cached(func: F, *others: Sources) -> F:
    """As `entry`, for a function that is also made of `others` than the kernel sources."""
    if numba_config.DISABLE_JIT:
        return func
    options = {"nopython": True, "nogil": True, "error_model": "numpy"}
    compiled: Any = _Entry(py_func=func, targetoptions=options, pipeline_class=EntryCompiler)
    compiled._cache = MachineCode(cast("Any", func), KERNELS, others)
    return cast("F", compiled)
