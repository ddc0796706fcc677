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

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, cross, dot, norm, rotate
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site
from lunar_env.sensors.inertial import DeadReckoning, Imu
from lunar_env.sensors.rows import (
    COLUMN_COUNT,
    COLUMN_WIDTH,
    COLUMNS,
    DRIVES,
    GATHERED,
    SIGMAS,
    SPREAD_TIME,
    WALKS,
)

# Kinds of columns, three axes each. The first three are errors of the start.
PLACE: Final = 0
SPEED: Final = 1
TURN: Final = 2
ACCEL_BIAS: Final = 3
ACCEL_SCALE: Final = 4
GYRO_BIAS: Final = 5
GYRO_SCALE: Final = 6
MISALIGNMENT: Final = 7
KINDS: Final = 8


class Sigmas(NamedTuple):
    """One-sigma values that the lander observes."""

    horizontal: float  # m, of one axis
    height: float  # m
    v_vertical: float  # m/s
    v_lateral: float  # m/s, of one axis
    attitude: float  # rad, of one axis


class Walks(NamedTuple):
    """Covariance of what the random walks have done, of one axis."""

    rr: float
    rv: float
    ra: float
    vv: float
    va: float
    aa: float


@kernel
def load_sigmas(memory: np.ndarray, i: int) -> Sigmas:
    """One-sigma values of row `i`, at the last look."""
    m, j = memory, SIGMAS
    return Sigmas(m[i, j], m[i, j + 1], m[i, j + 2], m[i, j + 3], m[i, j + 4])


@kernel
def column_vec(memory: np.ndarray, i: int, j: int) -> Vec3:
    """A vector of a column."""
    return Vec3(memory[i, j], memory[i, j + 1], memory[i, j + 2])


@kernel
def set_column_vec(memory: np.ndarray, i: int, j: int, a: Vec3) -> None:
    """Write a vector of a column."""
    memory[i, j], memory[i, j + 1], memory[i, j + 2] = a.x, a.y, a.z


@cold_kernel
def clear_spread(memory: np.ndarray, i: int) -> None:
    """No errors, at time zero."""
    for k in range(SPREAD_TIME, COLUMNS + COLUMN_WIDTH * COLUMN_COUNT):
        memory[i, k] = 0.0
    for k in range(3):
        memory[i, GATHERED + k] = 0.0


@cold_kernel
def begin_column(memory: np.ndarray, i: int, kind: int, axis: int, one_sigma: Vec3) -> None:
    """Set one sigma of an error of the start: PLACE [m], SPEED [m/s] or TURN [rad], in L."""
    column = COLUMNS + COLUMN_WIDTH * (3 * kind + axis)
    set_column_vec(memory, i, column + 3 * kind, one_sigma)


@cold_kernel
def look_at_spread(
    memory: np.ndarray,
    i: int,
    imu: Imu,
    believed: DeadReckoning,
    omega: Vec3,
    t: float,
    site: Site,
) -> None:
    """Bring the columns up to `t` with the specific force gathered meanwhile, and sum them."""
    dt = t - memory[i, SPREAD_TIME]
    share = 1.0 / dt if dt > 0.0 else 0.0
    gathered = column_vec(memory, i, GATHERED)
    force = Vec3(share * gathered.x, share * gathered.y, share * gathered.z)
    memory[i, SPREAD_TIME] = t
    set_column_vec(memory, i, GATHERED, Vec3(0.0, 0.0, 0.0))
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
            move_axis(memory, i, axis, own, force, spin, up, stiffness, dt)
        spread_walks(memory, i, imu, norm(force), dt)
    sum_columns(memory, i, up)


@kernel
def move_axis(
    memory: np.ndarray,
    i: int,
    axis: int,
    own: Vec3,
    force: Vec3,
    spin: Vec3,
    up: Vec3,
    stiffness: float,
    dt: float,
) -> None:
    """Advance the columns of one axis of the body, which points along `own` [L]."""
    push_aside, spin_aside = cross(own, force), cross(own, spin)
    none, share = Vec3(0.0, 0.0, 0.0), dot(own, spin)
    for kind in range(KINDS):
        push, turn = none, none
        drive = memory[i, DRIVES + kind - ACCEL_BIAS] if kind >= ACCEL_BIAS else 0.0
        if kind == ACCEL_BIAS:
            push = axpy(drive, own, none)
        elif kind == ACCEL_SCALE:
            push = axpy(drive * dot(own, force), own, none)
        elif kind == GYRO_BIAS:
            turn = axpy(drive, own, none)
        elif kind == GYRO_SCALE:
            turn = axpy(drive * share, own, none)
        elif kind == MISALIGNMENT:
            push, turn = axpy(drive, push_aside, none), axpy(drive, spin_aside, none)
        if kind < ACCEL_BIAS or drive > 0.0:
            move_column(memory, i, 3 * kind + axis, push, turn, force, up, stiffness, dt)


@kernel
def move_column(
    memory: np.ndarray,
    i: int,
    place: int,
    push: Vec3,
    spin: Vec3,
    force: Vec3,
    up: Vec3,
    stiffness: float,
    dt: float,
) -> None:
    """Advance a column by ``r'' = theta x f + push + gradient r``, ``theta' = spin``."""
    j = COLUMNS + COLUMN_WIDTH * place
    r, v = column_vec(memory, i, j), column_vec(memory, i, j + 3)
    middle = axpy(0.5 * dt, spin, column_vec(memory, i, j + 6))
    set_column_vec(memory, i, j + 6, axpy(0.5 * dt, spin, middle))
    there = axpy(0.5 * dt, v, r)
    turned, rise = cross(middle, force), 3.0 * dot(there, up)
    a = Vec3(
        push.x + turned.x + stiffness * (rise * up.x - there.x),
        push.y + turned.y + stiffness * (rise * up.y - there.y),
        push.z + turned.z + stiffness * (rise * up.z - there.z),
    )
    set_column_vec(memory, i, j, axpy(0.5 * dt * dt, a, axpy(dt, v, r)))
    set_column_vec(memory, i, j + 3, axpy(dt, a, v))


@kernel
def spread_walks(memory: np.ndarray, i: int, imu: Imu, force: float, dt: float) -> None:
    """Covariance of the random walks after `dt`, each step of them at its end."""
    m, j = memory, WALKS
    w = Walks(m[i, j], m[i, j + 1], m[i, j + 2], m[i, j + 3], m[i, j + 4], m[i, j + 5])
    g, h = force * dt, 0.5 * force * dt * dt
    far = 2.0 * (dt * w.rv + h * w.ra + dt * h * w.va)
    m[i, j] = w.rr + dt * dt * w.vv + h * h * w.aa + far
    m[i, j + 1] = w.rv + g * w.ra + dt * w.vv + (dt * g + h) * w.va + h * g * w.aa
    m[i, j + 2] = w.ra + dt * w.va + h * w.aa
    m[i, j + 3] = w.vv + 2.0 * g * w.va + g * g * w.aa + imu.velocity_walk**2 * dt
    m[i, j + 4] = w.va + g * w.aa
    m[i, j + 5] = w.aa + imu.angle_walk**2 * dt


@kernel
def variance_along(memory: np.ndarray, i: int, part: int, axis: Vec3) -> float:
    """Variance of an error along a unit vector [L]; `part` is PLACE, SPEED or TURN."""
    total = memory[i, WALKS + 3 * part - part * (part - 1) // 2]
    for k in range(COLUMN_COUNT):
        along = dot(column_vec(memory, i, COLUMNS + COLUMN_WIDTH * k + 3 * part), axis)
        total += along * along
    return total


@cold_kernel
def sum_columns(memory: np.ndarray, i: int, up: Vec3) -> None:
    """Write the one-sigma values that the lander observes."""
    m, w = memory, WALKS
    place, height, speed, climb, turn = 0.0, m[i, w], 0.0, m[i, w + 3], 0.0
    for k in range(COLUMN_COUNT):
        j = COLUMNS + COLUMN_WIDTH * k
        r, v, a = column_vec(m, i, j), column_vec(m, i, j + 3), column_vec(m, i, j + 6)
        rise, faster = dot(r, up), dot(v, up)
        place, height = place + dot(r, r), height + rise * rise
        speed, climb = speed + dot(v, v), climb + faster * faster
        turn += dot(a, a)
    m[i, SIGMAS] = math.sqrt(max(0.0, 0.5 * (place + 3.0 * m[i, w] - height)))
    m[i, SIGMAS + 1], m[i, SIGMAS + 2] = math.sqrt(height), math.sqrt(climb)
    m[i, SIGMAS + 3] = math.sqrt(max(0.0, 0.5 * (speed + 3.0 * m[i, w + 3] - climb)))
    m[i, SIGMAS + 4] = math.sqrt(turn / 3.0 + m[i, w + 5])
