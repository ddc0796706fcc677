"""Every colour of the picture, by meaning.

One rule holds everywhere: white is what is true, blue is what the lander believes, yellow is what
was planned, and vermilion is the height below which full thrust no longer stops it. Colours that
have different meanings differ enough for people who lack one kind of cone (a test computes it), and
what a colour says, a shape or a word says as well.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.rendering.primitives import Color

__all__ = ["BEAM", "OUTCOME", "beam_color", "ground_colors", "lit", "mix", "outcome_color"]

TRUE: Color = (240, 240, 232)
BELIEVED: Color = (86, 180, 255)
BELIEVED_DIM: Color = (36, 82, 124)
PLANNED: Color = (240, 222, 70)
PLANNED_DIM: Color = (128, 120, 52)
STOP: Color = (255, 104, 60)
FIX: Color = (90, 230, 150)

GREEN: Color = (90, 230, 150)
AMBER: Color = (240, 222, 70)
RED: Color = (255, 104, 60)
GREY: Color = (132, 144, 168)
BEAM_GLOW: Color = (10, 74, 60)

SKY_TOP: Color = (3, 5, 12)
SKY_LOW: Color = (10, 13, 25)
EARTH_LIMB: Color = (122, 172, 226)
EARTH_SEA: Color = (58, 108, 178)
EARTH_LAND: Color = (92, 132, 116)
EARTH_CLOUD: Color = (176, 202, 228)

GROUND_EDGE: Color = (150, 148, 142)
SCORCH: Color = (24, 22, 22)
SCORCH_RIM: Color = (176, 170, 160)
SHADOW: Color = (10, 10, 13)
DUST: Color = (150, 145, 136)
DEBRIS: tuple[Color, ...] = ((214, 164, 78), (150, 156, 166), (72, 76, 88), (222, 226, 232))

MATERIALS: dict[str, Color] = {
    "gold": (224, 168, 72),
    "silver": (196, 200, 208),
    "white": (236, 238, 240),
    "grey": (150, 154, 162),
    "dark": (66, 68, 78),
    "cells": (52, 78, 140),
    "engine": (122, 118, 122),
}
"""Colour of what a lander is covered with, in full sunlight."""
STRUT: Color = (206, 210, 216)
PAD: Color = (176, 180, 186)
BRACE: Color = (150, 156, 166)
FLAME_OUTER: Color = (150, 74, 40)
FLAME_MIDDLE: Color = (255, 150, 62)
FLAME_CORE: Color = (255, 240, 206)
STOP_LINE: Color = (184, 78, 48)
STOP_ZONE: Color = (96, 42, 28)
TRAIL_NEW: Color = (176, 182, 200)
TRAIL_OLD: Color = (92, 98, 120)

PANEL: Color = (12, 16, 27)
PANEL_EDGE: Color = (40, 50, 74)
PANEL_RULE: Color = (30, 37, 55)
TAPE: Color = (9, 12, 22)
TAPE_LOW: Color = (24, 24, 27)
TICK: Color = (104, 116, 142)
LABEL: Color = (132, 144, 168)
VALUE: Color = (232, 236, 244)
TROUGH: Color = (30, 37, 55)
BALL_SKY: Color = (40, 86, 140)
BALL_GROUND: Color = (104, 94, 84)

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
"""Colour of the banner by outcome; vermilion for the others."""

_LIGHT_STEPS = 48
_REGOLITH = (1.0, 0.985, 0.955)
"""Red, green and blue of sunlit regolith, relative to its grey level."""


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


def lit(material: str, light: float) -> Color:
    """Return the colour of a material where `light` is 1 in full sunlight."""
    return _lit(material, round(light * _LIGHT_STEPS))


@functools.lru_cache(maxsize=1024)
def _lit(material: str, step: int) -> Color:
    red, green, blue = MATERIALS[material]
    light = step / _LIGHT_STEPS
    return (
        min(255, round(red * light)),
        min(255, round(green * light)),
        min(255, round(blue * light)),
    )


@functools.lru_cache(maxsize=1)
def ground_colors() -> NDArray[np.uint8]:
    """Return the colour of the ground by grey level, (256, 3)."""
    grey = np.arange(256.0)[:, np.newaxis]
    return np.asarray(np.clip(grey * np.array(_REGOLITH), 0.0, 255.0).astype(np.uint8))
