"""Decorators for compiled functions, and a disk cache that notices every edit.

Numba keys its cache on the file of the entry point alone: after an edit in an imported module it
would go on flying the old physics. Here only *entries* are cached, in a folder named by a digest of
all kernel sources, so a change anywhere in them recompiles and nothing else does.
"""

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.registry import CPUDispatcher

F = TypeVar("F", bound=Callable[..., Any])

# Numba's own annotations do not know these options and settings.
_njit: Any = numba.njit
numba_config: Any = numba.config

_PACKAGE_ROOT = Path(__file__).resolve().parents[1]
_KERNEL_PACKAGES = ("kernel", "physics", "sensors", "sim")
# error_model="numpy" is CUDA's: a division by zero gives inf instead of raising. Without the
# runtime (_nrt) a kernel cannot allocate, which CUDA forbids too, and counts no references: that
# costs a fifth of a step.
_KERNEL_OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
_STALE_AFTER_S = 14 * 24 * 3600.0


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


def _compiled(func: F, **options: bool) -> F:
    if numba_config.DISABLE_JIT:
        return func
    inner = {**_KERNEL_OPTIONS, "nopython": True, "no_cpython_wrapper": True, **options}
    compiled: Any = _Kernel(py_func=func, targetoptions=inner)
    return cast("F", compiled)


def kernel(func: F) -> F:
    """Compile a pure scalar function that is inlined where it is called: the hot path."""
    return _compiled(func, forceinline=True)


def cold_kernel(func: F) -> F:
    """Compile a function that runs once an episode or less; kept out of line for compile time."""
    return _compiled(func)


def entry(func: F) -> F:
    """Compile a function that Python calls, and keep the machine code on disk."""
    return cached(func, source_digest())


def cached(func: F, digest: str) -> F:
    """Compile an entry whose machine code is kept under a digest of all that it is made of."""
    with _cache_directory(digest):
        compiled: F = _njit(cache=True, nogil=True, error_model="numpy")(func)
        return compiled


def source_digest() -> str:
    """Hex digest of the kernel sources and of the Numba and Python versions."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for package in _KERNEL_PACKAGES:
        for path in sorted((_PACKAGE_ROOT / package).glob("*.py")):
            digest.update(f"{package}/{path.name}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """Folder of all digests: `$LUNAR_ENV_CACHE_DIR`, else the user's cache folder."""
    chosen = os.environ.get("LUNAR_ENV_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "lunar_env"


def is_compiled(func: Callable[..., Any]) -> bool:
    """Whether the entry's machine code is in memory or on disk already."""
    if getattr(func, "signatures", None) or numba_config.DISABLE_JIT:
        return True
    name = func.__name__
    return any((cache_root() / source_digest()).rglob(f"*.{name}-*.nbi"))


@contextmanager
def _cache_directory(digest: str) -> Iterator[None]:
    """Point Numba at the digest's folder while an entry is being decorated."""
    folder = cache_root() / digest
    previous = numba_config.CACHE_DIR
    with suppress(OSError):  # a read-only home: Numba then finds its own place or compiles anew
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        _prune(folder)
        numba_config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        numba_config.CACHE_DIR = previous


def _prune(current: Path) -> None:
    """Remove the folders of digests that nobody has used for two weeks."""
    horizon = time.time() - _STALE_AFTER_S
    for folder in current.parent.iterdir():
        if folder != current and folder.is_dir() and folder.stat().st_mtime < horizon:
            shutil.rmtree(folder, ignore_errors=True)
