"""Dead reckoning: the true motion plus errors that were drawn at the start and grow with time.

Position error ``e_r + e_v t + b t^2/2``, velocity error ``e_v + b t`` with an accelerometer bias
`b`; a fixed attitude error. Exact for an inertial unit whose errors are constant over a descent of
a minute. The one-sigma values are those of the distributions: what the designers know.
"""

import math
from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Quat, Vec3, multiply
from lunar_env.physics.types import State
from lunar_env.sensors.rows import NAV


class NavErrors(NamedTuple):
    """Errors of one episode, believed minus true, and their one-sigma values."""

    r: Vec3  # m, L, at the start
    v: Vec3  # m/s, L, at the start
    bias: Vec3  # m/s^2, L
    attitude: Quat  # [-], rotation from the true to the believed attitude, B
    sigma_horizontal: float  # m
    sigma_height: float  # m
    sigma_v_vertical: float  # m/s
    sigma_v_lateral: float  # m/s
    sigma_bias: float  # m/s^2
    sigma_attitude: float  # rad


class DeadReckoning(NamedTuple):
    """What the lander believes of its own motion."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    q: Quat  # [-], q_LB
    mass: float  # kg, as the gauge tells


@kernel
def load_nav(memory: np.ndarray, i: int) -> NavErrors:
    """Errors of row `i`."""
    m, j = memory, NAV
    return NavErrors(
        Vec3(m[i, j], m[i, j + 1], m[i, j + 2]),
        Vec3(m[i, j + 3], m[i, j + 4], m[i, j + 5]),
        Vec3(m[i, j + 6], m[i, j + 7], m[i, j + 8]),
        Quat(m[i, j + 9], m[i, j + 10], m[i, j + 11], m[i, j + 12]),
        *(m[i, j + 13], m[i, j + 14], m[i, j + 15], m[i, j + 16], m[i, j + 17], m[i, j + 18]),
    )


@cold_kernel
def store_nav(memory: np.ndarray, i: int, errors: NavErrors) -> None:
    """Write errors to row `i`."""
    m, j, e = memory, NAV, errors
    m[i, j], m[i, j + 1], m[i, j + 2] = e.r.x, e.r.y, e.r.z
    m[i, j + 3], m[i, j + 4], m[i, j + 5] = e.v.x, e.v.y, e.v.z
    m[i, j + 6], m[i, j + 7], m[i, j + 8] = e.bias.x, e.bias.y, e.bias.z
    m[i, j + 9], m[i, j + 10] = e.attitude.w, e.attitude.x
    m[i, j + 11], m[i, j + 12] = e.attitude.y, e.attitude.z
    m[i, j + 13], m[i, j + 14] = e.sigma_horizontal, e.sigma_height
    m[i, j + 15], m[i, j + 16] = e.sigma_v_vertical, e.sigma_v_lateral
    m[i, j + 17], m[i, j + 18] = e.sigma_bias, e.sigma_attitude


@kernel
def dead_reckon(state: State, errors: NavErrors, t: float) -> DeadReckoning:
    """Believed position, velocity and attitude at time `t`."""
    h = 0.5 * t * t
    r, v, e, u, b = state.r, state.v, errors.r, errors.v, errors.bias
    return DeadReckoning(
        Vec3(
            r.x + e.x + u.x * t + b.x * h,
            r.y + e.y + u.y * t + b.y * h,
            r.z + e.z + u.z * t + b.z * h,
        ),
        Vec3(v.x + u.x + b.x * t, v.y + u.y + b.y * t, v.z + u.z + b.z * t),
        multiply(state.q, errors.attitude),
        state.mass,
    )


@kernel
def height_sigma(errors: NavErrors, t: float) -> float:
    """One sigma of the dead-reckoned height [m] after `t` seconds."""
    drift = errors.sigma_v_vertical * t
    push = 0.5 * errors.sigma_bias * t * t
    return math.sqrt(errors.sigma_height**2 + drift * drift + push * push)


@kernel
def speed_sigma(sigma: float, errors: NavErrors, t: float) -> float:
    """One sigma of a velocity component [m/s] that started with `sigma`."""
    push = errors.sigma_bias * t
    return math.sqrt(sigma * sigma + push * push)
