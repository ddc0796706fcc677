"""A cache of the machine code of entries, under a digest of all sources that it depends on.

Numba's own cache identifies a function by its file alone: after an edit in an imported module it
would still use the old physics, and another clone of the same sources would compile again. Here the
contents of all kernel sources count, and no paths.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import llvmlite
import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.serialize import dumps as _dumps

from lunar_env.kernel import cache_folder
from lunar_env.kernel.cache_folder import CacheProblem
from lunar_env.kernel.file_lock import FileLock
from lunar_env.stopping import held_back

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MachineCode", "Sources", "functions_of"]

# Numba has no annotations for these.
numba_config: Any = numba.config
dumps: Any = _dumps
rebuild: Any = CompileResult._rebuild

# Settings of Numba that affect the generated code.
_SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DEBUGINFO_DEFAULT")
# Measured on an idle core: the entries of reset and step, of 84,000 and 124,000 bytes of bytecode,
# take 0.14 to 0.23 ms a byte.
_SECONDS_PER_BYTE = 1.6e-4
# Factor on the estimated time after which the holder of the lock is taken to be suspended or lost.
_PATIENCE = 16.0
_MIN_PATIENCE_S = 60.0


class Sources:
    """Source files of which any edit requires new machine code.

    Parameters
    ----------
    root : Path
        Root folder of the files.
    patterns : str
        Patterns of the files in it, as for `Path.glob`.

    Attributes
    ----------
    digest : str
        16 hex digits, of the names and contents of the files at construction, and of the versions
        of Python, Numba and llvmlite.
    """

    def __init__(self, root: Path, *patterns: str) -> None:
        self.root, self.patterns = root, patterns
        self.digest = self._digest()

    def check(self) -> None:
        """Check that the files are those from which `digest` was computed.

        Raises
        ------
        CacheProblem
            If they were edited since, so that the imported code may have another digest, or there
            are no files.
        """
        if not self.files():
            raise CacheProblem(f"there are no sources in {self.root}")
        if self.digest != self._digest():
            raise CacheProblem("the sources were edited after this process began")

    def files(self) -> list[Path]:
        """Return the files, in the same order on every machine."""
        found = {path for pattern in self.patterns for path in self.root.glob(pattern)}
        return sorted(found, key=lambda path: path.relative_to(self.root).as_posix())

    def _digest(self) -> str:
        versions = f"{numba.__version__} {llvmlite.__version__} {sys.version}"
        digest = hashlib.sha256(versions.encode())
        for path in self.files():
            content = path.read_bytes()
            digest.update(f"\n{path.relative_to(self.root).as_posix()} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()[:16]


class MachineCode(NullCache):
    """Cache of the machine code of one entry, with the interface that Numba's dispatcher expects.

    Numba calls `load_overload`; if it returns None, Numba compiles and calls `save_overload`. The
    entry calls `done` in either case.

    Parameters
    ----------
    func : callable
        The entry.
    kernels : Sources
        The kernel sources; their digest names the folder.
    others : tuple of Sources
        Further sources that it depends on.
    """

    def __init__(self, func: FunctionType, kernels: Sources, others: tuple[Sources, ...]) -> None:
        self._func, self._kernels, self._others = func, kernels, others
        self._path: Path | None = None
        self._key = ""
        self._lock = FileLock()

    @property
    def cache_path(self) -> str | None:
        """Folder of the last file that was looked up, or None."""
        return None if self._path is None else str(self._path.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code of a signature, or report that it will be compiled and return None.

        Of several processes that need it at the same time, one compiles and the others wait.
        """
        with held_back():  # LLVM calls back into Python, where nothing can be raised
            target_context.refresh()
        functions = functions_of(self._func)
        self._key = self._key_of(sig, target_context.codegen(), functions)
        self._path = self._file_of_key()
        found = self._read(target_context)
        if found is not None:
            return found
        size = sum(len(function.__code__.co_code) for function in functions)
        seconds = max(1, round(size * _SECONDS_PER_BYTE))
        what = f"{self._func.__name__}, about {seconds} s on an idle core"
        if self._path is not None:
            self._lock.take(
                self._path.with_suffix(cache_folder.LOCK),
                max(_MIN_PATIENCE_S, _PATIENCE * seconds),
                lambda: _report(f"waiting for another process that compiles {what}"),
            )
            found = self._read(target_context)
        if found is None:
            _report(f"compiling {what}{' (only once for this version)' if self._path else ''}")
        return found

    def save_overload(self, sig: Any, cres: Any) -> None:  # noqa: ARG002 (Numba's interface)
        """Store the compiled code; failure to store it is reported and raises nothing."""
        if self._path is None or cres.library.has_dynamic_globals:
            return
        try:
            self._path = cache_folder.digest_folder(self._kernels.digest) / self._path.name
            cache_folder.write(self._path, dumps((self._key, cres._reduce())))
            cache_folder.prune()
        except Exception as problem:  # whatever the cause, the code is in memory and works
            _report_once(f"machine code is not kept: {problem}")

    def done(self) -> None:
        """Release the lock: other processes read the code, or compile if this one failed."""
        self._lock.release()

    def flush(self) -> None:
        """Delete the last file that was looked up."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _file_of_key(self) -> Path | None:
        """File for the current key; None if the code cannot be stored."""
        try:
            if self._func.__closure__ or not _content(self._func.__code__.co_filename):
                raise CacheProblem(f"{self._func.__name__} depends on more than files of source")
            for sources in (self._kernels, *self._others):
                sources.check()
            folder = cache_folder.digest_folder(self._kernels.digest)
        except (CacheProblem, OSError) as problem:
            _report_once(f"machine code is not kept: {problem}")
            return None
        code = hashlib.sha256(self._key.encode()).hexdigest()[:16]
        name = f"{self._func.__module__.rpartition('.')[2]}.{self._func.__name__}-{code}"
        return folder / f"{name}{cache_folder.CODE}"

    def _read(self, target_context: Any) -> Any:
        if self._path is None:
            return None
        try:
            written, payload = pickle.loads(cache_folder.read(self._path))
            if written == self._key:
                with held_back():
                    return rebuild(target_context, *payload)
            raise CacheProblem(f"{self._path} holds the code of another function")
        except FileNotFoundError:
            return None
        except Exception as problem:  # unpickling may raise anything
            _report_once(f"recompiling: {problem}")
            return None

    def _key_of(self, sig: Any, codegen: Any, functions: Iterable[FunctionType]) -> str:
        """Text of everything that the code depends on besides the kernel sources."""
        digest = hashlib.sha256()
        # Tests define kernels too, which no digest of the package covers.
        for name in sorted({function.__code__.co_filename for function in functions}):
            # A kernel generated by records.py has no file, and its source as its file name.
            digest.update(_content(name) or name.encode())
        settings = [getattr(numba_config, name, None) for name in _SETTINGS]
        others = [sources.digest for sources in self._others]
        names = self._func.__module__, self._func.__qualname__
        return repr((names, sig, codegen.magic_tuple(), settings, others, digest.hexdigest()))


def functions_of(func: FunctionType) -> list[FunctionType]:
    """Return a function and all compiled functions that it calls, directly or indirectly.

    Parameters
    ----------
    func : function
        The Python function of an entry.

    Returns
    -------
    list of function
        `func` first, each function once.
    """
    found = {func: None}
    pending = [func]
    while pending:
        each = pending.pop()
        names = each.__code__.co_names
        named = [each.__globals__.get(name) for name in names]
        modules = [value for value in named if isinstance(value, ModuleType)]
        named += [getattr(module, name, None) for module in modules for name in names]
        called = [value.py_func for value in named if isinstance(value, Dispatcher)]
        pending += [new for new in called if new not in found]
        found |= dict.fromkeys(called)
    return list(found)


def _content(name: str) -> bytes:
    """Content of a source file; empty if it cannot be read."""
    with suppress(OSError):
        return Path(name).read_bytes()
    return b""


_reported: set[str] = set()


def _report_once(line: str) -> None:
    if line not in _reported:
        _reported.add(line)
        _report(line)


def _report(line: str) -> None:
    """Write a line to stderr; does nothing if there is no usable stderr."""
    with suppress(AttributeError, OSError, ValueError):  # None, a broken pipe, closed
        sys.stderr.write(f"lunar_env: {line}\n")
        sys.stderr.flush()
