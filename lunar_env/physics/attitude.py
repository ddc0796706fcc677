"""The attitude autopilot: demanded thrust axis, demanded body rate and control torque.

It works on the lander's own estimate of velocity, height and attitude, never on the true values.
"""

import math
from typing import Final

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3, conjugate, cross, dot, rotate, unit

# The closed loop has a natural frequency of 2 rad/s, slow compared with the tick of 20 Hz, and a
# damping ratio of 0.8. The integral term, the trim, compensates a steady disturbance torque, such
# as that of a misaligned thrust or a failed engine, within seconds.
_ATTITUDE_GAIN: Final = 1.25  # 1/s, demanded body rate per attitude error
_RATE_GAIN: Final = 3.2  # 1/s, angular acceleration per rate error
_INTEGRAL_GAIN: Final = 1.0  # 1/s^2, growth of the trim acceleration per rate error
_TRIM_MAX: Final = 1.0  # rad/s^2, largest angular acceleration of the trim
# Below this descent rate the thrust axis turns from the velocity toward the vertical: the lateral
# speed then decays with the time constant _UPRIGHT_SPEED / g, without ever more tilt.
_UPRIGHT_SPEED: Final = 5.0  # m/s
_TAN_TILT_LOW: Final = math.tan(math.radians(4.0))  # tilt limit below a height of 10 m
_TAN_TILT_HIGH: Final = math.tan(math.radians(45.0))  # tilt limit from 100 m up to ...
_RETROGRADE_HEIGHT: Final = 2000.0  # m, above which thrust opposes the velocity without a limit


@inline_kernel
def retrograde_axis(v: Vec3, up: Vec3, height: float) -> Vec3:
    """Demanded thrust axis [-, L]: retrograde; near vertical at low height and speed.

    `v` [m/s] and `up` are in L, `height` [m] is above the ground.
    """
    climb_rate = dot(v, up)
    horizontal = Vec3(v.x - climb_rate * up.x, v.y - climb_rate * up.y, v.z - climb_rate * up.z)
    descent_rate = max(-climb_rate, _UPRIGHT_SPEED)
    blend = min(1.0, max(0.0, (height - 10.0) / 90.0))
    limit = descent_rate * (_TAN_TILT_LOW + blend * (_TAN_TILT_HIGH - _TAN_TILT_LOW))
    lateral = math.sqrt(dot(horizontal, horizontal))
    scale = limit / lateral if lateral > limit and height < _RETROGRADE_HEIGHT else 1.0
    return unit(
        Vec3(
            descent_rate * up.x - scale * horizontal.x,
            descent_rate * up.y - scale * horizontal.y,
            descent_rate * up.z - scale * horizontal.z,
        )
    )


@inline_kernel
def tilted_axis(tilt_east: float, tilt_north: float, tilt_max: float, up: Vec3) -> Vec3:
    """Thrust axis [-, L], tilted from the vertical by ``min(1, hypot(east, north)) tilt_max``.

    East and north are those at the target, parallel-transported to the lander along the great
    circle between the two.
    """
    size = math.sqrt(tilt_east * tilt_east + tilt_north * tilt_north)
    angle = min(1.0, size) * tilt_max
    sine = math.sin(angle) / size if size > 1e-9 else tilt_max
    return to_local_vertical(Vec3(sine * tilt_east, sine * tilt_north, math.cos(angle)), up)


@inline_kernel
def to_local_vertical(a: Vec3, up: Vec3) -> Vec3:
    """Rotate a vector [L] by the rotation that takes the target's vertical to `up` [-, L]."""
    s = (up.x * a.x + up.y * a.y) / (1.0 + up.z)
    return Vec3(
        a.x + up.x * (a.z - s),
        a.y + up.y * (a.z - s),
        a.z * up.z - up.x * a.x - up.y * a.y,
    )


@inline_kernel
def demanded_rate(q: Quat, axis: Vec3, rate_max: float, deceleration: float) -> Vec3:
    """Body rate [rad/s, B] that turns the body's z axis to `axis` (L), without roll.

    Proportional to the sine of the attitude error, limited by `rate_max` and by the rate that an
    angular `deceleration` [rad/s^2] can stop in time.
    """
    target = rotate(conjugate(q), axis)
    error = cross(Vec3(0.0, 0.0, 1.0), target)
    size = math.sqrt(error.x * error.x + error.y * error.y)
    if size < 1e-12 and target.z < 0.0:  # opposite axes: any direction of rotation will do
        error, size = Vec3(1.0, 0.0, 0.0), 1.0
    # The sine of the error decreases again beyond 90 degrees: it counts as 1 there.
    bounded = size if target.z > 0.0 else 1.0
    speed = min(_ATTITUDE_GAIN * bounded, rate_max, math.sqrt(2.0 * deceleration * bounded))
    scale = speed / max(size, 1e-9)
    return Vec3(scale * error.x, scale * error.y, 0.0)


@inline_kernel
def control_torque(rate: Vec3, omega: Vec3, moments: Vec3, trim: Vec3) -> Vec3:
    """Control torque [N m, B]: proportional to the rate error, plus the trim.

    `moments` are the principal moments of inertia [kg m^2].
    """
    return Vec3(
        moments.x * _RATE_GAIN * (rate.x - omega.x) + trim.x,
        moments.y * _RATE_GAIN * (rate.y - omega.y) + trim.y,
        moments.z * _RATE_GAIN * (rate.z - omega.z) + trim.z,
    )


@inline_kernel
def trim_increment(rate: Vec3, omega: Vec3, moments: Vec3, trim: Vec3, tick: float) -> Vec3:
    """Increment of the trim torque [N m, B] over a tick: the bounded integral of the rate error."""
    return Vec3(
        _axis_increment(trim.x, moments.x, rate.x - omega.x, tick),
        _axis_increment(trim.y, moments.y, rate.y - omega.y, tick),
        _axis_increment(trim.z, moments.z, rate.z - omega.z, tick),
    )


@inline_kernel
def _axis_increment(trim: float, moment: float, error: float, tick: float) -> float:
    """Increment of the trim torque [N m] about one axis of inertia `moment` [kg m^2]."""
    return _clip(trim + _INTEGRAL_GAIN * moment * error * tick, _TRIM_MAX * moment) - trim


@inline_kernel
def updated_trim(trim: float, increment: float, demand: float, limit: float) -> float:
    """Trim torque [N m] after a tick; anti-windup: no growth while the demand exceeds `limit`."""
    beyond = 0.0 if abs(demand) > limit else 1.0
    return trim + (increment if demand * increment <= 0.0 else beyond * increment)


@inline_kernel
def thruster_torque(demand: float, limit: float, torque_min: float) -> float:
    """Mean thruster torque [N m] about one axis over a tick; zero if below `torque_min`."""
    torque = _clip(demand, limit)
    return torque if abs(torque) >= torque_min else 0.0


@inline_kernel
def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
