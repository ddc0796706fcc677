"""An environment that is drawn: every id, the ground, the window, and no effect on the flight."""

import numpy as np
import pytest

from lunar_env import LunarLandingEnv
from tests.envs.flying import NAMES, exact, random_actions, single, throttle, truth, vector


def test_the_user_closes_the_window_and_the_flight_goes_on(monkeypatch):
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
    (frame,) = batch.render()
    assert np.array_equal(frame, first)


def test_the_ground_in_the_picture_is_the_ground():
    """The profile passes under the lander and agrees with what the beam meets."""
    env = LunarLandingEnv("hakuto-r-m1", scenario=exact())
    env.reset(seed=4, options={"start": {"height_m": 900.0}})
    shot = env.snapshot()
    xs, elevations = (np.array(part) for part in zip(*shot.ground, strict=True))
    assert (np.diff(xs) > 0.0).all()
    assert xs[0] < shot.x_m < xs[-1]
    assert np.ptp(elevations) > 1.0
    under = np.interp(shot.x_m, xs, elevations)
    assert under == pytest.approx(shot.elevation_m, abs=0.02 * np.ptp(xs))
    pads = truth(env, "altitude_m") - truth(env, "height_m")
    assert shot.elevation_m == pytest.approx(pads, abs=10.0)


def test_rendering_changes_nothing_of_the_flight():
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
