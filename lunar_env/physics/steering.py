"""How a cluster of engines steers: gimbals first, then a shift of thrust, then its dead time.

What the engines give is taken off the torque that is asked for; the attitude thrusters get the
rest.
"""

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, cross, from_rotation_vector, rotate
from lunar_env.kernel.rng import Index
from lunar_env.physics.cluster import WIDTH, engine_arm
from lunar_env.physics.lanes import (
    AIM,
    ANGLES,
    ASKED,
    AXES,
    CLUSTER,
    COMMAND,
    DEMAND,
    EFFECTIVE,
    HINGES,
    STEADY,
    STEERING,
    N,
    add_lane_vec,
    lane_hinge,
    lane_vec,
    set_lane_vec,
)
from lunar_env.physics.rows import ENGINE, PENDING, RUNNING


@kernel
def steer(x: np.ndarray, engines: int, lanes: int, tick: float, by_hand: bool) -> None:
    """Turn gimbals and shift thrust for the torque that is asked for, then wait the dead time.

    `by_hand`: the gimbals follow their own commands and nothing is shifted.
    """
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        if x[at + N * ENGINE.gimbal_max] > 0.0:
            for lane in range(lanes):
                _turn_gimbal(x, at, e, lane, tick, by_hand)
        if x[STEERING] > 0.0 and not by_hand:
            for lane in range(lanes):
                _shift_thrust(x, at, e, lane)
        dead, queue = int(x[at + N * ENGINE.dead_ticks]), at + N * PENDING
        if dead > 0:
            for lane in range(lanes):
                for later in range(dead, 0, -1):
                    k = later - 1
                    x[queue + N * later + lane] = x[queue + N * k + lane]
                x[queue + lane] = x[ASKED + N * e + lane]
                x[EFFECTIVE + N * e + lane] = x[queue + N * dead + lane]
        else:
            for lane in range(lanes):
                x[EFFECTIVE + N * e + lane] = x[ASKED + N * e + lane]


@cold_kernel
def _turn_gimbal(x: np.ndarray, at: Index, e: int, lane: int, tick: float, by_hand: bool) -> None:
    """Slew the gimbal toward its command, aim the thrust, and subtract the torque it gives."""
    j = at + lane
    most, step = x[j + N * ENGINE.gimbal_max], x[j + N * ENGINE.gimbal_rate] * tick
    thrust = x[j + N * RUNNING.thrust]
    arm, turned = engine_arm(x, at, lane), ANGLES + HINGES * N * e
    want = lane_hinge(x, turned, lane)
    want_x, want_y = want.about_x, want.about_y
    if not by_hand:
        lever = arm.z * thrust
        # A slow gimbal carries the steady torque only.
        slow = x[j + N * ENGINE.gimbal_rate] < most
        asked = lane_vec(x, STEADY if slow else DEMAND, lane)
        want_x = asked.x / lever if abs(lever) > 1.0 else 0.0
        want_y = asked.y / lever if abs(lever) > 1.0 else 0.0
    angle_x = _slewed(x[j + N * RUNNING.gimbal_x], want_x, most, step)
    angle_y = _slewed(x[j + N * RUNNING.gimbal_y], want_y, most, step)
    x[j + N * RUNNING.gimbal_x], x[j + N * RUNNING.gimbal_y] = angle_x, angle_y
    neutral = lane_vec(x, at + N * ENGINE.direction_x, lane)
    aim = rotate(from_rotation_vector(Vec3(angle_x, angle_y, 0.0)), neutral)
    set_lane_vec(x, AIM + AXES * N * e, lane, aim)
    if not by_hand:
        swing = Vec3(aim.x - neutral.x, aim.y - neutral.y, aim.z - neutral.z)
        _subtract_torque(x, lane, cross(arm, swing), thrust)


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
        share = x[j + N * ENGINE.steer_x] * asked.x + x[j + N * ENGINE.steer_y] * asked.y
        most = x[j + N * ENGINE.thrust_max] * x[j + N * RUNNING.health]
        shifted = max(x[j + N * ENGINE.throttle_min] * most, min(most, command + share))
        x[ASKED + k] = shifted


@kernel
def settle_steering(x: np.ndarray, engines: int, lanes: int) -> None:
    """Subtract the torque that the shifted thrusts give; after all engines had their share."""
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        for lane in range(lanes):
            change = x[ASKED + N * e + lane] - x[COMMAND + N * e + lane]
            lever = cross(engine_arm(x, at, lane), lane_vec(x, AIM + AXES * N * e, lane))
            _subtract_torque(x, lane, lever, change)


@kernel
def _subtract_torque(x: np.ndarray, lane: int, lever: Vec3, thrust: float) -> None:
    add_lane_vec(x, DEMAND, lane, -thrust, lever)
