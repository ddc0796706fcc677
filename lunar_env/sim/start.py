"""What an episode starts with: vehicle, ground, motion, navigation errors and rangefinder, drawn.

Every quantity has a distribution in the table, and a stream of random numbers of its own.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.draws import DRAW_WIDTH, draw, draw_vector, standard_deviation
from lunar_env.kernel.linalg import Quat, Vec3, cross, from_rotation_vector, multiply, normalize
from lunar_env.physics.attitude import retrograde_axis
from lunar_env.physics.rows import GROUND, VEHICLE
from lunar_env.physics.terrain import elevation, tilted_plane
from lunar_env.physics.types import Ground, State, Vehicle
from lunar_env.sensors.inertial import NavErrors, store_nav
from lunar_env.sensors.rows import UNIT
from lunar_env.sim.world import (
    MISSION,
    MISSION_DRAWS,
    NOMINAL,
    SCENARIO,
    SCENARIO_DRAWS,
    SCENARIO_WIDTH,
    SCENARIOS,
    SIGNAL_LOSS,
    START,
    START_NAMES,
    Task,
)

_RADIANS: Final = math.pi / 180.0


def _of_mission(name: str) -> np.int64:
    return np.int64(MISSION + DRAW_WIDTH * MISSION_DRAWS.index(name))


def _of_scenario(name: str) -> np.int64:
    return np.int64(DRAW_WIDTH * SCENARIO_DRAWS.index(name))


_HEIGHT: Final = _of_mission("height_m")
_V_VERTICAL: Final = _of_mission("v_vertical_scatter_m_s")
_V_LATERAL: Final = _of_mission("v_lateral_m_s")
_EAST: Final = _of_mission("position_east_m")
_NORTH: Final = _of_mission("position_north_m")
_TILT: Final = _of_mission("tilt_deg")
_SLOPE: Final = _of_mission("slope_deg")
_AZIMUTH: Final = _of_mission("slope_azimuth_deg")
_THRUST: Final = _of_mission("thrust_frac")
_ISP: Final = _of_mission("isp_frac")
_MASS: Final = _of_mission("mass_frac")
_LAG: Final = _of_mission("engine_lag_s")
_DIRECTION: Final = _of_mission("thrust_direction_deg")
_NAV_HEIGHT: Final = _of_scenario("nav_height_error_m")
_NAV_POSITION: Final = _of_scenario("nav_position_error_m")
_NAV_V_VERTICAL: Final = _of_scenario("nav_v_vertical_error_m_s")
_NAV_V_LATERAL: Final = _of_scenario("nav_v_lateral_error_m_s")
_BIAS: Final = _of_scenario("accel_bias_m_s2")
_ATTITUDE: Final = _of_scenario("attitude_error_deg")
_LOSS: Final = _of_scenario("signal_loss_dB")
_NOISE: Final = _of_scenario("range_noise_m")
_RANGE_BIAS: Final = _of_scenario("range_bias_m")
_RANGE_SCALE: Final = _of_scenario("range_scale")
_QUANTUM: Final = _of_scenario("range_quantum_m")
_PROCESSING: Final = _of_scenario("processing_s")
_EXTRA: Final = _of_scenario("extra_latency_s")
_JITTER: Final = _of_scenario("jitter_s")
_DROPOUT: Final = _of_scenario("dropout_frac")


@cold_kernel
def draw_vehicle(memory: np.ndarray, table: np.ndarray, i: int, key: np.uint64) -> None:
    """The vehicle as it really is: thrust, Isp, mass, lag and thrust direction are dispersed."""
    for k in range(GROUND - VEHICLE):
        memory[i, VEHICLE + k] = table[NOMINAL + k]
    j = VEHICLE
    memory[i, j + 1] *= 1.0 + draw(table, _THRUST, key)
    memory[i, j + 4] *= 1.0 + draw(table, _ISP, key)
    memory[i, j] *= 1.0 + draw(table, _MASS, key)
    memory[i, j + 5] = draw(table, _LAG, key)
    offset = draw_vector(table, _DIRECTION, key)
    x, y = math.sin(_RADIANS * offset.x), math.sin(_RADIANS * offset.y)
    memory[i, j + 6], memory[i, j + 7] = x, y
    memory[i, j + 8] = math.sqrt(1.0 - x * x - y * y)


@cold_kernel
def draw_ground(memory: np.ndarray, table: np.ndarray, i: int, key: np.uint64) -> None:
    """Slope and azimuth of the plane."""
    slope = _RADIANS * abs(draw(table, _SLOPE, key))
    azimuth = _RADIANS * draw(table, _AZIMUTH, key)
    ground = tilted_plane(slope, azimuth)
    memory[i, GROUND] = ground.normal_x
    memory[i, GROUND + 1] = ground.normal_y
    memory[i, GROUND + 2] = ground.normal_z


@cold_kernel
def or_drawn(option: float, drawn: float) -> float:
    """The value that `reset` was given, else the drawn one."""
    return drawn if math.isnan(option) else option


@cold_kernel
def draw_start(
    memory: np.ndarray,
    table: np.ndarray,
    i: int,
    key: np.uint64,
    task: Task,
    vehicle: Vehicle,
    ground: Ground,
) -> State:
    """Motion at the start: the believed state lies on the plan, the true one beside it.

    The height is drawn for the lander's belief; the true height is the belief minus its error.
    """
    scenario = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    drawn = draw(table, scenario + _NAV_HEIGHT, key)
    error = or_drawn(memory[i, START + 3], drawn)
    height = or_drawn(memory[i, START], draw(table, _HEIGHT, key) - error)
    fall = max(height + error, 0.0) * 2.0 * task.plan_deceleration
    plan = -math.sqrt(task.plan_touchdown_speed * task.plan_touchdown_speed + fall)
    scatter = draw(table, _V_VERTICAL, key)
    v_z = or_drawn(memory[i, START + 1], plan + scatter)
    lateral = draw_vector(table, _V_LATERAL, key)
    v_x = or_drawn(memory[i, START + 2], lateral.x)
    v = Vec3(v_x, lateral.y if math.isnan(memory[i, START + 2]) else 0.0, v_z)
    x = draw(table, _EAST, key)
    y = draw(table, _NORTH, key)
    r = Vec3(x, y, height + vehicle.cg_height + elevation(x, y, ground))
    # Dead reckoning knows heights above the target; the ground under the start lies elsewhere.
    draw_nav(memory, table, scenario, i, key, error - elevation(x, y, ground))

    lean = draw_vector(table, _TILT, key)
    tilt = from_rotation_vector(Vec3(_RADIANS * lean.x, _RADIANS * lean.y, 0.0))
    q = multiply(point_along(retrograde_axis(v, height + error)), tilt)
    mass = vehicle.mass_dry + task.propellant
    weight = mass * (task.mu / task.radius**2 + task.plan_deceleration)
    for k in range(START, START + len(START_NAMES)):
        memory[i, k] = math.nan
    return State(r, v, q, Vec3(0.0, 0.0, 0.0), mass, min(vehicle.thrust_max, weight))


@cold_kernel
def point_along(axis: Vec3) -> Quat:
    """Shortest rotation that brings the body's z axis to `axis`."""
    turn = cross(Vec3(0.0, 0.0, 1.0), axis)
    return normalize(Quat(1.0 + axis.z, turn.x, turn.y, turn.z))


@cold_kernel
def draw_nav(
    memory: np.ndarray,
    table: np.ndarray,
    scenario: int,
    i: int,
    key: np.uint64,
    height_error: float,
) -> None:
    """Errors of dead reckoning, believed minus true."""
    position = draw_vector(table, scenario + _NAV_POSITION, key)
    lateral = draw_vector(table, scenario + _NAV_V_LATERAL, key)
    vertical = draw(table, scenario + _NAV_V_VERTICAL, key)
    turn = draw_vector(table, scenario + _ATTITUDE, key)
    errors = NavErrors(
        Vec3(position.x, position.y, height_error),
        Vec3(lateral.x, lateral.y, vertical),
        draw_vector(table, scenario + _BIAS, key),
        from_rotation_vector(Vec3(_RADIANS * turn.x, _RADIANS * turn.y, _RADIANS * turn.z)),
        standard_deviation(table, scenario + _NAV_POSITION),
        standard_deviation(table, scenario + _NAV_HEIGHT),
        standard_deviation(table, scenario + _NAV_V_VERTICAL),
        standard_deviation(table, scenario + _NAV_V_LATERAL),
        standard_deviation(table, scenario + _BIAS),
        _RADIANS * standard_deviation(table, scenario + _ATTITUDE),
    )
    store_nav(memory, i, errors)


@cold_kernel
def draw_unit(memory: np.ndarray, table: np.ndarray, i: int, key: np.uint64, task: Task) -> None:
    """The rangefinder of this episode: its loss of signal, errors and delays."""
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    loss = draw(table, s + _LOSS, key)
    latency = draw(table, s + _PROCESSING, key)
    latency += draw(table, s + _EXTRA, key)
    memory[i, SIGNAL_LOSS] = loss
    memory[i, UNIT] = task.albedo * 10.0 ** (-0.1 * loss)
    memory[i, UNIT + 1] = draw(table, s + _NOISE, key)
    memory[i, UNIT + 2] = draw(table, s + _RANGE_BIAS, key)
    memory[i, UNIT + 3] = draw(table, s + _RANGE_SCALE, key)
    memory[i, UNIT + 4] = draw(table, s + _QUANTUM, key)
    memory[i, UNIT + 5] = latency
    memory[i, UNIT + 6] = draw(table, s + _JITTER, key)
    memory[i, UNIT + 7] = draw(table, s + _DROPOUT, key)
