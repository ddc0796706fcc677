"""The compiled part of the filters, and a disk cache that notices every edit of it.

`lunar_env.kernel.compile.entry` keeps its code under a digest of the kernel packages, which does
not cover this one; here the digest takes in both. Nothing is compiled before a filter is used.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numba

from lunar_env.kernel.compile import cache_root, numba_config, source_digest

__all__ = ["entry"]

F = TypeVar("F", bound=Callable[..., Any])
# Numba's own annotations do not know these options.
_njit: Any = numba.njit


def entry(func: F) -> F:
    """Compile a function that Python calls, on its first call, and keep the code on disk."""
    digest = hashlib.sha256(source_digest().encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    folder = cache_root() / f"agents-{digest.hexdigest()[:16]}"
    previous = numba_config.CACHE_DIR
    with suppress(OSError):  # a read-only home: Numba then finds its own place
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        numba_config.CACHE_DIR = str(folder)
    try:
        compiled: F = _njit(cache=True, nogil=True, error_model="numpy")(func)
    finally:
        numba_config.CACHE_DIR = previous
    return compiled
