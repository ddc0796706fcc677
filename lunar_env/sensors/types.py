"""Values of the sensors in flight: records that a kernel loads from a row, changes and stores."""

from typing import NamedTuple

from lunar_env.kernel.linalg import Quat, Vec3


class NavErrors(NamedTuple):
    """Errors of dead reckoning at one instant, believed minus true."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    attitude: Quat  # [-], rotation from the true to the believed attitude, L
    omega: Vec3  # rad/s, B: the true body rate then
    time: float  # s, of that instant


class ImuErrors(NamedTuple):
    """Errors of the inertial unit of one lander; scales and alignment touch what it reads."""

    accel_bias: Vec3  # m/s^2, B
    accel_scale: Vec3  # [-]
    gyro_bias: Vec3  # rad/s, B
    gyro_scale: Vec3  # [-]
    misalignment: Vec3  # rad, B: the unit is turned by less than this against the lander
    velocity_walk: float  # m/s/sqrt(s)
    angle_walk: float  # rad/sqrt(s)


class DeadReckoning(NamedTuple):
    """What the lander believes of its own motion."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    q: Quat  # [-], q_LB
    mass: float  # kg, by the gauge


class Sigmas(NamedTuple):
    """One-sigma values that the lander observes."""

    horizontal: float  # m, of one axis
    height: float  # m
    v_vertical: float  # m/s
    v_lateral: float  # m/s, of one axis
    attitude: float  # rad, of one axis


class DrivingSigmas(NamedTuple):
    """One sigma of what drives the columns of `covariance.py`, in the order of their kinds."""

    accel_bias: float  # m/s^2
    accel_scale: float  # [-]
    gyro_bias: float  # rad/s
    gyro_scale: float  # [-]
    misalignment: float  # rad


class Walks(NamedTuple):
    """Covariance of what the random walks have done, of one axis."""

    rr: float  # m^2
    rv: float
    ra: float
    vv: float
    va: float
    aa: float
