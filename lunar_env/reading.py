"""Reading files that others made: everything from outside comes in through here.

A file has to be a regular one (a pipe or a device would hang), of bounded size, in UTF-8 with or
without a byte order mark. JSON and TOML have to be tables of bounded depth, with whole numbers of
64 bits and no key twice. Whatever is not so is one line that names file, place and reason.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
import tomllib
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lunar_env.errors import ConfigError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

__all__ = [
    "MAX_DEPTH",
    "MAX_JSON_BYTES",
    "MAX_TOML_BYTES",
    "from_json",
    "from_toml",
    "is_file",
    "is_toml",
    "open_regular",
    "read_bytes",
    "read_json",
    "read_text",
    "read_toml",
]

MAX_TOML_BYTES: Final = 256 * 1024
"""Four times the largest file that ships; it is parsed in a fraction of a second."""
MAX_JSON_BYTES: Final = 1024 * 1024
"""Ten times the largest record of a run or card of a policy."""
MAX_DEPTH: Final = 32
"""Tables within tables and lists; the deepest that is written here has 6."""
_WHOLE: Final = range(-(2**63), 2**64)  # episode keys are unsigned
_TOO_WHOLE: Final = "holds a whole number of more than 64 bits"
_DIGITS: Final = 20  # of the largest of them
# A key of thousands of dotted parts takes a TOML parser quadratic time.
_PART: Final = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY: Final = re.compile(rf"(?<![\w-]){_PART}(?:\.[ \t]*+{_PART}){{{MAX_DEPTH}}}")


def is_toml(source: str | Path) -> bool:
    """Whether a name is that of a TOML file; not whether there is one."""
    return Path(source).suffix.casefold() == ".toml"


def is_file(path: Path) -> bool:
    """Whether there is a regular file; False for names that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, a folder that one may not look into
        return False


def open_regular(path: Path, most: int) -> BufferedReader:
    """Open a regular file of at most `most` bytes for reading.

    Parameters
    ----------
    path : Path
        The file, or a link to one.
    most : int
        Largest size [bytes].

    Returns
    -------
    binary file

    Raises
    ------
    ConfigError
        If it is missing, no regular file, too large, or cannot be opened.
    """
    with _explained(path):
        _check_regular(path, path.stat().st_mode)
        # Should a pipe have taken its place, then opening must not wait for the other end.
        file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
        try:
            found = os.fstat(file.fileno())
            _check_regular(path, found.st_mode)
            _check_size(path, found.st_size, most)
        except BaseException:
            file.close()
            raise
    return file


def read_bytes(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most `most` bytes.

    Raises
    ------
    ConfigError
        As `open_regular`.
    """
    with open_regular(path, most) as file, _explained(path):
        content = file.read(most + 1)  # some files say that they are empty, others grow
    _check_size(path, len(content), most)
    return content


def read_text(path: Path, most: int) -> str:
    """Return the text of a file in UTF-8, without its byte order mark.

    Raises
    ------
    ConfigError
        As `open_regular`, and if it is not UTF-8.
    """
    return _decoded(read_bytes(path, most), str(path))


def read_toml(path: Path, most: int = MAX_TOML_BYTES) -> dict[str, Any]:
    """Return the table that a TOML file holds.

    Raises
    ------
    ConfigError
        As `read_text` and `from_toml`.
    """
    return from_toml(read_text(path, most), str(path))


def read_json(path: Path, most: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """Return the table that a JSON file holds.

    Raises
    ------
    ConfigError
        As `read_text` and `from_json`.
    """
    return from_json(read_text(path, most), str(path))


def from_toml(text: str, where: str) -> dict[str, Any]:
    """Parse TOML that came from outside.

    Parameters
    ----------
    text : str
        The text.
    where : str
        Its file, and the place in it, for messages.

    Returns
    -------
    dict
        The table.

    Raises
    ------
    ConfigError
        If it is not valid, nests too deeply, or holds a whole number of more than 64 bits.
    """
    too_long = _LONG_KEY.search(text)
    if too_long:
        line = text.count("\n", 0, too_long.start()) + 1
        raise ConfigError(f"{where}: line {line} has a key of more than {MAX_DEPTH} parts")
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{where}: nests more than {MAX_DEPTH} deep") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: is not valid TOML: {error}") from None
    except ValueError:  # Python's own, of thousands of digits
        raise ConfigError(f"{where}: {_TOO_WHOLE}") from None
    _check_tree(table, where)
    return table


def from_json(text: str | bytes, where: str, *, finite: bool = True) -> dict[str, Any]:
    """Parse JSON that came from outside.

    Parameters
    ----------
    text : str or bytes
        The text; bytes are UTF-8.
    where : str
        Its file, and the place in it, for messages.
    finite : bool, optional
        Whether NaN and infinities, which Python writes and no other program reads, are errors.

    Returns
    -------
    dict
        The table.

    Raises
    ------
    ConfigError
        If it is not valid, no table, nests too deeply, has a key twice, or holds a number that is
        not finite or a whole one of more than 64 bits.
    """
    text = _decoded(text, where) if isinstance(text, bytes) else text
    try:
        table = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_number if finite else None,
            parse_int=_whole,
        )
    except RecursionError:
        raise ConfigError(f"{where}: nests more than {MAX_DEPTH} deep") from None
    except ValueError as error:
        raise ConfigError(f"{where}: is not valid JSON, or cut short: {error}") from None
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: must hold a table, holds {shown(table)}")
    _check_tree(table, where, finite=finite)
    return table


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except ConfigError:
        raise
    except (OSError, ValueError) as error:  # of names with a NUL: ValueError
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: cannot be read: {reason}") from None


def _check_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, a socket or a device"
        raise ConfigError(f"{path}: is {kind}, not a file")


def _check_size(path: Path, size: int, most: int) -> None:
    if size > most:
        raise ConfigError(f"{path}: is larger than the {most:,} bytes that such a file may have")


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: is not UTF-8 text, from byte {error.start} on") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"key {shown(twice)} appears twice")
    return table


def _no_number(token: str) -> float:
    raise ValueError(f"{token} is not a number")


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"a whole number of {len(digits)} digits has more than 64 bits")
    return int(digits)


def _check_tree(table: dict[str, Any], where: str, *, finite: bool = False) -> None:
    """Check depth and numbers, level by level: what is deep cannot be walked by recursion."""
    level: list[Any] = [table]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for nest in level:
            for value in (*nest, *nest.values()) if isinstance(nest, dict) else nest:
                if isinstance(value, dict | list):
                    inner.append(value)
                else:
                    _check_leaf(value, where, finite)
        level = inner
        if not level:
            return
    raise ConfigError(f"{where}: nests more than {MAX_DEPTH} deep")


def _check_leaf(value: object, where: str, finite: bool) -> None:
    if isinstance(value, int) and value not in _WHOLE:
        raise ConfigError(f"{where}: {_TOO_WHOLE}")
    if finite and isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{where}: holds a number that is not finite")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # half of an escaped pair
            raise ConfigError(
                f"{where}: holds text that is not valid Unicode: {shown(value)}"
            ) from None
