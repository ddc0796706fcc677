"""Decorators for compiled functions, with a persistent cache of their machine code.

Only *entries* are cached, the functions that Python calls, under a digest of all kernel sources:
any change of these sources recompiles them, and nothing else does.
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

# Numba's annotations lack these options and settings.
_njit: Any = numba.njit
numba_config: Any = numba.config

KERNELS = Sources(
    Path(__file__).resolve().parents[1],
    *(f"{package}/**/*.py" for package in ("kernel", "physics", "sensors", "sim")),
)
# error_model="numpy" is that of CUDA: a division by zero gives inf instead of raising. Without the
# runtime (_nrt) a kernel cannot allocate, as on CUDA, and counts no references, which would cost a
# fifth of a step.
_KERNEL_OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}


class _Kernel(CPUDispatcher):
    """A compiled function that other compiled functions call.

    Compiling the wrapper that lets Python call it takes as long as the function itself. It is
    omitted, and made only for a function that Python does call.
    """

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call from Python, with a wrapper made on the first call."""
        wrapped = self.__dict__.get("wrapped")
        if wrapped is None:
            wrapped = self.__dict__["wrapped"] = _njit(**_KERNEL_OPTIONS)(self.py_func)
        return wrapped(*values, **named)


class _Entry(CPUDispatcher):
    """A compiled function that Python calls, whose machine code is cached."""

    _cache: Any  # Numba's name for it

    def compile(self, sig: Any) -> Any:
        """Load or compile the machine code of a signature, on its first call in a process."""
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
    """Compile a function that is inlined into its callers: for small, often used ones.

    Parameters
    ----------
    func : callable
        A pure function of scalars and records.

    Returns
    -------
    callable
        The compiled function, or `func` itself if ``NUMBA_DISABLE_JIT`` is set.
    """
    return _compiled(func, forceinline=True)


def kernel(func: F) -> F:
    """Compile a function that is called, not inlined: for large or rarely used ones.

    Parameters
    ----------
    func : callable
        A function of scalars, records and arrays that neither allocates nor raises.

    Returns
    -------
    callable
        The compiled function, or `func` itself if ``NUMBA_DISABLE_JIT`` is set.
    """
    return _compiled(func)


def entry(func: F) -> F:
    """Compile a function that Python calls, on its first call, and cache the machine code.

    Parameters
    ----------
    func : callable
        A function of scalars, records and arrays.

    Returns
    -------
    callable
        The compiled function, or `func` itself if ``NUMBA_DISABLE_JIT`` is set.
    """
    return cached(func)


def cached(func: F, *others: Sources) -> F:
    """Do the same as `entry` for a function that depends on further sources.

    Parameters
    ----------
    func : callable
        As for `entry`.
    *others : Sources
        Sources besides the kernel sources whose edits recompile it.

    Returns
    -------
    callable
        The compiled function, or `func` itself if ``NUMBA_DISABLE_JIT`` is set.
    """
    if numba_config.DISABLE_JIT:
        return func
    options = {"nopython": True, "nogil": True, "error_model": "numpy"}
    compiled: Any = _Entry(py_func=func, targetoptions=options, pipeline_class=EntryCompiler)
    compiled._cache = MachineCode(cast("Any", func), KERNELS, others)
    return cast("F", compiled)
