"""The flight of all lanes over one tick: control torque, actuators, engines, equations of motion.

Propellant depletion is handled in `depletion.py`.
"""

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, multiply
from lunar_env.physics.attitude import (
    control_torque,
    demanded_rate,
    thruster_torque,
    trim_increment,
    updated_trim,
)
from lunar_env.physics.dynamics import accelerations
from lunar_env.physics.engines import delay_command, shift_command, subtract_shift, sum_engines
from lunar_env.physics.gimbals import slew_gimbals
from lunar_env.physics.integrate import rk4
from lunar_env.physics.lanes import (
    ATTITUDE,
    AXIS,
    BEFORE,
    BURNED,
    DEMAND,
    FORCES,
    MOMENTS,
    NOW,
    SPECIFIC_FORCE,
    STEERING,
    THRUST_END,
    TORQUE,
    TRIM_INCREMENT,
    TRIM_TORQUE,
    add_lane_vec,
    lane_burned,
    lane_quat,
    lane_state,
    lane_sum,
    lane_vec,
    lane_vehicle,
    set_lane_state,
    set_lane_vec,
)
from lunar_env.physics.mass import inertia
from lunar_env.physics.types import Site, TickAccelerations, Vehicle


@kernel
def fly(
    lanes: np.ndarray, engines: int, count: int, site: Site, tick: float, direct_control: bool
) -> None:
    """Advance every lane by one tick [s], as if its propellant lasted.

    `direct_control`: torque and gimbal angles are commanded for the whole step, and the autopilot
    is off.
    """
    if not direct_control:
        demand_torque(lanes, count, tick)
    steer(lanes, engines, count, tick, direct_control)
    sum_engines(lanes, engines, count, tick)
    integrate_lanes(lanes, count, site, tick)


@inline_kernel
def demand_torque(lanes: np.ndarray, count: int, tick: float) -> None:
    """Set the autopilot's torque demand [N m, B] in every lane, from the estimated attitude."""
    for lane in range(count):
        state, vehicle = lane_state(lanes, NOW, lane), lane_vehicle(lanes, lane)
        axis = lane_vec(lanes, AXIS, lane)
        error = lane_quat(lanes, ATTITUDE, lane)
        moments, trim = inertia(state.mass, vehicle), lane_vec(lanes, TRIM_TORQUE, lane)
        # Half of the authority: the other half is left for disturbance torques.
        deceleration = 0.5 * vehicle.authority / max(moments.x, moments.y)
        rate = demanded_rate(multiply(state.q, error), axis, vehicle.rate_max, deceleration)
        set_lane_vec(lanes, DEMAND, lane, control_torque(rate, state.omega, moments, trim))
        set_lane_vec(
            lanes, TRIM_INCREMENT, lane, trim_increment(rate, state.omega, moments, trim, tick)
        )


@inline_kernel
def steer(lanes: np.ndarray, engines: int, count: int, tick: float, direct_control: bool) -> None:
    """Slew gimbals and shift thrust commands toward the demanded torque; then delay the commands.

    The torque that the engines supply is subtracted from the demand; the attitude thrusters supply
    the rest. Under direct control the gimbals follow their commands, and no thrust is shifted.
    """
    by_throttle = lanes[STEERING] > 0.0 and not direct_control
    for e in range(engines):
        slew_gimbals(lanes, e, count, tick, direct_control)
        if by_throttle:
            for lane in range(count):
                shift_command(lanes, e, lane)
        delay_command(lanes, e, count)
    if by_throttle:
        subtract_shift(lanes, engines, count)


@inline_kernel
def integrate_lanes(lanes: np.ndarray, count: int, site: Site, tick: float) -> None:
    """Set thruster torque and trim, and integrate the motion of every lane: the costliest loop."""
    for lane in range(count):
        state, vehicle = lane_state(lanes, NOW, lane), lane_vehicle(lanes, lane)
        demand, torque_min = lane_vec(lanes, DEMAND, lane), vehicle.impulse_bit / tick
        torque = Vec3(
            thruster_torque(demand.x, vehicle.torque_max_xy, torque_min),
            thruster_torque(demand.y, vehicle.torque_max_xy, torque_min),
            thruster_torque(demand.z, vehicle.torque_max_z, torque_min),
        )
        set_lane_vec(lanes, TORQUE, lane, torque)
        trim, increment = lane_vec(lanes, TRIM_TORQUE, lane), lane_vec(lanes, TRIM_INCREMENT, lane)
        authority = vehicle.authority
        after = Vec3(
            updated_trim(trim.x, increment.x, demand.x, authority),
            updated_trim(trim.y, increment.y, demand.y, authority),
            updated_trim(trim.z, increment.z, demand.z, vehicle.torque_max_z),
        )
        set_lane_vec(lanes, TRIM_TORQUE, lane, after)
        applied = tick_accelerations(lanes, lane, state.mass, torque, vehicle, tick)
        set_lane_state(lanes, BEFORE, lane, state)
        set_lane_state(lanes, NOW, lane, rk4(state, applied, site, tick))
        add_specific_force(lanes, lane, applied, 1.0)


@inline_kernel
def add_specific_force(
    lanes: np.ndarray, lane: int, applied: TickAccelerations, weight: float
) -> None:
    """Add a tick's mean specific force [m/s^2, B], by Simpson's rule, to the sum of the step."""
    a, b, c = applied.start.a, applied.middle.a, applied.end.a
    sums = Vec3(a.x + 4.0 * b.x + c.x, a.y + 4.0 * b.y + c.y, a.z + 4.0 * b.z + c.z)
    add_lane_vec(lanes, SPECIFIC_FORCE, lane, weight / 6.0, sums)


@inline_kernel
def tick_accelerations(
    lanes: np.ndarray, lane: int, mass: float, torque: Vec3, vehicle: Vehicle, dt: float
) -> TickAccelerations:
    """Accelerations of a lane over `dt` seconds, by engine sums and thruster torque [N m, B]."""
    thrusters = thruster_flow(torque, mass, vehicle) * dt
    burned = lane_burned(lanes, BURNED, lane)
    middle = mass - burned.middle - 0.5 * thrusters
    end = mass - burned.end - thrusters
    force, moment = lane_sum(lanes, FORCES, lane), lane_sum(lanes, MOMENTS, lane)
    return TickAccelerations(
        accelerations(force.start, moment.start, torque, mass, vehicle),
        accelerations(force.middle, moment.middle, torque, middle, vehicle),
        accelerations(force.end, moment.end, torque, end, vehicle),
        end,
        lanes[THRUST_END + lane],
    )


@inline_kernel
def thruster_flow(torque: Vec3, mass: float, vehicle: Vehicle) -> float:
    """Propellant flow [kg/s] of the attitude thrusters, which draw from the engines' tanks."""
    flow = vehicle.rcs_flow * (abs(torque.x) + abs(torque.y) + abs(torque.z))
    return flow if mass > vehicle.mass_dry else 0.0
