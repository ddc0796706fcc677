"""Gimbals and differential throttle: signs, limits, and that the torque taken off is given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.physics.rows import ENGINE_STATE, ENGINES
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import (
    TICK,
    engine,
    leaning,
    ring,
    steered,
    still,
    tilt,
    two_bodies,
    uneven,
    vehicle,
)

MOST, RATE = math.radians(6.0), math.radians(10.0)
REST = (0.0, 0.0, 0.0)


def gimballed(thrust=3000.0, place=(0.0, 0.0, 0.2), **changes):
    return engine(thrust, place, **{"gimbal_max": MOST, "gimbal_rate": RATE, **changes})


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_a_gimbal_turns_the_thrust_about_the_body_axes(about_x, about_y):
    """Force and torque at angles that it has reached, against SciPy's rotation and a product."""
    one = gimballed(place=(0.1, -0.2, 0.3), direction=(0.02, 0.0, 1.0), gimbal_rate=10.0, isp=1e9)
    memory = row_of(uneven([one]), [one], still(700.0), burning=[3000.0])
    options = {"torque": REST, "angles": [about_x, about_y], "tick": 0.02}
    path = fly(memory, [3000.0], 0.02, **options)
    x, y = (max(-MOST, min(MOST, angle)) for angle in (about_x, about_y))
    np.testing.assert_allclose(path.gimbals[-1, 0], [x, y], atol=1e-15)
    neutral = np.array([one.direction_x, one.direction_y, one.direction_z])
    force = 3000.0 * Rotation.from_rotvec([x, y, 0.0]).apply(neutral)
    com, tensor = two_bodies(300.0)
    turning = np.linalg.solve(tensor, np.cross(np.array([0.1, -0.2, 0.3]) - com, force))
    np.testing.assert_allclose(path.specific_force[-1], force / 700.0, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(path.omega[-1], 0.02 * turning, atol=2e-4 * np.abs(turning).max())


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_gimbal_slews_at_its_rate_to_its_limit(sign):
    one = gimballed()
    memory = row_of(vehicle([one]), [one], still(1000.0), burning=[3000.0])
    path = fly(memory, [3000.0], 1.0, torque=REST, angles=[0.0, sign * 0.5])
    t = TICK * np.arange(1, 21)
    np.testing.assert_allclose(path.gimbals[:, 0, 1], sign * np.minimum(RATE * t, MOST), atol=1e-14)
    assert not path.gimbals[:, 0, 0].any()
    back = fly(memory, [3000.0], 1.0, torque=REST)
    np.testing.assert_allclose(
        back.gimbals[:, 0, 1], sign * np.maximum(MOST - RATE * t, 0.0), atol=1e-14
    )


def demanded(lander, moments, angle):
    """Torque [N m] about x at the first tick of a lander at rest that leans by `angle` [deg]."""
    sine = math.sin(math.radians(angle))
    brake = 0.5 * lander.authority / max(moments)
    speed = min(1.25 * abs(sine), lander.rate_max, math.sqrt(2.0 * brake * abs(sine)))
    return -math.copysign(speed, sine) * 3.2 * moments[0]


@pytest.mark.parametrize("angle", [0.02, -0.05, 2.0, -20.0])
def test_gimbal_and_thrusters_together_give_the_commanded_torque(angle):
    one = gimballed(place=(0.05, -0.02, 0.3), direction=(0.01, 0.02, 1.0))
    lander = uneven([one], torque_max_xy=1e6, torque_max_z=1e6)
    memory = row_of(lander, [one], still(700.0, q=leaning(angle)), burning=[2000.0])
    path = fly(memory, [2000.0], TICK)
    com, tensor = two_bodies(300.0)
    neutral = np.array([one.direction_x, one.direction_y, one.direction_z])
    aim = Rotation.from_rotvec([*path.gimbals[0, 0], 0.0]).apply(neutral)
    given_torque = np.cross(np.array([0.05, -0.02, 0.3]) - com, 2000.0 * (aim - neutral))
    asked = [demanded(lander, np.diag(tensor), angle), 0.0, 0.0]
    np.testing.assert_allclose(given_torque + path.torque[0], asked, atol=1e-9 * abs(asked[0]))
    # Its share has the right sign, and all of it where the gimbal gets there within a tick.
    assert given_torque[0] * asked[0] > 0.0
    if abs(angle) < 0.1:
        assert given_torque[0] == pytest.approx(asked[0], rel=1e-2)
    else:
        assert abs(path.gimbals[0, 0, 0]) == pytest.approx(RATE * TICK, rel=1e-12)


def test_a_gimbal_alone_turns_and_holds_a_lander():
    """Nova-C-like: 3.1 kN under a tall body whose centre of mass is 1 cm off the axis."""
    one = gimballed(3100.0, (0.0, 0.0, 0.4))
    lander = vehicle(
        [one],
        **{"mass_dry": 775.0, "com_z_dry": 1.7, "com_z_tank": 1.7, "com_x": 0.01},
        **{"k2_x": 1.5, "k2_y": 1.5, "k2_z": 0.3, "k2_tank": 1.4},
        **{"torque_max_xy": 1e-6, "torque_max_z": 7.0, "rate_max": math.radians(5.0)},
    )
    memory = row_of(lander, [one], still(1400.0, q=leaning(20.0)), burning=[2500.0])
    path = fly(memory, [2500.0], 40.0)
    leans = tilt(path.q)
    assert leans[round(10.0 / TICK) :].max() < 0.5
    assert leans[-1] < 0.02
    assert np.abs(np.diff(path.gimbals[:, 0], axis=0)).max() <= RATE * TICK + 1e-12
    assert np.abs(path.gimbals).max() <= MOST
    # At the end the thrust goes through the centre of mass: 0.01 m beside it, 1.3 m above.
    np.testing.assert_allclose(path.gimbals[-1, 0], [0.0, math.atan(0.01 / 1.3)], atol=1e-4)
    # The other way round, or without the gimbal, it falls over.
    fixed = [one._replace(gimbal_max=0.0)]
    memory = row_of(lander, fixed, still(1400.0), burning=[2500.0])
    assert tilt(fly(memory, [2500.0], 40.0).q).max() > 90.0


def test_a_gimbal_reduces_the_load_of_the_thrusters():
    for one, steady in ((gimballed(), 0.0), (gimballed(gimbal_max=0.0), -30.0)):
        lander = vehicle([one], com_x=0.01, mass_dry=900.0)
        memory = row_of(lander, [one], still(1000.0), burning=[3000.0])
        path = fly(memory, [3000.0], 30.0)
        assert tilt(path.q)[-1] < 0.02
        assert path.torque[-1, 1] == pytest.approx(steady, abs=0.1)


@pytest.mark.parametrize(("bit", "left"), [(0.0, 1e-5), (20.0, 1.5e-3)])
def test_a_slow_gimbal_provides_only_the_steady_torque(bit, left):
    """Lunar Module: 0.2 deg/s would chase a turn; it takes the trim, the thrusters the turns.

    With a smallest impulse of the thrusters it goes to and fro by a tenth of a degree.
    """
    one = gimballed(46700.0, (0.0, 0.0, 2.3), gimbal_rate=math.radians(0.2))
    lander = vehicle(
        [one],
        **{"mass_dry": 7000.0, "com_z_dry": 3.9, "com_z_tank": 3.9, "com_y": 0.02},
        **{"k2_x": 2.4, "k2_y": 2.4, "k2_z": 2.75, "k2_tank": 2.4},
        **{"torque_max_xy": 1500.0, "torque_max_z": 1500.0, "impulse_bit": bit},
    )
    memory = row_of(lander, [one], still(15000.0, q=leaning(60.0)), burning=[27000.0])
    path = fly(memory, [27000.0], 120.0)
    leans = tilt(path.q)
    assert leans[round(20.0 / TICK) :].max() < 0.3
    angle = path.gimbals[round(60.0 / TICK) :, 0, 0].mean()
    assert angle == pytest.approx(-math.atan(0.02 / 1.6), abs=left)
    carried = 27000.0 * 1.6 * math.sin(math.atan(0.02 / 1.6))
    assert np.abs(path.torque[round(60.0 / TICK) :, 0].mean()) < 0.02 * carried


FOUR = steered(ring(4, 0.9, azimuth=45.0, thrust=400.0, throttle_min=0.1, isp=290.0))


def four_engined(**changes):
    return uneven(FOUR, steering=1.0, **{"com_x": 0.0, "com_y": 0.0, **changes})


@pytest.mark.parametrize("angle", [0.5, -0.5, 30.0])
@pytest.mark.parametrize("cant", [0.0, 10.0])
def test_engines_and_thrusters_together_give_the_commanded_torque(angle, cant):
    engines = steered(ring(4, 0.9, azimuth=30.0, cant=cant, thrust=400.0, throttle_min=0.1))
    lander = uneven(engines, steering=1.0, torque_max_xy=1e6, torque_max_z=1e6)
    memory = row_of(lander, engines, still(700.0, q=leaning(angle)), burning=[200.0] * 4)
    path = fly(memory, [200.0] * 4, TICK)
    com, tensor = two_bodies(300.0)
    change = path.commands[0] - 200.0
    given_torque = sum(
        np.cross(np.array([e.x, e.y, e.z]) - com, np.array([*e[3:6]]) * more)
        for e, more in zip(engines, change, strict=True)
    )
    asked = demanded(lander, np.diag(tensor), angle)
    np.testing.assert_allclose(given_torque + path.torque[0], [asked, 0.0, 0.0], atol=1e-8)
    assert given_torque[0] * asked > 0.0
    if abs(angle) < 1.0:  # nothing at its limit: the sum of the thrusts stays
        assert change.sum() == pytest.approx(0.0, abs=1e-9)
        assert np.abs(change).max() > 1.0
        if cant == 0.0:
            assert given_torque[0] == pytest.approx(asked, rel=1e-9)


def test_throttle_steering_alone_rotates_the_lander():
    """Without thrusters across, differential throttle holds 1 cm off and turns 20 degrees."""
    lander = four_engined(com_x=0.01, torque_max_xy=1e-6)
    memory = row_of(lander, FOUR, still(700.0, q=leaning(20.0)), burning=[200.0] * 4)
    path = fly(memory, [200.0] * 4, 40.0)
    assert tilt(path.q)[round(10.0 / TICK) :].max() < 0.5
    assert tilt(path.q)[-1] < 0.01
    x, y = np.array([e.x for e in FOUR]), np.array([e.y for e in FOUR])
    torque = np.array([(y * path.engines[-1]).sum(), -((x - 0.01) * path.engines[-1]).sum()])
    np.testing.assert_allclose(torque, 0.0, atol=0.05)


@given(st.lists(st.floats(0.0, 400.0), min_size=4, max_size=4), st.floats(-90.0, 90.0))
def test_a_shifted_thrust_stays_in_its_band_and_an_engine_that_is_off_stays_off(levels, angle):
    commands = [0.0 if level < 40.0 else level for level in levels]
    memory = row_of(four_engined(), FOUR, still(700.0, q=leaning(angle)), burning=commands)
    memory[0, ENGINES + ENGINE_STATE.health] = 0.5
    commands[0] *= 0.5
    asked = fly(memory, commands, 1.0).commands
    assert np.all(asked[:, 0] <= 200.0)
    for e, command in enumerate(commands):
        if command == 0.0:
            assert not asked[:, e].any()
        else:
            healthy = 0.5 if e == 0 else 1.0
            assert np.all(asked[:, e] >= 40.0 * healthy - 1e-12)
            assert np.all(asked[:, e] <= 400.0 * healthy + 1e-12)


def test_under_actuator_control_no_thrust_is_shifted():
    memory = row_of(four_engined(), FOUR, still(700.0, q=leaning(20.0)), burning=[200.0] * 4)
    path = fly(memory, [200.0] * 4, 1.0, torque=REST)
    assert np.all(path.commands == 200.0)
    assert not path.torque.any()
    assert not path.trim.any()


def test_the_shift_waits_for_the_dead_time():
    late = [e._replace(dead_ticks=2.0) for e in FOUR]
    memory = row_of(four_engined(), late, still(700.0, q=leaning(5.0)), burning=[200.0] * 4)
    path = fly(memory, [200.0] * 4, 0.25)
    assert np.abs(path.commands[0] - 200.0).min() > 1.0
    np.testing.assert_allclose(path.engines[:2], 200.0, rtol=1e-12)
    assert np.abs(path.engines[2] - 200.0).min() > 0.1
