"""Hands, and what they do to a lander at every level."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("pygame")

from lunar_env import LunarLandingEnv
from lunar_env.play.hands import RESERVED, Hands, hands_of, meant
from lunar_env.play.levels import LEVELS
from lunar_env.play.stick import Stick
from lunar_env.rendering.controls import Controls
from lunar_env.rendering.inputs import Held, Input


def held(*names, **axes):
    held = Held()
    held.names |= set(names)
    held.axes.update({name.replace("_", " "): value for name, value in axes.items()})
    return held


@pytest.mark.parametrize(
    ("down", "hands"),
    [
        (held(), Hands()),
        (held("up"), Hands(up=1.0)),
        (held("s", "d"), Hands(up=-1.0, right=1.0)),
        (held("up", "down", "space"), Hands(full=True)),
        (held("button 5"), Hands(full=True)),
        (held(axis_0=-0.6, axis_1=-0.5), Hands(up=0.5, right=-0.6)),
        (held("left", axis_0=-0.6), Hands(right=-1.0)),
        (held(axis_0=0.1, axis_1=-0.14), Hands()),
        (held(axis_2=-1.0, axis_5=-1.0), Hands()),  # triggers rest there
        (held("i", "l"), Hands(away=1.0, turn=1.0)),
        (held("hat down", "hat left"), Hands(away=-1.0, turn=-1.0)),
    ],
)
def test_keys_and_sticks_mean_the_same(down, hands):
    assert hands_of(down, []) == hands


def test_a_key_touched_between_two_looks_counts():
    touched = [Input("press", "up"), Input("release", "up")]
    assert hands_of(held(), touched) == Hands(up=1.0)


def test_words_of_a_player():
    touched = [Input("press", "return"), Input("release", "r"), Input("press", "button 2")]
    assert meant(touched) == ["go", "replay"]


def test_the_window_keeps_its_commands():
    """But for the choice of what to follow, each still has a key."""
    unbound = {b.command for b in Controls(reserved=RESERVED).bindings if not b.keys}
    assert unbound == {"follow"}


@pytest.fixture(params=LEVELS, ids=lambda level: level.name)
def env(request):
    env = LunarLandingEnv(scenario="ideal", control=request.param.control)
    env.reset(seed=1)
    return env


def flown(env, hands, periods):
    """The snapshot after flying with some hands."""
    stick, shot = Stick(env.settings), env.snapshot()
    stick.begin(shot)
    for _ in range(periods):
        env.step(stick.move(hands, shot.attitude))
        shot = env.snapshot()
    return stick, shot


def test_a_lander_flies_on_until_it_is_touched(env):
    arrival = env.snapshot().throttle_frac
    stick, _ = flown(env, Hands(), 10)
    assert stick.throttle == pytest.approx(arrival, abs=0.026)


def test_throttle_moves_by_half_of_full_thrust_a_second(env):
    stick, shot = flown(env, Hands(up=-1.0), 15)
    assert stick.throttle == 0.0
    assert shot.throttle_frac < 0.01
    assert flown(env, Hands(up=1.0), 5)[0].throttle == pytest.approx(0.5)


def test_full_thrust_is_held_not_set(env):
    stick, shot = flown(env, Hands(up=-0.2, full=True), 5)
    assert shot.throttle_frac > 0.95
    assert stick.throttle < 0.95


def test_keys_tilt_a_lander_to_the_right(env):
    if env.settings.control == "throttle":
        return  # an autopilot tilts it
    env.reset(seed=1)
    right = flown(env, Hands(right=1.0), 5)[1].tilt_rad
    env.reset(seed=1)
    left = flown(env, Hands(right=-1.0), 5)[1].tilt_rad
    assert right > 0.05
    assert left < -0.05


def test_a_vector_lander_flies_on_as_it_leans():
    """It flies to the right and brakes: its thrust leans to the left, until a key is touched."""
    env = LunarLandingEnv("blue-ghost-m1", "ideal", "thrust_vector", "approach")
    env.reset(seed=1)
    shot, stick = env.snapshot(), Stick(env.settings)
    stick.begin(shot)
    east, north, _ = stick.move(Hands(), shot.attitude)
    assert north == pytest.approx(shot.tilt_rad / math.radians(120.0), abs=0.02)  # flies north
    assert abs(east) < 1e-6


@pytest.mark.parametrize("mission", ["hakuto-r-m2", "slim", "apollo-11"])
def test_hands_rotate_as_the_picture_shows(mission):
    """Against the same flight with hands off: away tilts away, and a turn is to the right."""

    def after(hands):
        env = LunarLandingEnv(mission, "ideal", "actuators")
        env.reset(seed=1)
        w, x, y, z = flown(env, hands, 10)[1].attitude
        long_axis_away = 2.0 * (y * z - w * x)
        turn = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
        return long_axis_away, turn

    away, turn = after(Hands())
    assert after(Hands(away=1.0))[0] > away + 0.003
    assert after(Hands(away=-1.0))[0] < away - 0.003
    assert math.remainder(after(Hands(turn=1.0))[1] - turn, math.tau) < -0.003
    assert math.remainder(after(Hands(turn=-1.0))[1] - turn, math.tau) > 0.003
