"""Values in flight: small NamedTuples that a kernel loads from a row, changes and stores."""

from typing import NamedTuple

from lunar_env.kernel.linalg import Quat, Vec3


class State(NamedTuple):
    """Motion, attitude, mass and engine of one lander."""

    r: Vec3  # m, L: centre of mass from the target
    v: Vec3  # m/s, L, relative to the turning Moon
    q: Quat  # [-], q_LB
    omega: Vec3  # rad/s, B, relative to inertial space
    mass: float  # kg
    thrust: float  # N


class Rates(NamedTuple):
    """Time derivatives of the integrated part of a state."""

    r: Vec3  # m/s
    v: Vec3  # m/s^2
    q: Quat  # 1/s
    omega: Vec3  # rad/s^2


class Vehicle(NamedTuple):
    """One lander as it really is in this episode; a flat row of floats at rest."""

    mass_dry: float  # kg, payload included
    thrust_max: float  # N
    throttle_min: float  # [-], floor of the band as a fraction of thrust_max
    restartable: float  # 1 or 0
    v_e: float  # m/s, exhaust velocity Isp g0
    lag: float  # s, first-order time constant of the engine
    direction_x: float  # [-], B, thrust direction
    direction_y: float  # [-]
    direction_z: float  # [-]
    arm: float  # m, engine below the centre of mass
    k2_xy: float  # m^2, squared radius of gyration about x and y
    k2_z: float  # m^2
    torque_max_xy: float  # N m
    torque_max_z: float  # N m
    legs: float  # [-], number of pads
    pad_radius: float  # m, from the body axis
    cg_height: float  # m, centre of mass above the pads


class Limits(NamedTuple):
    """Touchdown limits of one tier."""

    v_vertical: float  # m/s
    v_lateral: float  # m/s
    tilt: float  # rad, to the local surface
    rate: float  # rad/s


class Site(NamedTuple):
    """Gravity and rotation at the landing site."""

    mu: float  # m^3/s^2
    radius: float  # m, of the target from the Moon's centre
    omega_y: float  # rad/s, north component of the Moon's rotation
    omega_z: float  # rad/s, up component


class Ground(NamedTuple):
    """A plane through the target."""

    normal_x: float
    normal_y: float
    normal_z: float
