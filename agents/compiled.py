"""Compiled parts of filters and laws.

`lunar_env.kernel.compile.entry` keeps its code under a digest of the kernel packages, which does
not cover these; here the digest takes in both. Nothing is compiled before a pilot needs it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lunar_env.kernel.compile import cached, source_digest

__all__ = ["entry"]

F = TypeVar("F", bound=Callable[..., Any])


def entry(func: F) -> F:
    """Compile a function that Python calls, on its first call, and keep the code on disk."""
    digest = hashlib.sha256(source_digest().encode())
    for path in sorted(Path(__file__).parent.glob("*/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return cached(func, f"agents-{digest.hexdigest()[:16]}")
