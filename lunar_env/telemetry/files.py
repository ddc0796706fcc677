"""Writing files: never over something that exists, never half of one."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lunar_env.errors import LunarEnvError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["OutputExistsError", "free_name", "written_whole"]


class OutputExistsError(LunarEnvError, FileExistsError):
    """The place to write to is taken; nothing there was touched."""


def free_name(path: Path) -> Path:
    """Return `path` if a file can be made there; asked before any work is done for it.

    Raises
    ------
    OutputExistsError
        If something has that name.
    LunarEnvError
        If its folder does not exist.
    """
    if os.path.lexists(path):
        raise OutputExistsError(f"{path} exists; choose another name or move it away")
    if not path.parent.is_dir():
        raise LunarEnvError(f"{path}: there is no folder {path.parent}")
    return path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; on success the file there takes the name `path`.

    Raises
    ------
    LunarEnvError
        If the file cannot be written.
    """
    free_name(path)
    # The suffix stays last: writers of pictures and films choose their format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise LunarEnvError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)
