"""The arrays in a NumPy archive: its claims are compared with its size before memory is taken."""

from __future__ import annotations

import math
import os
import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_members"]

_MAX_FILE: Final = 256 * 1024**2
_MAX_ARRAY: Final = 256 * 1024**2  # of the longest episode, with a history of frames: a tenth
_MAX_RATIO: Final = 1040  # no deflated byte makes more
_END: Final = 22  # bytes of the record that ends a zip file, without a comment
_MAX_DIRECTORY: Final = 64 * 1024
_ZIP64_LOCATOR: Final = 20
_START: Final = 8  # bytes of a member that name format and version; two with a length follow
_ABOUT: Final = re.compile(
    rb"\{'descr': '([<>|][a-z][0-9]{1,2})', 'fortran_order': (True|False),"
    rb" 'shape': \(((?:[0-9]{1,19}(?:, ?|(?=\)))){0,8})\), \} *\n"
)
_FOREIGN: Final = "is not a recorded flight"


def read_members(
    path: Path, names: Iterable[str], *, optional: Iterable[str] = ()
) -> dict[str, NDArray[Any]]:
    """Read arrays by name.

    Parameters
    ----------
    path : Path
        An archive as ``numpy.savez`` writes it.
    names : iterable of str
        Which of its arrays.
    optional : iterable of str
        Arrays that need not be there.

    Returns
    -------
    dict of ndarray
        Of real numbers; nothing is run to make them.

    Raises
    ------
    ConfigError
        If the file cannot be read, is no such archive, is damaged, or claims more than it holds.
    """
    with open_regular(path, _MAX_FILE) as file:
        reason = (
            f"{path}: is truncated or damaged" if file.read(2) == b"PK" else f"{path}: {_FOREIGN}"
        )
        try:
            _check_end(file)
            with zipfile.ZipFile(file) as archive:
                there = [name for name in optional if f"{name}.npy" in archive.namelist()]
                return {name: _read(archive, name) for name in (*names, *there)}
        except KeyError as error:
            raise ConfigError(f"{path}: {_FOREIGN}: {error.args[0]}") from None
        except _Claim as error:
            raise ConfigError(f"{path}: {error}") from None
        except (
            *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
            # Of compressions, encryption and headers that NumPy never writes.
            *(NotImplementedError, RuntimeError, TypeError, OverflowError, IndexError),
        ):
            raise ConfigError(reason) from None


class _Claim(Exception):  # noqa: N818 (never leaves this module)
    """An array that is said to be what it cannot be."""


def _check_end(file: BinaryIO) -> None:
    """Look at the end of the file, before a table of contents of millions of entries is read."""
    size = os.fstat(file.fileno()).st_size
    if size < _END:
        raise EOFError
    tail = _END + _ZIP64_LOCATOR
    file.seek(max(0, size - tail))
    found = file.read(tail)
    end = found[-_END:]
    directory = int.from_bytes(end[12:16], "little")
    if not end.startswith(b"PK\5\6") or found.startswith(b"PK\6\7") or directory > _MAX_DIRECTORY:
        raise EOFError


def _read(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    with archive.open(info) as member:
        dtype, columns_first, shape = _header(member)
        claimed = math.prod(shape) * dtype.itemsize
        held = min(info.file_size - member.tell(), _MAX_RATIO * info.compress_size)
        if claimed > min(held, _MAX_ARRAY) or dtype.kind not in "fu":
            raise _Claim(f"{name} cannot be {dtype} {shape}: it holds {held:,} bytes")
        flat = np.frombuffer(bytearray(member.read(claimed)), dtype)
        # Reading to the end compares the checksum.
        if member.read(1) or info.file_size != member.tell():
            raise zipfile.BadZipFile
        array: NDArray[Any] = flat.reshape(shape, order="F" if columns_first else "C")
        return array


def _header(member: IO[bytes]) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Read type, order and shape as NumPy writes them; its own reader parses any Python."""
    start = member.read(_START + 2)
    if not start.startswith(b"\x93NUMPY\1\0") or len(start) < _START + 2:
        raise zipfile.BadZipFile
    found = _ABOUT.fullmatch(member.read(int.from_bytes(start[_START:], "little")))
    if found is None:
        raise zipfile.BadZipFile
    kind, order, lengths = (part.decode() for part in found.groups())
    return np.dtype(kind), order == "True", tuple(int(n) for n in lengths.split(",") if n.strip())
