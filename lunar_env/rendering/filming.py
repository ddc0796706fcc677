"""A film that is written while the window shows it."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING

from lunar_env.errors import LunarEnvError
from lunar_env.files import output
from lunar_env.rendering.film import check_film, write_film

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

__all__ = ["Filming", "free_path"]

WAITING = 30
"""Frames that may wait for the encoder; then the window waits too."""


class Filming:
    """Writes the frames that it is given, in a thread of its own.

    Parameters
    ----------
    path : Path
        Where to; it must not exist.
    fps : float
        Frames per second.

    Raises
    ------
    LunarEnvError
        If a film cannot be written here.
    """

    def __init__(self, path: Path, fps: float) -> None:
        check_film(path)
        self.path, self._fps = path, fps
        self._frames: queue.Queue[Frame | None] = queue.Queue(WAITING)
        self._problem: LunarEnvError | None = None
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def add(self, frame: Frame) -> None:
        """Add a frame; all of one film have the same size, so that others are left out."""
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._frames.put(frame, timeout=0.1)
                return

    def finish(self) -> str:
        """Finish the film; return a line on how that went."""
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._frames.put(None, timeout=0.1)
                break
        self._thread.join()
        return str(self._problem or f"film: {self.path}")

    def _write(self) -> None:
        frames = self._taken()
        try:
            first = next(frames, None)
            if first is None:
                return
            with output(self.path) as file:
                write_film(file, _alike(first, frames), self._fps)
        except LunarEnvError as problem:
            self._problem = problem

    def _taken(self) -> Iterator[Frame]:
        while (frame := self._frames.get()) is not None:
            yield frame


def _alike(first: Frame, others: Iterator[Frame]) -> Iterator[Frame]:
    yield first
    yield from (frame for frame in others if frame.shape == first.shape)


def free_path(folder: Path, stem: str, suffix: str) -> Path:
    """Return the path of a file that does not exist yet: a name with the next free number."""
    number = 1
    while (path := folder / f"{stem}-{number}{suffix}").exists():
        number += 1
    return path
