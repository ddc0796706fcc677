"""Colours by meaning, as people see them who lack one kind of cone.

The simulation is that of Machado, Oliveira and Fernandes (2009, IEEE TVCG 15(6), 1291-1298), table
1 at full severity, on linear RGB; distances are those of CIE L*a*b* (CIE76), where some 2.3 are
just seen and 20 are seen at a glance.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lunar_env.rendering import palette

SEEN = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
"""Linear sRGB to XYZ (IEC 61966-2-1)."""
CLEAR = dict.fromkeys(SEEN, 20.0) | {"tritanopia": 15.0}  # which one in ten thousand has
MEANINGS = {
    "true": palette.TRUE,
    "believed": palette.BELIEVED,
    "planned": palette.PLANNED,
    "stop": palette.STOP,
    "fix": palette.FIX,
}
"""Marks on the scales."""


def lab(color: tuple[int, int, int], seen: np.ndarray) -> np.ndarray:
    """Colour in L*a*b* as it is seen."""
    share = np.array(color) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(seen @ linear, 0.0, 1.0) / (TO_XYZ @ np.ones(3))
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16.0) / 116.0)
    return np.array([116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])])


def distance(a: tuple[int, int, int], b: tuple[int, int, int], seen: np.ndarray) -> float:
    return float(np.linalg.norm(lab(a, seen) - lab(b, seen)))


def test_white_and_black_are_a_hundred_apart() -> None:
    assert distance((255, 255, 255), (0, 0, 0), SEEN["normal"]) == pytest.approx(100.0, abs=0.1)


@pytest.mark.parametrize("kind", SEEN)
def test_marks_of_different_meaning_are_seen_apart(kind: str) -> None:
    for a, b in itertools.combinations(MEANINGS, 2):
        assert distance(MEANINGS[a], MEANINGS[b], SEEN[kind]) > CLEAR[kind], (a, b)


@pytest.mark.parametrize("kind", SEEN)
def test_states_of_the_beam_are_seen_apart(kind: str) -> None:
    colors = {state: color for state, color in palette.BEAM.items() if color is not None}
    for a, b in itertools.combinations(colors, 2):
        assert distance(colors[a], colors[b], SEEN[kind]) > CLEAR[kind], (a, b)


@pytest.mark.parametrize("kind", SEEN)
def test_everything_is_seen_on_sky_panel_and_ground(kind: str) -> None:
    ground = tuple(int(level) for level in palette.ground_colors()[112])
    for color in (*MEANINGS.values(), *(c for c in palette.BEAM.values() if c is not None)):
        for behind in (palette.SKY_TOP, palette.PANEL):
            assert distance(color, behind, SEEN[kind]) > 40.0
        assert distance(color, ground, SEEN[kind]) > 8.0
