"""The autopilot's authority: what it holds, with an engine out too, and where that ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, ENGINES
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import (
    POINT_MOON,
    TICK,
    engine,
    ring,
    steered,
    still,
    tilt,
    vehicle,
)

ONE = [engine(1600.0)]


def after(seconds, path):
    return tilt(path.q)[round(seconds / TICK) :]


@pytest.mark.parametrize("degrees", [0.2, 1.0, 3.0])
def test_the_trim_compensates_for_a_misaligned_engine(degrees):
    """Within 0.1 degrees after 15 s; the thrusters then carry arm times lateral thrust."""
    lean = math.radians(degrees)
    crooked = [engine(1600.0, direction=(math.sin(lean), 0.0, math.cos(lean)), isp=1e5)]
    path = fly(row_of(vehicle(crooked), crooked, still()), [1600.0], 60.0)
    assert after(15.0, path).max() < 0.1
    assert path.torque[-1, 1] == pytest.approx(1600.0 * math.sin(lean), rel=1e-3)
    assert path.trim[-1, 1] == pytest.approx(path.torque[-1, 1], rel=1e-3)


def test_saturated_thrusters_do_not_change_the_trim():
    """A torque 1 % beyond the thrusters for 5 s, then none: it comes back without shooting past."""
    beyond = [engine(1600.0, place=(1.01 * 100.0 / 1600.0, 0.0, 0.0))]
    memory = row_of(vehicle(beyond), beyond, still(), burning=[1600.0])
    lost = fly(memory, [1600.0], 5.0)
    assert tilt(lost.q)[-1] > 20.0
    assert np.abs(lost.trim).max() < 30.0
    back = fly(memory, [0.0], 30.0)
    assert after(8.0, back).max() < 0.6
    # The turn was about -y: it does not come out on the other side.
    assert lost.q[-1, 2] < 0.0
    assert back.q[:, 2].max() < math.radians(0.25)


def test_thirty_seconds_beyond_the_authority_do_not_wind_up_the_trim():
    """A tumble that nothing could hold; 30 s later the torque is gone and it recovers."""
    beyond = [engine(1600.0, place=(1.3 * 100.0 / 1600.0, 0.0, 0.0), isp=1e5)]
    memory = row_of(vehicle(beyond), beyond, still(), burning=[1600.0])
    assert np.abs(fly(memory, [1600.0], 30.0).omega[-1]).max() > 2.0
    back = fly(memory, [0.0], 60.0)
    assert after(30.0, back).max() < 0.1
    assert np.abs(back.omega[-1]).max() < 1e-3


# An engine out, and where the authority ends.


def without(dead, engines, lander, mass, level, seconds=60.0, site=POINT_MOON):
    """Path after an engine dies under a steady command for the others."""
    commands = [level * e.thrust_max for e in engines]
    memory = row_of(lander, engines, still(mass, (0.0, 0.0, 2e4)), burning=commands)
    memory[0, ENGINES + ENGINE_WIDTH * dead + ENGINE_STATE.health] = 0.0
    commands[dead] = 0.0
    return fly(memory, commands, seconds, site=site)


STEERED = steered(ring(4, 0.9, azimuth=45.0, thrust=400.0, lag_up=0.1, lag_down=0.1, dead_ticks=1))


def blue_ghost(engines):
    wide = {"k2_x": 0.64, "k2_y": 0.64, "k2_z": 0.85, "k2_tank": 0.7}
    return vehicle(engines, steering=1.0, torque_max_xy=60.0, torque_max_z=30.0, **wide)


@pytest.mark.parametrize("dead", [0, 1, 2, 3])
@pytest.mark.parametrize("level", [0.4, 0.9])
def test_one_of_four_engines_out_is_balanced_by_throttle_steering(dead, level):
    """Blue-Ghost-like: the opposite engine goes down until the torques balance."""
    lander = blue_ghost(STEERED)
    path = without(dead, STEERED, lander, 750.0, level)
    assert after(0.0, path).max() < 20.0
    assert after(20.0, path).max() < 0.1
    opposite = path.engines[-1, (dead + 2) % 4]
    # 60 N m of thrusters at 0.9 m hold 94 N at most; what is more went off the opposite engine.
    assert opposite * 0.9 * math.sqrt(0.5) <= 60.0 + 1.0
    assert path.engines[-1, dead] < 1e-6


def test_one_of_four_engines_out_with_a_high_throttle_floor_tumbles():
    """At a floor of 60 % the opposite engine gives 153 N m about each axis, the thrusters 60."""
    high = [e._replace(throttle_min=0.6) for e in STEERED]
    lander = blue_ghost(high)
    assert 0.6 * 400.0 * 0.9 * math.sqrt(0.5) > 2.0 * 60.0
    assert np.abs(without(0, high, lander, 750.0, 0.9).omega[-1]).max() > 1.0


def peregrine(torque):
    """Five engines of 667 N: one in the middle, four around at 0.45 m; thrusters steer."""
    engines = [engine(667.0), *ring(4, 0.45, azimuth=45.0, thrust=667.0)]
    lander = vehicle(
        engines, mass_dry=450.0, torque_max_xy=torque, torque_max_z=torque, k2_x=0.46, k2_y=0.46
    )
    return engines, lander


@pytest.mark.parametrize(
    ("dead", "level", "holds"), [(0, 0.9, True), (1, 0.35, True), (1, 0.5, False), (1, 0.9, False)]
)
def test_one_of_five_engines_out_is_balanced(dead, level, holds):
    """90 N m hold an outer engine's loss up to 283 N at 0.32 m about each axis: 42 % throttle."""
    engines, lander = peregrine(90.0)
    assert (level * 667.0 * 0.45 * math.sqrt(0.5) < 90.0 or dead == 0) == holds
    path = without(dead, engines, lander, 700.0, level)
    if holds:
        assert after(20.0, path).max() < 0.1
    else:
        assert after(0.0, path).max() > 120.0
        assert np.abs(path.omega[-1]).max() > 1.0
        assert np.isfinite(path.motion).all()


@pytest.mark.parametrize(("miss", "holds"), [(0.1, True), (0.13, True), (0.15, False)])
def test_one_of_two_engines_out_is_balanced_by_the_thrusters(miss, holds):
    """SLIM-like: 500 N whose line passes `miss` from the centre of mass, 70 N m of thrusters.

    The lines of two engines lean in; 0.14 m is where the thrusters' torque ends.
    """
    engines = ring(2, miss, z=0.2, thrust=500.0)
    lander = vehicle(
        *(engines,),
        **{"mass_dry": 202.0, "com_z_dry": 0.9, "com_z_tank": 0.9, "torque_max_xy": 70.0},
        **{"torque_max_z": 35.0, "k2_x": 0.656, "k2_y": 0.656, "impulse_bit": 0.4},
    )
    assert (500.0 * miss < 70.0) == holds
    path = without(0, engines, lander, 350.0, 1.0)
    if holds:
        assert after(25.0, path).max() < 0.1
        assert path.torque[-200:, 1].mean() == pytest.approx(500.0 * miss * -1.0, rel=0.02)
    else:
        assert after(0.0, path).max() > 90.0
