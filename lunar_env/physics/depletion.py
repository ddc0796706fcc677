"""The tick in which the propellant is depleted: powered flight up to that instant, then coasting.

Every tick is first flown as if the propellant lasted (`flight.py`); a tick that used more than
there was is flown again here.
"""

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.engines import WIDTH, sum_lane_engines
from lunar_env.physics.flight import add_specific_force, thruster_flow, tick_accelerations
from lunar_env.physics.integrate import rk4
from lunar_env.physics.lanes import (
    BEFORE,
    BURNED,
    CLUSTER,
    COMMAND,
    COMMAND_DELAYED,
    COMMAND_SHIFTED,
    DEMAND,
    FORCES,
    MASS,
    MASS_DRY,
    NOW,
    TORQUE,
    N,
    lane_burned,
    lane_state,
    lane_vec,
    lane_vehicle,
    set_lane_state,
)
from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, PENDING
from lunar_env.physics.types import Site, State


@inline_kernel
def refly_if_depleted(lanes: np.ndarray, engines: int, lane: int, site: Site, tick: float) -> None:
    """Fly the last tick again if it depleted the propellant: a cheap test, and rarely more."""
    if lanes[MASS + lane] < lanes[MASS_DRY + lane]:
        fly_to_depletion(lanes, engines, lane, site, tick)


@kernel
def fly_to_depletion(lanes: np.ndarray, engines: int, lane: int, site: Site, tick: float) -> None:
    """Fly under thrust to the instant of depletion, found by bisection; then without thrust.

    ``burned(t) + flow t = propellant`` defines that instant; `flow` [kg/s] is the thrusters'.
    """
    before, vehicle = lane_state(lanes, BEFORE, lane), lane_vehicle(lanes, lane)
    low, high = 0.0, tick
    if before.mass <= vehicle.mass_dry:
        high = 0.0
    torque = lane_vec(lanes, TORQUE, lane)
    flow = thruster_flow(torque, before.mass, vehicle)
    full = tick_accelerations(lanes, lane, before.mass, torque, vehicle, tick)
    add_specific_force(lanes, lane, full, -1.0)
    while high > 0.0:
        t = 0.5 * (low + high)
        if t in (low, high):
            break
        sum_lane_engines(lanes, engines, lane, t)
        if lane_burned(lanes, BURNED, lane).end + flow * t < before.mass - vehicle.mass_dry:
            low = t
        else:
            high = t
    state = before
    if high > 0.0:
        state = _state_after(lanes, engines, lane, site, high)
        powered = tick_accelerations(lanes, lane, before.mass, torque, vehicle, high)
        add_specific_force(lanes, lane, powered, high / tick)
    shut_down_engines(lanes, engines, lane)
    depleted = State(state.r, state.v, state.q, state.omega, vehicle.mass_dry, 0.0)
    coasting = tick_accelerations(lanes, lane, vehicle.mass_dry, torque, vehicle, tick - high)
    set_lane_state(lanes, NOW, lane, rk4(depleted, coasting, site, tick - high))


@kernel
def _state_after(lanes: np.ndarray, engines: int, lane: int, site: Site, dt: float) -> State:
    """State of a lane, in powered flight, `dt` seconds after the start of its tick."""
    before, vehicle = lane_state(lanes, BEFORE, lane), lane_vehicle(lanes, lane)
    sum_lane_engines(lanes, engines, lane, dt)
    torque = lane_vec(lanes, TORQUE, lane)
    return rk4(before, tick_accelerations(lanes, lane, before.mass, torque, vehicle, dt), site, dt)


@kernel
def shut_down_engines(lanes: np.ndarray, engines: int, lane: int) -> None:
    """Shut down all engines of a lane for the rest of the step, delayed commands included."""
    for k in range(FORCES, DEMAND, N):
        lanes[k + lane] = 0.0
    for e in range(engines):
        at, j = CLUSTER + WIDTH * e + lane, N * e + lane
        lanes[COMMAND + j], lanes[COMMAND_SHIFTED + j], lanes[COMMAND_DELAYED + j] = 0.0, 0.0, 0.0
        lanes[at + N * ENGINE_STATE.thrust], lanes[at + N * ENGINE_STATE.burning] = 0.0, 0.0
        for k in range(PENDING, ENGINE_WIDTH):
            lanes[at + N * k] = 0.0
