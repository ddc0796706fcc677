"""What a user does to a window, as plain values: keys, gamepad, size, close.

Keys have pygame's names ("space", "left", "f11"), and so have those of a gamepad: "button 0",
"axis 1", "hat left".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from lunar_env.rendering.canvas import load_pygame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Held", "Input", "inputs_of"]

HATS = {(-1, 0): "left", (1, 0): "right", (0, 1): "up", (0, -1): "down"}


class Input(NamedTuple):
    """One thing that a user did."""

    kind: Literal["press", "release", "move", "size", "close"]
    """A key or button went down or up; an axis moved; the window has a new size; it is to close."""
    name: str = ""
    """Key, button or axis."""
    value: float = 0.0
    """Of an axis, from -1 to 1."""
    size: tuple[int, int] = (0, 0)
    """Of the window, in pixels."""


class Held:
    """What is held down at present."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        """Keys and buttons."""
        self.axes: dict[str, float] = {}
        """Axes of a gamepad."""

    def take(self, inputs: Iterable[Input]) -> None:
        """Note what was pressed, released and moved."""
        for each in inputs:
            if each.kind == "press":
                self.names.add(each.name)
            elif each.kind == "release":
                self.names.discard(each.name)
            elif each.kind == "move":
                self.axes[each.name] = each.value


def inputs_of(event: Any) -> Iterator[Input]:
    """Yield what one of pygame's events means; nothing where it means nothing here."""
    pg = load_pygame()
    if event.type in (pg.QUIT, pg.WINDOWCLOSE):
        yield Input("close")
    elif event.type in (pg.KEYDOWN, pg.KEYUP):
        kind: Literal["press", "release"] = "press" if event.type == pg.KEYDOWN else "release"
        yield Input(kind, pg.key.name(event.key))
    elif event.type in (pg.JOYBUTTONDOWN, pg.JOYBUTTONUP):
        kind = "press" if event.type == pg.JOYBUTTONDOWN else "release"
        yield Input(kind, f"button {event.button}")
    elif event.type == pg.JOYAXISMOTION:
        yield Input("move", f"axis {event.axis}", max(-1.0, min(1.0, event.value)))
    elif event.type == pg.JOYHATMOTION:
        for way in HATS.values():
            yield Input("release", f"hat {way}")
        if tuple(event.value) in HATS:
            yield Input("press", f"hat {HATS[tuple(event.value)]}")
    elif event.type in (pg.WINDOWRESIZED, pg.WINDOWSIZECHANGED):
        yield Input("size", size=(event.x, event.y))
