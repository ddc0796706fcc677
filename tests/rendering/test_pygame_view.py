"""Frames without a display, and the window with a dummy one."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lunar_env.errors import ConfigError, LunarEnvError, MissingExtra
from lunar_env.rendering import Renderer, Snapshot, build
from lunar_env.rendering.canvas import Canvas
from tests.rendering.snapshots import ALL, BLIND, LANDED, TRACKING

pygame = pytest.importorskip("pygame")

ROOT = Path(__file__).parents[2]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def dummy_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.display.quit()


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


def pixels(renderer: Renderer) -> np.ndarray:
    """What the window shows."""
    assert renderer._window is not None
    surface = renderer._window._window.get_surface()
    return np.swapaxes(pygame.surfarray.array3d(surface), 0, 1)


@pytest.mark.usefixtures("dummy_display")
def test_window_shows_the_frame() -> None:
    renderer = Renderer(640, 400)
    assert renderer.show(TRACKING, fps=0)
    assert renderer.is_open
    shown = pixels(renderer)
    assert np.array_equal(shown, renderer.rgb_array(TRACKING))
    renderer.close()
    renderer.close()
    assert not pygame.display.get_init()
    assert renderer.rgb_array(TRACKING).any()


@pytest.mark.usefixtures("dummy_display")
def test_window_keeps_to_its_frame_rate() -> None:
    renderer = Renderer(320, 240)
    renderer.show(BLIND, fps=50)
    start = pygame.time.get_ticks()
    for _ in range(5):
        renderer.show(BLIND, fps=50)
    assert 80 <= pygame.time.get_ticks() - start < 1000
    renderer.close()


@pytest.mark.usefixtures("dummy_display")
@pytest.mark.parametrize(
    "event",
    [
        (pygame.QUIT, {}),
        (pygame.KEYDOWN, {"key": pygame.K_ESCAPE}),
        (pygame.KEYDOWN, {"key": pygame.K_q}),
    ],
)
def test_window_closed_by_the_user_stays_closed(event: tuple[int, dict[str, int]]) -> None:
    renderer = Renderer(320, 240)
    assert renderer.show(BLIND, fps=0)
    pygame.event.post(pygame.event.Event(*event))
    assert not renderer.show(BLIND, fps=0)
    assert not renderer.is_open
    assert not renderer.show(BLIND, fps=0)
    assert not pygame.display.get_init()
    assert renderer.rgb_array(BLIND).any()


@pytest.mark.usefixtures("dummy_display")
def test_windows_are_independent() -> None:
    """Each shows its own picture, hears of its own events, and survives the others."""
    first, second, third = Renderer(320, 240), Renderer(320, 240), Renderer(320, 240)
    assert all(r.show(s, fps=0) for r, s in zip((first, second, third), ALL.values(), strict=False))
    assert not np.array_equal(pixels(first), pixels(second))
    window = first._window
    assert window is not None
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=window._window))
    assert second.show(TRACKING, fps=0)  # it takes the event out of the queue
    assert not first.show(BLIND, fps=0)
    assert second.show(TRACKING, fps=0)
    assert np.array_equal(pixels(second), second.rgb_array(TRACKING))
    second.close()
    assert third.show(BLIND, fps=0)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert not third.show(BLIND, fps=0)
    assert not pygame.display.get_init()


@pytest.mark.usefixtures("dummy_display")
def test_the_display_of_other_programs_is_kept() -> None:
    """As Gymnasium's HumanRendering opens one."""
    pygame.display.init()
    theirs = pygame.display.set_mode((64, 64))
    renderer = Renderer(320, 240)
    assert renderer.show(BLIND, fps=0)
    renderer.close()
    assert pygame.display.get_surface() is theirs


@pytest.mark.usefixtures("dummy_display")
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_draws_the_same_in_its_own_window(copied: Callable[[Renderer], Renderer]) -> None:
    renderer = Renderer(320, 240)
    renderer.show(BLIND, fps=0)
    other = copied(renderer)
    assert not other.is_open
    assert np.array_equal(other.rgb_array(BLIND), renderer.rgb_array(BLIND))
    assert other.show(BLIND, fps=0)
    other.close()
    assert renderer.show(BLIND, fps=0)
    renderer.close()


@pytest.mark.usefixtures("dummy_display")
def test_a_window_closed_by_others_counts_as_closed() -> None:
    renderer = Renderer(320, 240)
    assert renderer.show(BLIND, fps=0)
    pygame.quit()
    assert not renderer.show(BLIND, fps=0)


def test_a_window_that_cannot_open_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no-such-driver")
    with pytest.raises(LunarEnvError, match="no window can be opened here"):
        Renderer(320, 240).show(BLIND, fps=0)


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_screen_no_window_opens(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """SDL itself would draw into memory without a word."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    with pytest.raises(LunarEnvError, match=r"no display.*rgb_array.*SDL_VIDEODRIVER=dummy"):
        Renderer(320, 240).show(BLIND, fps=0)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    renderer = Renderer(320, 240)
    assert renderer.show(BLIND, fps=0)
    renderer.close()


def test_the_original_pygame_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed over pygame-ce it hides it; what the extra asks for is there already."""

    class OldSurface:
        pass

    monkeypatch.setattr(pygame, "Surface", OldSurface)
    with pytest.raises(LunarEnvError, match="pip uninstall pygame pygame-ce") as raised:
        Renderer()
    assert not isinstance(raised.value, MissingExtra)
