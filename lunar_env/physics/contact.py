"""First contact of a footpad with the ground: when inside the tick, how fast, how tilted."""

import math
from typing import NamedTuple

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, conjugate, norm, rotate
from lunar_env.physics.integrate import advance
from lunar_env.physics.terrain import clearance, elevation
from lunar_env.physics.types import Ground, Limits, Site, State, Vehicle


class Touchdown(NamedTuple):
    """Motion at first contact."""

    v_vertical: float  # m/s, downwards
    v_lateral: float  # m/s
    tilt: float  # rad, body axis to the ground's normal
    rate: float  # rad/s


@kernel
def height_above_ground(state: State, ground: Ground, vehicle: Vehicle) -> float:
    """Height of the footpad plane of the upright lander above the ground under it [m]."""
    return state.r.z - vehicle.cg_height - elevation(state.r.x, state.r.y, ground)


@kernel
def pad_clearance(state: State, ground: Ground, vehicle: Vehicle) -> float:
    """Distance of the lowest pad from the ground [m]; a lower bound while that is positive."""
    bound = clearance(state.r, ground) - vehicle.pad_radius - vehicle.cg_height
    return bound if bound > 0.0 else _lowest_pad(state, ground, vehicle)


@cold_kernel
def _lowest_pad(state: State, ground: Ground, vehicle: Vehicle) -> float:
    """Distance of the lowest pad from the ground [m]."""
    normal = rotate(conjugate(state.q), Vec3(ground.normal_x, ground.normal_y, ground.normal_z))
    lowest = math.inf
    for k in range(int(vehicle.legs)):
        angle = 2.0 * math.pi * (k + 0.5) / vehicle.legs
        reach = normal.x * math.cos(angle) + normal.y * math.sin(angle)
        lowest = min(lowest, vehicle.pad_radius * reach)
    return clearance(state.r, ground) + lowest - vehicle.cg_height * normal.z


@cold_kernel
def contact_time(
    state: State,
    command: float,
    torque: Vec3,
    vehicle: Vehicle,
    site: Site,
    ground: Ground,
    dt: float,
) -> float:
    """Time in [0, dt] at which the first pad touches, to a micrometre.

    False position: within a tick the path is nearly straight, so a few steps suffice. Call it only
    where `dt` ends below the ground.
    """
    low, f_low = 0.0, pad_clearance(state, ground, vehicle)
    if f_low <= 0.0:
        return 0.0
    high = dt
    f_high = pad_clearance(advance(state, command, torque, vehicle, site, dt), ground, vehicle)
    t = high
    for _ in range(30):
        t = (low * f_high - high * f_low) / (f_high - f_low)
        f = pad_clearance(advance(state, command, torque, vehicle, site, t), ground, vehicle)
        if abs(f) < 1e-6:
            break
        if f > 0.0:
            low, f_low = t, f
        else:
            high, f_high = t, f
    return t


@cold_kernel
def touchdown_motion(state: State, ground: Ground) -> Touchdown:
    """What the touchdown limits are compared with."""
    axis = rotate(state.q, Vec3(0.0, 0.0, 1.0))
    return Touchdown(
        -state.v.z,
        math.sqrt(state.v.x**2 + state.v.y**2),
        math.acos(max(-1.0, min(1.0, clearance(axis, ground)))),
        norm(state.omega),
    )


@cold_kernel
def within(touchdown: Touchdown, limits: Limits) -> bool:
    """Whether no limit of a tier is broken."""
    return (
        touchdown.v_vertical <= limits.v_vertical
        and touchdown.v_lateral <= limits.v_lateral
        and touchdown.tilt <= limits.tilt
        and touchdown.rate <= limits.rate
    )
