"""Records of the physics: small NamedTuples that a kernel loads from a row, changes and stores.

Besides the frames L and B there is S, the lander's structural frame: axes parallel to B, origin at
the centre of the plane of its foot pads. The centre of mass is at ``com`` in S and moves as
propellant burns; it is the origin of B.
"""

from typing import NamedTuple

from lunar_env.kernel.linalg import Quat, Vec3


class State(NamedTuple):
    """Motion, attitude, mass and thrust of one lander."""

    r: Vec3  # m, L: centre of mass from the target
    v: Vec3  # m/s, L, relative to the rotating Moon
    q: Quat  # [-], q_LB
    omega: Vec3  # rad/s, B, relative to inertial space
    mass: float  # kg
    thrust: float  # N, all engines together


class Rates(NamedTuple):
    """Time derivatives of the integrated components of a state."""

    r: Vec3  # m/s, L
    v: Vec3  # m/s^2, L
    q: Quat  # 1/s
    omega: Vec3  # rad/s^2, B


class Accelerations(NamedTuple):
    """Accelerations by engines and thrusters at one instant, with the inertia ratios."""

    a: Vec3  # m/s^2, B: specific force
    alpha: Vec3  # rad/s^2, B: torque over moment of inertia
    gyro: Vec3  # [-], gyroscopic coefficients (Izz - Iyy)/Ixx, (Ixx - Izz)/Iyy, (Iyy - Ixx)/Izz


class ForceMoment(NamedTuple):
    """A force and its moment about the centre of mass, in one frame."""

    force: Vec3  # N
    moment: Vec3  # N m


class TickAccelerations(NamedTuple):
    """Accelerations at start, middle and end of a tick, with the mass and thrust at its end."""

    start: Accelerations
    middle: Accelerations
    end: Accelerations
    mass: float  # kg, at the end
    thrust: float  # N, all engines together, at the end


class Vehicle(NamedTuple):
    """True properties of one lander in an episode."""

    mass_dry: float  # kg, payload included
    engines: float  # [-], number of engines
    thrust_max: float  # N, all engines together
    throttle_min: float  # [-], minimum thrust as a fraction of thrust_max
    v_e: float  # m/s, exhaust velocity of all engines together at full thrust
    lag: float  # s, dead time and time constant of the slowest engine
    com_x: float  # m, S: lateral offset of the centre of mass
    com_y: float  # m, S
    com_z_dry: float  # m, S: height of the dry lander's centre of mass
    com_z_tank: float  # m, S: height of the propellant's centre of mass
    k2_x: float  # m^2, squared radius of gyration of the dry lander about its x axis
    k2_y: float  # m^2, about y
    k2_z: float  # m^2, about z
    k2_tank: float  # m^2, of the propellant about each axis
    torque_max_xy: float  # N m, of the attitude thrusters about x and y
    torque_max_z: float  # N m, about z
    impulse_bit: float  # N m s, smallest angular impulse of the attitude thrusters
    rcs_flow: float  # kg/(N m s), propellant per angular impulse
    rate_max: float  # rad/s, largest body rate that the autopilot demands
    steering: float  # 1 if attitude is controlled by differential throttling, else 0
    authority: float  # N m, control authority: torque available to stop a rotation


class Engine(NamedTuple):
    """True properties of one engine in an episode."""

    x: float  # m, S: point of application of the thrust
    y: float  # m, S
    z: float  # m, S
    direction_x: float  # [-], B: thrust direction at zero gimbal angles
    direction_y: float  # [-], B
    direction_z: float  # [-], B
    thrust_max: float  # N
    throttle_min: float  # [-], minimum throttle
    gap_low: float  # [-], lower edge of the forbidden throttle band; 1 without one
    gap_high: float  # [-], upper edge; 1 without one
    restartable: float  # 1 or 0
    flow: float  # kg/(N s), mass flow per thrust, 1/(Isp g0), at full thrust
    flow_rise: float  # kg/(N s), its increase toward zero thrust, linear in the thrust
    lag_up: float  # s, time constant of a rising thrust
    lag_down: float  # s, of a falling one
    dead_ticks: float  # [-], dead time in ticks
    gimbal_max: float  # rad, largest gimbal angle; 0 if fixed
    gimbal_rate: float  # rad/s, slew rate
    steer_x: float  # 1/m, differential thrust per demanded torque about x
    steer_y: float  # 1/m, about y
    cut_below: float  # [-], throttle of the installed thrust below which it is shut down
    stick: float  # [-], smallest change of its throttle that the valve follows; 0 for any


class Throttles(NamedTuple):
    """Throttle of the engine cluster, for fixed-thrust and for throttleable engines."""

    installed: float  # [-], commanded fraction of the installed thrust
    flexible: float  # [-], of each engine that can throttle; -1 if there are none


class Transient(NamedTuple):
    """First-order response of an engine to its command over a tick."""

    thrust: float  # N, at the start
    command: float  # N, constant
    lag: float  # s, time constant
    decay: float  # [-], ``exp(-t/lag)`` at the time t of interest, as a rule mid-tick


class FlowCurve(NamedTuple):
    """Mass flow of an engine at a thrust T: ``T (flow + flow_rise (1 - T/thrust_max))``."""

    flow: float  # kg/(N s), mass flow per thrust at full thrust
    flow_rise: float  # kg/(N s), increase toward zero thrust
    thrust_max: float  # N


class Thrust(NamedTuple):
    """Thrust and burned propellant of one engine over a tick."""

    start: float  # N
    middle: float  # N, for which Simpson's rule is exact in the impulse of the tick
    end: float  # N
    burned_middle: float  # kg, from the start to the middle
    burned_end: float  # kg, from the start to the end


class Gear(NamedTuple):
    """Landing gear and hull: everything that may touch the ground."""

    legs: float  # [-], number of legs, each with a pad
    pad_radius: float  # m, distance of the pads from the body axis
    crush_force: float  # N, axial force at which a leg's absorber crushes
    stroke: float  # m, of the absorber; beyond it the leg breaks
    side_load: float  # N, transverse force that breaks a leg
    hull_radius: float  # m, of the hull cylinder
    hull_bottom: float  # m, S: z of the lower rim
    hull_top: float  # m, S: z of the upper rim
    hull_points: float  # [-], number of contact points: both rims, nose, side pads
    hull_nose: float  # m, S: z of the tip of the hull, or of its top without a nose
    side_x: float  # m, S: midpoint between the two side pads
    side_y: float  # m, S
    side_height: float  # m, S: its z
    side_half: float  # m, from the midpoint to each side pad
    hull_reach: float  # m, largest distance of a hull point from the axis
    rest_tilt_min: float  # rad, smallest intended tilt to the ground at rest
    rest_tilt_max: float  # rad, largest


class Limits(NamedTuple):
    """Touchdown limits of one tier."""

    v_vertical: float  # m/s, descent rate
    v_lateral: float  # m/s
    tilt: float  # rad, from the ground normal
    rate: float  # rad/s, magnitude of the body rate


class Site(NamedTuple):
    """Gravity and rotation at the landing site."""

    mu: float  # m^3/s^2
    radius: float  # m, distance of the target from the Moon's centre
    j2: float  # m^5/s^2, 3/2 J2 mu R^2
    rate: float  # rad/s, of the Moon's rotation
    pole_y: float  # [-], L: north component of the Moon's rotation axis
    pole_z: float  # [-], L: its vertical component


class MapPosition(NamedTuple):
    """Position of a point on the map of the landing site, and its altitude."""

    east: float  # m, from the target (azimuthal equidistant projection)
    north: float  # m
    altitude: float  # m, above the sphere through the target


class Patch(NamedTuple):
    """Elevation and slopes of the ground at one map position."""

    elevation: float  # m, above the sphere through the target
    slope_east: float  # [-], d elevation / d east
    slope_north: float  # [-]
