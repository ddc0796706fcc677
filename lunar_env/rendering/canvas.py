"""Shapes to pixels, with pygame's software drawing and nothing of its display.

A canvas paints straight into a NumPy array through a surface that shares its memory, so a frame
is never converted or copied. Text is put together from cached characters, because numbers change
every frame and drawing a font does not come cheap.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.errors import LunarEnvError, MissingExtra
from lunar_env.rendering import palette
from lunar_env.rendering.lines import cut
from lunar_env.rendering.primitives import (
    Clip,
    Cloud,
    Ellipse,
    Line,
    Polygon,
    Polyline,
    Rect,
    Relief,
    Text,
)
from lunar_env.rendering.raster import paint_relief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import ModuleType

    import pygame
    from numpy.typing import NDArray

    from lunar_env.rendering.primitives import Color, Point, Primitive

__all__ = ["Canvas", "load_pygame"]


def load_pygame() -> ModuleType:
    """Import pygame and its fonts.

    Returns
    -------
    module
        pygame, with neither its display nor anything else but the fonts initialised.

    Raises
    ------
    MissingExtra
        If pygame is not installed.
    LunarEnvError
        If another package took its name.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # it would greet on stdout
    try:
        import pygame
        import pygame.font
    except ImportError as error:
        raise MissingExtra("render", "drawing a picture") from error
    if not hasattr(pygame.Surface, "fblits"):
        raise LunarEnvError(
            "the old package pygame is installed over pygame-ce, whose name it shares:"
            " pip uninstall pygame pygame-ce, then pip install 'lunar-env[render]'"
        )
    return pygame


WORDS = 64
"""Whole texts kept for one size and colour."""


class Glyphs:
    """The characters of one font size and colour, each rendered when first needed.

    They are kept as surfaces, not as fonts: a font dies when anyone in the process calls
    `pygame.quit()`, a surface lives on.

    Parameters
    ----------
    pg : module
        pygame.
    like : pygame.Surface
        Characters on a flat background take its pixel format, which makes drawing them a copy.
    size : int
        Font size.
    color, background : Color
        A background of None is see-through.
    """

    def __init__(
        self,
        pg: ModuleType,
        like: pygame.Surface,
        size: int,
        color: Color,
        background: Color | None,
    ) -> None:
        self._pg, self._like = pg, like
        self._size, self._color, self._background = size, color, background
        self._glyphs: dict[str, tuple[pygame.Surface, int]] = {}
        self._words: dict[str, pygame.Surface] = {}
        font = self._font()
        self._digit = max(font.size(digit)[0] for digit in "0123456789")
        self._height = font.size("Hgjpqy|")[1]
        metrics = font.metrics("H")[0]
        capital = metrics[3] if metrics else self._height
        self.rise = font.get_ascent() - round(0.5 * capital)
        """From the top of a character's surface to the middle of its capitals."""
        self._learn("0123456789.\u2212")

    def word(self, text: str, max_width: int) -> pygame.Surface:
        """Return a whole text as one surface, cut with an ellipsis if it is too wide."""
        made = self._words.get(text)
        if made is None:
            shown = text
            while 0 < max_width < self.width(shown) and len(shown) > 1:
                shown = shown.removesuffix("…")[:-1] + "…"
            if len(self._words) >= WORDS:
                self._words.clear()
            made = self._words[text] = self._blank(self.width(shown))
            made.fblits(self.row(shown, 0, 0))
        return made

    def width(self, text: str) -> int:
        """Return the width of a text in pixels."""
        self._learn(text)
        return sum(self._glyphs[character][1] for character in text)

    def row(self, text: str, right: int, top: int) -> list[tuple[pygame.Surface, tuple[int, int]]]:
        """Return the characters of a text and where each goes, from the last to the first.

        `right` is where the last one ends; at 0, the first one begins at 0.
        """
        x, glyphs, row = right or self.width(text), self._glyphs, []
        try:
            for character in reversed(text):
                surface, advance = glyphs[character]
                x -= advance
                row.append((surface, (x, top)))
        except KeyError:
            self._learn(text)
            return self.row(text, right, top)
        return row

    def _learn(self, text: str) -> None:
        """Render the characters of a text that are not known yet."""
        new = set(text) - self._glyphs.keys()
        if not new:
            return
        font = self._font()
        for character in new:
            drawn = font.render(character, True, self._color, self._background)
            wide = drawn.get_width()
            advance = self._digit if character.isdigit() else wide  # numbers must not wobble
            surface = self._blank(advance)
            surface.blit(drawn, ((advance - wide) // 2, 0))
            self._glyphs[character] = (surface, advance)

    def _blank(self, width: int) -> pygame.Surface:
        size = (max(width, 1), self._height)
        surface: pygame.Surface
        if self._background is None:
            surface = self._pg.Surface(size, self._pg.SRCALPHA, 32)
            surface.fill((*self._color, 0))
        else:
            surface = self._pg.Surface(size, 0, self._like)
            surface.fill(self._background)
        return surface

    def _font(self) -> pygame.font.Font:
        self._pg.font.init()
        font: pygame.font.Font = self._pg.font.Font(None, self._size)
        return font


CLOUDS = 96
"""Soft ellipses kept."""
SHADES = 12
"""Steps of their density."""


def _rounded(size: int) -> int:
    """Return a size in pixels, rounded to one of about nine for each doubling."""
    return max(2, round(1.08 ** round(math.log(max(size, 2)) / math.log(1.08))))


class Canvas:
    """Draws primitives into arrays of uint8, shape (height, width, 3).

    Raises
    ------
    MissingExtra
        If pygame is not installed.
    """

    def __init__(self) -> None:
        self._pg = load_pygame()
        self._draw = self._pg.draw
        self._like = self.surface(np.zeros((1, 1, 3), dtype=np.uint8))
        self._glyphs: dict[tuple[int, Color, Color | None], Glyphs] = {}
        self._clouds: dict[tuple[int, int, Color, int], pygame.Surface] = {}
        self._frame = np.zeros((1, 1, 3), dtype=np.uint8)
        self._painters: dict[type, Callable[[Any, Any], None]] = {
            Rect: self._rect,
            Line: self._line,
            Polyline: self._polyline,
            Polygon: self._polygon,
            Ellipse: self._ellipse,
            Cloud: self._cloud,
            Relief: self._relief,
            Text: self._text,
            Clip: self._clip,
        }

    def surface(self, frame: NDArray[np.uint8]) -> pygame.Surface:
        """Return a surface that shares the memory of `frame`, a (height, width, 3) array."""
        size = (frame.shape[1], frame.shape[0])
        surface: pygame.Surface = self._pg.image.frombuffer(frame, size, "RGB")
        return surface

    def paint(self, frame: NDArray[np.uint8], primitives: Iterable[Primitive]) -> None:
        """Draw `primitives` over what is in `frame`."""
        surface = self.surface(frame)
        self._frame = frame
        painters = self._painters
        for primitive in primitives:
            painters[type(primitive)](surface, primitive)

    def _rect(self, surface: pygame.Surface, p: Rect) -> None:
        surface.fill(p[4], p[:4])

    def _line(self, surface: pygame.Surface, p: Line) -> None:
        if p.width == 1:
            self._smooth(surface, p.color, False, (p.start, p.end))
            return
        (x0, y0), (x1, y1) = p.start, p.end
        size = math.hypot(x1 - x0, y1 - y0)
        if size < 1e-6:
            return
        across, down = 0.5 * p.width * (y0 - y1) / size, 0.5 * p.width * (x1 - x0) / size
        corners = (
            (x0 + across, y0 + down),
            (x1 + across, y1 + down),
            (x1 - across, y1 - down),
            (x0 - across, y0 - down),
        )
        self._draw.polygon(surface, p.color, corners)
        self._smooth(surface, p.color, True, corners)

    def _polyline(self, surface: pygame.Surface, p: Polyline) -> None:
        if p.smooth:
            self._smooth(surface, p.color, p.closed, p.points)
        else:
            self._draw.lines(surface, p.color, p.closed, p.points)

    def _polygon(self, surface: pygame.Surface, p: Polygon) -> None:
        points, color, smooth = p
        self._draw.polygon(surface, color, points)
        if smooth:
            self._smooth(surface, color, True, points)

    def _smooth(
        self, surface: pygame.Surface, color: Color, closed: bool, points: Sequence[Point]
    ) -> None:
        """Draw smooth lines, cut where they leave the surface."""
        right, low = surface.get_width() - 1.0, surface.get_height() - 1.0
        # `aalines` reads a third point also where there are only two, from whatever memory follows.
        if len(points) > 2 and all(0.0 <= x <= right and 0.0 <= y <= low for x, y in points):
            self._draw.aalines(surface, color, closed, points)
            return
        pairs = zip(points, [*points[1:], points[0]] if closed else points[1:], strict=False)
        for a, b in pairs:
            part = cut(a, b, (0.0, 0.0, right, low))
            if part is not None:
                self._draw.aaline(surface, color, *part)

    def _ellipse(self, surface: pygame.Surface, p: Ellipse) -> None:
        self._draw.ellipse(surface, p[4], p[:4])

    def _cloud(self, surface: pygame.Surface, p: Cloud) -> None:
        """Draw a soft ellipse, from a picture of it that is kept: sizes are rounded to a few."""
        wide, high = _rounded(p.width), _rounded(p.height)
        share = min(max(round(SHADES * p.share), 0), SHADES)
        if share == 0:
            return
        key = (wide, high, p.color, share)
        made = self._clouds.get(key)
        if made is None:
            if len(self._clouds) >= CLOUDS:
                self._clouds.clear()
            made = self._clouds[key] = self._soft(wide, high, p.color, share / SHADES)
        left, top = p.x + (p.width - wide) // 2, p.y + (p.height - high) // 2
        surface.blit(made, (left, top))

    def _soft(self, wide: int, high: int, color: Color, share: float) -> pygame.Surface:
        across = np.linspace(-1.0, 1.0, wide)[np.newaxis, :]
        down = np.linspace(-1.0, 1.0, high)[:, np.newaxis]
        fade = np.clip(1.0 - (across**2 + down**2), 0.0, 1.0)
        pixels = np.empty((high, wide, 4), dtype=np.uint8)
        pixels[..., :3] = color
        pixels[..., 3] = 255.0 * share * fade
        surface: pygame.Surface = self._pg.image.frombuffer(pixels, (wide, high), "RGBA").copy()
        return surface

    def _relief(self, surface: pygame.Surface, p: Relief) -> None:  # noqa: ARG002
        paint_relief(self._frame, p, palette.ground_colors())

    def _clip(self, surface: pygame.Surface, p: Clip) -> None:
        surface.set_clip(p.area)

    def _text(self, surface: pygame.Surface, p: Text) -> None:
        x, y, text, size, color, background, anchor, max_width = p
        key = (size, color, background)
        glyphs = self._glyphs.get(key)
        if glyphs is None:
            glyphs = self._glyphs[key] = Glyphs(self._pg, self._like, *key)
        top = round(y) - glyphs.rise
        if anchor == "r" and not max_width:
            surface.fblits(glyphs.row(text, round(x), top))
            return
        word = glyphs.word(text, max_width)
        width = word.get_width()
        left = round(x) - (0 if anchor == "l" else width if anchor == "r" else width // 2)
        surface.blit(word, (left, top))
