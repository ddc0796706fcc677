"""Drawn errors of navigation, their growth over a burn, and what the designers know of them."""

import math

import numba
import numpy as np
import pytest

from lunar_env.envs.settings import DEFAULT_REWARD
from lunar_env.kernel.draws import draw
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.rows import store_state
from lunar_env.physics.types import State
from lunar_env.sensors.covariance import ATTITUDE_ERROR, POSITION, VELOCITY, variance_along
from lunar_env.sensors.rows import MEMORY_WIDTH, load_imu, load_nav, load_sigmas
from lunar_env.sensors.types import ImuErrors
from lunar_env.sim.fields import ACTION_FIELDS
from lunar_env.sim.frame import frame_fields
from lunar_env.sim.navigate import draw_navigation, update_navigation
from lunar_env.sim.table import SCENARIOS, of_scenario
from lunar_env.sim.world import EPISODE
from lunar_env.specs import load_inertial, load_mission, load_scenario
from lunar_env.specs.pack import pack
from tests.envs.flying import exact
from tests.physics.landers import NOWHERE, TURNING_MOON
from tests.sensors.strapdown import fly_burn
from tests.sensors.test_inertial import BURNS, hovering

DRAWS = 5000
G0 = 9.80665
WHOLE_UNIT = exact(inertial_frac=1.0)
HEIGHT = int(of_scenario("nav_height_error_m"))
PERFECT_IMU = {
    **{"gyro_bias_deg_h": 0.0, "angle_walk_deg_sqrt_h": 0.0, "gyro_scale_ppm": 0.0},
    **{"accel_bias_ug": 0.0, "velocity_walk_ug_sqrt_Hz": 0.0, "accel_scale_ppm": 0.0},
    **{"misalignment_deg": 0.0},
    **{"star_tracker_across_arcsec": 0.0, "star_tracker_along_arcsec": 0.0},
}


def table_of(scenario=WHOLE_UNIT, grade="tactical", **changes):
    """A table for an IMU of a grade with some numbers changed."""
    unit = load_inertial(grade).to_table()
    mission = load_mission("hakuto-r-m2").replace(inertial={**unit, **changes})
    frame = frame_fields("terminal", ACTION_FIELDS)
    return pack(mission, "terminal", "throttle", [scenario], DEFAULT_REWARD, 200.0, frame)


@numba.njit
def _state(flight, k):
    q = flight.q
    return State(
        Vec3(flight.r[k, 0], flight.r[k, 1], flight.r[k, 2]),
        Vec3(flight.v[k, 0], flight.v[k, 1], flight.v[k, 2]),
        Quat(q[k, 0], q[k, 1], q[k, 2], q[k, 3]),
        Vec3(flight.omega[k, 0], flight.omega[k, 1], flight.omega[k, 2]),
        1.0,
        0.0,
    )


@numba.njit
def _fly(flight, table, keys, site):
    """Errors of every key at the end (r, v, twice the vector part of the turn), the last's row."""
    found = np.empty((keys.size, 9))
    memory = np.zeros((1, MEMORY_WIDTH))
    for n in range(keys.size):
        height = draw(table, SCENARIOS + HEIGHT, keys[n])
        draw_navigation(memory, table, 0, keys[n], height, _state(flight, 0), site)
        for k in range(1, flight.time.size):
            store_state(memory, 0, _state(flight, k))
            memory[0, EPISODE.time] = flight.time[k]
            for axis in range(3):
                memory[0, EPISODE.force.x + axis] = flight.mean_force[k, axis]
            update_navigation(memory, keys[n], 0, site)
        e = load_nav(memory, 0)
        found[n, 0], found[n, 1], found[n, 2] = e.r.x, e.r.y, e.r.z
        found[n, 3], found[n, 4], found[n, 5] = e.v.x, e.v.y, e.v.z
        a = e.attitude
        found[n, 6], found[n, 7], found[n, 8] = 2.0 * a.x, 2.0 * a.y, 2.0 * a.z
    return found, memory


def fly(flight, table, count=1, site=TURNING_MOON, first=1):
    keys = np.arange(first, first + count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return _fly(flight, table, keys, site)


def one_sigmas(memory):
    """Of the errors in the order of `_fly`, along the axes of L."""
    axes = (Vec3(1.0, 0.0, 0.0), Vec3(0.0, 1.0, 0.0), Vec3(0.0, 0.0, 1.0))
    parts = (POSITION, VELOCITY, ATTITUDE_ERROR)
    return np.sqrt([variance_along(memory, 0, part, axis) for part in parts for axis in axes])


@pytest.mark.parametrize("burn", BURNS)
@pytest.mark.parametrize(
    ("scenario", "grade"),
    [
        (WHOLE_UNIT, "navigation"),
        (WHOLE_UNIT, "tactical"),
        (WHOLE_UNIT, "mems"),
        (load_scenario("noisy"), "tactical"),
    ],
    ids=["navigation", "tactical", "mems", "tactical-noisy"],
)
def test_one_sigma_covers_68_per_cent_of_the_episodes(burn, scenario, grade):
    """Position, velocity and attitude, per axis of L."""
    seconds, high = BURNS[burn]
    flight = fly_burn(seconds, TURNING_MOON, high=high)
    found, memory = fly(flight, table_of(scenario, grade), DRAWS)
    inside = np.mean(np.abs(found) < one_sigmas(memory), axis=0)
    np.testing.assert_allclose(inside, 0.6827, atol=0.03)


@pytest.mark.parametrize("burn", BURNS)
def test_observed_sigmas_refer_to_the_local_axes(burn):
    """Height and climb along the vertical at the lander, the others of one axis across it."""
    seconds, high = BURNS[burn]
    flight = fly_burn(seconds, TURNING_MOON, high=high)
    found, memory = fly(flight, table_of(load_scenario("noisy")), DRAWS)
    up = flight.r[-1] + [0.0, 0.0, TURNING_MOON.radius]
    up /= np.linalg.norm(up)
    sigmas = load_sigmas(memory, 0)
    for part, along, across in ((0, sigmas.height, sigmas.horizontal), (1, *sigmas[2:4])):
        error = found[:, 3 * part : 3 * part + 3]
        rise = error @ up
        rest = np.sum(error**2, axis=1) - rise**2
        assert along == pytest.approx(rise.std(), rel=0.05)
        assert across == pytest.approx(math.sqrt(0.5 * rest.mean()), rel=0.05)
    turn = math.sqrt(np.mean(found[:, 6:] ** 2))
    assert sigmas.attitude == pytest.approx(turn, rel=0.05)


def test_a_bias_of_300_micro_g_gives_its_sigma_after_720_s():
    """763 m and 2.1 m/s where no gravity bends it."""
    table = table_of(**{**PERFECT_IMU, "accel_bias_ug": 300.0})
    sigmas = load_sigmas(fly(hovering(720.0), table, site=NOWHERE)[1], 0)
    assert sigmas.height == pytest.approx(763.0, abs=1.0)
    assert sigmas.horizontal == pytest.approx(763.0, abs=1.0)
    assert sigmas.v_vertical == pytest.approx(2.12, abs=0.01)
    assert sigmas.v_lateral == pytest.approx(2.12, abs=0.01)
    assert sigmas.attitude == 0.0


def test_random_walks_grow_with_the_root_of_time():
    walks = {"angle_walk_deg_sqrt_h": 0.15, "velocity_walk_ug_sqrt_Hz": 119.0}
    found, memory = fly(hovering(100.0, 0.0), table_of(**{**PERFECT_IMU, **walks}), 2000, NOWHERE)
    velocity, angle = 119e-6 * G0, math.radians(0.15) / 60.0
    np.testing.assert_allclose(found[:, 3:6].std(axis=0), 10.0 * velocity, rtol=0.06)
    np.testing.assert_allclose(found[:, 6:].std(axis=0), 10.0 * angle, rtol=0.06)
    # The position is that of a velocity that walks: the root of t^3/3.
    np.testing.assert_allclose(found[:, :3].std(axis=0), velocity * math.sqrt(1e6 / 3), rtol=0.06)
    sigmas = load_sigmas(memory, 0)
    assert sigmas.v_lateral == pytest.approx(10.0 * velocity, rel=1e-9)
    assert sigmas.attitude == pytest.approx(10.0 * angle, rel=1e-9)


def test_the_star_tracker_sets_the_attitude_error_about_each_body_axis():
    arcsec = math.radians(1.0 / 3600.0)
    start = hovering(0.0)
    tracker = {"star_tracker_across_arcsec": 10.0, "star_tracker_along_arcsec": 50.0}
    found, memory = fly(start, table_of(**{**PERFECT_IMU, **tracker}), DRAWS)
    np.testing.assert_allclose(found[:, 6:].std(axis=0), np.array([50, 10, 10]) * arcsec, rtol=0.04)
    np.testing.assert_allclose(one_sigmas(memory)[6:], np.array([50, 10, 10]) * arcsec, rtol=1e-6)
    # It is fixed to the body: turned by 90 degrees about y, its axis points down.
    misalignment = start._replace(q=np.array([[math.sqrt(0.5), 0.0, math.sqrt(0.5), 0.0]]))
    found, memory = fly(misalignment, table_of(**{**PERFECT_IMU, **tracker}), DRAWS)
    np.testing.assert_allclose(found[:, 6:].std(axis=0), np.array([10, 10, 50]) * arcsec, rtol=0.04)
    np.testing.assert_allclose(one_sigmas(memory)[6:], np.array([10, 10, 50]) * arcsec, rtol=1e-6)


@pytest.mark.parametrize(
    ("figure", "touched"),
    [
        ("accel_bias_ug", "accel_bias"),
        ("accel_scale_ppm", "accel_scale"),
        ("gyro_bias_deg_h", "gyro_bias"),
        ("gyro_scale_ppm", "gyro_scale"),
        ("misalignment_deg", "misalignment"),
        ("velocity_walk_ug_sqrt_Hz", "velocity_walk"),
        ("angle_walk_deg_sqrt_h", "angle_walk"),
    ],
)
def test_switching_one_error_off_changes_no_other_draw(figure, touched):
    """To the bit."""
    start = hovering(0.0)
    one, other = (
        load_imu(fly(start, table_of(load_scenario("noisy"), **changes))[1], 0)
        for changes in ({}, {figure: 0.0})
    )
    for name in ImuErrors._fields:
        same = getattr(one, name) == getattr(other, name)
        assert same == (name != touched), name
    assert np.all(np.array(getattr(other, touched)) == 0.0)


def test_velocity_random_walk_does_not_change_that_of_the_attitude():
    flight = hovering(20.0)
    noisy = load_scenario("noisy")
    one = fly(flight, table_of(noisy))[0][0]
    other = fly(flight, table_of(noisy, velocity_walk_ug_sqrt_Hz=0.0))[0][0]
    assert np.array_equal(one[6:], other[6:])
    assert not np.array_equal(one[3:6], other[3:6])


def test_an_ideal_unit_has_only_the_initial_errors():
    flight = hovering(30.0)
    found, memory = fly(flight, table_of(load_scenario("ideal")), site=NOWHERE)
    start = fly(hovering(0.0), table_of(load_scenario("ideal")), site=NOWHERE)[0]
    assert load_imu(memory, 0) == ImuErrors(*[Vec3(0.0, 0.0, 0.0)] * 5, 0.0, 0.0)
    assert np.array_equal(found[0, 3:], start[0, 3:])
    np.testing.assert_allclose(found[0, :3], start[0, :3] + 30.0 * start[0, 3:6], rtol=1e-12)


def test_scenario_errors_add_to_those_of_the_unit():
    """Its biases and attitude errors are added, its factor applies to all errors of the IMU."""
    start = hovering(0.0)
    more = exact(inertial_frac=2.0, accel_bias_m_s2={"normal": [0.0, 0.004]})
    biases = np.array([load_imu(fly(start, table_of(more), first=k)[1], 0)[0] for k in range(400)])
    both = math.hypot(0.004, 2.0 * 300e-6 * G0)
    np.testing.assert_allclose(biases.std(), both, rtol=0.08)
    turned = exact(attitude_error_deg={"normal": [0.0, 0.1]})
    memory = fly(start, table_of(turned))[1]
    assert load_sigmas(memory, 0).attitude == pytest.approx(math.radians(0.1))
