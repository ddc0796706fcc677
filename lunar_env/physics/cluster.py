"""The engines of the lanes: what each pushes over a tick, and the sums that move a lander."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, cross
from lunar_env.kernel.rng import Index
from lunar_env.physics.lanes import (
    AIM,
    ASKED,
    BURNED,
    CLUSTER,
    COMMAND,
    DECAY_DOWN,
    DECAY_UP,
    DEMAND,
    EFFECTIVE,
    FORCES,
    MOMENTS,
    NOW,
    THRUST_BEFORE,
    THRUST_END,
    TORQUE,
    N,
    lane_vec,
    lane_vehicle,
    set_lane_vec,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.propulsion import Thrust, lag_of, thrust_in
from lunar_env.physics.rows import ENGINE_WIDTH, ENGINES, LIT, PENDING, THRUST
from lunar_env.physics.types import Engine

_FIELDS = Engine._fields
PLACE: Final = _FIELDS.index("x")
DIRECTION: Final = _FIELDS.index("direction_x")
THRUST_MAX: Final = _FIELDS.index("thrust_max")
FLOOR: Final = _FIELDS.index("throttle_min")
FLOW: Final = _FIELDS.index("flow")
LAG_UP: Final = _FIELDS.index("lag_up")
LAG_DOWN: Final = _FIELDS.index("lag_down")
DEAD: Final = _FIELDS.index("dead_ticks")
GIMBAL_MAX: Final = _FIELDS.index("gimbal_max")
GIMBAL_RATE: Final = _FIELDS.index("gimbal_rate")
STEER: Final = _FIELDS.index("steer_x")
WIDTH: Final = N * ENGINE_WIDTH


@kernel
def board_engine(
    x: np.ndarray, lane: int, memory: np.ndarray, i: int, e: int, command: float, tick: float
) -> None:
    """Take an engine of row `i` into a lane, with its command [N] for the step."""
    at = CLUSTER + WIDTH * e + lane
    row = ENGINES + ENGINE_WIDTH * e
    for k in range(ENGINE_WIDTH):
        x[at + N * k] = memory[i, row + k]
    j = N * e + lane
    x[COMMAND + j], x[ASKED + j] = command, command
    up, down = memory[i, row + LAG_UP], memory[i, row + LAG_DOWN]
    x[DECAY_UP + j] = math.exp(-0.5 * tick / up)
    x[DECAY_DOWN + j] = x[DECAY_UP + j] if down == up else math.exp(-0.5 * tick / down)
    set_lane_vec(x, AIM + 3 * N * e, lane, lane_vec(x, at + N * DIRECTION, 0))


@kernel
def alight_engine(x: np.ndarray, lane: int, memory: np.ndarray, i: int, e: int) -> None:
    """Write an engine's state back to its row."""
    at = CLUSTER + WIDTH * e + lane
    for k in range(THRUST, ENGINE_WIDTH):
        memory[i, ENGINES + ENGINE_WIDTH * e + k] = x[at + N * k]


@kernel
def engine_arm(x: np.ndarray, at: Index, lane: int) -> Vec3:
    """Place of an engine from the centre of mass [m, B]."""
    com = centre_of_mass(x[NOW + N * 13 + lane], lane_vehicle(x, lane))
    place = lane_vec(x, at + N * PLACE, lane)
    return Vec3(place.x - com.x, place.y - com.y, place.z - com.z)


@kernel
def burn(x: np.ndarray, engines: int, lanes: int, tick: float) -> None:
    """Sum forces, moments and burned mass of all engines over a tick; vectorised."""
    for k in range(FORCES, DEMAND):
        x[k] = 0.0
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        for lane in range(lanes):
            thrust, command = x[at + N * THRUST + lane], x[EFFECTIVE + N * e + lane]
            up = command > thrust
            decay = x[(DECAY_UP if up else DECAY_DOWN) + N * e + lane]
            lag = x[at + N * (LAG_UP if up else LAG_DOWN) + lane]
            after = _engine_thrust(x, at, lane, thrust, command, 0.5 * tick, lag, decay)
            x[THRUST_BEFORE + N * e + lane] = thrust
            x[at + N * THRUST + lane] = after.end
            _add(x, at, e, lane, thrust, after)


@kernel
def _engine_thrust(
    x: np.ndarray,
    at: Index,
    lane: int,
    thrust: float,
    command: float,
    half: float,
    lag: float,
    decay: float,
) -> Thrust:
    j = at + lane
    flow, rise, most = x[j + N * FLOW], x[j + N * (FLOW + 1)], x[j + N * THRUST_MAX]
    return thrust_in(thrust, command, half, lag, decay, flow, rise, most)


@kernel
def _add(x: np.ndarray, at: Index, e: int, lane: int, thrust: float, after: Thrust) -> None:
    """Add one engine to the sums of a lane."""
    aim = lane_vec(x, AIM + 3 * N * e, lane)
    turn = cross(lane_vec(x, at + N * PLACE, lane), aim)
    j = FORCES + lane
    x[j], x[j + N], x[j + 2 * N] = (
        x[j] + aim.x * thrust,
        x[j + N] + aim.y * thrust,
        x[j + 2 * N] + aim.z * thrust,
    )
    x[j + 3 * N] += aim.x * after.middle
    x[j + 4 * N] += aim.y * after.middle
    x[j + 5 * N] += aim.z * after.middle
    x[j + 6 * N] += aim.x * after.end
    x[j + 7 * N] += aim.y * after.end
    x[j + 8 * N] += aim.z * after.end
    j = MOMENTS + lane
    x[j] += turn.x * thrust
    x[j + N] += turn.y * thrust
    x[j + 2 * N] += turn.z * thrust
    x[j + 3 * N] += turn.x * after.middle
    x[j + 4 * N] += turn.y * after.middle
    x[j + 5 * N] += turn.z * after.middle
    x[j + 6 * N] += turn.x * after.end
    x[j + 7 * N] += turn.y * after.end
    x[j + 8 * N] += turn.z * after.end
    x[BURNED + lane] += after.burned_middle
    x[BURNED + N + lane] += after.burned_end
    x[THRUST_END + lane] += after.end


@cold_kernel
def reburn(x: np.ndarray, engines: int, lane: int, dt: float) -> None:
    """Sum one lane's engines again from the start of its tick, over `dt` instead."""
    for k in range(FORCES, DEMAND, N):
        x[k + lane] = 0.0
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        thrust, command = x[THRUST_BEFORE + N * e + lane], x[EFFECTIVE + N * e + lane]
        lag = lag_of(thrust, command, x[at + N * LAG_UP + lane], x[at + N * LAG_DOWN + lane])
        decay = math.exp(-0.5 * dt / lag)
        after = _engine_thrust(x, at, lane, thrust, command, 0.5 * dt, lag, decay)
        x[at + N * THRUST + lane] = after.end
        _add(x, at, e, lane, thrust, after)


@cold_kernel
def quench(x: np.ndarray, engines: int, lane: int) -> None:
    """Put all engines of a lane out, for good as far as this step is concerned."""
    for k in range(FORCES, DEMAND, N):
        x[k + lane] = 0.0
    for e in range(engines):
        at, j = CLUSTER + WIDTH * e + lane, N * e + lane
        x[COMMAND + j], x[ASKED + j], x[EFFECTIVE + j] = 0.0, 0.0, 0.0
        x[at + N * THRUST], x[at + N * LIT] = 0.0, 0.0
        for k in range(PENDING, ENGINE_WIDTH):
            x[at + N * k] = 0.0


@cold_kernel
def lane_push(x: np.ndarray, engines: int, lane: int, t: float) -> Vec3:
    """Force of a lane's engines [N, B] `t` after the start of its tick."""
    fx, fy, fz = 0.0, 0.0, 0.0
    for e in range(engines):
        aim = lane_vec(x, AIM + 3 * N * e, lane)
        thrust = _thrust_at(x, e, lane, t)
        fx, fy, fz = fx + aim.x * thrust, fy + aim.y * thrust, fz + aim.z * thrust
    return Vec3(fx, fy, fz)


@cold_kernel
def lane_torque(x: np.ndarray, engines: int, lane: int, t: float) -> Vec3:
    """Torque of engines and thrusters about the centre of mass [N m, B]."""
    total = lane_vec(x, TORQUE, lane)
    tx, ty, tz = total.x, total.y, total.z
    for e in range(engines):
        arm = engine_arm(x, CLUSTER + WIDTH * e, lane)
        lever = cross(arm, lane_vec(x, AIM + 3 * N * e, lane))
        thrust = _thrust_at(x, e, lane, t)
        tx, ty, tz = tx + lever.x * thrust, ty + lever.y * thrust, tz + lever.z * thrust
    return Vec3(tx, ty, tz)


@kernel
def _thrust_at(x: np.ndarray, e: int, lane: int, t: float) -> float:
    at = CLUSTER + WIDTH * e + lane
    thrust, command = x[THRUST_BEFORE + N * e + lane], x[EFFECTIVE + N * e + lane]
    lag = lag_of(thrust, command, x[at + N * LAG_UP], x[at + N * LAG_DOWN])
    return command + (thrust - command) * (math.exp(-t / lag) if t > 0.0 else 1.0)
