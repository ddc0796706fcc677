"""How a cluster of engines steers: gimbals first, then a shift of thrust, then its dead time.

What the engines give is taken off the torque that is asked for; the attitude thrusters get the
rest.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, cross, from_rotation_vector, rotate
from lunar_env.kernel.rng import Index
from lunar_env.physics.cluster import (
    DEAD,
    DIRECTION,
    FLOOR,
    GIMBAL_MAX,
    GIMBAL_RATE,
    STEER,
    THRUST_MAX,
    WIDTH,
    engine_arm,
)
from lunar_env.physics.lanes import (
    AIM,
    ANGLES,
    ASKED,
    CLUSTER,
    COMMAND,
    DEMAND,
    EFFECTIVE,
    NOW,
    N,
    lane_vec,
    set_lane_vec,
)
from lunar_env.physics.rows import GIMBAL_X, GIMBAL_Y, HEALTH, PENDING, THRUST, TRIM, VEHICLE

_STEERING: Final = NOW + N * (VEHICLE + 19)


@kernel
def steer(x: np.ndarray, engines: int, lanes: int, tick: float, by_hand: bool) -> None:
    """Turn gimbals and shift thrust for the torque that is asked for, then wait the dead time.

    `by_hand`: the gimbals follow their own commands and nothing is shifted.
    """
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        if x[at + N * GIMBAL_MAX] > 0.0:
            for lane in range(lanes):
                _turn_gimbal(x, at, e, lane, tick, by_hand)
        if x[_STEERING] > 0.0 and not by_hand:
            for lane in range(lanes):
                _shift_thrust(x, at, e, lane)
        dead = int(x[at + N * DEAD])
        if dead > 0:
            for lane in range(lanes):
                for k in range(dead, 0, -1):
                    x[at + N * (PENDING + k) + lane] = x[at + N * (PENDING + k - 1) + lane]
                x[at + N * PENDING + lane] = x[ASKED + N * e + lane]
                x[EFFECTIVE + N * e + lane] = x[at + N * (PENDING + dead) + lane]
        else:
            for lane in range(lanes):
                x[EFFECTIVE + N * e + lane] = x[ASKED + N * e + lane]


@cold_kernel
def _turn_gimbal(x: np.ndarray, at: Index, e: int, lane: int, tick: float, by_hand: bool) -> None:
    """Slew the gimbal toward its command, aim the thrust, and take off the torque it gives."""
    j = at + lane
    most, step = x[j + N * GIMBAL_MAX], x[j + N * GIMBAL_RATE] * tick
    thrust = x[j + N * THRUST]
    arm = engine_arm(x, at, lane)
    want_x, want_y = x[ANGLES + 2 * N * e + lane], x[ANGLES + 2 * N * e + N + lane]
    if not by_hand:
        lever = arm.z * thrust
        # A slow gimbal carries the steady torque only.
        slow = x[j + N * GIMBAL_RATE] < most
        asked = lane_vec(x, NOW + N * TRIM if slow else DEMAND, lane)
        want_x = asked.x / lever if abs(lever) > 1.0 else 0.0
        want_y = asked.y / lever if abs(lever) > 1.0 else 0.0
    angle_x = _slewed(x[j + N * GIMBAL_X], want_x, most, step)
    angle_y = _slewed(x[j + N * GIMBAL_Y], want_y, most, step)
    x[j + N * GIMBAL_X], x[j + N * GIMBAL_Y] = angle_x, angle_y
    neutral = lane_vec(x, at + N * DIRECTION, lane)
    aim = rotate(from_rotation_vector(Vec3(angle_x, angle_y, 0.0)), neutral)
    set_lane_vec(x, AIM + 3 * N * e, lane, aim)
    if not by_hand:
        turned = Vec3(aim.x - neutral.x, aim.y - neutral.y, aim.z - neutral.z)
        _take_off(x, lane, cross(arm, turned), thrust)


@kernel
def _slewed(angle: float, want: float, most: float, step: float) -> float:
    want = max(-most, min(most, want))
    return angle + max(-step, min(step, want - angle))


@cold_kernel
def _shift_thrust(x: np.ndarray, at: Index, e: int, lane: int) -> None:
    """Give an engine its share of the torque, inside its band; one that is off stays off."""
    j, k = at + lane, N * e + lane
    command = x[COMMAND + k]
    if command > 0.0:
        asked = lane_vec(x, DEMAND, lane)
        share = x[j + N * STEER] * asked.x + x[j + N * (STEER + 1)] * asked.y
        most = x[j + N * THRUST_MAX] * x[j + N * HEALTH]
        shifted = max(x[j + N * FLOOR] * most, min(most, command + share))
        x[ASKED + k] = shifted


@kernel
def settle_steering(x: np.ndarray, engines: int, lanes: int) -> None:
    """Take off the torque that the shifted thrusts give; after all engines had their share."""
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        for lane in range(lanes):
            change = x[ASKED + N * e + lane] - x[COMMAND + N * e + lane]
            lever = cross(engine_arm(x, at, lane), lane_vec(x, AIM + 3 * N * e, lane))
            _take_off(x, lane, lever, change)


@kernel
def _take_off(x: np.ndarray, lane: int, lever: Vec3, thrust: float) -> None:
    x[DEMAND + lane] -= lever.x * thrust
    x[DEMAND + N + lane] -= lever.y * thrust
    x[DEMAND + 2 * N + lane] -= lever.z * thrust
