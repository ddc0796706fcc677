"""Temporary files and folders next to their final names, locked while their process lives.

So files of a killed process can be distinguished from files being written, and removed.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows, which locks what is open anyway
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["create_file", "create_folder", "is_temporary", "remove_leftovers"]

_NAME = re.compile(r"\..{1,32}\.[0-9a-f]{8}\.lunar-env-part", re.DOTALL)


def is_temporary(name: str) -> bool:
    """Whether a file or folder of this name is one of this module."""
    return _NAME.fullmatch(name) is not None


def create_file(path: Path) -> tuple[Path, int]:
    """Create and lock a file that is to become `path`.

    Returns
    -------
    temporary : Path
        The file, in the folder of `path`.
    descriptor : int
        Open for reading and writing; closing it releases the lock.
    """
    while True:
        temporary = _name(path)
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        if _lock(descriptor, temporary):
            return temporary, descriptor


def create_folder(path: Path) -> tuple[Path, int]:
    """Create and lock a folder that is to become `path`; returns as `create_file`."""
    while True:
        temporary = _name(path)
        temporary.mkdir()
        with suppress(FileNotFoundError):
            descriptor = os.open(temporary, os.O_RDONLY)
            if _lock(descriptor, temporary):
                return temporary, descriptor


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files and folders whose processes are gone.

    Parameters
    ----------
    folder : Path
        Where they lie. All else, and what is being written, stays.
    """
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        found = [entry.path for entry in entries if is_temporary(entry.name)]
    for path in found:
        with suppress(OSError):
            _remove_if_abandoned(path)


def _name(path: Path) -> Path:
    # Short, so that a long name does not become too long.
    return path.with_name(f".{path.name[:32]}.{secrets.token_hex(4)}.lunar-env-part")


def _lock(descriptor: int, path: Path) -> bool:
    """Lock what was just created; False if it was taken for a leftover before it was locked."""
    if fcntl is not None:
        with suppress(OSError):  # a file system without locks: there leftovers stay
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
            return True
    os.close(descriptor)
    return False


def _remove_if_abandoned(path: str) -> None:
    kind = os.lstat(path).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return
    descriptor = os.open(path, os.O_RDONLY if stat.S_ISDIR(kind) else os.O_RDWR)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises while a process has it
        if stat.S_ISDIR(kind):
            shutil.rmtree(path)
        else:
            os.unlink(path)  # noqa: PTH108
    finally:
        os.close(descriptor)
