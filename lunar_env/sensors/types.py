"""Records of the sensors that a kernel loads from a row, changes and stores."""

from typing import NamedTuple

from lunar_env.kernel.linalg import Quat, Vec3


class NavErrors(NamedTuple):
    """Errors of dead reckoning at one instant, dead-reckoned minus true."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    attitude: Quat  # [-], rotation from the true to the believed attitude, L
    omega: Vec3  # rad/s, B: the true body rate at that instant
    time: float  # s, of the instant


class ImuErrors(NamedTuple):
    """Errors of the IMU in one episode."""

    accel_bias: Vec3  # m/s^2, B
    accel_scale: Vec3  # [-]
    gyro_bias: Vec3  # rad/s, B
    gyro_scale: Vec3  # [-]
    misalignment: Vec3  # rad, B: small rotation of the IMU relative to the body axes
    velocity_walk: float  # m/s/sqrt(s)
    angle_walk: float  # rad/sqrt(s)


class DeadReckoning(NamedTuple):
    """Dead-reckoned state."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    q: Quat  # [-], q_LB
    mass: float  # kg


class Sigmas(NamedTuple):
    """One-sigma values that the lander observes."""

    horizontal: float  # m, of one axis
    height: float  # m
    v_vertical: float  # m/s
    v_lateral: float  # m/s, of one axis
    attitude: float  # rad, of one axis


class DrivingSigmas(NamedTuple):
    """One sigma of the IMU errors that drive the columns of `covariance.py`, in their order."""

    accel_bias: float  # m/s^2
    accel_scale: float  # [-]
    gyro_bias: float  # rad/s
    gyro_scale: float  # [-]
    misalignment: float  # rad


class Walks(NamedTuple):
    """Covariance, for one axis, of the errors caused by the random walks."""

    rr: float  # m^2
    rv: float  # m^2/s
    ra: float  # m rad
    vv: float  # m^2/s^2
    va: float  # m rad/s
    aa: float  # rad^2
