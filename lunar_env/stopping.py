"""Stopping on request: SIGINT (Ctrl-C) and SIGTERM end a command with what it did saved.

The first signal raises `Stopped` in the main thread: every file is written whole or
not at all, so no moment is a wrong one. The second signal ends the process at once.
"""

from __future__ import annotations

import shlex
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

__all__ = ["Stopped", "held_back", "resumed_by", "stoppable"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Held:
    """Whether signals wait, and the last that does."""

    depth = 0
    pending: int | None = None


_held = _Held()


class Stopped(KeyboardInterrupt):
    """The user, or the system, asked this process to end.

    Parameters
    ----------
    number : int
        Of the signal.
    words : sequence of str
        The running command, without the program's name.
    program : str
        The program's name.
    """

    def __init__(
        self, number: int, words: Sequence[str] = (), program: str = "python -m training"
    ) -> None:
        self.signal = signal.Signals(number)
        self.words, self.program = list(words), program
        self.resume: list[str] = []
        """Words of the command that resumes; empty if there is nothing to resume."""
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"stopped by {self.signal.name}"
        if not self.resume:
            return text
        command = f"{self.program} {shlex.join(self.resume)}"
        return f"{text}; finished work is saved. To resume:\n{command}"

    @property
    def code(self) -> int:
        """Exit status by the shells' convention: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signal


@contextmanager
def stoppable(words: Sequence[str] = (), program: str = "python -m training") -> Iterator[None]:
    """Raise `Stopped` on the first SIGINT or SIGTERM; the second has its default effect.

    Signals reach the main thread alone: in another this does nothing. A signal that the process was
    started to ignore (``nohup``, a job in the background) stays ignored.

    Parameters
    ----------
    words : sequence of str, optional
        The running command, from which `resumed_by` makes the one that goes on.
    program : str, optional
        Its name.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    caught = [number for number in _SIGNALS if before[number] is not signal.SIG_IGN]

    def stop(number: int, _: FrameType | None) -> None:
        if _held.depth:
            # Masked in this thread, it was delivered to another, which has no handlers to run.
            _held.pending = number
            return
        for each in caught:
            signal.signal(each, signal.SIG_DFL)
        raise Stopped(number, words, program)

    try:
        for number in caught:
            signal.signal(number, stop)
        yield
    finally:
        for number in caught:
            signal.signal(number, before[number] or signal.SIG_DFL)


@contextmanager
def resumed_by(words: Sequence[str] | None = None, *, also: Sequence[str] = ()) -> Iterator[None]:
    """Let a stop within the block name the command that goes on.

    Parameters
    ----------
    words : sequence of str, optional
        That command, without the program's name; if not given, the running one with ``--resume``.
    also : sequence of str, optional
        What the running one needs besides.
    """
    try:
        yield
    except Stopped as stop:
        again = [*(word for word in stop.words if word != "--resume"), *also, "--resume"]
        stop.resume = again if words is None else list(words)
        raise


@contextmanager
def held_back() -> Iterator[None]:
    """Delay signals to the end of the block; processes started in it inherit that."""
    if not hasattr(signal, "pthread_sigmask"):  # not a POSIX system
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    _held.depth += 1
    try:
        yield
    finally:
        _held.depth -= 1
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if not _held.depth and _held.pending is not None:
            pending, _held.pending = _held.pending, None
            signal.raise_signal(pending)
