"""Frames without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lunar_env.errors import ConfigError, LunarEnvError, MissingExtra
from lunar_env.rendering import Renderer, Snapshot, build
from lunar_env.rendering.canvas import Canvas
from tests.rendering.snapshots import ALL, BLIND, LANDED

pygame = pytest.importorskip("pygame")

ROOT = Path(__file__).parents[2]


def test_frame_is_a_plain_image() -> None:
    frame = Renderer(640, 400).rgb_array(BLIND)
    assert frame.shape == (400, 640, 3)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    assert frame.flags.owndata
    assert frame.flags.writeable
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 50


def test_default_size_suits_video_encoders() -> None:
    height, width, _ = Renderer().rgb_array(BLIND).shape
    assert height % 16 == 0
    assert width % 16 == 0


@pytest.mark.parametrize("snapshot", ALL.values(), ids=ALL)
def test_same_snapshot_same_bytes(snapshot: Snapshot) -> None:
    used = Renderer()
    for other in ALL.values():
        used.rgb_array(other)
    first = used.rgb_array(snapshot)
    first_bytes = first.tobytes()
    used.rgb_array(BLIND)
    assert first.tobytes() == first_bytes  # a frame is the caller's to keep
    assert Renderer().rgb_array(snapshot).tobytes() == first_bytes


@pytest.mark.parametrize("snapshot", ALL.values(), ids=ALL)
def test_frame_is_the_whole_scene(snapshot: Snapshot) -> None:
    renderer = Renderer()
    plain = np.zeros((renderer.height, renderer.width, 3), dtype=np.uint8)
    Canvas().paint(plain, build(snapshot, renderer.width, renderer.height))
    assert np.array_equal(renderer.rgb_array(snapshot), plain)


def test_snapshots_differ_in_pixels() -> None:
    renderer = Renderer()
    frames = {renderer.rgb_array(snapshot).tobytes() for snapshot in ALL.values()}
    assert len(frames) == len(ALL)


@pytest.mark.parametrize("drivers", [{}, {"SDL_VIDEODRIVER": "no-such-driver"}])
def test_frame_needs_no_video_driver_and_no_stdout(drivers: dict[str, str]) -> None:
    code = (
        "from tests.rendering.snapshots import BLIND\n"
        "from lunar_env.rendering import Renderer\n"
        "assert Renderer().rgb_array(BLIND).any()\n"
        "import pygame\n"
        "assert not pygame.display.get_init()\n"
        "assert pygame.display.get_surface() is None\n"
    )
    hidden = ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY", "PYGAME_HIDE_SUPPORT_PROMPT")
    env = {name: value for name, value in os.environ.items() if name not in hidden} | drivers
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, cwd=ROOT
    )
    assert done.stdout == b""


def test_frames_are_drawn_after_others_quit_pygame() -> None:
    renderer = Renderer()
    before = renderer.rgb_array(BLIND).tobytes()
    pygame.quit()
    assert renderer.rgb_array(BLIND).tobytes() == before
    assert renderer.rgb_array(LANDED).tobytes() == Renderer().rgb_array(LANDED).tobytes()


def test_the_cache_of_texts_is_bounded() -> None:
    renderer = Renderer(320, 240)
    before = renderer.rgb_array(BLIND).tobytes()
    for i in range(200):
        renderer.rgb_array(BLIND._replace(believed_height_m=3000.0 + i, mission=f"mission {i}"))
    assert len(renderer._backdrops) <= 4
    assert all(len(glyphs._words) <= 64 for glyphs in renderer._canvas._glyphs.values())
    assert renderer.rgb_array(BLIND).tobytes() == before


@pytest.mark.parametrize("size", [(320, 240), (400, 900), (1600, 400), (1920, 1080)])
def test_other_sizes_are_drawn(size: tuple[int, int]) -> None:
    for snapshot in ALL.values():
        assert Renderer(*size).rgb_array(snapshot).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("name", ["height_m", "slant_range_m", "x_m", "tilt_rad", "stop_height_m"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e30])
def test_frames_with_extreme_numbers_are_drawn(name: str, value: float) -> None:
    renderer = Renderer(320, 240)
    for snapshot in ALL.values():
        renderer.rgb_array(Snapshot(**{**snapshot._asdict(), name: value}))


def test_frames_with_any_name_are_drawn() -> None:
    odd = BLIND._replace(mission="", scenario="\u6708 \U0001f315\t" * 30, pilot="w" * 500)
    assert Renderer().rgb_array(odd).any()


@pytest.mark.parametrize("size", [(10, 544), (800, 100_000)])
def test_size_out_of_range_is_rejected(size: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="pixels must be between"):
        Renderer(*size)


def test_missing_pygame_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(MissingExtra, match=r"lunar-env\[render\]"):
        Renderer()


def test_the_original_pygame_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed over pygame-ce it hides it; what the extra asks for is there already."""

    class OldSurface:
        pass

    monkeypatch.setattr(pygame, "Surface", OldSurface)
    with pytest.raises(LunarEnvError, match="pip uninstall pygame pygame-ce") as raised:
        Renderer()
    assert not isinstance(raised.value, MissingExtra)
