"""The title screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.play.levels import LEVELS
from lunar_env.play.panel import Panel
from lunar_env.rendering import palette
from lunar_env.rendering.camera import Camera
from lunar_env.rendering.lander import lander, outline
from lunar_env.rendering.plume import flames
from lunar_env.rendering.pose import pose
from lunar_env.rendering.primitives import Rect, Text
from lunar_env.rendering.relief import sun_direction
from lunar_env.rendering.snapshot import tame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.play.levels import Level
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["WHAT_HAPPENED", "title"]

WHAT_HAPPENED = (
    "On 5 June 2025 Resilience came down with a laser rangefinder that had to be valid by 3 km. Its"
    " first range came at 893 m, at 66 m/s.",
    "At 192 m it was still falling at 42 m/s; then the signal was lost. No other failure was"
    " reported. You see what the lander knew: land it.",
)
"""After ispace's reports of 6 and 24 June 2025."""
KEYS = "UP, DOWN  level   ·   ENTER  fly   ·   H  keys of the window   ·   ESC  close"
DRAWN = 110
"""Height of the lander in pixels of the design."""
LEANING = (0.998, 0.0, 0.06, 0.0)


def title(place: Layout, level: Level, where: Snapshot, rival: str) -> Iterator[Primitive]:
    """Yield the title screen.

    Parameters
    ----------
    place : Layout
        The picture's layout.
    level : Level
        Which one is chosen.
    where : Snapshot
        The beginning of what is to be flown.
    rival : str
        Pilot to compare with.

    Yields
    ------
    Primitive
        Over all of the picture.
    """
    yield Rect(0, 0, place.width, place.height, palette.PANEL)
    panel = Panel(place, place.width // 2, 0, place.width, palette.BELIEVED)
    room = 30 if place.has_panel else 10
    panel.skip(room)
    panel.line("LUNAR LANDING", palette.TRUE, place.banner, 48)
    for line in WHAT_HAPPENED:
        panel.line(line, palette.VALUE, max(10, round(0.86 * place.small)))
    panel.skip(room)
    panel.row((f"{where.mission}   ·   scenario {where.scenario}",), (24,), palette.VALUE)
    panel.row((f"compared with {rival}",), (24,), palette.LABEL)
    panel.skip(16)
    for each in LEVELS:
        chosen = each.name == level.name
        color = palette.PLANNED if chosen else palette.LABEL
        panel.row((">" if chosen else "", each.name, each.doc), (0, 24, 110), color)
    panel.skip(16)
    for keys in level.keys:
        panel.row(keys, (24, 160), palette.VALUE)
    yield from panel.drawn()
    if place.has_panel:
        yield from _picture(place, tame(where))
    at = place.width // 2, place.height - place.px(26)
    yield Text(*at, KEYS, place.small, palette.BELIEVED, None, "c", place.width)


def _picture(place: Layout, where: Snapshot) -> Iterator[Primitive]:
    """Yield a lander near the ground, and above it the place where it believes itself to be."""
    model = where.model
    shown = where._replace(
        throttles=(1.0,) * len(where.throttles), attitude=LEANING, outcome="FLYING"
    )
    scale = place.px(DRAWN) / max(model.height, 0.7 * model.width)
    ground = float(place.height - place.px(76))
    level = (0.0, float(place.width)), (ground, ground)
    x = place.width - place.px(150)
    camera = Camera(float(x), ground, where.x_m, scale, *level, ground, float(place.width))
    yield Rect(0, round(ground), place.width, place.height, palette.TAPE_LOW)
    yield Rect(0, round(ground), place.width, 1, palette.GROUND_EDGE)
    body = pose(shown, 0.5 * place.px(DRAWN) / scale, camera, place)
    ghost = body._replace(y=body.y - place.px(150))
    dim = palette.BELIEVED_DIM
    yield Rect(round(body.x), round(ghost.y), 1, round(body.y - ghost.y), dim)
    yield outline(ghost, model, palette.BELIEVED)
    yield from flames(body, shown, camera)
    yield from lander(body, model, shown.legs, sun_direction(shown.sun_elevation_deg))
    left = x - place.px(70)
    for pose_, text, color in (
        (ghost, "believed", palette.BELIEVED),
        (body, "true", palette.TRUE),
    ):
        yield Text(left, pose_.y, text, place.small, color, None, "r")
