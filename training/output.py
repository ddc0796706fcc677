"""Where results go: a name that is taken is an error before any work is done for it."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lunar_env.files import OutputExistsError, beside, refuse_taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "folder_begun",
    "is_free",
    "json_text",
    "new_file",
    "new_folder",
    "refuse_full",
    "write_text",
]

# Names that `lunar_env.files.beside` and `folder_begun` give until what they are for is whole.
TEMPORARY = re.compile(r"\..+\.\d+\.part(\.\w+)?")


def new_file(path: Path) -> Path:
    """Return `path` if nothing is there; its folder is made.

    Parameters
    ----------
    path : Path
        Where a command is going to write.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    OutputExistsError
        If the name is taken, or a part of the way there is no folder.
    """
    refuse_taken(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise OutputExistsError(f"{path.parent} is not a folder; choose another name") from None
    return path


def new_folder(path: Path) -> Path:
    """Make the folder `path`, which must not exist, or hold nothing.

    A folder that holds nothing but temporary files is what a killed process may leave.

    Parameters
    ----------
    path : Path
        The folder of a run or a report.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    OutputExistsError
        If the name is taken.
    """
    refuse_full(path)
    new_file(path / "any")  # makes the way there
    return path


def refuse_full(path: Path) -> None:
    """Refuse a name that is taken by anything but a folder that holds nothing.

    Raises
    ------
    OutputExistsError
        If the name is taken, or a part of the way there is no folder.
    """
    if not is_free(path):
        new_file(path)


def is_free(path: Path) -> bool:
    """Whether nothing has that name, or a folder that holds nothing but temporary files."""
    if not os.path.lexists(path):
        return True
    if path.is_symlink() or not path.is_dir():
        return False
    return all(TEMPORARY.fullmatch(entry.name) for entry in path.iterdir())


@contextmanager
def folder_begun(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path` for the first files; on success it takes that name.

    A process that is killed meanwhile leaves the name free.

    Parameters
    ----------
    path : Path
        As for `new_folder`.

    Yields
    ------
    Path
        Where to write the first files.
    """
    refuse_full(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if path.is_dir():
            shutil.rmtree(path)  # it holds nothing, see `refuse_full`
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Parameters
    ----------
    path : Path
        The file, replaced if it exists.
    text : str
        Its content.
    """
    with beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def json_text(content: Mapping[str, object], *, indent: int | None = 2) -> str:
    """Return `content` as JSON, with NaN and infinities as null.

    Parameters
    ----------
    content : mapping
        Strings, numbers, booleans, None, and nested lists and mappings of them.
    indent : int or None, optional
        Spaces of indentation; None for one line.

    Returns
    -------
    str
        Standard JSON: no ``NaN`` token.
    """
    return json.dumps(_finite(content), indent=indent, allow_nan=False)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    return value
