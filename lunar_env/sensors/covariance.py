"""What the designers know of the errors of dead reckoning: their one-sigma values over time.

Each error that an episode draws is a column here: the position, velocity and attitude that one
sigma of it has come to by now, by the linear equations of the error. The errors are independent, so
the covariance is the sum over columns of their squares. The columns follow the flight that the
lander believes, and are brought up to date every other second: what they describe grows over
minutes. The two random walks have no column; their covariance has a recursion of its own, as if
their effect were the same along all axes.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, cross, dot, norm, rotate
from lunar_env.kernel.records import width
from lunar_env.physics.rows import load_vec, store_vec
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site
from lunar_env.sensors.rows import (
    COVARIANCE_BEGIN,
    COVARIANCE_END,
    COVARIANCE_TIME,
    DRIVING_SIGMAS,
    ERROR_COLUMN_COUNT,
    ERROR_COLUMN_WIDTH,
    ERROR_COLUMNS,
    ErrorColumn,
    load_error_column,
    load_velocity_gain,
    load_walks,
    store_error_column,
    store_sigmas,
    store_velocity_gain,
    store_walks,
)
from lunar_env.sensors.types import DeadReckoning, ImuErrors, Sigmas, Walks

# Kinds of columns, three axes each. The first three are errors of the start.
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
    """The flight between two looks, as the lander believes it."""

    dt: float  # s
    force: Vec3  # m/s^2, L: mean specific force
    spin: Vec3  # rad/s, L: body rate at the end
    up: Vec3  # [-], L: local vertical at the end
    stiffness: float  # 1/s^2, of gravity


@kernel
def clear_covariance(memory: np.ndarray, i: int) -> None:
    """No errors, at time zero."""
    for k in range(COVARIANCE_BEGIN, COVARIANCE_END):
        memory[i, k] = 0.0
    store_velocity_gain(memory, i, Vec3(0.0, 0.0, 0.0))


@kernel
def set_initial_error(memory: np.ndarray, i: int, kind: int, axis: int, one_sigma: Vec3) -> None:
    """Set one sigma of an initial error, in L.

    `kind` is POSITION [m], VELOCITY [m/s] or ATTITUDE_ERROR [rad].
    """
    # The first three kinds are those of the three vectors of a column, in their order.
    column = ERROR_COLUMNS + ERROR_COLUMN_WIDTH * (_AXES * kind + axis)
    store_vec(memory, i, column + _AXES * kind, one_sigma)


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
    """Bring the columns up to `t` with the specific force gathered meanwhile, and sum them."""
    dt = t - memory[i, COVARIANCE_TIME]
    fraction = 1.0 / dt if dt > 0.0 else 0.0
    gathered = load_velocity_gain(memory, i)
    force = Vec3(fraction * gathered.x, fraction * gathered.y, fraction * gathered.z)
    memory[i, COVARIANCE_TIME] = t
    store_velocity_gain(memory, i, Vec3(0.0, 0.0, 0.0))
    up = vertical(believed.r, site)
    rz = believed.r.z + site.radius
    rho2 = believed.r.x * believed.r.x + believed.r.y * believed.r.y + rz * rz
    stiffness = site.mu / (rho2 * math.sqrt(rho2))
    if dt > 0.0:
        x = rotate(believed.q, Vec3(1.0, 0.0, 0.0))
        y = rotate(believed.q, Vec3(0.0, 1.0, 0.0))
        z = cross(x, y)
        spin = rotate(believed.q, omega)
        for axis in range(3):
            own = x if axis == 0 else (y if axis == 1 else z)
            propagate_axis(memory, i, axis, own, Interval(dt, force, spin, up, stiffness))
        propagate_walks(memory, i, imu, norm(force), dt)
    update_sigmas(memory, i, up)


@inline_kernel
def propagate_axis(memory: np.ndarray, i: int, axis: int, own: Vec3, flown: Interval) -> None:
    """Advance the columns of one axis of the body, which points along `own` [L]."""
    push_aside, spin_aside = cross(own, flown.force), cross(own, flown.spin)
    none, fraction = Vec3(0.0, 0.0, 0.0), dot(own, flown.spin)
    for kind in range(KINDS):
        push, turn = none, none
        drive = memory[i, DRIVING_SIGMAS + (kind - ACCEL_BIAS)] if kind >= ACCEL_BIAS else 0.0
        if kind == ACCEL_BIAS:
            push = axpy(drive, own, none)
        elif kind == ACCEL_SCALE:
            push = axpy(drive * dot(own, flown.force), own, none)
        elif kind == GYRO_BIAS:
            turn = axpy(drive, own, none)
        elif kind == GYRO_SCALE:
            turn = axpy(drive * fraction, own, none)
        elif kind == MISALIGNMENT:
            push, turn = axpy(drive, push_aside, none), axpy(drive, spin_aside, none)
        if kind < ACCEL_BIAS or drive > 0.0:
            propagate_column(memory, i, _AXES * kind + axis, push, turn, flown)


@inline_kernel
def propagate_column(
    memory: np.ndarray, i: int, column: int, push: Vec3, turn: Vec3, flown: Interval
) -> None:
    """Advance a column by ``r'' = theta x f + push + gradient r``, ``theta' = turn``."""
    at, dt, up = ERROR_COLUMNS + ERROR_COLUMN_WIDTH * column, flown.dt, flown.up
    old = load_error_column(memory, i, at)
    middle = axpy(0.5 * dt, turn, old.attitude)
    there = axpy(0.5 * dt, old.v, old.r)
    turned, rise = cross(middle, flown.force), 3.0 * dot(there, up)
    a = Vec3(
        push.x + turned.x + flown.stiffness * (rise * up.x - there.x),
        push.y + turned.y + flown.stiffness * (rise * up.y - there.y),
        push.z + turned.z + flown.stiffness * (rise * up.z - there.z),
    )
    r = axpy(0.5 * dt * dt, a, axpy(dt, old.v, old.r))
    attitude = axpy(0.5 * dt, turn, middle)
    store_error_column(memory, i, at, ErrorColumn(r, axpy(dt, a, old.v), attitude))


@inline_kernel
def propagate_walks(memory: np.ndarray, i: int, imu: ImuErrors, force: float, dt: float) -> None:
    """Covariance of the random walks after `dt`, each step of them at its end."""
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
def variance_along(memory: np.ndarray, i: int, part: int, axis: Vec3) -> float:
    """Variance of an error along a unit vector [L].

    `part` is POSITION [m^2], VELOCITY [m^2/s^2] or ATTITUDE_ERROR [rad^2].
    """
    w = load_walks(memory, i)
    total = w.rr if part == POSITION else (w.vv if part == VELOCITY else w.aa)
    for k in range(ERROR_COLUMN_COUNT):
        at = ERROR_COLUMNS + ERROR_COLUMN_WIDTH * k + _AXES * part
        along = dot(load_vec(memory, i, at), axis)
        total += along * along
    return total


@kernel
def update_sigmas(memory: np.ndarray, i: int, up: Vec3) -> None:
    """Write the one-sigma values that the lander observes."""
    w = load_walks(memory, i)
    place, height, speed, climb, turn = 0.0, w.rr, 0.0, w.vv, 0.0
    for k in range(ERROR_COLUMN_COUNT):
        one = load_error_column(memory, i, ERROR_COLUMNS + ERROR_COLUMN_WIDTH * k)
        rise, faster = dot(one.r, up), dot(one.v, up)
        place, height = place + dot(one.r, one.r), height + rise * rise
        speed, climb = speed + dot(one.v, one.v), climb + faster * faster
        turn += dot(one.attitude, one.attitude)
    sigmas = Sigmas(
        horizontal=math.sqrt(max(0.0, 0.5 * (place + 3.0 * w.rr - height))),
        height=math.sqrt(height),
        v_vertical=math.sqrt(climb),
        v_lateral=math.sqrt(max(0.0, 0.5 * (speed + 3.0 * w.vv - climb))),
        attitude=math.sqrt(turn / 3.0 + w.aa),
    )
    store_sigmas(memory, i, sigmas)
