"""An independent strapdown navigator, by SciPy in an inertial frame, and burns to test with.

Nothing here comes from the package but the types. Gravity is that of an oblate Moon; the frame L
turns with it and is left again at the end only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

if TYPE_CHECKING:
    from lunar_env.physics.types import Site

STEP_S = 0.2


class Trajectory(NamedTuple):
    """A burn at the ends of its steps, in L; the mean specific force is that of the step before."""

    time: np.ndarray  # (n,) s
    r: np.ndarray  # (n, 3) m
    v: np.ndarray  # (n, 3) m/s
    q: np.ndarray  # (n, 4) scalar first
    omega: np.ndarray  # (n, 3) rad/s
    mean_force: np.ndarray  # (n, 3) m/s^2, B


class Errors(NamedTuple):
    """Errors at the start [L], and of the IMU [B]."""

    r: Any = (0.0, 0.0, 0.0)
    v: Any = (0.0, 0.0, 0.0)
    turn: Any = (0.0, 0.0, 0.0)
    accel_bias: Any = (0.0, 0.0, 0.0)
    accel_scale: Any = (0.0, 0.0, 0.0)
    gyro_bias: Any = (0.0, 0.0, 0.0)
    gyro_scale: Any = (0.0, 0.0, 0.0)
    misalignment: Any = (0.0, 0.0, 0.0)


def specific_force(t: Any, duration: float) -> np.ndarray:
    """Of an engine that gains on the falling mass, with some force across the axis."""
    along = 2.0 / (1.0 - 0.45 * np.asarray(t) / duration)
    return np.stack([0.05 * np.sin(0.11 * t), 0.04 * np.cos(0.07 * t), along], axis=-1)


def body_rate(t: Any, duration: float) -> np.ndarray:
    """Upright in the end, by a turn of 80 degrees about x from rest to rest, with some roll."""
    fraction = 1.0 - np.cos(2.0 * np.pi * np.asarray(t) / duration)
    pitch = -np.radians(80.0) / duration * fraction
    return np.stack([pitch, 0.002 * np.sin(0.09 * t), 1e-4 + 0.0 * np.asarray(t)], axis=-1)


def _axis(site: Site) -> np.ndarray:
    return np.array([0.0, site.pole_y, site.pole_z])


def gravity(r: np.ndarray, site: Site) -> np.ndarray:
    """Gradient of ``mu/r - j2/(3 r^3) (3 s^2 - 1)`` at `r` from the Moon's centre."""
    n, distance = _axis(site), float(np.linalg.norm(r))
    s = float(n @ r) / distance
    flat = site.j2 / distance**5
    return -site.mu * r / distance**3 - flat * ((1.0 - 5.0 * s * s) * r + 2.0 * s * distance * n)


def fly_burn(
    duration: float, site: Site, errors: Errors | None = None, *, high: bool
) -> Trajectory:
    """Integrate a burn as it is, or as a computer with `errors` believes it.

    `high` begins 600 km before the target at orbital speed, else 3 km above it.
    """
    e, turning = errors or Errors(), site.rate * _axis(site)
    bias, scale, skew = map(np.array, (e.accel_bias, e.accel_scale, e.misalignment))
    drift, stretch = np.array(e.gyro_bias), np.array(e.gyro_scale)

    def rates(t: float, y: np.ndarray) -> np.ndarray:
        f, w = specific_force(t, duration), body_rate(t, duration)
        f = f + bias + scale * f + np.cross(skew, f)
        w = w + drift + stretch * w + np.cross(skew, w)
        q = y[6:] / np.linalg.norm(y[6:])
        a = Rotation.from_quat(q, scalar_first=True).apply(f) + gravity(y[:3], site)
        q_dot = 0.5 * np.concatenate([[-q[1:] @ w], q[0] * w + np.cross(q[1:], w)])
        return np.concatenate([y[3:6], a, q_dot])

    angle = -0.35 if high else 0.0
    ahead = Rotation.from_euler("x", -angle)  # takes the target's vertical to that of the start
    out = site.radius + (15e3 if high else 3e3)
    r = ahead.apply([0.0, 0.0, out]) + e.r
    v = ahead.apply([0.0, 1690.0, 0.0] if high else [1.0, -3.0, -100.0]) + e.v
    lean = Rotation.from_euler("x", 80.0, degrees=True)
    q = Rotation.from_rotvec(e.turn) * ahead * lean
    start = np.concatenate([r, v + np.cross(turning, r), q.as_quat(scalar_first=True)])
    ends = STEP_S * np.arange(1, round(duration / STEP_S) + 1)
    times = np.concatenate([[0.0], ends])
    done = solve_ivp(
        *(rates, (0.0, ends[-1]), start), method="DOP853", t_eval=times, rtol=1e-12, atol=1e-9
    )
    return _in_site_frame(times, done.y.T, duration, site)


def _in_site_frame(times: np.ndarray, y: np.ndarray, duration: float, site: Site) -> Trajectory:
    turning = site.rate * _axis(site)
    back = Rotation.from_rotvec(-times[:, None] * turning)
    r = back.apply(y[:, :3])
    v = back.apply(y[:, 3:6] - np.cross(turning, y[:, :3]))
    attitude = back * Rotation.from_quat(y[:, 6:], scalar_first=True)
    # Simpson over halves of each step.
    parts = np.stack([specific_force(times - STEP_S * k / 4.0, duration) for k in range(5)])
    mean_force = np.tensordot(np.array([1.0, 4.0, 2.0, 4.0, 1.0]) / 12.0, parts, axes=1)
    r = r - np.array([0.0, 0.0, site.radius])
    q = attitude.as_quat(scalar_first=True)
    return Trajectory(times, r, v, q, body_rate(times, duration), mean_force)
