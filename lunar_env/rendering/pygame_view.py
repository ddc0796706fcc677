"""Frames, drawn with pygame.

A renderer never touches `pygame.display`: it needs no screen, opens no window, and sets no video
driver. Only a `lunar_env.rendering.viewer.Viewer` does.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.rendering.backdrop import backdrop, backdrop_key
from lunar_env.rendering.camera import View
from lunar_env.rendering.canvas import Canvas
from lunar_env.rendering.layout import layout
from lunar_env.rendering.scene import foreground

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pygame
    from numpy.typing import NDArray

    from lunar_env.rendering.backdrop import BackdropKey
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["FRAME_SIZE", "LARGEST", "SMALLEST", "Renderer", "check_size"]

FRAME_SIZE = (800, 544)
"""Default size: multiples of 16, which video encoders want."""
SMALLEST = (320, 240)
LARGEST = (3840, 2160)
BACKDROPS_KEPT = 4


def check_size(width: int, height: int) -> None:
    """Check the size of a picture.

    Raises
    ------
    ConfigError
        If it is out of range.
    """
    for name, size, low, high in zip(
        ("width", "height"), (width, height), SMALLEST, LARGEST, strict=True
    ):
        if not low <= size <= high:
            raise ConfigError(f"{name} = {size} pixels must be between {low} and {high}")


class Renderer:
    """Draws snapshots of a landing.

    Parameters
    ----------
    width, height : int
        Size of the frame, in pixels.

    Raises
    ------
    ConfigError
        If the size is out of range.
    MissingExtra
        If pygame is not installed.

    Examples
    --------
    >>> from lunar_env.rendering.pygame_view import Renderer
    >>> Renderer(640, 400).place.has_panel
    True
    """

    def __init__(self, width: int = FRAME_SIZE[0], height: int = FRAME_SIZE[1]) -> None:
        check_size(width, height)
        self.width, self.height = int(width), int(height)
        self._canvas = Canvas()
        self._backdrops: OrderedDict[BackdropKey, NDArray[np.uint8]] = OrderedDict()
        self.view = View()
        """Camera, and what it follows."""

    def rgb_array(self, snapshot: Snapshot, over: Iterable[Primitive] = ()) -> NDArray[np.uint8]:
        """Return a snapshot as an image.

        Parameters
        ----------
        snapshot : Snapshot
            One instant of a landing.
        over : iterable of Primitive
            What to draw over it.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
            Red, green, blue; contiguous, and the caller's to keep. Equal snapshots give equal
            bytes.
        """
        key = backdrop_key(snapshot, self.width, self.height)
        frame = self._backdrop(key).copy()
        self._canvas.paint(frame, foreground(snapshot, key, self.view))
        self._canvas.paint(frame, over)
        return frame

    @property
    def place(self) -> Layout:
        """Where the parts of a frame are."""
        return layout(self.width, self.height)

    def surface(self, frame: NDArray[np.uint8]) -> pygame.Surface:
        """Return a surface that shares the memory of a frame."""
        return self._canvas.surface(frame)

    def __reduce__(self) -> tuple[type[Renderer], tuple[int, int]]:
        """Copy the size alone: a copy draws the same."""
        return type(self), (self.width, self.height)

    def _backdrop(self, key: BackdropKey) -> NDArray[np.uint8]:
        kept = self._backdrops.get(key)
        if kept is None:
            kept = np.zeros((self.height, self.width, 3), dtype=np.uint8)
            self._canvas.paint(kept, backdrop(key))
            self._backdrops[key] = kept
            if len(self._backdrops) > BACKDROPS_KEPT:
                self._backdrops.popitem(last=False)
        return kept
