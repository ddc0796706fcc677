"""What the files of this project have in common: standard JSON, and a version of their schema.

The version stands under the key ``format`` as ``lunar-env-KIND/NUMBER``. The number rises when an
older reader could not read the file or would misread it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError, shown
from lunar_env.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_format", "finite", "json_text"]

_FORMAT = re.compile(r"(lunar-env-[a-z-]+)/([0-9]{1,6})")


def check_format(
    found: object, known: str, path: str | Path, error: type[Exception] = ConfigError
) -> None:
    """Check that a file has the format that this version reads.

    Parameters
    ----------
    found : object
        What the file says.
    known : str
        ``lunar-env-KIND/NUMBER``.
    path : str or Path
        The file, for the message.
    error : type of Exception, optional
        What to raise.

    Raises
    ------
    error
        If it is another format, or one of a newer or older version.
    """
    if found == known:
        return
    match = _FORMAT.fullmatch(found) if isinstance(found, str) else None
    kind, _, number = known.partition("/")
    if match is None or match[1] != kind:
        raise error(f"{path}: is not of format {known} (format: {shown(found)})")
    age = "a newer" if int(match[2]) > int(number) else "an older"
    raise error(
        f"{path}: has format {found}, of {age} version of lunar_env; version {__version__} reads"
        f" {known}"
    )


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
    return json.dumps(finite(content), indent=indent, allow_nan=False)


def finite(value: object) -> object:
    """Return JSON content with None in place of numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [finite(entry) for entry in value]
    return value
