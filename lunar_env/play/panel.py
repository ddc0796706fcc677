"""Lines of text over the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Primitive

__all__ = ["Panel", "hint"]

LINE = 26
"""Distance of lines, in pixels of the design."""


class Panel:
    """A dark rectangle with lines of text, from top to bottom."""

    def __init__(self, place: Layout, middle: int, top: int, wide: int, color: Color) -> None:
        self._place, self.middle, self.y = place, middle, top + place.px(LINE)
        self.left, self.inner = middle - wide // 2 + place.px(20), wide - place.px(40)
        self._frame, self._color = (middle - wide // 2, top, wide), color
        self._shapes: list[Primitive] = []

    def line(self, text: str, color: Color, size: int = 0, room: float = LINE) -> None:
        """Add a line in the middle, `room` above the next one."""
        shape = text, size or self._place.small, color, palette.PANEL, "c", self.inner
        self._shapes.append(Text(self.middle, self.y, *shape))
        self.y += self._place.px(room)

    def row(self, texts: tuple[str, ...], columns: tuple[int, ...], color: Color) -> None:
        """Add a line of which every text begins in its column."""
        ends = (*columns[1:], round(self.inner / self._place.unit))
        for text, column, end in zip(texts, columns, ends, strict=True):
            x, room = self.left + self._place.px(column), self._place.px(end - column - 8)
            shape = text, self._place.small, color, palette.PANEL, "l", room
            self._shapes.append(Text(x, self.y, *shape))
        self.y += self._place.px(LINE)

    def skip(self, room: float) -> None:
        """Leave room."""
        self.y += self._place.px(room)

    def drawn(self) -> Iterator[Primitive]:
        """Yield all of it."""
        left, top, wide = self._frame
        yield Rect(left, top, wide, self.y - top, palette.PANEL)
        yield Rect(left, top, wide, self._place.px(4), self._color)
        yield from self._shapes


def hint(place: Layout, text: str) -> Iterator[Primitive]:
    """Yield one line at the lower edge of the view."""
    left, _, wide, high = place.scene
    y = high - place.px(44)
    yield Text(
        left + wide // 2, y, text, place.small, palette.LABEL, None, "c", wide - place.px(16)
    )
