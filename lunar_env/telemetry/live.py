"""A running flight for other programs: lines of JSON over a socket of this machine.

The server listens on the loopback interface only. Every viewer has a buffer of bounded length; one
that reads too slowly misses lines, and never holds up the flight. Lines end in a newline and are
JSON objects (NaN as null); the first, ``{"format": ...}``, says what is flown.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.files import system_error
from lunar_env.formats import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMAT", "LOOPBACK", "LiveServer", "check_port"]

FORMAT: Final = "lunar-env-live/1"
LOOPBACK: Final = "127.0.0.1"
MOST_LINES: Final = 256
"""Lines that wait for a viewer; of more, the oldest are dropped."""
MOST_VIEWERS: Final = 16
_CLOSING_S: Final = 1.0  # for viewers to take what still waits for them
_MOST_PORT: Final = 65535


class _Viewer:
    """A connection, what waits for it, and the rest of a line that was sent in part."""

    def __init__(self, connection: socket.socket, first: bytes) -> None:
        self.connection = connection
        self.waiting: deque[bytes] = deque(maxlen=MOST_LINES)
        self.rest = first

    def send(self) -> bool:
        """Send what the connection takes; return whether it still is one."""
        try:
            while self.rest or self.waiting:
                self.rest = self.rest or self.waiting.popleft()
                self.rest = self.rest[self.connection.send(self.rest) :]
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    @property
    def is_done(self) -> bool:
        return not (self.rest or self.waiting)


class LiveServer:
    """Sends lines to whoever connects; use it in a ``with`` block.

    Parameters
    ----------
    port : int
        Port of the loopback interface; 0 for a free one.
    first : mapping
        Sent to every viewer first, with ``format``.

    Attributes
    ----------
    port : int
        Where it listens.

    Raises
    ------
    ConfigError
        If there is no such port.
    LunarEnvError
        If the port is taken.
    """

    def __init__(self, port: int, first: Mapping[str, object]) -> None:
        check_port("port", port)
        self._first = _line({"format": FORMAT, **first})
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._listener.bind((LOOPBACK, port))
            self._listener.listen(MOST_VIEWERS)
        except OSError as problem:
            self._listener.close()
            raise LunarEnvError(f"{LOOPBACK}:{port}: {system_error(problem)}") from None
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self._viewers: list[_Viewer] = []
        self._lock = threading.Lock()  # of the viewers and their lines
        self._closing = False
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def viewers(self) -> int:
        """How many are connected."""
        return len(self._viewers)

    def send(self, line: Mapping[str, object]) -> None:
        """Send a line to all viewers; returns at once."""
        if not self._viewers:
            return
        content = _line(line)
        with self._lock:
            # The thread looks after those for whom something waits anyway.
            idle = any(viewer.is_done for viewer in self._viewers)
            for viewer in self._viewers:
                viewer.waiting.append(content)
        if idle:
            self._notify()

    def close(self) -> None:
        """Give viewers a second to take what waits for them, and disconnect them."""
        if self._closing:
            return
        self._closing = True
        self._notify()
        self._thread.join()

    def _notify(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # full: it will wake anyway
            self._wake.send(b"\0")

    def _serve(self) -> None:
        left_s = None
        while not (self._closing and self._all_sent()):
            if self._closing:
                left_s = _CLOSING_S
            ready = self._selector.select(left_s)
            if self._closing and not ready:
                break
            for key, _ in ready:
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
            self._send_all()
        for viewer in list(self._viewers):
            self._drop(viewer)
        for each in (self._listener, self._wake, self._woken):
            each.close()
        self._selector.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._viewers) >= MOST_VIEWERS:
            connection.close()
            return
        connection.setblocking(False)
        with self._lock:
            self._viewers.append(_Viewer(connection, self._first))

    def _send_all(self) -> None:
        with self._lock:
            kept = [(viewer, viewer.send()) for viewer in self._viewers]
        for viewer, alive in kept:
            if not alive:
                self._drop(viewer)
            else:
                self._watch(viewer)

    def _watch(self, viewer: _Viewer) -> None:
        """Wake when a connection takes more, as long as something waits for it."""
        watched = viewer.connection in self._selector.get_map()
        if viewer.is_done and watched:
            self._selector.unregister(viewer.connection)
        elif not viewer.is_done and not watched:
            self._selector.register(viewer.connection, selectors.EVENT_WRITE)

    def _drop(self, viewer: _Viewer) -> None:
        with self._lock:
            self._viewers.remove(viewer)
        if viewer.connection in self._selector.get_map():
            self._selector.unregister(viewer.connection)
        viewer.connection.close()

    def _all_sent(self) -> bool:
        with self._lock:
            return all(viewer.is_done for viewer in self._viewers)


def check_port(name: str, port: int) -> None:
    """Raise ConfigError where there is no port of this number."""
    if not 0 <= port <= _MOST_PORT:
        raise ConfigError(f"{name} = {port} must be from 0 to {_MOST_PORT}")


def _line(content: Mapping[str, object]) -> bytes:
    return json_text(content, indent=None).encode() + b"\n"
