"""The tick in which the tanks run dry: flown under thrust to that instant, then without.

Every tick is first flown as if the propellant lasted (`flight.py`); the few that used more than
there was are flown again here.
"""

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.engines import WIDTH, reburn
from lunar_env.physics.flight import add_specific_force, lane_burn, thruster_flow
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
from lunar_env.physics.rows import ENGINE_WIDTH, PENDING, RUNNING
from lunar_env.physics.types import Site, State


@inline_kernel
def run_dry(lanes: np.ndarray, engines: int, lane: int, site: Site, tick: float) -> None:
    """Fly the last tick again if it emptied the tanks. The test is cheap, the rest is rare."""
    if lanes[MASS + lane] < lanes[MASS_DRY + lane]:
        fly_to_empty(lanes, engines, lane, site, tick)


@kernel
def fly_to_empty(lanes: np.ndarray, engines: int, lane: int, site: Site, tick: float) -> None:
    """Fly under thrust to the instant the tanks run dry, found by bisection; then without thrust.

    ``burned(t) + flow t = propellant`` defines the instant, with the thrusters' `flow`.
    """
    before, vehicle = lane_state(lanes, BEFORE, lane), lane_vehicle(lanes, lane)
    low, high = 0.0, tick
    if before.mass <= vehicle.mass_dry:
        high = 0.0
    torque = lane_vec(lanes, TORQUE, lane)
    flow = thruster_flow(torque, before.mass, vehicle)
    whole = lane_burn(lanes, lane, before.mass, torque, vehicle, tick)
    add_specific_force(lanes, lane, whole, -1.0)
    while high > 0.0:
        t = 0.5 * (low + high)
        if t in (low, high):
            break
        reburn(lanes, engines, lane, t)
        if lane_burned(lanes, BURNED, lane).end + flow * t < before.mass - vehicle.mass_dry:
            low = t
        else:
            high = t
    state = before
    if high > 0.0:
        state = _refly(lanes, engines, lane, site, high)
        part = lane_burn(lanes, lane, before.mass, torque, vehicle, high)
        add_specific_force(lanes, lane, part, high / tick)
    quench(lanes, engines, lane)
    dry = State(state.r, state.v, state.q, state.omega, vehicle.mass_dry, 0.0)
    rest = lane_burn(lanes, lane, vehicle.mass_dry, torque, vehicle, tick - high)
    set_lane_state(lanes, NOW, lane, rk4(dry, rest, site, tick - high))


@kernel
def _refly(lanes: np.ndarray, engines: int, lane: int, site: Site, dt: float) -> State:
    """State of a lane `dt` seconds after the start of its tick."""
    before, vehicle = lane_state(lanes, BEFORE, lane), lane_vehicle(lanes, lane)
    reburn(lanes, engines, lane, dt)
    torque = lane_vec(lanes, TORQUE, lane)
    return rk4(before, lane_burn(lanes, lane, before.mass, torque, vehicle, dt), site, dt)


@kernel
def quench(lanes: np.ndarray, engines: int, lane: int) -> None:
    """Shut down all engines of a lane for the rest of the step, those with a dead time as well."""
    for k in range(FORCES, DEMAND, N):
        lanes[k + lane] = 0.0
    for e in range(engines):
        at, j = CLUSTER + WIDTH * e + lane, N * e + lane
        lanes[COMMAND + j], lanes[COMMAND_SHIFTED + j], lanes[COMMAND_DELAYED + j] = 0.0, 0.0, 0.0
        lanes[at + N * RUNNING.thrust], lanes[at + N * RUNNING.lit] = 0.0, 0.0
        for k in range(PENDING, ENGINE_WIDTH):
            lanes[at + N * k] = 0.0
