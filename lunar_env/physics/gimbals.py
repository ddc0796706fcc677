"""Gimbals: each engine's mount turns toward what the attitude control demands of it.

The torque that the turned thrust gives is subtracted from the demand, so that the other engines and
the attitude thrusters supply only the rest.
"""

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, cross, from_rotation_vector, rotate
from lunar_env.physics.engines import WIDTH, engine_arm
from lunar_env.physics.lanes import (
    AIM,
    ANGLES,
    AXES,
    CLUSTER,
    DEMAND,
    HINGES,
    TRIM_TORQUE,
    N,
    add_lane_vec,
    lane_hinge,
    lane_vec,
    set_lane_vec,
)
from lunar_env.physics.rows import ENGINE, RUNNING


@inline_kernel
def turn_gimbals(lanes: np.ndarray, e: int, count: int, tick: float, by_hand: bool) -> None:
    """Turn the gimbal of engine `e` in every lane; nothing where it is fixed."""
    if lanes[CLUSTER + WIDTH * e + N * ENGINE.gimbal_max] > 0.0:
        for lane in range(count):
            _turn_gimbal(lanes, e, lane, tick, by_hand)


@kernel
def _turn_gimbal(lanes: np.ndarray, e: int, lane: int, tick: float, by_hand: bool) -> None:
    """Slew a gimbal toward its command, aim the thrust, and subtract its torque from the demand."""
    at = CLUSTER + WIDTH * e
    j = at + lane
    most, step = lanes[j + N * ENGINE.gimbal_max], lanes[j + N * ENGINE.gimbal_rate] * tick
    thrust = lanes[j + N * RUNNING.thrust]
    arm = engine_arm(lanes, at, lane)
    angles = lane_hinge(lanes, ANGLES + HINGES * N * e, lane)
    wanted_x, wanted_y = angles.about_x, angles.about_y
    if not by_hand:
        lever = arm.z * thrust
        # A slow gimbal carries the steady torque only.
        slow = lanes[j + N * ENGINE.gimbal_rate] < most
        torque = lane_vec(lanes, TRIM_TORQUE if slow else DEMAND, lane)
        wanted_x = torque.x / lever if abs(lever) > 1.0 else 0.0
        wanted_y = torque.y / lever if abs(lever) > 1.0 else 0.0
    angle_x = _slewed(lanes[j + N * RUNNING.gimbal_x], wanted_x, most, step)
    angle_y = _slewed(lanes[j + N * RUNNING.gimbal_y], wanted_y, most, step)
    lanes[j + N * RUNNING.gimbal_x], lanes[j + N * RUNNING.gimbal_y] = angle_x, angle_y
    neutral = lane_vec(lanes, at + N * ENGINE.direction_x, lane)
    aim = rotate(from_rotation_vector(Vec3(angle_x, angle_y, 0.0)), neutral)
    set_lane_vec(lanes, AIM + AXES * N * e, lane, aim)
    if not by_hand:
        swing = Vec3(aim.x - neutral.x, aim.y - neutral.y, aim.z - neutral.z)
        add_lane_vec(lanes, DEMAND, lane, -thrust, cross(arm, swing))


@inline_kernel
def _slewed(angle: float, wanted: float, most: float, step: float) -> float:
    """Angle after a tick, within its limit and no farther than `step` from the present one."""
    wanted = max(-most, min(most, wanted))
    return angle + max(-step, min(step, wanted - angle))
