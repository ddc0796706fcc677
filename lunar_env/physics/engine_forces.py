"""Force and torque of a lane's engines at one instant of a tick, for flight in ground contact.

Free flight only needs their sums at the stages of the integrator, computed in `engines.py`.
"""

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, cross
from lunar_env.physics.engines import WIDTH, engine_arm, transient_over
from lunar_env.physics.lanes import AXES, CLUSTER, DIRECTIONS, TORQUE, N, lane_vec


@kernel
def lane_force(lanes: np.ndarray, engines: int, lane: int, t: float) -> Vec3:
    """Force of a lane's engines [N, B] at `t` seconds after the start of its tick."""
    fx, fy, fz = 0.0, 0.0, 0.0
    for e in range(engines):
        direction = lane_vec(lanes, DIRECTIONS + AXES * N * e, lane)
        thrust = _thrust_at(lanes, e, lane, t)
        fx, fy, fz = fx + direction.x * thrust, fy + direction.y * thrust, fz + direction.z * thrust
    return Vec3(fx, fy, fz)


@kernel
def lane_torque(lanes: np.ndarray, engines: int, lane: int, t: float) -> Vec3:
    """Torque of engines and attitude thrusters about the centre of mass [N m, B], likewise."""
    total = lane_vec(lanes, TORQUE, lane)
    tx, ty, tz = total.x, total.y, total.z
    for e in range(engines):
        arm = engine_arm(lanes, CLUSTER + WIDTH * e, lane)
        lever = cross(arm, lane_vec(lanes, DIRECTIONS + AXES * N * e, lane))
        thrust = _thrust_at(lanes, e, lane, t)
        tx, ty, tz = tx + lever.x * thrust, ty + lever.y * thrust, tz + lever.z * thrust
    return Vec3(tx, ty, tz)


@inline_kernel
def _thrust_at(lanes: np.ndarray, e: int, lane: int, t: float) -> float:
    """Thrust [N] of engine `e` at `t` seconds; exactly the initial one if `t` is not positive."""
    response = transient_over(lanes, e, lane, t)
    decay = response.decay if t > 0.0 else 1.0
    return response.command + (response.thrust - response.command) * decay
