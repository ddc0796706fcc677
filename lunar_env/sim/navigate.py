"""Dead reckoning within the step: draw of the IMU's errors, and their propagation."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.draws import draw, draw_vector, standard_deviation
from lunar_env.kernel.linalg import Quat, Vec3, axpy, from_rotation_vector, rotate
from lunar_env.kernel.rng import STREAM_ANGLE_WALK, STREAM_VELOCITY_WALK, normal
from lunar_env.physics.attitude import to_local_vertical
from lunar_env.physics.rows import load_state
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site, State
from lunar_env.sensors.covariance import (
    ATTITUDE_ERROR,
    POSITION,
    VELOCITY,
    clear_covariance,
    set_initial_error,
    update_covariance,
)
from lunar_env.sensors.inertial import add_random_walk, dead_reckon, measured_rate, propagate_errors
from lunar_env.sensors.rows import (
    load_imu,
    load_nav,
    load_velocity_gain,
    store_driving_sigmas,
    store_imu,
    store_nav,
    store_velocity_gain,
)
from lunar_env.sensors.types import DrivingSigmas, ImuErrors, NavErrors
from lunar_env.sim.table import SCENARIO_WIDTH, SCENARIOS, of_inertial, of_scenario
from lunar_env.sim.world import EPISODE, SCENARIO, load_force

_RADIANS: Final = math.pi / 180.0
_SAME_TIME: Final = 1e-6  # s, tolerance for the rounding of step times
_COVARIANCE_PERIOD_S: Final = 2.0
_NAV_HEIGHT: Final = of_scenario("nav_height_error_m")
_NAV_SIGMA: Final = of_scenario("nav_height_sigma_m")
_NAV_POSITION: Final = of_scenario("nav_position_error_m")
_NAV_V_VERTICAL: Final = of_scenario("nav_v_vertical_error_m_s")
_NAV_V_LATERAL: Final = of_scenario("nav_v_lateral_error_m_s")
_ADDED_BIAS: Final = of_scenario("accel_bias_m_s2")
_ADDED_TURN: Final = of_scenario("attitude_error_deg")
_ACCEL_BIAS: Final = of_inertial("accel_bias")
_ACCEL_SCALE: Final = of_inertial("accel_scale")
_GYRO_BIAS: Final = of_inertial("gyro_bias")
_GYRO_SCALE: Final = of_inertial("gyro_scale")
_MISALIGNMENT: Final = of_inertial("misalignment")
_ACROSS: Final = of_inertial("star_tracker_across")
_ALONG: Final = of_inertial("star_tracker_along")
_VELOCITY_WALK: Final = of_inertial("velocity_walk")
_ANGLE_WALK: Final = of_inertial("angle_walk")


@kernel
def update_navigation(memory: np.ndarray, key: np.uint64, i: int, site: Site) -> None:
    """Propagate the errors of dead reckoning over the step that has just ended.

    The random walks have an increment every second; the covariance is updated every two seconds.
    """
    state, t, before = load_state(memory, i), memory[i, EPISODE.time], load_nav(memory, i)
    force = load_force(memory, i)
    imu = load_imu(memory, i)
    errors, force_L = propagate_errors(before, imu, state, force, t, site)
    dt = t - before.time
    store_velocity_gain(memory, i, axpy(dt, force_L, load_velocity_gain(memory, i)))
    second = math.floor(t + _SAME_TIME)
    passed = second - math.floor(before.time + _SAME_TIME)
    if passed > 0:
        root = math.sqrt(passed)
        if imu.velocity_walk > 0.0 or imu.angle_walk > 0.0:
            velocity = random_step(key, STREAM_VELOCITY_WALK, int(second), imu.velocity_walk * root)
            angle = random_step(key, STREAM_ANGLE_WALK, int(second), imu.angle_walk * root)
            errors = add_random_walk(errors, velocity, angle)
    if covariance_due(before.time, t):
        believed, rate = dead_reckon(state, errors, t), measured_rate(imu, state.omega)
        update_covariance(memory, i, imu, believed, rate, t, site)
    store_nav(memory, i, errors)


@inline_kernel
def covariance_due(before: float, t: float) -> bool:
    """Whether the covariance is updated in a step from time `before` [s] to `t` [s]."""
    periods = math.floor((t + _SAME_TIME) / _COVARIANCE_PERIOD_S)
    return bool(periods > math.floor((before + _SAME_TIME) / _COVARIANCE_PERIOD_S))


@kernel
def random_step(key: np.uint64, stream: np.int64, second: int, size: float) -> Vec3:
    """Increment of a random walk in a second of flight: three normal draws of 1 sigma `size`."""
    x, y, z = 0.0, 0.0, 0.0
    for k in range(3):
        x, y, z = y, z, size * normal(key, stream, 3 * second + k)
    return Vec3(x, y, z)


@kernel
def draw_navigation(
    memory: np.ndarray,
    table: np.ndarray,
    i: int,
    key: np.uint64,
    height_error: float,
    state: State,
    site: Site,
) -> None:
    """Draw the errors of the IMU and of the initial dead-reckoned state, believed minus true.

    `height_error` [m] is along the local vertical. The biases and attitude errors of the scenario
    are added to those of the IMU.
    """
    scenario, up = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]), vertical(state.r, site)
    position = draw_vector(table, scenario + _NAV_POSITION, key)
    lateral = draw_vector(table, scenario + _NAV_V_LATERAL, key)
    climb = draw(table, scenario + _NAV_V_VERTICAL, key)
    along = draw_vector(table, scenario + _ALONG, key)
    across = draw_vector(table, scenario + _ACROSS, key)
    turn = draw_vector(table, scenario + _ADDED_TURN, key)
    turn = axpy(_RADIANS, turn, Vec3(along.x, across.y, across.z))
    errors = NavErrors(
        to_local_vertical(Vec3(position.x, position.y, height_error), up),
        to_local_vertical(Vec3(lateral.x, lateral.y, climb), up),
        from_rotation_vector(rotate(state.q, turn)),
        state.omega,
        0.0,
    )
    store_nav(memory, i, errors)
    bias = draw_vector(table, scenario + _ACCEL_BIAS, key)
    imu = ImuErrors(
        axpy(1.0, draw_vector(table, scenario + _ADDED_BIAS, key), bias),
        draw_vector(table, scenario + _ACCEL_SCALE, key),
        draw_vector(table, scenario + _GYRO_BIAS, key),
        draw_vector(table, scenario + _GYRO_SCALE, key),
        draw_vector(table, scenario + _MISALIGNMENT, key),
        draw(table, scenario + _VELOCITY_WALK, key),
        draw(table, scenario + _ANGLE_WALK, key),
    )
    store_imu(memory, i, imu)
    believed = dead_reckon(state, errors, 0.0)
    init_covariance(memory, table, scenario, i, key, up, believed.q)
    update_covariance(memory, i, imu, believed, measured_rate(imu, state.omega), 0.0, site)


@kernel
def init_covariance(
    memory: np.ndarray,
    table: np.ndarray,
    scenario: int,
    i: int,
    key: np.uint64,
    up: Vec3,
    q: Quat,
) -> None:
    """Initialize the covariance: 1 sigma of the distribution that each error is drawn from.

    The scenario may state another sigma for the error of height.
    """
    clear_covariance(memory, i)
    horizontal = standard_deviation(table, scenario + _NAV_POSITION)
    stated = draw(table, scenario + _NAV_SIGMA, key)
    height = stated if stated >= 0.0 else standard_deviation(table, scenario + _NAV_HEIGHT)
    v_lateral = standard_deviation(table, scenario + _NAV_V_LATERAL)
    v_vertical = standard_deviation(table, scenario + _NAV_V_VERTICAL)
    added = _RADIANS * standard_deviation(table, scenario + _ADDED_TURN)
    along = math.hypot(added, standard_deviation(table, scenario + _ALONG))
    across = math.hypot(added, standard_deviation(table, scenario + _ACROSS))
    bias = standard_deviation(table, scenario + _ACCEL_BIAS)
    x, y, z = Vec3(1.0, 0.0, 0.0), Vec3(0.0, 1.0, 0.0), Vec3(0.0, 0.0, 1.0)
    zero = Vec3(0.0, 0.0, 0.0)
    for k in range(3):
        axis = x if k == 0 else (y if k == 1 else z)
        direction, lateral = to_local_vertical(axis, up), k < 2
        position = axpy(horizontal if lateral else height, direction, zero)
        velocity = axpy(v_lateral if lateral else v_vertical, direction, zero)
        attitude = axpy(along if k == 0 else across, rotate(q, axis), zero)
        set_initial_error(memory, i, POSITION, k, position)
        set_initial_error(memory, i, VELOCITY, k, velocity)
        set_initial_error(memory, i, ATTITUDE_ERROR, k, attitude)
    added_bias = standard_deviation(table, scenario + _ADDED_BIAS)
    drives = DrivingSigmas(
        accel_bias=math.hypot(bias, added_bias),
        accel_scale=standard_deviation(table, scenario + _ACCEL_SCALE),
        gyro_bias=standard_deviation(table, scenario + _GYRO_BIAS),
        gyro_scale=standard_deviation(table, scenario + _GYRO_SCALE),
        misalignment=standard_deviation(table, scenario + _MISALIGNMENT),
    )
    store_driving_sigmas(memory, i, drives)
