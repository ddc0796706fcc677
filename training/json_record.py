"""JSON files that record how something was started or what it gave, with a format name each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lunar_env.files import write_file
from lunar_env.formats import check_format, json_text
from lunar_env.reading import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["difference", "read_record", "write_record"]


def read_record(path: Path, known_format: str) -> dict[str, Any]:
    """Read a record.

    Parameters
    ----------
    path : Path
        A file written by `write_record`.
    known_format : str
        The format that it must have, ``lunar-env-KIND/NUMBER``.

    Returns
    -------
    dict
        Its content, with ``format``.

    Raises
    ------
    ConfigError
        If the file cannot be read or has another format.
    """
    content = read_json(path)
    check_format(content.get("format"), known_format, path)
    return content


def write_record(
    path: Path, format_name: str, content: Mapping[str, Any], *, replace: bool = False
) -> None:
    """Write a record, whole or not at all.

    Parameters
    ----------
    path : Path
        The file.
    format_name : str
        Goes into the file as ``format``.
    content : mapping
        JSON content; NaN becomes null.
    replace : bool, optional
        Whether the file may exist.
    """
    text = json_text({"format": format_name, **content})
    write_file(path, text + "\n", replace=replace)


def difference(before: object, now: object, name: str = "") -> str:
    """Describe the first difference between two JSON values.

    Parameters
    ----------
    before, now : JSON content
        The recorded and the present value.
    name : str, optional
        Dotted name of the values, for the message.

    Returns
    -------
    str
        Empty if they are equal; the order of keys counts.

    Examples
    --------
    >>> difference({"seed": 1, "pilots": {"a": "a"}}, {"seed": 1, "pilots": {"a": "b"}})
    "pilots.a was 'a', is 'b'"
    """
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return "" if before == now else f"{name} was {before!r}, is {now!r}"
    if list(before) != list(now) and set(before) == set(now):
        return f"{name} were in the order {', '.join(before)}, are {', '.join(now)}"
    for key in (*before, *(key for key in now if key not in before)):
        place = f"{name}.{key}" if name else key
        if key not in now:
            return f"{place} was present, is missing"
        if key not in before:
            return f"{place} was missing, is present"
        changed = difference(before[key], now[key], place)
        if changed:
            return changed
    return ""
