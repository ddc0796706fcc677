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
    AXES,
    BURNED,
    CLUSTER,
    COMMAND,
    DECAY_DOWN,
    DECAY_UP,
    DEMAND,
    EFFECTIVE,
    FORCES,
    MASS,
    MOMENTS,
    THRUST_BEFORE,
    THRUST_END,
    TORQUE,
    Burned,
    N,
    Sum,
    lane_burned,
    lane_sum,
    lane_vec,
    lane_vehicle,
    set_lane_burned,
    set_lane_sum,
    set_lane_vec,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.propulsion import Thrust, lag_of, thrust_in
from lunar_env.physics.rows import ENGINE, ENGINE_WIDTH, ENGINES, PENDING, RUNNING

WIDTH: Final = N * ENGINE_WIDTH


@kernel
def load_lane_engine(
    x: np.ndarray, lane: int, memory: np.ndarray, i: int, e: int, command: float, tick: float
) -> None:
    """Take an engine of row `i` into a lane, with its command [N] for the step."""
    at = CLUSTER + WIDTH * e + lane
    col = ENGINES + ENGINE_WIDTH * e
    for k in range(ENGINE_WIDTH):
        x[at + N * k] = memory[i, col + k]
    j = N * e + lane
    x[COMMAND + j], x[ASKED + j] = command, command
    up, down = memory[i, col + ENGINE.lag_up], memory[i, col + ENGINE.lag_down]
    x[DECAY_UP + j] = math.exp(-0.5 * tick / up)
    x[DECAY_DOWN + j] = x[DECAY_UP + j] if down == up else math.exp(-0.5 * tick / down)
    set_lane_vec(x, AIM + AXES * N * e, lane, lane_vec(x, at + N * ENGINE.direction_x, 0))


@kernel
def store_lane_engine(x: np.ndarray, lane: int, memory: np.ndarray, i: int, e: int) -> None:
    """Write an engine's state back to its row."""
    at = CLUSTER + WIDTH * e + lane
    for k in range(RUNNING.thrust, ENGINE_WIDTH):
        memory[i, ENGINES + ENGINE_WIDTH * e + k] = x[at + N * k]


@kernel
def engine_arm(x: np.ndarray, at: Index, lane: int) -> Vec3:
    """Place of an engine from the centre of mass [m, B]."""
    com = centre_of_mass(x[MASS + lane], lane_vehicle(x, lane))
    place = lane_vec(x, at + N * ENGINE.x, lane)
    return Vec3(place.x - com.x, place.y - com.y, place.z - com.z)


@kernel
def burn(x: np.ndarray, engines: int, lanes: int, tick: float) -> None:
    """Sum forces, moments and burned mass of all engines over a tick; vectorised."""
    for k in range(FORCES, DEMAND):
        x[k] = 0.0
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        for lane in range(lanes):
            thrust, command = x[at + N * RUNNING.thrust + lane], x[EFFECTIVE + N * e + lane]
            up = command > thrust
            decay = x[(DECAY_UP if up else DECAY_DOWN) + N * e + lane]
            lag = x[at + N * (ENGINE.lag_up if up else ENGINE.lag_down) + lane]
            after = _engine_thrust(x, at, lane, thrust, command, 0.5 * tick, lag, decay)
            x[THRUST_BEFORE + N * e + lane] = thrust
            x[at + N * RUNNING.thrust + lane] = after.end
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
    flow, rise, most = (
        x[j + N * ENGINE.flow],
        x[j + N * ENGINE.flow_rise],
        x[j + N * ENGINE.thrust_max],
    )
    return thrust_in(thrust, command, half, lag, decay, flow, rise, most)


@kernel
def _add(x: np.ndarray, at: Index, e: int, lane: int, thrust: float, after: Thrust) -> None:
    """Add one engine to the sums of a lane."""
    aim = lane_vec(x, AIM + AXES * N * e, lane)
    turn = cross(lane_vec(x, at + N * ENGINE.x, lane), aim)
    _add_to(x, FORCES, lane, thrust, after, aim)
    _add_to(x, MOMENTS, lane, thrust, after, turn)
    burned = lane_burned(x, BURNED, lane)
    more = Burned(burned.middle + after.burned_middle, burned.end + after.burned_end)
    set_lane_burned(x, BURNED, lane, more)
    x[THRUST_END + lane] += after.end


@kernel
def _add_to(x: np.ndarray, at: Index, lane: int, thrust: float, after: Thrust, arm: Vec3) -> None:
    """Add an engine's thrust along, or about, a vector to a sum of a lane."""
    a, c, d = lane_sum(x, at, lane), after.middle, after.end
    grown = Sum(
        Vec3(a.start.x + arm.x * thrust, a.start.y + arm.y * thrust, a.start.z + arm.z * thrust),
        Vec3(a.middle.x + arm.x * c, a.middle.y + arm.y * c, a.middle.z + arm.z * c),
        Vec3(a.end.x + arm.x * d, a.end.y + arm.y * d, a.end.z + arm.z * d),
    )
    set_lane_sum(x, at, lane, grown)


@cold_kernel
def reburn(x: np.ndarray, engines: int, lane: int, dt: float) -> None:
    """Sum one lane's engines again from the start of its tick, over `dt` instead."""
    for k in range(FORCES, DEMAND, N):
        x[k + lane] = 0.0
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        thrust, command = x[THRUST_BEFORE + N * e + lane], x[EFFECTIVE + N * e + lane]
        lag = lag_of(
            thrust, command, x[at + N * ENGINE.lag_up + lane], x[at + N * ENGINE.lag_down + lane]
        )
        decay = math.exp(-0.5 * dt / lag)
        after = _engine_thrust(x, at, lane, thrust, command, 0.5 * dt, lag, decay)
        x[at + N * RUNNING.thrust + lane] = after.end
        _add(x, at, e, lane, thrust, after)


@cold_kernel
def quench(x: np.ndarray, engines: int, lane: int) -> None:
    """Put all engines of a lane out, for good as far as this step is concerned."""
    for k in range(FORCES, DEMAND, N):
        x[k + lane] = 0.0
    for e in range(engines):
        at, j = CLUSTER + WIDTH * e + lane, N * e + lane
        x[COMMAND + j], x[ASKED + j], x[EFFECTIVE + j] = 0.0, 0.0, 0.0
        x[at + N * RUNNING.thrust], x[at + N * RUNNING.lit] = 0.0, 0.0
        for k in range(PENDING, ENGINE_WIDTH):
            x[at + N * k] = 0.0


@cold_kernel
def lane_push(x: np.ndarray, engines: int, lane: int, t: float) -> Vec3:
    """Force of a lane's engines [N, B] `t` after the start of its tick."""
    fx, fy, fz = 0.0, 0.0, 0.0
    for e in range(engines):
        aim = lane_vec(x, AIM + AXES * N * e, lane)
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
        lever = cross(arm, lane_vec(x, AIM + AXES * N * e, lane))
        thrust = _thrust_at(x, e, lane, t)
        tx, ty, tz = tx + lever.x * thrust, ty + lever.y * thrust, tz + lever.z * thrust
    return Vec3(tx, ty, tz)


@kernel
def _thrust_at(x: np.ndarray, e: int, lane: int, t: float) -> float:
    at = CLUSTER + WIDTH * e + lane
    thrust, command = x[THRUST_BEFORE + N * e + lane], x[EFFECTIVE + N * e + lane]
    lag = lag_of(thrust, command, x[at + N * ENGINE.lag_up], x[at + N * ENGINE.lag_down])
    return command + (thrust - command) * (math.exp(-t / lag) if t > 0.0 else 1.0)
