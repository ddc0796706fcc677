"""Gimbals: each engine is slewed toward the angle that gives the demanded torque.

The torque of the deflected thrust is subtracted from the demand, so that the other engines and the
attitude thrusters supply only the rest.
"""

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, cross, from_rotation_vector, rotate
from lunar_env.physics.engines import WIDTH, engine_arm
from lunar_env.physics.lanes import (
    AXES,
    CLUSTER,
    DEMAND,
    DIRECTIONS,
    GIMBAL_AXES,
    GIMBAL_COMMANDS,
    TRIM_TORQUE,
    N,
    add_lane_vec,
    lane_gimbal_angles,
    lane_vec,
    set_lane_vec,
)
from lunar_env.physics.rows import ENGINE, ENGINE_STATE


@inline_kernel
def slew_gimbals(lanes: np.ndarray, e: int, count: int, tick: float, direct_control: bool) -> None:
    """Slew the gimbal of engine `e` in every lane over a tick [s], unless it is fixed."""
    if lanes[CLUSTER + WIDTH * e + N * ENGINE.gimbal_max] > 0.0:
        for lane in range(count):
            _slew_gimbal(lanes, e, lane, tick, direct_control)


@kernel
def _slew_gimbal(lanes: np.ndarray, e: int, lane: int, tick: float, direct_control: bool) -> None:
    """Slew one gimbal, set the thrust direction, subtract its torque from the demand."""
    at = CLUSTER + WIDTH * e
    j = at + lane
    limit, step = lanes[j + N * ENGINE.gimbal_max], lanes[j + N * ENGINE.gimbal_rate] * tick
    thrust = lanes[j + N * ENGINE_STATE.thrust]
    arm = engine_arm(lanes, at, lane)
    angles = lane_gimbal_angles(lanes, GIMBAL_COMMANDS + GIMBAL_AXES * N * e, lane)
    target_x, target_y = angles.about_x, angles.about_y
    if not direct_control:
        lever = arm.z * thrust
        # A slow gimbal supplies the trim torque only.
        slow = lanes[j + N * ENGINE.gimbal_rate] < limit
        torque = lane_vec(lanes, TRIM_TORQUE if slow else DEMAND, lane)
        target_x = torque.x / lever if abs(lever) > 1.0 else 0.0
        target_y = torque.y / lever if abs(lever) > 1.0 else 0.0
    angle_x = _slewed(lanes[j + N * ENGINE_STATE.gimbal_x], target_x, limit, step)
    angle_y = _slewed(lanes[j + N * ENGINE_STATE.gimbal_y], target_y, limit, step)
    lanes[j + N * ENGINE_STATE.gimbal_x], lanes[j + N * ENGINE_STATE.gimbal_y] = angle_x, angle_y
    neutral = lane_vec(lanes, at + N * ENGINE.direction_x, lane)
    direction = rotate(from_rotation_vector(Vec3(angle_x, angle_y, 0.0)), neutral)
    set_lane_vec(lanes, DIRECTIONS + AXES * N * e, lane, direction)
    if not direct_control:
        deflection = Vec3(direction.x - neutral.x, direction.y - neutral.y, direction.z - neutral.z)
        add_lane_vec(lanes, DEMAND, lane, -thrust, cross(arm, deflection))


@inline_kernel
def _slewed(angle: float, target: float, limit: float, step: float) -> float:
    """Gimbal angle [rad] after a tick, within `limit` and at most `step` from the present one."""
    target = max(-limit, min(limit, target))
    return angle + max(-step, min(step, target - angle))
