"""Frames and a window, drawn with pygame.

`Renderer.rgb_array` never touches `pygame.display`: it needs no screen, opens no window, and sets
no video driver. Only `Renderer.show` does.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.rendering.backdrop import backdrop, backdrop_key
from lunar_env.rendering.camera import View
from lunar_env.rendering.canvas import Canvas, load_pygame
from lunar_env.rendering.scene import foreground
from lunar_env.rendering.window import Window

if TYPE_CHECKING:
    import pygame
    from numpy.typing import NDArray

    from lunar_env.rendering.backdrop import BackdropKey
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["Renderer"]

FRAME_SIZE = (800, 544)
"""Default size: multiples of 16, which video encoders want."""
SMALLEST = (320, 240)
LARGEST = (3840, 2160)
BACKDROPS_KEPT = 4


class Renderer:
    """Draws snapshots of a landing.

    Parameters
    ----------
    width, height : int
        Size of the frame and of the window, in pixels.

    Raises
    ------
    ConfigError
        If the size is out of range.
    MissingExtra
        If pygame is not installed.

    Examples
    --------
    >>> from lunar_env.rendering.pygame_view import Renderer
    >>> renderer = Renderer(640, 400)
    >>> renderer.is_open
    False
    """

    def __init__(self, width: int = FRAME_SIZE[0], height: int = FRAME_SIZE[1]) -> None:
        for name, size, low, high in zip(
            ("width", "height"), (width, height), SMALLEST, LARGEST, strict=True
        ):
            if not low <= size <= high:
                raise ConfigError(f"{name} = {size} pixels must be between {low} and {high}")
        self.width, self.height = int(width), int(height)
        self._canvas = Canvas()
        self._backdrops: OrderedDict[BackdropKey, NDArray[np.uint8]] = OrderedDict()
        self._window: Window | None = None
        self._clock: pygame.time.Clock | None = None
        self._left = False
        self.view = View()
        """Camera, and what it follows."""

    @property
    def is_open(self) -> bool:
        """Whether a window is open."""
        return self._window is not None

    def rgb_array(self, snapshot: Snapshot) -> NDArray[np.uint8]:
        """Return a snapshot as an image.

        Parameters
        ----------
        snapshot : Snapshot
            One instant of a landing.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
            Red, green, blue; contiguous, and the caller's to keep. Equal snapshots give equal
            bytes.
        """
        key = backdrop_key(snapshot, self.width, self.height)
        frame = self._backdrop(key).copy()
        self._canvas.paint(frame, foreground(snapshot, key, self.view))
        return frame

    def show(self, snapshot: Snapshot, fps: float) -> bool:
        """Show a snapshot in the window, opening it first, and wait for the next frame's time.

        Parameters
        ----------
        snapshot : Snapshot
            One instant of a landing.
        fps : float
            Frames per second to keep to; 0 does not wait.

        Returns
        -------
        bool
            False once the user has closed the window (its button, Escape or Q). It stays closed:
            later calls do nothing and return False.

        Raises
        ------
        LunarEnvError
            If no window can be opened here.
        """
        if self._window is not None and not self._window.is_wanted():
            self._left = True
            self.close()
        if self._left:
            return False
        if self._window is None:
            title = f"lunar-env: {snapshot.mission}, {snapshot.scenario}"
            self._window = Window(title, (self.width, self.height))
            self._clock = load_pygame().time.Clock()
        self._window.show(self._canvas.surface(self.rgb_array(snapshot)))
        if self._clock is not None:
            self._clock.tick(fps)
        return True

    def close(self) -> None:
        """Close the window, if one is open. Frames can still be drawn."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def __reduce__(self) -> tuple[type[Renderer], tuple[int, int]]:
        """Copy the size alone: a copy opens its own window, and draws the same."""
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
