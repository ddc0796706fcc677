"""An environment that is drawn: every id, the ground, the window, and no effect on the flight."""

import math
import sys
import types

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers.vector import HumanRendering, RecordVideo

from lunar_env import LunarEnvError, LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.rendering.pose import axes_of
from lunar_env.rendering.pygame_view import FRAME_SIZE
from tests.envs.flying import NAMES, exact, random_actions, single, throttle, truth, vector


def test_a_flight_continues_after_its_window_is_closed(monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setitem(LunarLandingEnv.metadata, "render_fps", 0)
    plain, shown = LunarLandingEnv(), LunarLandingEnv(render_mode="human")
    plain.reset(seed=1)
    shown.reset(seed=1)
    assert not shown.window_closed
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    for _ in range(3):
        assert np.array_equal(plain.step(throttle(0.6))[0], shown.step(throttle(0.6))[0])
    assert shown.window_closed
    assert not pygame.display.get_init()
    assert shown.render() is None
    shown.reset(seed=2)  # no new window opens
    assert not pygame.display.get_init()
    shown.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_id_is_drawn(name):
    pytest.importorskip("pygame")
    env = single(name, render_mode="rgb_array")
    env.reset(seed=1)
    first = env.render()
    for action in random_actions(env, 4)[:, 0]:
        env.step(action)
    assert env.render().shape == first.shape
    assert not np.array_equal(env.render(), first)
    batch = vector(name, 2, render_mode="rgb_array")
    batch.reset(seed=1)
    frames = batch.render()
    assert len(frames) == 2
    assert np.array_equal(frames[0], first)


def test_the_rendered_ground_agrees_with_the_terrain():
    """The profile passes under the lander and agrees with what the beam meets."""
    env = LunarLandingEnv("hakuto-r-m1", scenario=exact())
    env.reset(seed=4, options={"start": {"height_m": 900.0}})
    shot = env.snapshot()
    xs, aside = shot.x_m + np.linspace(-1000.0, 1000.0, 401), np.full(401, shot.y_m)
    elevations = shot.ground.elevations(xs, aside, 5.0)
    assert np.ptp(elevations) > 1.0
    under = np.interp(shot.x_m, xs, elevations)
    assert under == pytest.approx(shot.elevation_m, abs=2.0)
    pads = truth(env, "altitude_m") - truth(env, "height_m")
    assert shot.elevation_m == pytest.approx(pads, abs=10.0)


def test_the_ground_of_a_snapshot_outlives_its_episode():
    env = LunarLandingEnv()
    env.reset(seed=1)
    shot, places = env.snapshot(), np.linspace(-50.0, 50.0, 11)
    before = shot.ground.elevations(places, places, 1.0)
    env.reset(seed=2)
    assert np.array_equal(shot.ground.elevations(places, places, 1.0), before)
    assert not np.array_equal(env.snapshot().ground.elevations(places, places, 1.0), before)


def test_a_reset_begins_a_new_path_and_a_new_log():
    env = LunarLandingEnv()
    for _ in range(2):
        env.reset(seed=1)
        env.snapshot()
        env.step(throttle(0.5))
        shot = env.snapshot()
        assert len(shot.trail) == 2
        assert len(shot.log) == 2


def test_attitude_and_engines_of_a_snapshot_are_true():
    env = LunarLandingEnv("chandrayaan-3", scenario="ideal")
    env.reset(seed=1)
    for _ in range(4):
        env.step(throttle(0.6))
    shot = env.snapshot()
    up = axes_of(shot.attitude)[2]
    assert math.acos(up[2]) == pytest.approx(truth(env, "tilt_rad"), abs=1e-6)
    thrusts = [ring.thrust_N for ring in env.settings.mission.vehicle.engines for _ in range(2)]
    total = sum(u * thrust for u, thrust in zip(shot.throttles, thrusts, strict=True))
    assert total == pytest.approx(truth(env, "thrust_N"), rel=1e-6)
    assert 0.3 < shot.com_height_m < 1.9
    assert len(shot.legs) == 4


def test_rendering_does_not_change_the_flight():
    pytest.importorskip("pygame")
    plain, drawn = LunarLandingEnv(), LunarLandingEnv(render_mode="rgb_array")
    plain.reset(seed=1)
    drawn.reset(seed=1)
    for _ in range(5):
        frame = drawn.render()
        assert frame.dtype == np.uint8
        assert frame.ndim == 3
        assert np.array_equal(plain.step(throttle(0.6))[0], drawn.step(throttle(0.6))[0])
    drawn.close()
    drawn.close()


@pytest.fixture
def dummy_screen(monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setitem(LunarLandingEnv.metadata, "render_fps", 0)
    yield pygame
    pygame.display.quit()


@pytest.mark.usefixtures("dummy_screen")
def test_the_windows_of_two_environments_are_independent():
    first, second = LunarLandingEnv(render_mode="human"), LunarLandingEnv(render_mode="human")
    first.reset(seed=1)
    second.reset(seed=2)
    first.close()
    for _ in range(3):
        second.step(throttle(0.5))
        assert not second.window_closed
        assert second._viewer.is_open
    first.step(throttle(0.5))  # its window opens again
    assert first._viewer.is_open
    second.close()
    first.step(throttle(0.5))
    assert not first.window_closed
    first.close()


def test_a_window_without_a_screen_is_an_error_before_the_flight(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    env = gym.make(NAMES[0], render_mode="human")
    with pytest.raises(LunarEnvError, match=r"no display.*rgb_array"):
        env.reset(seed=1)
    assert env.unwrapped.world.key[0] == 0  # nothing has begun


def test_every_row_has_its_own_frame():
    """Each is the picture of its own environment, with the way that it has flown."""
    pytest.importorskip("pygame")
    batch = LunarLandingVectorEnv(3, num_threads=1, render_mode="rgb_array")
    alone = [LunarLandingEnv(render_mode="rgb_array") for _ in range(3)]
    batch.reset(seed=5)
    for row, env in enumerate(alone):
        env.reset(seed=5 + row)
    for step in range(3):
        frames = batch.render()
        assert isinstance(frames, tuple)
        for frame, env in zip(frames, alone, strict=True):
            assert np.array_equal(frame, env.render()), step
            env.step(throttle(0.5))
        batch.step(np.zeros((3, 1), np.float32))
    assert not np.array_equal(frames[0], frames[1])


@pytest.mark.parametrize("kind", [LunarLandingEnv, LunarLandingVectorEnv])
def test_drawing_needs_a_reset(kind):
    with pytest.raises(gym.error.ResetNeeded, match="before render"):
        kind(render_mode="rgb_array").render()


def film_maker(films):
    """Stands for moviepy: keeps the frames of every clip."""

    class ImageSequenceClip:
        def __init__(self, frames, fps):
            films.append(np.array(frames))

        def write_videofile(self, path, logger=None):
            pass

    name = "moviepy.video.io.ImageSequenceClip"
    parts = {name.rsplit(".", k)[0]: types.ModuleType("m") for k in range(4)}
    parts[name].ImageSequenceClip = ImageSequenceClip
    return parts


def test_gymnasiums_vector_recorder_films_every_row(monkeypatch, tmp_path):
    pytest.importorskip("pygame")
    films = []
    for name, module in film_maker(films).items():
        monkeypatch.setitem(sys.modules, name, module)
    env = gym.make_vec(NAMES[0], 4, "vector_entry_point", render_mode="rgb_array", num_threads=1)
    width, height = FRAME_SIZE
    env = RecordVideo(
        env, str(tmp_path / "films"), step_trigger=lambda step: step == 0, video_length=3
    )
    env.reset(seed=1)
    for _ in range(4):
        env.step(np.zeros((4, 1), np.float32))
    env.close()
    assert len(films[0]) >= 3
    assert films[0][0].size == 4 * width * height * 3


def test_gymnasiums_vector_window_shows_every_row(dummy_screen, monkeypatch):
    shrink = types.ModuleType("cv2")
    shrink.resize = lambda image, size: image[
        np.linspace(0, len(image) - 1, size[1]).astype(int)[:, None],
        np.linspace(0, image.shape[1] - 1, size[0]).astype(int),
    ]
    monkeypatch.setitem(sys.modules, "cv2", shrink)
    env = gym.make_vec(NAMES[0], 3, "vector_entry_point", render_mode="rgb_array", num_threads=1)
    env = HumanRendering(env)
    env.reset(seed=1)
    env.step(np.zeros((3, 1), np.float32))
    assert dummy_screen.display.get_surface() is not None
    env.close()
