"""Windows: any number in one process, each with its own life.

SDL has one queue of events for all of them. Whichever window asks first empties it and hands every
event to the window that it belongs to; one that belongs to none, as a request to quit, is for all.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from lunar_env.errors import LunarEnvError
from lunar_env.rendering.canvas import load_pygame
from lunar_env.rendering.inputs import Input, inputs_of

if TYPE_CHECKING:
    import pygame

__all__ = ["NoWindowError", "Window", "require_screen"]

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
_open: list[Window] = []


class NoWindowError(LunarEnvError):
    """No window can be opened.

    Parameters
    ----------
    reason : str
        Why.
    instead : str
        What can be done instead in Python; a command line knows its own way.
    """

    def __init__(self, reason: str, instead: str) -> None:
        self.reason, self.instead = reason, instead
        super().__init__(f"{reason}; {instead}")

    def __reduce__(self) -> tuple[type[NoWindowError], tuple[str, str]]:
        """Rebuild from the parts, as `MissingExtra` does."""
        return type(self), (self.reason, self.instead)


def require_screen() -> None:
    """Raise an error if no window can be shown.

    SDL would silently draw into memory. Who wants that sets ``SDL_VIDEODRIVER=dummy``.

    Raises
    ------
    NoWindowError
        Where there is no screen.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _SCREENS):
        raise NoWindowError(
            "no window can be opened here: no display (DISPLAY is not set)",
            "use render_mode='rgb_array', or SDL_VIDEODRIVER=dummy for an invisible window",
        )


class Window:
    """One window on the screen.

    Parameters
    ----------
    title : str
        In its frame.
    size : tuple of int
        Width and height, in pixels.

    Raises
    ------
    NoWindowError
        If it cannot be opened.
    """

    def __init__(self, title: str, size: tuple[int, int]) -> None:
        require_screen()
        pg = load_pygame()
        try:
            pg.display.init()
            pg.joystick.init()
            self._window: Any = pg.Window(title, size, resizable=True)
        except pg.error as error:
            _quit_unless_used()
            raise NoWindowError(
                f"no window can be opened here ({error})", "use render_mode='rgb_array'"
            ) from error
        self._inputs: list[Input] = []
        self._gamepads: list[Any] = []
        _open.append(self)

    def inputs(self) -> list[Input]:
        """Return what the user did to this window since the last call."""
        _hand_out_events()
        done, self._inputs = self._inputs, []
        return done

    def is_there(self) -> bool:
        """Whether it still exists; not after `pygame.quit()` was called in this process."""
        return self._surface() is not None

    def show(self, picture: pygame.Surface) -> None:
        """Show a picture, stretched to the window."""
        surface = self._surface()
        if surface is None:
            return
        if picture.get_size() == surface.get_size():
            surface.blit(picture, (0, 0))
        else:
            stretched = load_pygame().transform.scale(picture.convert(surface), surface.get_size())
            surface.blit(stretched, (0, 0))
        self._window.flip()

    def set_fullscreen(self, full: bool) -> tuple[int, int]:
        """Fill the screen, or be a window again; return the size in pixels."""
        if full:
            self._window.set_fullscreen(True)
        else:
            self._window.set_windowed()
        width, height = self._window.size
        return int(width), int(height)

    def close(self) -> None:
        """Close it; the other windows stay."""
        _hand_out_events()  # those of a window that is gone would be for all
        if self in _open:
            _open.remove(self)
        self._window.destroy()
        _quit_unless_used()

    def _take(self, event: Any) -> None:
        """Keep an event that belongs to this window."""
        pg = load_pygame()
        if event.type == pg.JOYDEVICEADDED:
            self._gamepads.append(pg.joystick.Joystick(event.device_index))
        self._inputs += inputs_of(event)

    def _surface(self) -> pygame.Surface | None:
        """Return where to draw; None after `pygame.quit()` was called in this process.

        It is requested each time: access to the memory of a closed window ends the process.
        """
        try:
            surface: pygame.Surface = self._window.get_surface()
        except load_pygame().error:
            return None
        return surface


def _hand_out_events() -> None:
    """Hand every event to the window that it belongs to, or to all."""
    pg = load_pygame()
    if not pg.display.get_init():
        return
    for event in pg.event.get():
        meant = getattr(event, "window", None)
        for window in _open:
            if meant in (None, window._window):
                window._take(event)


def _quit_unless_used() -> None:
    """Close the display with its last window, unless other code has a window open on it."""
    pg = load_pygame()
    if not _open and pg.display.get_init() and pg.display.get_surface() is None:
        pg.joystick.quit()
        pg.display.quit()
