"""The attitude autopilot: where to point, and the torque that turns the lander there.

It sees the lander's own estimate of velocity, height and attitude, never the truth.
"""

import math
from typing import Final

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3, conjugate, cross, dot, rotate, unit

# Closed loop of 2 rad/s at 0.8 of critical damping: ten times slower than a 20 Hz tick. The steady
# torque that a misaligned thrust or a dead engine asks for is learned within some seconds.
_TURN: Final = 1.25  # 1/s, asked rate per error
_DAMPING: Final = 3.2  # 1/s
_TRIM: Final = 1.0  # 1/s^2
_TRIM_MOST: Final = 1.0  # rad/s^2, of angular acceleration that the trim may hold
# Falling slower than this, the axis leaves the velocity and leans on the vertical: the lateral
# speed then decays with the time constant _UPRIGHT_SPEED / g instead of asking for ever more tilt.
_UPRIGHT_SPEED: Final = 5.0  # m/s
_TILT_LOW: Final = math.tan(math.radians(4.0))  # below 10 m
_TILT_HIGH: Final = math.tan(math.radians(45.0))  # from 100 m ...
_FREE_HEIGHT: Final = 2000.0  # m, ... to here; above it the axis lies against the velocity


@kernel
def retrograde_axis(v: Vec3, up: Vec3, height: float) -> Vec3:
    """Thrust axis in L: against the velocity, upright near the ground and when slow."""
    climb = dot(v, up)
    flat = Vec3(v.x - climb * up.x, v.y - climb * up.y, v.z - climb * up.z)
    down = max(-climb, _UPRIGHT_SPEED)
    blend = min(1.0, max(0.0, (height - 10.0) / 90.0))
    limit = down * (_TILT_LOW + blend * (_TILT_HIGH - _TILT_LOW))
    lateral = math.sqrt(dot(flat, flat))
    scale = limit / lateral if lateral > limit and height < _FREE_HEIGHT else 1.0
    return unit(
        Vec3(
            down * up.x - scale * flat.x, down * up.y - scale * flat.y, down * up.z - scale * flat.z
        )
    )


@kernel
def tilted_axis(tilt_east: float, tilt_north: float, tilt_max: float, up: Vec3) -> Vec3:
    """Thrust axis in L that leans from the local vertical by ``min(1, hypot) tilt_max``.

    East and north are the target's, carried to the lander along the great circle between them.
    """
    size = math.sqrt(tilt_east * tilt_east + tilt_north * tilt_north)
    angle = min(1.0, size) * tilt_max
    lean = math.sin(angle) / size if size > 1e-9 else tilt_max
    return carried(Vec3(lean * tilt_east, lean * tilt_north, math.cos(angle)), up)


@kernel
def carried(a: Vec3, up: Vec3) -> Vec3:
    """A vector given in the site's axes at the target, turned with the vertical to `up`."""
    s = (up.x * a.x + up.y * a.y) / (1.0 + up.z)
    return Vec3(
        a.x + up.x * (a.z - s),
        a.y + up.y * (a.z - s),
        a.z * up.z - up.x * a.x - up.y * a.y,
    )


@kernel
def asked_rate(q: Quat, axis: Vec3, rate_max: float, brake: float) -> Vec3:
    """Body rate [rad/s, B] that turns the body's z axis to `axis` (L), and stops any roll.

    Proportional to the vector part of the rotation between the axes, up to `rate_max` and to what
    an angular deceleration `brake` [rad/s^2] can stop in time.
    """
    target = rotate(conjugate(q), axis)
    error = cross(Vec3(0.0, 0.0, 1.0), target)
    size = math.sqrt(error.x * error.x + error.y * error.y)
    if size < 1e-12 and target.z < 0.0:  # straight away from it: any way round will do
        error, size = Vec3(1.0, 0.0, 0.0), 1.0
    # More than 90 degrees away the cross product alone would shrink again.
    size_asked = size if target.z > 0.0 else 1.0
    speed = min(_TURN * size_asked, rate_max, math.sqrt(2.0 * brake * size_asked))
    scale = speed / max(size, 1e-9)
    return Vec3(scale * error.x, scale * error.y, 0.0)


@kernel
def turning_torque(asked: Vec3, omega: Vec3, moments: Vec3, trim: Vec3) -> Vec3:
    """Torque [N m, B] that brings the body rate to the one that is asked for."""
    return Vec3(
        moments.x * _DAMPING * (asked.x - omega.x) + trim.x,
        moments.y * _DAMPING * (asked.y - omega.y) + trim.y,
        moments.z * _DAMPING * (asked.z - omega.z) + trim.z,
    )


@kernel
def learned_trim(asked: Vec3, omega: Vec3, moments: Vec3, trim: Vec3, tick: float) -> Vec3:
    """Change of the steady torque [N m, B] in a tick: integral of the rate's error, bounded."""
    return Vec3(
        _learned(trim.x, moments.x, asked.x - omega.x, tick),
        _learned(trim.y, moments.y, asked.y - omega.y, tick),
        _learned(trim.z, moments.z, asked.z - omega.z, tick),
    )


@kernel
def _learned(trim: float, moment: float, error: float, tick: float) -> float:
    return _clip(trim + _TRIM * moment * error * tick, _TRIM_MOST * moment) - trim


@kernel
def kept(trim: float, learnt: float, asked: float, limit: float) -> float:
    """Steady torque after a tick; what the lander is not able to follow is not learned."""
    beyond = 0.0 if abs(asked) > limit else 1.0
    return trim + (learnt if asked * learnt <= 0.0 else beyond * learnt)


@kernel
def thrusters(asked: float, limit: float, bit: float) -> float:
    """Torque [N m] of the attitude thrusters about one axis over a tick: nothing below `bit`."""
    torque = _clip(asked, limit)
    return torque if abs(torque) >= bit else 0.0


@kernel
def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
