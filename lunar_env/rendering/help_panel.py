"""What the controls show: their state in a corner, and the key of keys on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Ellipse, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.controls import Controls
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Primitive

__all__ = ["controls_shown"]

STEP = 21
WIDE = 392
BUTTON_NAMES = ("button", "[")
"""Names of keys that are left out of the list if a command has other keys."""


def controls_shown(controls: Controls, place: Layout, notice: str = "") -> Iterator[Primitive]:
    """Yield the state of the controls, a notice, and the list of keys if it is wanted.

    Parameters
    ----------
    controls : Controls
        Of the window.
    place : Layout
        The picture's layout.
    notice : str
        A line to show for a while, such as the name of a file that was written.

    Yields
    ------
    Primitive
        Drawn over the view.
    """
    x, y = place.tape_right + place.px(14), place.px(16)
    words = [*_state(controls)]
    if controls.recording:
        dot = place.px(9)
        yield Ellipse(x, y - dot // 2, dot, dot, palette.STOP)
        yield Text(x + place.px(14), y, "REC", place.small, palette.STOP)
        x += place.px(52)
    if words:
        yield Text(x, y, "  ·  ".join(words), place.small, palette.PLANNED)
    if notice:
        yield Text(place.center_x, place.px(16), notice, place.small, palette.VALUE, None, "c")
    if controls.helping:
        yield from _keys(controls, place)


def _state(controls: Controls) -> Iterator[str]:
    if controls.paused:
        yield "PAUSED"
    if controls.speed:
        factor = 2.0**controls.speed
        yield f"x {factor:g}" if factor > 1.0 else f"x 1/{1.0 / factor:g}"
    if controls.view.camera != "chase":
        yield f"camera: {controls.view.camera}"
    if controls.view.follow == "belief":
        yield "as believed"


def _keys(controls: Controls, place: Layout) -> Iterator[Primitive]:
    """Yield the list of keys."""
    bound = [binding for binding in controls.bindings if binding.keys]
    wide, high = place.px(WIDE), place.px(STEP * len(bound) + 22)
    left = max(place.center_x - wide // 2, 0)
    top = max((place.height - high) // 2, 0)
    yield Rect(left, top, wide, high, palette.PANEL)
    yield Rect(left, top, wide, place.px(3), palette.BELIEVED)
    for k, binding in enumerate(bound):
        y = top + place.px(STEP * k + 22)
        keys = [key for key in binding.keys if not key.startswith(BUTTON_NAMES)] or binding.keys
        text = "  ".join(key.upper() for key in keys)
        yield Text(left + place.px(18), y, text, place.small, palette.VALUE, palette.PANEL)
        doc = left + place.px(124)
        room = place.px(WIDE - 134)
        yield Text(doc, y, binding.doc, place.small, palette.LABEL, palette.PANEL, "l", room)
