"""The flight of the lanes: steer, burn, move, tick by tick; and the tick that empties the tanks."""

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, multiply
from lunar_env.physics.attitude import (
    asked_rate,
    kept,
    learned_trim,
    thrusters,
    turning_torque,
)
from lunar_env.physics.cluster import burn, quench, reburn
from lunar_env.physics.dynamics import push_of
from lunar_env.physics.integrate import rk4
from lunar_env.physics.lanes import (
    ATTITUDE,
    AXIS,
    BEFORE,
    BURNED,
    DEMAND,
    FELT,
    FORCES,
    LEARNT,
    MASS,
    MASS_DRY,
    MOMENTS,
    NOW,
    STEADY,
    STEERING,
    THRUST_END,
    TORQUE,
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
from lunar_env.physics.steering import settle_steering, steer
from lunar_env.physics.types import Burn, Site, State, Vehicle


@cold_kernel
def fly(x: np.ndarray, engines: int, lanes: int, site: Site, tick: float, by_hand: bool) -> None:
    """Advance every lane by one tick, as if its propellant lasted.

    `by_hand`: torque and gimbals were commanded for the whole step, and no autopilot acts.
    """
    if not by_hand:
        demand(x, lanes, tick)
    steer(x, engines, lanes, tick, by_hand)
    if not by_hand and x[STEERING] > 0.0:
        settle_steering(x, engines, lanes)
    burn(x, engines, lanes, tick)
    move(x, lanes, site, tick)


@kernel
def demand(x: np.ndarray, lanes: int, tick: float) -> None:
    """The autopilot's torque for every lane, on the attitude that the lander believes."""
    for lane in range(lanes):
        state, vehicle = lane_state(x, NOW, lane), lane_vehicle(x, lane)
        axis = lane_vec(x, AXIS, lane)
        error = lane_quat(x, ATTITUDE, lane)
        moments, trim = inertia(state.mass, vehicle), lane_vec(x, STEADY, lane)
        # Half of what the lander can do: the other half holds what pushes it meanwhile.
        brake = 0.5 * vehicle.authority / max(moments.x, moments.y)
        asked = asked_rate(multiply(state.q, error), axis, vehicle.rate_max, brake)
        set_lane_vec(x, DEMAND, lane, turning_torque(asked, state.omega, moments, trim))
        set_lane_vec(x, LEARNT, lane, learned_trim(asked, state.omega, moments, trim, tick))


@kernel
def move(x: np.ndarray, lanes: int, site: Site, tick: float) -> None:
    """Advance every lane by one tick, as if its propellant lasted. This is the loop that counts."""
    for lane in range(lanes):
        state, vehicle = lane_state(x, NOW, lane), lane_vehicle(x, lane)
        asked, bit = lane_vec(x, DEMAND, lane), vehicle.impulse_bit / tick
        torque = Vec3(
            thrusters(asked.x, vehicle.torque_max_xy, bit),
            thrusters(asked.y, vehicle.torque_max_xy, bit),
            thrusters(asked.z, vehicle.torque_max_z, bit),
        )
        set_lane_vec(x, TORQUE, lane, torque)
        trim, learnt = lane_vec(x, STEADY, lane), lane_vec(x, LEARNT, lane)
        across = vehicle.authority
        after = Vec3(
            kept(trim.x, learnt.x, asked.x, across),
            kept(trim.y, learnt.y, asked.y, across),
            kept(trim.z, learnt.z, asked.z, vehicle.torque_max_z),
        )
        set_lane_vec(x, STEADY, lane, after)
        burn = lane_burn(x, lane, state.mass, torque, vehicle, tick)
        set_lane_state(x, BEFORE, lane, state)
        set_lane_state(x, NOW, lane, rk4(state, burn, site, tick))
        note_force(x, lane, burn, 1.0)


@kernel
def note_force(x: np.ndarray, lane: int, burn: Burn, share: float) -> None:
    """Add the mean specific force of a tick, Simpson's, to a lane's sum."""
    a, b, c = burn.start.a, burn.middle.a, burn.end.a
    sums = Vec3(a.x + 4.0 * b.x + c.x, a.y + 4.0 * b.y + c.y, a.z + 4.0 * b.z + c.z)
    add_lane_vec(x, FELT, lane, share / 6.0, sums)


@kernel
def lane_burn(
    x: np.ndarray, lane: int, mass: float, torque: Vec3, vehicle: Vehicle, dt: float
) -> Burn:
    """Pushes of a lane over `dt`, from the sums over its engines and the thrusters' torque."""
    spray = thruster_flow(torque, mass, vehicle) * dt
    burned = lane_burned(x, BURNED, lane)
    middle = mass - burned.middle - 0.5 * spray
    end = mass - burned.end - spray
    force, moment = lane_sum(x, FORCES, lane), lane_sum(x, MOMENTS, lane)
    return Burn(
        push_of(force.start, moment.start, torque, mass, vehicle),
        push_of(force.middle, moment.middle, torque, middle, vehicle),
        push_of(force.end, moment.end, torque, end, vehicle),
        end,
        x[THRUST_END + lane],
    )


@kernel
def thruster_flow(torque: Vec3, mass: float, vehicle: Vehicle) -> float:
    """Propellant flow [kg/s] of the attitude thrusters, which share the tanks while they last."""
    flow = vehicle.rcs_flow * (abs(torque.x) + abs(torque.y) + abs(torque.z))
    return flow if mass > vehicle.mass_dry else 0.0


@cold_kernel
def refly(x: np.ndarray, engines: int, lane: int, site: Site, dt: float) -> State:
    """State of a lane `dt` after the start of its tick."""
    before, vehicle = lane_state(x, BEFORE, lane), lane_vehicle(x, lane)
    reburn(x, engines, lane, dt)
    torque = lane_vec(x, TORQUE, lane)
    return rk4(before, lane_burn(x, lane, before.mass, torque, vehicle, dt), site, dt)


@kernel
def run_dry(x: np.ndarray, engines: int, lane: int, site: Site, tick: float) -> None:
    """Fly the tick again where it emptied the tanks; cheap and rare."""
    if x[MASS + lane] < x[MASS_DRY + lane]:
        fly_to_empty(x, engines, lane, site, tick)


@cold_kernel
def fly_to_empty(x: np.ndarray, engines: int, lane: int, site: Site, tick: float) -> None:
    """Powered up to the instant the tanks run dry, found by bisection; then without thrust."""
    before, vehicle = lane_state(x, BEFORE, lane), lane_vehicle(x, lane)
    low, high = 0.0, tick
    if before.mass <= vehicle.mass_dry:
        high = 0.0
    torque = lane_vec(x, TORQUE, lane)
    flow = thruster_flow(torque, before.mass, vehicle)
    note_force(x, lane, lane_burn(x, lane, before.mass, torque, vehicle, tick), -1.0)
    while high > 0.0:
        t = 0.5 * (low + high)
        if t in (low, high):
            break
        reburn(x, engines, lane, t)
        if lane_burned(x, BURNED, lane).end + flow * t < before.mass - vehicle.mass_dry:
            low = t
        else:
            high = t
    state = before
    if high > 0.0:
        state = refly(x, engines, lane, site, high)
        burnt = lane_burn(x, lane, before.mass, torque, vehicle, high)
        note_force(x, lane, burnt, high / tick)
    quench(x, engines, lane)
    dry = State(state.r, state.v, state.q, state.omega, vehicle.mass_dry, 0.0)
    rest = lane_burn(x, lane, vehicle.mass_dry, torque, vehicle, tick - high)
    set_lane_state(x, NOW, lane, rk4(dry, rest, site, tick - high))
