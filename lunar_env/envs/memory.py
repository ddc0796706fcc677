"""The memory that a batch needs, against what the machine has."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from lunar_env.errors import ConfigError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fits_memory"]

_GB: Final = 10**9
_LARGEST: Final = 2**63  # of an address


@contextmanager
def fits_memory(rows: int, row_bytes: int) -> Iterator[None]:
    """Check that a batch fits the memory before the block allocates it.

    Parameters
    ----------
    rows : int
        Number of landers.
    row_bytes : int
        Memory of one of them [bytes].

    Raises
    ------
    ConfigError
        If the machine has less memory in all, or does not give as much to this process.
    """
    needed, installed = rows * row_bytes, _installed()
    about = f"about {_size(needed)}" if needed < _LARGEST else f"more than {_size(_LARGEST)}"
    large = f"num_envs = {shown(rows)} is too large: it needs {about} of memory"
    if needed > installed:
        raise ConfigError(f"{large}, and this machine has {_size(installed)}")
    try:
        yield
    except MemoryError:
        raise ConfigError(f"{large}, more than this process can get") from None


def _installed() -> int:
    """Memory of the machine [bytes], or of an address space where the system does not tell."""
    try:
        return min(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), _LARGEST)
    except (AttributeError, OSError, ValueError):  # Windows, for example
        return _LARGEST


def _size(number: int) -> str:
    return f"{number / _GB:,.1f} GB"
