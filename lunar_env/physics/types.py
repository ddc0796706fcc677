"""Values in flight: small NamedTuples that a kernel loads from a row, changes and stores.

Besides the frames L and B there is S, the lander's structure: axes as B, origin in the middle of
the plane through its foot pads. The centre of mass lies in S at ``com``, which moves as propellant
burns; B's origin is the centre of mass.
"""

from typing import NamedTuple

from lunar_env.kernel.linalg import Quat, Vec3


class State(NamedTuple):
    """Motion, attitude, mass and thrust of one lander."""

    r: Vec3  # m, L: centre of mass from the target
    v: Vec3  # m/s, L, relative to the turning Moon
    q: Quat  # [-], q_LB
    omega: Vec3  # rad/s, B, relative to inertial space
    mass: float  # kg
    thrust: float  # N, all engines together


class Rates(NamedTuple):
    """Time derivatives of the integrated part of a state."""

    r: Vec3  # m/s
    v: Vec3  # m/s^2
    q: Quat  # 1/s
    omega: Vec3  # rad/s^2


class Accelerations(NamedTuple):
    """What engines and thrusters do to the lander at one instant."""

    a: Vec3  # m/s^2, B: force over mass
    alpha: Vec3  # rad/s^2, B: torque over inertia
    gyro: Vec3  # [-], (Izz - Iyy)/Ixx, (Ixx - Izz)/Iyy, (Iyy - Ixx)/Izz


class ForceMoment(NamedTuple):
    """A force, and the moment that it has about the centre of mass."""

    force: Vec3  # N
    moment: Vec3  # N m


class TickAccelerations(NamedTuple):
    """Engines over one tick: at its start, its middle and its end."""

    start: Accelerations
    middle: Accelerations
    end: Accelerations
    mass: float  # kg, at the end
    thrust: float  # N, all engines together, at the end


class Vehicle(NamedTuple):
    """One lander as it really is in this episode; a flat row of floats at rest."""

    mass_dry: float  # kg, payload included
    engines: float  # [-], how many
    thrust_max: float  # N, all engines together
    throttle_min: float  # [-], floor of the band as a fraction of thrust_max
    v_e: float  # m/s, of all engines together at full thrust
    lag: float  # s, dead time and time constant of the slowest engine
    com_x: float  # m, S: centre of mass beside the axis
    com_y: float  # m
    com_z_dry: float  # m, S: of the dry lander above the pads
    com_z_tank: float  # m, S: of the propellant
    k2_x: float  # m^2, squared radius of gyration of the dry lander
    k2_y: float  # m^2
    k2_z: float  # m^2
    k2_tank: float  # m^2, of the propellant about each axis
    torque_max_xy: float  # N m, of the attitude thrusters
    torque_max_z: float  # N m
    impulse_bit: float  # N m s, smallest angular impulse of the attitude thrusters
    rcs_flow: float  # kg/(N m s), propellant per angular impulse
    rate_max: float  # rad/s, fastest turn that the autopilot asks for
    steering: float  # 1 where the engines steer by their throttles, else 0
    authority: float  # N m, torque that a turn may count on to stop


class Engine(NamedTuple):
    """One engine as it really is in this episode."""

    x: float  # m, S: where it pushes
    y: float  # m
    z: float  # m
    direction_x: float  # [-], B: unit vector of its thrust, not gimballed
    direction_y: float  # [-]
    direction_z: float  # [-]
    thrust_max: float  # N
    throttle_min: float  # [-], floor of its band
    gap_low: float  # [-], forbidden throttles lie between the two; both 1 where there are none
    gap_high: float  # [-]
    restartable: float  # 1 or 0
    flow: float  # kg/(N s), 1/(Isp g0) at full thrust
    flow_rise: float  # kg/(N s), how much more at no thrust; linear in the thrust between
    lag_up: float  # s, time constant of a rising thrust
    lag_down: float  # s, of a falling one
    dead_ticks: float  # [-], dead time in ticks
    gimbal_max: float  # rad, 0 where fixed
    gimbal_rate: float  # rad/s
    steer_x: float  # 1/m, change of its thrust per torque asked about x, where engines steer
    steer_y: float  # 1/m
    cut_below: float  # [-], throttle of the installed thrust below which it is shut down


class Throttles(NamedTuple):
    """Throttle of the whole cluster, divided between its two kinds of engines."""

    installed: float  # [-], commanded fraction of the installed thrust
    flexible: float  # [-], of each engine that can throttle; -1 if there are none


class Transient(NamedTuple):
    """First-order response of an engine to its command over a tick."""

    thrust: float  # N, at the start
    command: float  # N, constant
    lag: float  # s, time constant
    decay: float  # [-], ``exp(-t/lag)`` at the time t for which it is made: the middle of the tick


class FlowCurve(NamedTuple):
    """Mass flow of an engine at a thrust T: ``T (flow + flow_rise (1 - T/thrust_max))``."""

    flow: float  # kg/(N s), at full thrust
    flow_rise: float  # kg/(N s), increase toward zero thrust
    thrust_max: float  # N


class Thrust(NamedTuple):
    """Thrust and burned mass of one engine over one tick."""

    start: float  # N
    middle: float  # N, such that Simpson's rule gives the impulse of the tick
    end: float  # N
    burned_middle: float  # kg since the start
    burned_end: float  # kg


class Gear(NamedTuple):
    """Landing gear and hull: what may touch the ground."""

    legs: float  # [-], number of pads
    pad_radius: float  # m, from the body axis
    crush_force: float  # N, at which a leg's absorber gives way
    stroke: float  # m, how far it can; beyond, the leg breaks
    side_load: float  # N, across a leg, that breaks it
    hull_radius: float  # m, of the cylinder around the body
    hull_bottom: float  # m, S
    hull_top: float  # m, S
    hull_points: float  # [-], that can touch: both rims, the nose, side pads
    hull_nose: float  # m, S: tip of the hull, its top where there is none
    side_x: float  # m, S: middle between two pads on one side of the body
    side_y: float  # m
    side_height: float  # m, S
    side_half: float  # m, from that middle to each of them
    hull_reach: float  # m, of the point farthest from the axis
    rest_tilt_min: float  # rad, tilt to the ground in which it is meant to rest, from ...
    rest_tilt_max: float  # rad, ... to


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
    j2: float  # m^5/s^2, 3/2 J2 mu R^2
    rate: float  # rad/s, of the Moon's rotation
    pole_y: float  # [-], L: direction of the Moon's axis, north component
    pole_z: float  # [-], up component


class MapPosition(NamedTuple):
    """Where something is above the Moon, in the map of the site."""

    east: float  # m, along the surface from the target (azimuthal equidistant)
    north: float  # m
    altitude: float  # m, above the sphere through the target


class Patch(NamedTuple):
    """The ground at one place of the map."""

    elevation: float  # m, above the sphere through the target
    slope_east: float  # [-], d elevation / d east
    slope_north: float  # [-]
