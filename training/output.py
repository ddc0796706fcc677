"""Where results go: a name that is taken is an error before any work is done for it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from lunar_env.files import OutputExistsError, beside, refuse_taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["json_text", "new_file", "new_folder", "write_text"]


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
    """Make the folder `path`, which must not exist.

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
    new_file(path).mkdir()
    return path


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
