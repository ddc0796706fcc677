"""Folders of machine code on disk: trusted reading, atomic writing, removal of old code.

``<root>/lunar_env/kernels-<digest>/`` holds the machine code of one version of the sources. Files
are unpickled and executed, so none is used that another user could have written. Only files and
folders made by this module, recognised by name and marker, are removed.
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
# The first line is a convention: backup programs skip such folders.
_MARK = b"""Signature: 8a477f597d28d172789f06886806bc55
# Machine code that lunar_env compiled; it may be removed at any time.
"""
_SEAL = b"lunar_env machine code 1\n"
_STALE_AFTER_S = {PART: 3600.0}  # left by a process killed while writing
_UNUSED_AFTER_S = 14 * 24 * 3600.0


class CacheProblem(LunarEnvError):  # noqa: N818 (no failure: code is compiled instead)
    """Machine code cannot be read or stored."""


class Contents(NamedTuple):
    """Machine code stored for one version of the sources."""

    digest: str
    entries: tuple[str, ...]  # names of the compiled functions
    size: int  # bytes
    last_used: float  # seconds since 1970


def base_folder() -> Path:
    """Return the folder that holds the folders of all digests; it need not exist.

    Returns
    -------
    Path
        Absolute path, from ``LUNAR_ENV_CACHE_DIR`` or ``XDG_CACHE_HOME`` if set.

    Raises
    ------
    CacheProblem
        If the user has no home folder.
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
    """Create, mark and check the folder of a digest.

    A read-only folder made by another user or the system is accepted.

    Parameters
    ----------
    digest : str
        16 hex digits, see `machine_code.Sources`.

    Returns
    -------
    Path
        The folder; it exists.

    Raises
    ------
    CacheProblem
        If the folder cannot be created, or another user can write to it.
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
    """Return the content of a file of `write`, and mark the file as used now.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        The content that was given to `write`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CacheProblem
        If it was not written by `write`, is damaged, or can be written by another user.
    """
    try:
        # The open file is checked, not its path, which could be replaced in between.
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
    """Write a file that `read` accepts, completely or not at all.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    content : bytes
        Its content.

    Raises
    ------
    CacheProblem
        If it cannot be written.
    """
    _write_whole(path, _SEAL + hashlib.sha256(content).digest() + content)


def prune() -> None:
    """Remove machine code that has not been used for two weeks."""
    with suppress(CacheProblem):  # no home folder
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
    """Return the stored machine code of every version of the sources, the last used first."""
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
    """Open a file without following a link, or blocking on a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _check_owner(path: Path, status: os.stat_result) -> None:
    if not hasattr(os, "geteuid"):
        return  # Windows has no such modes; a user's folders are private
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
    with suppress(OSError):  # files of other users may be read-only
        os.utime(path)


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        # Whatever the umask, no other user may write to it.
        with open(part, "xb", opener=partial(os.open, mode=0o644)) as file:
            file.write(content)
        part.replace(path)
    except OSError as error:  # names the folder: the next file will fail likewise
        raise CacheProblem(f"{path.parent}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _own_folders(base: Path) -> Iterator[Path]:
    """Folders made by this module; links are not followed."""
    try:
        found = sorted(base.iterdir())
    except OSError:
        return
    for folder in found:
        if _NAME.fullmatch(folder.name) and not folder.is_symlink() and _is_marked(folder):
            yield folder


def _own_files(folder: Path) -> dict[Path, os.stat_result]:
    """Files made by this module with their status, the marker last."""
    files = {}
    with suppress(OSError):  # removed by another process, or owned by another user
        for path in sorted(folder.iterdir()):
            if path.name == _MARKER or path.suffix in (CODE, LOCK, PART):
                files[path] = path.lstat()
    return dict(sorted(files.items(), key=lambda each: each[0].name == _MARKER))


def _empty(folder: Path, now: float | None) -> int:
    """Remove files, then the folder if it is empty; return the bytes freed.

    With a time `now` [s], recently used files stay.
    """
    freed = 0
    for path, status in _own_files(folder).items():
        horizon = _STALE_AFTER_S.get(path.suffix, _UNUSED_AFTER_S)
        if now is not None and now - status.st_mtime < horizon:
            continue
        with suppress(OSError):
            if path.name == _MARKER and any(other != path for other in folder.iterdir()):
                continue  # a folder that stays needs its marker
            path.unlink()
            freed += status.st_size
    with suppress(OSError):
        folder.rmdir()
    return freed
