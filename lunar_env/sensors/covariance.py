"""Covariance of the errors of dead reckoning, as known to the designers of the lander.

Every error that an episode draws has a column: the errors of position, velocity and attitude that
one sigma of it has caused by now, propagated with the linear equations of the error. The errors are
independent, so the covariance is the sum of the outer products of the columns. The columns follow
the dead-reckoned trajectory and are updated every two seconds, because the errors grow over
minutes. The two random walks have no column: their covariance is propagated for one axis, as if
their effect were the same along all axes.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, cross, dot, norm, rotate
from lunar_env.kernel.records import width
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site
from lunar_env.sensors.rows import (
    COVARIANCE_BEGIN,
    COVARIANCE_END,
    COVARIANCE_TIME,
    ERROR_COLUMN_COUNT,
    ErrorColumn,
    load_driving_sigmas,
    load_error_column,
    load_velocity_gain,
    load_walks,
    store_error_column,
    store_sigmas,
    store_velocity_gain,
    store_walks,
)
from lunar_env.sensors.types import DeadReckoning, ImuErrors, Sigmas, Walks

# Kinds of errors, three axes each. The first three are errors of the initial state.
POSITION: Final = 0
VELOCITY: Final = 1
ATTITUDE_ERROR: Final = 2
ACCEL_BIAS: Final = 3
ACCEL_SCALE: Final = 4
GYRO_BIAS: Final = 5
GYRO_SCALE: Final = 6
MISALIGNMENT: Final = 7
KINDS: Final = 8
_AXES: Final = width(Vec3)


class Interval(NamedTuple):
    """The interval between two updates, by dead reckoning."""

    dt: float  # s
    force: Vec3  # m/s^2, L: mean specific force
    rate: Vec3  # rad/s, L: body rate at the end
    up: Vec3  # [-], L: local vertical at the end
    gradient: float  # 1/s^2, mu/r^3 of gravity


@kernel
def clear_covariance(memory: np.ndarray, i: int) -> None:
    """Set all errors to zero, at time zero."""
    for k in range(COVARIANCE_BEGIN, COVARIANCE_END):
        memory[i, k] = 0.0
    store_velocity_gain(memory, i, Vec3(0.0, 0.0, 0.0))


@kernel
def set_initial_error(memory: np.ndarray, i: int, kind: int, axis: int, one_sigma: Vec3) -> None:
    """Set one sigma of an initial error, in L.

    `kind` is POSITION [m], VELOCITY [m/s] or ATTITUDE_ERROR [rad].
    """
    zero = Vec3(0.0, 0.0, 0.0)
    column = ErrorColumn(
        one_sigma if kind == POSITION else zero,
        one_sigma if kind == VELOCITY else zero,
        one_sigma if kind == ATTITUDE_ERROR else zero,
    )
    store_error_column(memory, i, _AXES * kind + axis, column)


@kernel
def update_covariance(
    memory: np.ndarray,
    i: int,
    imu: ImuErrors,
    believed: DeadReckoning,
    omega: Vec3,
    t: float,
    site: Site,
) -> None:
    """Propagate the columns to time `t` [s] and update the one-sigma values.

    `believed` is the dead-reckoned state and `omega` the measured body rate [rad/s, B] at `t`.
    """
    dt = t - memory[i, COVARIANCE_TIME]
    per_s = 1.0 / dt if dt > 0.0 else 0.0
    velocity_gain = load_velocity_gain(memory, i)
    force = Vec3(per_s * velocity_gain.x, per_s * velocity_gain.y, per_s * velocity_gain.z)
    memory[i, COVARIANCE_TIME] = t
    store_velocity_gain(memory, i, Vec3(0.0, 0.0, 0.0))
    up = vertical(believed.r, site)
    rz = believed.r.z + site.radius
    rho2 = believed.r.x * believed.r.x + believed.r.y * believed.r.y + rz * rz
    gradient = site.mu / (rho2 * math.sqrt(rho2))
    if dt > 0.0:
        x = rotate(believed.q, Vec3(1.0, 0.0, 0.0))
        y = rotate(believed.q, Vec3(0.0, 1.0, 0.0))
        z = cross(x, y)
        rate = rotate(believed.q, omega)
        interval = Interval(dt, force, rate, up, gradient)
        propagate_columns(memory, i, interval)
        for axis in range(3):
            drive_columns(memory, i, axis, x if axis == 0 else (y if axis == 1 else z), interval)
        propagate_walks(memory, i, imu, norm(force), dt)
    update_sigmas(memory, i, believed.v, up, 1.0 / math.sqrt(rho2))


@inline_kernel
def propagate_columns(memory: np.ndarray, i: int, interval: Interval) -> None:
    """Propagate all columns by ``r'' = theta x f + G r``, ``theta' = 0``, in L.

    ``f`` is the specific force and ``G`` the gradient of gravity. The compiler vectorises this
    loop; the columns' own accelerations and rates are added by `drive_columns`.
    """
    dt, up, gradient = interval.dt, interval.up, interval.gradient
    for column in range(ERROR_COLUMN_COUNT):
        old = load_error_column(memory, i, column)
        r_mid = axpy(0.5 * dt, old.v, old.r)
        tilt_accel, radial = cross(old.attitude, interval.force), 3.0 * dot(r_mid, up)
        a = Vec3(
            tilt_accel.x + gradient * (radial * up.x - r_mid.x),
            tilt_accel.y + gradient * (radial * up.y - r_mid.y),
            tilt_accel.z + gradient * (radial * up.z - r_mid.z),
        )
        r, v = axpy(0.5 * dt * dt, a, axpy(dt, old.v, old.r)), axpy(dt, a, old.v)
        store_error_column(memory, i, column, ErrorColumn(r, v, old.attitude))


@inline_kernel
def drive_columns(
    memory: np.ndarray, i: int, axis: int, body_axis: Vec3, interval: Interval
) -> None:
    """Add the errors of the IMU during an interval to their columns.

    Those of body axis number `axis`, whose unit vector is `body_axis` [L].
    """
    drives = load_driving_sigmas(memory, i)
    force, rate, none = interval.force, interval.rate, Vec3(0.0, 0.0, 0.0)
    bias, turn = axpy(drives.accel_bias, body_axis, none), axpy(drives.gyro_bias, body_axis, none)
    scaled_force = axpy(drives.accel_scale * dot(body_axis, force), body_axis, none)
    scaled_rate = axpy(drives.gyro_scale * dot(body_axis, rate), body_axis, none)
    across = axpy(drives.misalignment, cross(body_axis, force), none)
    turned_across = axpy(drives.misalignment, cross(body_axis, rate), none)
    drive_column(memory, i, _AXES * ACCEL_BIAS + axis, bias, none, interval)
    drive_column(memory, i, _AXES * ACCEL_SCALE + axis, scaled_force, none, interval)
    drive_column(memory, i, _AXES * GYRO_BIAS + axis, none, turn, interval)
    drive_column(memory, i, _AXES * GYRO_SCALE + axis, none, scaled_rate, interval)
    drive_column(memory, i, _AXES * MISALIGNMENT + axis, across, turned_across, interval)


@inline_kernel
def drive_column(
    memory: np.ndarray, i: int, column: int, accel_error: Vec3, rate_error: Vec3, interval: Interval
) -> None:
    """Add what constant errors of acceleration [m/s^2, L] and rate [rad/s, L] cause to a column.

    The equations are linear, so this is added to the motion of the column without them.
    """
    dt, old = interval.dt, load_error_column(memory, i, column)
    a = axpy(0.5 * dt, cross(rate_error, interval.force), accel_error)
    r, v = axpy(0.5 * dt * dt, a, old.r), axpy(dt, a, old.v)
    store_error_column(memory, i, column, ErrorColumn(r, v, axpy(dt, rate_error, old.attitude)))


@inline_kernel
def propagate_walks(memory: np.ndarray, i: int, imu: ImuErrors, force: float, dt: float) -> None:
    """Propagate the covariance of the random walks by `dt` [s], at a mean specific force [m/s^2].

    The increment of the walks is added at the end of the interval.
    """
    w = load_walks(memory, i)
    g, h = force * dt, 0.5 * force * dt * dt
    far = 2.0 * (dt * w.rv + h * w.ra + dt * h * w.va)
    after = Walks(
        rr=w.rr + dt * dt * w.vv + h * h * w.aa + far,
        rv=w.rv + g * w.ra + dt * w.vv + (dt * g + h) * w.va + h * g * w.aa,
        ra=w.ra + dt * w.va + h * w.aa,
        vv=w.vv + 2.0 * g * w.va + g * g * w.aa + imu.velocity_walk**2 * dt,
        va=w.va + g * w.aa,
        aa=w.aa + imu.angle_walk**2 * dt,
    )
    store_walks(memory, i, after)


@inline_kernel
def variance_along(memory: np.ndarray, i: int, kind: int, axis: Vec3) -> float:
    """Variance of an error along a unit vector [L].

    `kind` is POSITION [m^2], VELOCITY [m^2/s^2] or ATTITUDE_ERROR [rad^2].
    """
    w = load_walks(memory, i)
    total = w.rr if kind == POSITION else (w.vv if kind == VELOCITY else w.aa)
    for k in range(ERROR_COLUMN_COUNT):
        error = load_error_column(memory, i, k)
        of_kind = error.r if kind == POSITION else (error.v if kind == VELOCITY else error.attitude)
        along = dot(of_kind, axis)
        total += along * along
    return total


@kernel
def update_sigmas(memory: np.ndarray, i: int, v: Vec3, up: Vec3, curvature: float) -> None:
    """Store the one-sigma values that the lander observes, summed over the columns.

    An error r of position turns the local vertical by the angle ``r_across curvature`` (1/m, one
    over the distance from the centre of the Moon), and thereby the component of the velocity `v`
    [m/s, L] along it: at orbital speed 1 km is 1 m/s.
    """
    w, climb = load_walks(memory, i), dot(v, up)
    turned = curvature * curvature * max(0.0, dot(v, v) - climb * climb)
    vertical2 = w.vv
    r2, height2, v2, v_up2, attitude2 = 0.0, w.rr, 0.0, w.vv + turned * w.rr, 0.0
    for k in range(ERROR_COLUMN_COUNT):
        error = load_error_column(memory, i, k)
        r_up, v_up = dot(error.r, up), dot(error.v, up)
        r2, height2 = r2 + dot(error.r, error.r), height2 + r_up * r_up
        v2, vertical2 = v2 + dot(error.v, error.v), vertical2 + v_up * v_up
        v_up += curvature * (dot(v, error.r) - climb * r_up)
        v_up2 += v_up * v_up
        attitude2 += dot(error.attitude, error.attitude)
    sigmas = Sigmas(
        horizontal=math.sqrt(max(0.0, 0.5 * (r2 + 3.0 * w.rr - height2))),
        height=math.sqrt(height2),
        v_vertical=math.sqrt(v_up2),
        v_lateral=math.sqrt(max(0.0, 0.5 * (v2 + 3.0 * w.vv - vertical2))),
        attitude=math.sqrt(attitude2 / 3.0 + w.aa),
    )
    store_sigmas(memory, i, sigmas)
