"""The levels: how much of the flying is left to the player."""

from __future__ import annotations

from typing import NamedTuple

from lunar_env.errors import ConfigError, nearest

__all__ = ["LEVELS", "Level", "level_named", "level_of_control"]


class Level(NamedTuple):
    """What a player commands."""

    name: str
    control: str
    """Control of the environment."""
    doc: str
    keys: tuple[tuple[str, str], ...]
    """What is moved, and by which keys."""


THROTTLE = "throttle", "up, down, W, S or left stick"
FULL = "full thrust", "hold space or right shoulder button"
LEVELS = (
    Level(
        "throttle",
        "throttle",
        "you set the thrust; an autopilot points it",
        (THROTTLE, FULL),
    ),
    Level(
        "vector",
        "thrust_vector",
        "you set the thrust, and tilt it in the plane of the picture",
        (THROTTLE, ("tilt", "left, right, A, D or left stick"), FULL),
    ),
    Level(
        "hand",
        "actuators",
        "you set the engines and the thrusters; only you stop a rotation",
        (
            THROTTLE,
            ("tilt", "left, right, A, D or left stick"),
            ("tilt away, back", "I, K or hat up, down"),
            ("turn", "J, L or hat left, right"),
            FULL,
        ),
    ),
)
"""From the easiest to the hardest."""


def level_named(name: str) -> Level:
    """Return a level.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    for level in LEVELS:
        if level.name == name:
            return level
    names = [level.name for level in LEVELS]
    raise ConfigError(
        f"unknown level {name!r} (available: {', '.join(names)}){nearest(name, names)}"
    )


def level_of_control(control: str) -> Level:
    """Return the level whose player commands what `control` says."""
    return next(level for level in LEVELS if level.control == control)
