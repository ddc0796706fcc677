"""What a player's hands do: keys, buttons and sticks by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lunar_env.rendering.inputs import Held, Input

__all__ = ["RESERVED", "Hands", "hands_of", "meant"]

HELD = {
    "up": ("up", "w"),
    "down": ("down", "s"),
    "left": ("left", "a"),
    "right": ("right", "d"),
    "away": ("i", "hat up"),
    "back": ("k", "hat down"),
    "turn left": ("j", "hat left"),
    "turn right": ("l", "hat right"),
    "full": ("space", "button 5"),
}
TOUCHED = {
    "go": ("return", "enter", "button 0"),
    "again": ("backspace", "button 1"),
    "replay": ("r", "button 2"),
    "rival": ("t", "button 3"),
    "levels": ("m", "button 8"),
    "up": ("up", "w", "hat up"),
    "down": ("down", "s", "hat down"),
}
UNUSED = ("b",)
"""Truth or belief is not the player's to choose."""
RESERVED = frozenset(
    name for names in (*HELD.values(), *TOUCHED.values(), UNUSED) for name in names
)
"""Keys and buttons that the window leaves to the player."""
DEAD = 0.15
"""A stick that is let go rests within this of its middle."""


class Hands(NamedTuple):
    """What is held; each but `full` from -1 to 1."""

    up: float = 0.0
    right: float = 0.0
    away: float = 0.0
    """From the viewer."""
    turn: float = 0.0
    """To the right, about the lander's long axis."""
    full: bool = False


def hands_of(held: Held, touched: Iterable[Input]) -> Hands:
    """Return what is held, or was touched for less than a control period.

    Parameters
    ----------
    held : Held
        Of the window.
    touched : iterable of Input
        What was done since the last call.
    """
    down = held.names | {each.name for each in touched if each.kind == "press"}

    def pair(more: str, less: str, stick: float = 0.0) -> float:
        keys = _any(down, HELD[more]) - _any(down, HELD[less])
        pushed = 0.0 if abs(stick) < DEAD else stick
        return min(max(keys + pushed, -1.0), 1.0)

    return Hands(
        pair("up", "down", -held.axes.get("axis 1", 0.0)),
        pair("right", "left", held.axes.get("axis 0", 0.0)),
        pair("away", "back"),
        pair("turn right", "turn left"),
        _any(down, HELD["full"]),
    )


def meant(touched: Iterable[Input]) -> list[str]:
    """Return what was asked for, in order: go, again, replay, rival, levels, up or down."""
    pressed = [each.name for each in touched if each.kind == "press"]
    return [what for name in pressed for what, names in TOUCHED.items() if name in names]


def _any(down: Collection[str], names: Iterable[str]) -> bool:
    return any(name in down for name in names)
