"""Numba's cache of an entry's machine code, kept under the digest of all that it is made of.

Numba's own caches know a function by its file alone: after an edit in an imported module they
would go on flying the old physics, and another clone of the same sources compiles anew. Here the
path of a file is nothing and the content of every kernel source is all.
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

# What of Numba's settings changes the code that is made.
_SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DEBUGINFO_DEFAULT")
# Measured: entries of 14,000 to 115,000 bytes of bytecode take 0.2 to 0.3 ms of a core a byte.
_SECONDS_PER_BYTE = 2.5e-4
# A holder of the lock that takes so many times longer than thought is stopped or lost.
_PATIENCE = 10.0
_MIN_PATIENCE_S = 60.0


class Sources:
    """Files whose every edit asks for new machine code.

    Parameters
    ----------
    root : Path
        Folder of the files.
    patterns : str
        Which of its files, as `Path.glob` takes them.

    Attributes
    ----------
    digest : str
        16 hex digits of the files' names and contents when this was made, and of the versions of
        Python, Numba and llvmlite.
    """

    def __init__(self, root: Path, *patterns: str) -> None:
        self.root, self.patterns = root, patterns
        self.digest = self._digest()

    def check(self) -> None:
        """Compare the files with those that this process began with.

        Raises
        ------
        CacheProblem
            If they were edited since, so that the digest may not be that of what was imported, or
            there are none.
        """
        if not self.files():
            raise CacheProblem(f"there are no sources in {self.root}")
        if self.digest != self._digest():
            raise CacheProblem("the sources were edited after this process began")

    def files(self) -> list[Path]:
        """The files, in the same order on every machine."""
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
    """Machine code of an entry, as its dispatcher asks for it.

    Numba calls `load_overload`, and on None compiles and calls `save_overload`; `done` in any case.

    Parameters
    ----------
    func : callable
        The entry.
    kernels : Sources
        The kernel sources, whose digest names the folder.
    others : tuple of Sources
        What else it is made of.
    """

    def __init__(self, func: FunctionType, kernels: Sources, others: tuple[Sources, ...]) -> None:
        self._func, self._kernels, self._others = func, kernels, others
        self._path: Path | None = None
        self._key = ""
        self._lock = FileLock()

    @property
    def cache_path(self) -> str | None:
        """Folder of the last file that was looked for."""
        return None if self._path is None else str(self._path.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code of a signature, or say that it is to be compiled and return None.

        Of processes that come together one compiles, and the others wait and read.
        """
        with held_back():  # LLVM calls Python, which cannot raise there
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
        """Keep the code that was compiled; that it cannot be kept is said and is no error."""
        if self._path is None or cres.library.has_dynamic_globals:
            return
        try:
            self._path = cache_folder.digest_folder(self._kernels.digest) / self._path.name
            cache_folder.write(self._path, dumps((self._key, cres._reduce())))
            cache_folder.prune()
        except Exception as problem:  # whatever it is, the code is in memory and flies
            _report_once(f"machine code is not kept: {problem}")

    def done(self) -> None:
        """Let other processes read, or compile where this one could not."""
        self._lock.release()

    def flush(self) -> None:
        """Forget the last code that was looked for."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _file_of_key(self) -> Path | None:
        """File of the key; None where there can be none."""
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
        except Exception as problem:  # unpickling raises anything
            _report_once(f"recompiling: {problem}")
            return None

    def _key_of(self, sig: Any, codegen: Any, functions: Iterable[FunctionType]) -> str:
        """Everything but the kernel sources that the code depends on."""
        digest = hashlib.sha256()
        # Tests have kernels of their own, which no digest of packages covers.
        for name in sorted({function.__code__.co_filename for function in functions}):
            # Where there is no file, records.py made the kernel, and its name is its source.
            digest.update(_content(name) or name.encode())
        settings = [getattr(numba_config, name, None) for name in _SETTINGS]
        others = [sources.digest for sources in self._others]
        names = self._func.__module__, self._func.__qualname__
        return repr((names, sig, codegen.magic_tuple(), settings, others, digest.hexdigest()))


def functions_of(func: FunctionType) -> list[FunctionType]:
    """Return a function and all compiled ones that it calls, directly or not."""
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
    """Content of a file of source; empty where there is none."""
    with suppress(OSError):
        return Path(name).read_bytes()
    return b""


_reported: set[str] = set()


def _report_once(line: str) -> None:
    if line not in _reported:
        _reported.add(line)
        _report(line)


def _report(line: str) -> None:
    """Write a line to stderr; a program without stderr goes on without it."""
    with suppress(AttributeError, OSError, ValueError):  # None, a pipe that nobody reads, closed
        sys.stderr.write(f"lunar_env: {line}\n")
        sys.stderr.flush()
