"""Compilation of parts of filters and laws.

`lunar_env.kernel.compile.entry` caches machine code under a digest of the kernel packages, which
does not cover these functions nor the constants that they use; here the digest covers both. Nothing
is compiled before a pilot needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lunar_env.data import DATA_DIR
from lunar_env.kernel.compile import cached
from lunar_env.kernel.machine_code import Sources

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SOURCES", "entry"]

F = TypeVar("F", bound="Callable[..., Any]")

SOURCES = Sources(Path(__file__).resolve().parent, "**/*.py"), Sources(DATA_DIR, "constants.py")


def entry(func: F) -> F:
    """Compile a function that Python calls, on its first call, and cache the machine code."""
    return cached(func, *SOURCES)
