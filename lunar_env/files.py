"""Writing files: never half of one, and never over something where that was not asked for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lunar_env.errors import LunarEnvError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["OutputExistsError", "beside", "free_name", "refuse_taken", "written_whole"]


class OutputExistsError(LunarEnvError, FileExistsError):
    """The place to write to is taken; nothing there was touched."""


def refuse_taken(path: Path) -> None:
    """Refuse a name that something has, be it a link that leads nowhere.

    Raises
    ------
    OutputExistsError
        If the name is taken.
    """
    if os.path.lexists(path):
        raise OutputExistsError(f"{path} exists; choose another name or move it away")


def free_name(path: Path) -> Path:
    """Return `path` if a file can be made there; asked before any work is done for it.

    Raises
    ------
    OutputExistsError
        If something has that name.
    LunarEnvError
        If its folder does not exist.
    """
    refuse_taken(path)
    if not path.parent.is_dir():
        raise LunarEnvError(f"{path}: there is no folder {path.parent}")
    return path


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; on success the file there takes the name `path`.

    Parameters
    ----------
    path : Path
        The final name. What was there is replaced, in one step; until then a reader sees the old
        file whole.

    Yields
    ------
    Path
        Where to write.
    """
    # The suffix stays last: writers of pictures and films choose their format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """As `beside`, for a name that must be free.

    Raises
    ------
    OutputExistsError
        If something has that name.
    LunarEnvError
        If its folder does not exist, or the file cannot be written.
    """
    free_name(path)
    try:
        with beside(path) as temporary:
            yield temporary
    except OSError as error:
        raise LunarEnvError(f"{path}: cannot be written: {error.strerror or error}") from None
