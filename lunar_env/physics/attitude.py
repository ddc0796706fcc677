"""The attitude autopilot: where to point, and the torque that turns the lander there.

It sees the lander's own estimate of velocity, height and attitude, never the truth.
"""

import math
from typing import Final

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3, conjugate, cross, rotate, unit
from lunar_env.physics.types import Vehicle

# Closed loop of 2 rad/s at 0.8 of critical damping: ten times slower than a 20 Hz tick, and stiff
# enough that a 0.2 degree thrust misalignment (5 N m) tilts the lander by half a degree.
_STIFFNESS: Final = 4.0  # 1/s^2
_DAMPING: Final = 3.2  # 1/s
# Falling slower than this, the axis leaves the velocity and leans on the vertical: the lateral
# speed then decays with the time constant _UPRIGHT_SPEED / g instead of asking for ever more tilt.
_UPRIGHT_SPEED: Final = 5.0  # m/s
_TILT_LOW: Final = math.tan(math.radians(4.0))  # below 10 m
_TILT_HIGH: Final = math.tan(math.radians(45.0))  # above 100 m


@kernel
def retrograde_axis(v: Vec3, height: float) -> Vec3:
    """Thrust axis in L: against the velocity, upright near the ground and when slow."""
    down = max(-v.z, _UPRIGHT_SPEED)
    blend = min(1.0, max(0.0, (height - 10.0) / 90.0))
    limit = down * (_TILT_LOW + blend * (_TILT_HIGH - _TILT_LOW))
    lateral = math.sqrt(v.x * v.x + v.y * v.y)
    scale = limit / lateral if lateral > limit else 1.0
    return unit(Vec3(-scale * v.x, -scale * v.y, down))


@kernel
def pointing_torque(q: Quat, omega: Vec3, axis: Vec3, mass: float, vehicle: Vehicle) -> Vec3:
    """Torque [N m, B] that turns the body's z axis to `axis` (L) and stops any spin.

    Proportional to the vector part of the rotation between the axes, damped by the body rates and
    cut at the torque limits.
    """
    target = rotate(conjugate(q), axis)
    error = cross(Vec3(0.0, 0.0, 1.0), target)
    if target.z < 0.0:  # more than 90 degrees away: the cross product alone would shrink again
        error = unit(Vec3(error.x + 1e-9, error.y, 0.0))
    inertia_xy, inertia_z = mass * vehicle.k2_xy, mass * vehicle.k2_z
    limit_xy, limit_z = vehicle.torque_max_xy, vehicle.torque_max_z
    return Vec3(
        _clip(inertia_xy * (_STIFFNESS * error.x - _DAMPING * omega.x), limit_xy),
        _clip(inertia_xy * (_STIFFNESS * error.y - _DAMPING * omega.y), limit_xy),
        _clip(-inertia_z * _DAMPING * omega.z, limit_z),
    )


@kernel
def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
