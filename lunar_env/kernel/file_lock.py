"""A lock between processes, which is released when its holder ends."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

try:
    import fcntl as _fcntl
except ImportError:  # Windows
    _fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["FileLock"]

fcntl: Any = _fcntl
_POLL_S = 0.05


class FileLock:
    """A lock on a file.

    It saves work and guarantees nothing: if the file cannot be opened or locked, or the holder does
    not release it for long, `take` returns without the lock.
    """

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def take(self, path: Path, patience_s: float, waiting: Callable[[], None]) -> None:
        """Wait for the lock.

        Parameters
        ----------
        path : Path
            The file; it is created if it does not exist.
        patience_s : float
            Maximum wait [s]: the holder may be suspended.
        waiting : callable
            Called once, without arguments, if the lock is not free.
        """
        self.release()
        if fcntl is None:
            return
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._descriptor = os.open(path, flags, 0o644)
            if not self._try():
                waiting()
                end = time.monotonic() + patience_s
                while not self._try() and time.monotonic() < end:
                    time.sleep(_POLL_S)
        except OSError:  # a read-only folder, a file system without locks
            self.release()

    def release(self) -> None:
        """Release the lock, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self) -> bool:
        # Unlike flock's, this lock is not inherited by a child that outlives its parent.
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
