"""Folders of machine code on disk: which may be read, what is written, what is removed.

``<root>/lunar_env/kernels-<digest>/`` holds the machine code of one state of the sources. What is
read from it is unpickled and run, so nothing is used that another user could have written. What is
removed was made here: files with these names, in folders with this name and marker.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.errors import LunarEnvError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CODE",
    "LOCK",
    "CacheProblem",
    "Contents",
    "base_folder",
    "clear",
    "contents",
    "digest_folder",
    "prune",
    "read",
    "write",
]

CODE, LOCK, PART = ".code", ".lock", ".part"

_NAME = re.compile(r"kernels-([0-9a-f]{16})")
_MARKER = "CACHEDIR.TAG"
# The first line is a convention: programs that make backups leave such folders out.
_MARK = b"""Signature: 8a477f597d28d172789f06886806bc55
# Machine code that lunar_env compiled; it may be removed at any time.
"""
_SEAL = b"lunar_env machine code 1\n"
_STALE_AFTER_S = {PART: 3600.0}  # left by a process that was killed while it wrote
_UNUSED_AFTER_S = 14 * 24 * 3600.0


class CacheProblem(LunarEnvError):  # noqa: N818 (nothing fails by it: code is compiled instead)
    """Why machine code cannot be read or kept."""


class Contents(NamedTuple):
    """What is kept for one state of the sources."""

    digest: str
    entries: tuple[str, ...]  # names of the functions
    size: int  # bytes
    last_used: float  # seconds since 1970


def base_folder() -> Path:
    """Folder of the folders of all digests; it need not exist.

    Raises
    ------
    CacheProblem
        If the user has no home.
    """
    chosen = os.environ.get("LUNAR_ENV_CACHE_DIR")
    standard = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        if chosen:
            root = Path(chosen).expanduser().absolute()
        else:  # by the standard, a relative path is ignored
            root = standard if standard.is_absolute() else Path.home() / ".cache"
    except RuntimeError as error:
        raise CacheProblem(f"{error} Set LUNAR_ENV_CACHE_DIR.") from None
    return root / "lunar_env"


def digest_folder(digest: str) -> Path:
    """Make, mark and check the folder of a digest.

    A folder that others made and that can only be read will do.

    Raises
    ------
    CacheProblem
        If there can be no such folder, or somebody else can write to it.
    """
    base = base_folder()
    folder = base / f"kernels-{digest}"
    try:
        for path in (base.parent, base, folder):
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
            _check_owner(path, path.stat())
        if folder.is_symlink():
            raise CacheProblem(f"{folder} is a link")
        if os.access(folder, os.W_OK):
            _mark(folder)
    except OSError as error:
        raise _problem(folder, error) from None
    return folder


def read(path: Path) -> bytes:
    """Return what `write` wrote; the file counts as used today.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CacheProblem
        If it was not written by `write`, or is damaged, or somebody else can write to it.
    """
    try:
        # A file as opened is checked: by its name another could take its place in between.
        with open(path, "rb", opener=_open_regular) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise CacheProblem(f"{path} is not a file")
            _check_owner(path, status)
            seal, digest = file.read(len(_SEAL)), file.read(32)
            content = file.read() if seal == _SEAL else b""
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _problem(path, error) from None
    if hashlib.sha256(content).digest() != digest:
        raise CacheProblem(f"{path} is damaged or was not written by lunar_env")
    _touch(path)
    return content


def write(path: Path, content: bytes) -> None:
    """Write a file that `read` accepts, whole or not at all.

    Raises
    ------
    CacheProblem
        If it cannot be written.
    """
    _write_whole(path, _SEAL + hashlib.sha256(content).digest() + content)


def prune() -> None:
    """Remove what nobody has used for two weeks."""
    with suppress(CacheProblem):  # no home
        for folder in _own_folders(base_folder()):
            _empty(folder, time.time())


def clear() -> int:
    """Remove all machine code.

    Returns
    -------
    int
        Bytes freed.
    """
    return sum(_empty(folder, None) for folder in _own_folders(base_folder()))


def contents() -> list[Contents]:
    """What is kept, the last used first."""
    found = []
    for folder in _own_folders(base_folder()):
        files = _own_files(folder)
        code = [path.name for path in files if path.suffix == CODE]
        found.append(
            Contents(
                folder.name.removeprefix("kernels-"),
                tuple(sorted({name.rpartition("-")[0] for name in code})),
                sum(status.st_size for status in files.values()),
                max(status.st_mtime for status in files.values()),
            )
        )
    return sorted(found, key=lambda each: -each.last_used)


def _open_regular(path: str, flags: int) -> int:
    """Open neither a link nor, waiting for its other end, a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _check_owner(path: Path, status: os.stat_result) -> None:
    if not hasattr(os, "geteuid"):
        return  # Windows: no such modes, the user's folders are the user's
    if status.st_uid not in (0, os.geteuid()):
        raise CacheProblem(f"{path} belongs to another user (uid {status.st_uid}): not trusted")
    own_group = status.st_gid == os.getegid()
    if status.st_mode & (stat.S_IWOTH if own_group else stat.S_IWOTH | stat.S_IWGRP):
        raise CacheProblem(f"{path} can be written by other users: not trusted")


def _problem(path: Path, error: OSError) -> CacheProblem:
    reason = "is not a folder" if isinstance(error, FileExistsError) else error.strerror or error
    return CacheProblem(f"{error.filename or path}: {reason}")


def _mark(folder: Path) -> None:
    if _is_marked(folder):
        _touch(folder / _MARKER)
    else:
        _write_whole(folder / _MARKER, _MARK)


def _is_marked(folder: Path) -> bool:
    try:
        with open(folder / _MARKER, "rb", opener=_open_regular) as file:
            return file.read(len(_MARK) + 1) == _MARK
    except OSError:
        return False


def _touch(path: Path) -> None:
    with suppress(OSError):  # others' files may be read only
        os.utime(path)


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        # Whatever the umask, nobody else may write to it.
        with open(part, "xb", opener=partial(os.open, mode=0o644)) as file:
            file.write(content)
        part.replace(path)
    except OSError as error:  # the folder's name: it is the same problem for the next file
        raise CacheProblem(f"{path.parent}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _own_folders(base: Path) -> Iterator[Path]:
    """Folders that were made here; links are not followed."""
    try:
        found = sorted(base.iterdir())
    except OSError:
        return
    for folder in found:
        if _NAME.fullmatch(folder.name) and not folder.is_symlink() and _is_marked(folder):
            yield folder


def _own_files(folder: Path) -> dict[Path, os.stat_result]:
    """Files that were made here, the marker last."""
    files = {}
    with suppress(OSError):  # another process removes files too, or it is another user's
        for path in sorted(folder.iterdir()):
            if path.name == _MARKER or path.suffix in (CODE, LOCK, PART):
                files[path] = path.lstat()
    return dict(sorted(files.items(), key=lambda each: each[0].name == _MARKER))


def _empty(folder: Path, now: float | None) -> int:
    """Remove files, then the folder if nothing is left in it; return the bytes freed.

    With a time `now`, files that were used lately stay.
    """
    freed = 0
    for path, status in _own_files(folder).items():
        horizon = _STALE_AFTER_S.get(path.suffix, _UNUSED_AFTER_S)
        if now is not None and now - status.st_mtime < horizon:
            continue
        with suppress(OSError):
            if path.name == _MARKER and any(other != path for other in folder.iterdir()):
                continue  # the folder stays, and stays known
            path.unlink()
            freed += status.st_size
    with suppress(OSError):
        folder.rmdir()
    return freed
