"""Every colour of the picture, by meaning.

One rule holds everywhere: white is what is true, blue is what the lander believes, red is the
height below which full thrust no longer stops it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Color

__all__ = ["BEAM", "OUTCOME", "beam_color", "mix", "outcome_color"]

TRUE: Color = (240, 240, 232)
BELIEVED: Color = (96, 196, 255)
BELIEVED_DIM: Color = (38, 84, 118)
STOP: Color = (255, 96, 84)
FIX: Color = (92, 232, 150)

GREEN: Color = (92, 232, 150)
AMBER: Color = (255, 186, 73)
RED: Color = (255, 84, 84)
GREY: Color = (132, 144, 168)
BEAM_GLOW: Color = (28, 76, 62)

SKY_TOP: Color = (4, 6, 14)
SKY_LOW: Color = (17, 22, 40)
HILL_FAR: Color = (23, 27, 43)
HILL_NEAR: Color = (32, 35, 49)
EARTH_LIMB: Color = (122, 172, 226)
EARTH_SEA: Color = (58, 108, 178)
EARTH_LAND: Color = (92, 132, 116)
EARTH_CLOUD: Color = (176, 202, 228)

GROUND: Color = (92, 90, 88)
GROUND_RIM: Color = (178, 174, 166)
GROUND_LOW: Color = (50, 49, 51)
CRATER_DARK: Color = (30, 30, 33)
CRATER_LIGHT: Color = (150, 146, 140)
DUST: tuple[Color, ...] = ((48, 50, 62), (80, 80, 86), (126, 123, 119))

FOIL: Color = (214, 164, 78)
FOIL_SHADE: Color = (140, 98, 44)
HULL: Color = (222, 226, 232)
HULL_SHADE: Color = (138, 146, 160)
CELLS: Color = (44, 74, 132)
CELLS_SHADE: Color = (30, 50, 92)
STRUT: Color = (206, 210, 216)
BRACE: Color = (150, 156, 166)
NOZZLE: Color = (112, 118, 130)
FLAME_OUTER: Color = (122, 62, 38)
FLAME_MIDDLE: Color = (255, 150, 62)
FLAME_CORE: Color = (255, 240, 206)
STOP_LINE: Color = (168, 70, 68)
STOP_ZONE: Color = (92, 34, 38)
TRAIL_NEW: Color = (124, 132, 154)
TRAIL_OLD: Color = (64, 70, 90)

PANEL: Color = (12, 16, 27)
PANEL_EDGE: Color = (40, 50, 74)
PANEL_RULE: Color = (30, 37, 55)
TAPE: Color = (9, 12, 22)
TAPE_LOW: Color = (24, 24, 27)
TICK: Color = (98, 110, 136)
LABEL: Color = (126, 138, 162)
VALUE: Color = (232, 236, 244)
TROUGH: Color = (30, 37, 55)

BEAM: dict[str, Color | None] = {
    "OFF": None,
    "WARMUP": GREY,
    "SEARCH": AMBER,
    "TRACK": GREEN,
    "LOST": RED,
}
"""Colour of the beam by the rangefinder's state; no beam where None."""

OUTCOME: dict[str, Color] = {
    "LANDED": GREEN,
    "HARD_LANDING": AMBER,
    "TIME_LIMIT": AMBER,
    "OUT_OF_BOUNDS": AMBER,
}
"""Colour of the banner by outcome; red for the others."""


def beam_color(state: str) -> Color | None:
    """Return the colour of the beam in `state`, or None where there is no beam."""
    return BEAM.get(state)


def outcome_color(outcome: str) -> Color:
    """Return the colour that announces `outcome`."""
    return OUTCOME.get(outcome, RED)


def mix(a: Color, b: Color, share: float) -> Color:
    """Return `a` and `b` blended, with `share` in [0, 1] of `b`."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )
