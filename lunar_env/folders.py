"""New folders of runs and reports: a name that is free, or an empty folder."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lunar_env.files import OutputError, OutputExistsError, file_above, sync_folder, system_error
from lunar_env.temporary import create_folder, is_temporary, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["folder_begun", "is_free", "new_folder"]


def new_folder(path: Path) -> Path:
    """Create a folder; an empty one of that name will do.

    Parameters
    ----------
    path : Path
        The folder of a report. Folders on the way are created.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    OutputExistsError
        If there is a file, or a folder that holds something.
    OutputError
        If it cannot be created.
    """
    _require_free(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _error(path, problem) from None
    remove_leftovers(path)
    return path


@contextmanager
def folder_begun(path: Path) -> Iterator[Path]:
    """Create a folder together with its first files.

    A process that is killed meanwhile leaves the name free.

    Parameters
    ----------
    path : Path
        As for `new_folder`.

    Yields
    ------
    Path
        A temporary folder for the first files. At the end it gets its name, unless an exception
        ends the block: then nothing is left.

    Raises
    ------
    OutputExistsError, OutputError
        As `new_folder`.
    """
    _require_free(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        temporary, descriptor = create_folder(path)
    except OSError as problem:
        raise _error(path, problem) from None
    try:
        yield temporary
        remove_leftovers(path)
        try:
            sync_folder(temporary)
            temporary.replace(path)
        except OSError as problem:
            raise _error(path, problem) from None
        sync_folder(path.parent)
    except OutputError as problem:
        # Of a file in it: the user knows the folder by its name.
        raise type(problem)(str(problem).replace(str(temporary), str(path))) from problem
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        os.close(descriptor)


def is_free(path: Path) -> bool:
    """Whether nothing has that name, or a folder that is empty but for temporary files."""
    try:
        if path.is_symlink() or not path.is_dir():
            return not os.path.lexists(path)
        return all(is_temporary(entry.name) for entry in path.iterdir())
    except OSError as problem:
        raise _error(path, problem) from None


def _require_free(path: Path) -> None:
    if not is_free(path):
        raise OutputExistsError(f"{path}: already exists; choose another name or move it away")


def _error(path: Path, problem: OSError) -> OutputError:
    if problem.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
        above = file_above(path)
        if above is None:
            return OutputExistsError(f"{path}: already exists; choose another name or move it away")
        return OutputError(f"{path}: cannot be created: {above} is not a folder")
    return OutputError(f"{path}: cannot be created: {system_error(problem, named=False)}")
