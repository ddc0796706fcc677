"""The window: what it shows, and every key, button and size."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lunar_env.errors import LunarEnvError
from lunar_env.rendering.camera import View
from lunar_env.rendering.viewer import Viewer
from tests.rendering.snapshots import ALL, BLIND, TRACKING

pygame = pytest.importorskip("pygame")

from tests.rendering.keyboard import press  # noqa: E402 (needs pygame)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def after(viewer: Viewer, *names: str) -> np.ndarray:
    """What the window shows after some keys."""
    for name in names:
        press(name)
        assert viewer.show(BLIND, 0.0)
    return pixels(viewer).copy()


def pixels(viewer: Viewer) -> np.ndarray:
    """What the window shows."""
    assert viewer._window is not None
    surface = viewer._window._window.get_surface()
    return np.swapaxes(pygame.surfarray.array3d(surface), 0, 1)


@pytest.mark.usefixtures("dummy_display")
def test_window_shows_the_frame() -> None:
    viewer = Viewer(640, 400)
    assert viewer.show(TRACKING, 0.0)
    assert viewer.is_open
    shown = pixels(viewer)
    assert np.array_equal(shown, viewer.renderer.rgb_array(TRACKING))
    viewer.close()
    viewer.close()
    assert not pygame.display.get_init()
    assert viewer.renderer.rgb_array(TRACKING).any()


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
    viewer = Viewer(320, 240)
    assert viewer.show(BLIND, 0.0)
    pygame.event.post(pygame.event.Event(*event))
    assert not viewer.show(BLIND, 0.0)
    assert not viewer.is_open
    assert not viewer.show(BLIND, 0.0)
    assert not pygame.display.get_init()
    assert viewer.renderer.rgb_array(BLIND).any()


@pytest.mark.usefixtures("dummy_display")
def test_windows_are_independent() -> None:
    """Each shows its own picture, hears of its own events, and survives the others."""
    first, second, third = Viewer(320, 240), Viewer(320, 240), Viewer(320, 240)
    assert all(r.show(s, 0.0) for r, s in zip((first, second, third), ALL.values(), strict=False))
    assert not np.array_equal(pixels(first), pixels(second))
    window = first._window
    assert window is not None
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=window._window))
    assert second.show(TRACKING, 0.0)  # it takes the event out of the queue
    assert not first.show(BLIND, 0.0)
    assert second.show(TRACKING, 0.0)
    assert np.array_equal(pixels(second), second.renderer.rgb_array(TRACKING))
    second.close()
    assert third.show(BLIND, 0.0)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert not third.show(BLIND, 0.0)
    assert not pygame.display.get_init()


@pytest.mark.usefixtures("dummy_display")
def test_the_display_of_other_programs_is_kept() -> None:
    """As Gymnasium's HumanRendering opens one."""
    pygame.display.init()
    theirs = pygame.display.set_mode((64, 64))
    viewer = Viewer(320, 240)
    assert viewer.show(BLIND, 0.0)
    viewer.close()
    assert pygame.display.get_surface() is theirs


@pytest.mark.usefixtures("dummy_display")
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_draws_the_same_in_its_own_window(copied: Callable[[Viewer], Viewer]) -> None:
    viewer = Viewer(320, 240)
    viewer.show(BLIND, 0.0)
    other = copied(viewer)
    assert not other.is_open
    assert np.array_equal(other.renderer.rgb_array(BLIND), viewer.renderer.rgb_array(BLIND))
    assert other.show(BLIND, 0.0)
    other.close()
    assert viewer.show(BLIND, 0.0)
    viewer.close()


@pytest.mark.usefixtures("dummy_display")
def test_a_window_closed_by_others_counts_as_closed() -> None:
    viewer = Viewer(320, 240)
    assert viewer.show(BLIND, 0.0)
    pygame.quit()
    assert not viewer.show(BLIND, 0.0)


def test_a_window_that_cannot_open_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no-such-driver")
    with pytest.raises(LunarEnvError, match="no window can be opened here"):
        Viewer(320, 240).show(BLIND, 0.0)


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
        Viewer(320, 240).show(BLIND, 0.0)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    viewer = Viewer(320, 240)
    assert viewer.show(BLIND, 0.0)
    viewer.close()


def test_every_key_does_something_that_is_seen(viewer: Viewer) -> None:
    plain = after(viewer)
    for name in ("p", "space", "=", "-", "c", "b", "h", "v"):
        changed = after(viewer, name)
        assert not np.array_equal(changed, plain), name
        if name in ("p", "space", "h", "v"):  # once more takes it back
            press(name)
        viewer.controls.do("normal")
        viewer.controls.view = View()
        viewer._notice_s = 0.0
        viewer.show(BLIND, 0.0)
        viewer._notice_s = 0.0
        plain = after(viewer)


def test_the_cameras_follow_each_other(viewer: Viewer) -> None:
    pictures = [after(viewer, "c") for _ in range(3)]
    assert viewer.controls.view == View()
    assert len({picture.tobytes() for picture in pictures}) == 3


def test_a_screenshot_is_what_is_shown(viewer: Viewer, tmp_path: Path) -> None:
    for _ in range(2):
        press("f12")
        viewer.show(BLIND, 0.0)
    first, second = sorted(tmp_path.iterdir())
    assert (first.name, second.name) == ("lunar-env-12.4s-1.png", "lunar-env-12.4s-2.png")
    picture = pygame.surfarray.array3d(pygame.image.load(first)).swapaxes(0, 1)
    assert np.array_equal(picture, viewer.renderer.rgb_array(BLIND))


def test_a_film_is_recorded_until_the_key_is_pressed_again(viewer: Viewer, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    press("v")
    for _ in range(5):
        viewer.show(TRACKING, 0.0)
    press("v")
    viewer.show(TRACKING, 0.0)
    (film,) = tmp_path.iterdir()
    assert film.suffix == ".mp4"
    assert film.read_bytes()[4:8] == b"ftyp"
    assert "film: " in viewer._notice


def test_a_film_is_finished_with_the_window(dummy_display: None, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    viewer = Viewer(320, 240, folder=tmp_path)
    viewer.show(BLIND, 0.0)
    press("v")
    viewer.show(BLIND, 0.0)
    viewer.show(BLIND, 0.0)
    viewer.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]


def test_a_screenshot_that_cannot_be_written_is_a_notice(viewer: Viewer, tmp_path: Path) -> None:
    viewer._folder = tmp_path / "missing"
    press("f12")
    assert viewer.show(BLIND, 0.0)
    assert "missing" in viewer._notice


@pytest.mark.parametrize("size", [(640, 480), (1000, 300), (200, 100), (2560, 1440)])
def test_the_picture_has_the_size_of_the_window(viewer: Viewer, size: tuple[int, int]) -> None:
    window = viewer._window
    assert window is not None
    window._window.size = size
    viewer.show(BLIND, 0.0)
    viewer.show(BLIND, 0.0)
    assert window._surface().get_size() == size
    width, height = viewer.renderer.width, viewer.renderer.height
    if size == (2560, 1440):  # as much as can be drawn in time, twice as large
        assert (width, height) == (1280, 720)
    else:
        assert (width, height) == (max(size[0], 320), max(size[1], 240))


def test_full_screen_and_back(viewer: Viewer) -> None:
    press("f11")
    assert viewer.show(BLIND, 0.0)
    assert viewer.controls.fullscreen
    assert viewer.renderer.width > 320
    press("f11")
    assert viewer.show(BLIND, 0.0)
    assert viewer.show(BLIND, 0.0)
    assert not viewer.controls.fullscreen


def test_a_gamepad_moves_the_same_controls(viewer: Viewer) -> None:
    for button in (7, 4):
        for kind in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, button=button))
    pygame.event.post(pygame.event.Event(pygame.JOYAXISMOTION, axis=1, value=-0.7))
    pygame.event.post(pygame.event.Event(pygame.JOYHATMOTION, hat=0, value=(0, 1)))
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, button=0))
    assert viewer.show(BLIND, 0.0)
    assert viewer.controls.paused
    assert viewer.controls.view.camera == "descent"
    assert viewer.held.axes == {"axis 1": pytest.approx(-0.7)}
    assert {"button 0", "hat up"} <= viewer.held.names
    left = [(each.kind, each.name) for each in viewer.inputs()]
    assert ("press", "button 0") in left
    assert ("move", "axis 1") in left
    assert not [name for _, name in left if name in ("button 7", "button 4")]
    assert viewer.inputs() == []


def test_reserved_keys_are_left_to_whoever_flies(dummy_display: None) -> None:
    viewer = Viewer(320, 240, reserved=("space", "c"))
    viewer.show(BLIND, 0.0)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE))
    press("c")
    press("p")
    viewer.show(BLIND, 0.0)
    assert viewer.controls.paused
    assert viewer.controls.view == View()
    assert viewer.held.names == {"space"}
    assert [each.name for each in viewer.inputs() if each.kind == "press"] == ["space", "c"]
    viewer.close()
