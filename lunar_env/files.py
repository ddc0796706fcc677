"""Writing files: the whole file or none, on disk before it has its name, errors in one line.

Everything that this project writes goes through this module. A file is made under a temporary name
in the folder of the final one (`lunar_env.temporary`), which is created before the work for it
begins: a name that cannot be written is known then. What killed processes left in a folder is
removed when it is next written to. Folders on the way are created. `lunar_env.folders` does the
same for whole folders.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.temporary import create_file, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager

__all__ = [
    "GrowingFile",
    "Output",
    "OutputError",
    "OutputExistsError",
    "check_output",
    "file_above",
    "optional_output",
    "output",
    "require_suffix",
    "sync_folder",
    "system_error",
    "write_file",
]


class OutputError(LunarEnvError):
    """An output cannot be written."""


class OutputExistsError(OutputError, FileExistsError):
    """The name of an output is taken; nothing there was touched."""


class Output:
    """A file that is being made; use `output` to get one.

    Parameters
    ----------
    path : Path
        Final name.
    replace : bool
        Whether a file of that name is replaced.
    """

    def __init__(self, path: Path, replace: bool) -> None:
        self.path = path
        self._replace = replace
        _check_name(path, replace)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(path.parent)
            self.temporary, self._descriptor = create_file(path)
        except OSError as problem:
            raise _error(path, problem) from None

    def write(self, content: bytes | str) -> None:
        """Write the content of the file to disk, instead of what was written before.

        Parameters
        ----------
        content : bytes or str
            All of it; text is encoded in UTF-8.

        Raises
        ------
        OutputError
            If the disk is full, for example.
        """
        rest = memoryview(content.encode() if isinstance(content, str) else content)
        try:
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError as problem:
            raise _error(self.path, problem) from None

    def finish(self) -> None:
        """Give the file its final name, if anything was written; a second time does nothing."""
        if self._descriptor < 0:
            return
        try:
            if os.fstat(self._descriptor).st_size:
                os.fsync(self._descriptor)  # what another process has written
                if os.name == "nt":  # where nothing open is renamed
                    self._close()
                self._rename()
                sync_folder(self.path.parent)
        except OSError as problem:
            if isinstance(problem, OutputError):
                raise
            raise _error(self.path, problem) from None
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the temporary file, where there still is one."""
        with suppress(OSError):
            self.temporary.unlink(missing_ok=True)
        self._close()

    def _rename(self) -> None:
        if self._replace:
            self.temporary.replace(self.path)
            return
        try:
            os.link(self.temporary, self.path)  # unlike a renaming, it never replaces a file
        except FileExistsError:
            kept = self.path.with_name(f"{self.path.stem}-{secrets.token_hex(4)}{self.path.suffix}")
            self.temporary.replace(kept)
            raise OutputExistsError(
                f"{self.path}: another program created it meanwhile; the output is in {kept}"
            ) from None
        except OSError:  # a file system without links
            _check_name(self.path, replace=False)
            self.temporary.replace(self.path)

    def _close(self) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):
                os.close(self._descriptor)  # and with it the lock
        self._descriptor = -1


class GrowingFile:
    """A new file that has its name from the beginning, for records of what is still running.

    Parameters
    ----------
    path : Path
        A name that must be free, in a folder that exists.

    Raises
    ------
    OutputError
        If it cannot be created.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except OSError as problem:
            raise _error(path, problem) from None

    def append(self, content: bytes | memoryview) -> None:
        """Write at the end; what was appended survives the process, though not a loss of power.

        Raises
        ------
        OutputError
            If the disk is full, for example.
        """
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as problem:
            raise _error(self.path, problem) from None

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._descriptor >= 0:
            with suppress(OSError):
                os.close(self._descriptor)
        self._descriptor = -1

    def remove(self) -> None:
        """Close and delete the file, whose content is elsewhere by now."""
        self.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


@contextmanager
def output(path: str | Path, *, replace: bool = False) -> Iterator[Output]:
    """Open a file for writing before the work for it is done.

    Parameters
    ----------
    path : str or Path
        Final name. Folders on the way are created.
    replace : bool, optional
        Whether a file of that name is replaced, in one step; else the name must be free.

    Yields
    ------
    Output
        Its `Output.write` takes the content; a child process may write to `Output.temporary`
        instead. At the end the file gets its name, unless an exception ends the block or nothing
        was written: then nothing changes.

    Raises
    ------
    OutputExistsError
        If the name is taken.
    OutputError
        If no file can be written there.
    """
    file = Output(Path(path), replace)
    try:
        yield file
    except BaseException:
        file.discard()
        raise
    file.finish()


def optional_output(path: Path | None) -> AbstractContextManager[Output | None]:
    """As `output` for a name that must be free; None means no output."""
    return nullcontext() if path is None else output(path)


def write_file(path: str | Path, content: bytes | str, *, replace: bool = False) -> None:
    """Write a file at once; see `output`."""
    with output(path, replace=replace) as file:
        file.write(content)


def check_output(path: str | Path, *, replace: bool = False) -> None:
    """Raise what `output` would; leave nothing behind but folders on the way."""
    with output(path, replace=replace):
        pass


def require_suffix(path: Path, suffixes: Collection[str], what: str) -> None:
    """Check that the name of an output says a format that is written.

    Raises
    ------
    ConfigError
        If it has another suffix.
    """
    if path.suffix not in suffixes:
        *most, last = (suffix for suffix in suffixes if suffix)
        known = f"{', '.join(most)} or {last}" if most else last
        bare = " or have no suffix" if "" in suffixes else ""
        raise ConfigError(f"{path}: the name of {what} must end in {known}{bare}")


def _check_name(path: Path, replace: bool) -> None:
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as problem:  # of names with a NUL: ValueError
        raise _error(path, problem) from None
    if not replace:
        raise OutputExistsError(f"{path}: already exists; choose another name or move it away")
    if stat.S_ISDIR(there.st_mode):
        raise OutputError(f"{path}: cannot be written: it is a folder")


def file_above(path: Path) -> Path | None:
    """Return what is no folder on the way to `path`."""
    return next((p for p in path.parents if os.path.lexists(p) and not p.is_dir()), None)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk, where that can be done."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def system_error(problem: OSError | ValueError, *, named: bool = True) -> str:
    """Return what the operating system said, in one line, with the name of the file."""
    file = getattr(problem, "filename", None)
    reason = getattr(problem, "strerror", None) or problem
    return f"{file}: {reason}" if named and file else f"{reason}"


def _error(path: Path, problem: OSError | ValueError) -> OutputError:
    above = file_above(path) if isinstance(problem, OSError) else None
    reason = system_error(problem, named=False) if above is None else f"{above} is not a folder"
    return OutputError(f"{path}: cannot be written: {reason}")
