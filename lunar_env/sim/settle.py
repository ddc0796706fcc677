"""From first contact to rest: a tick near the ground is integrated again in short steps.

The motion decides the outcome; only a contact faster than the hard limits ends the episode at once,
because the model of the legs is not valid there. A lander that touches a steep wall, or leans, does
not end so while it is as slow as a landing: whether it tips over, slides or stands is simulated.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.contact import REST_TIME, fly_in_contact
from lunar_env.physics.engine_forces import lane_force, lane_torque
from lunar_env.physics.lanes import (
    ALIVE,
    BEFORE,
    NOW,
    TORQUE,
    lane_state,
    lane_vec,
    lane_vehicle,
    set_lane_state,
    set_lane_vec,
)
from lunar_env.physics.rows import CONTACT, load_gear, load_vehicle
from lunar_env.physics.touchdown import (
    Touchdown,
    has_tipped,
    is_standing,
    mean_ground_normal,
    tilt_to,
    touchdown_motion,
    within_limits,
)
from lunar_env.physics.types import ForceMoment, Site, State
from lunar_env.sim.fields import Outcome
from lunar_env.sim.table import HARD, SURVIVABLE, load_limits, load_site, load_task
from lunar_env.sim.terminate import report_contact, report_rest
from lunar_env.sim.world import EPISODE, BatchRow, load_touchdown

_LANDED: Final = int(Outcome.LANDED)
_HARD_LANDING: Final = int(Outcome.HARD_LANDING)
_TIPPED: Final = int(Outcome.TIPPED)
_CRASHED: Final = int(Outcome.CRASHED)
_FUEL_OUT: Final = int(Outcome.FUEL_OUT)
_RADIANS: Final = math.pi / 180.0
# While engines burn, their force is updated after this number of steps.
_BURNING_STEPS: Final = 5


@kernel
def settle(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Integrate the last tick of a lane again, with contact forces."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    task = load_task(table)
    site = load_site(task)
    vehicle = lane_vehicle(lanes, lane)
    state, end = lane_state(lanes, BEFORE, lane), lane_state(lanes, NOW, lane)
    steps, engines = int(task.tick / task.contact_tick + 0.5), int(vehicle.engines)
    dt = task.tick / steps
    burning = max(state.thrust, end.thrust) > 0.0 and end.mass > vehicle.mass_dry
    if memory[i, EPISODE.cut_off] > 0.0:  # with the engines out, attitude control is off as well
        set_lane_vec(lanes, TORQUE, lane, Vec3(0.0, 0.0, 0.0))
    wrench, done = ForceMoment(Vec3(0.0, 0.0, 0.0), lane_vec(lanes, TORQUE, lane)), 0
    while done < steps and memory[i, EPISODE.ground_outcome] == 0.0:
        ticks = steps - done
        if burning:
            ticks = min(ticks, _BURNING_STEPS)
            t = (done + 0.5 * ticks) * dt
            force = lane_force(lanes, engines, lane, t)
            wrench = ForceMoment(force, lane_torque(lanes, engines, lane, t))
        before, new = state, memory[i, CONTACT.made] == 0.0
        airborne = memory[i, CONTACT.touching] == 0.0
        motion_on_ground = fly_in_contact(row.lander, state, wrench, site, dt, ticks)
        state, done = motion_on_ground.state, done + motion_on_ground.ticks
        if airborne and memory[i, CONTACT.touching] > 0.0:
            motion = state if new else before
            record_contact(row, motion, site)
        if memory[i, EPISODE.ground_outcome] == 0.0:
            judge_at_rest(row, state, site, ticks * dt)
    memory[i, EPISODE.time] -= (steps - done) * dt
    lanes[ALIVE + lane] = 0.0 if memory[i, EPISODE.ground_outcome] > 0.0 else 1.0
    after = State(state.r, state.v, state.q, state.omega, end.mass, end.thrust)
    set_lane_state(lanes, NOW, lane, after)


@kernel
def record_contact(row: BatchRow, state: State, site: Site) -> None:
    """Report the motion at a contact, and end the episode where it is too violent to simulate.

    That is at a descent rate beyond the hard limit. At the first contact also beyond its other
    limits; but an attitude or a rate of rotation alone does not end it: what is within the
    survivable speeds is left to the motion. A rocking lander may touch the ground at any angle.
    """
    memory, i, table = row.lander.memory, row.lander.i, row.table
    vehicle = load_vehicle(memory, i)
    normal = mean_ground_normal(row.lander, state, site)
    motion = touchdown_motion(state, normal, site)
    first = memory[i, EPISODE.touched] == 0.0
    if first:
        memory[i, EPISODE.dry_touchdown] = 1.0 if state.mass <= vehicle.mass_dry else 0.0
    report_contact(memory, i, motion, state, vehicle, site)
    hard, slow = load_limits(table, HARD), load_limits(table, SURVIVABLE)
    fast = motion.v_vertical > slow.v_vertical or motion.v_lateral > slow.v_lateral
    if motion.v_vertical > hard.v_vertical or (first and fast and not within_limits(motion, hard)):
        memory[i, EPISODE.ground_outcome] = (
            _FUEL_OUT if memory[i, EPISODE.dry_touchdown] > 0.0 else _CRASHED
        )


@kernel
def judge_at_rest(row: BatchRow, state: State, site: Site, dt: float) -> None:
    """Set the outcome on the ground once the lander is at rest or has tipped over.

    `dt` [s] is the time since the last call.
    """
    memory, i, table = row.lander.memory, row.lander.i, row.table
    gear = load_gear(memory, i)
    still = memory[i, CONTACT.still] >= REST_TIME
    if not still and memory[i, CONTACT.hull_touching] == 0.0:
        return
    normal = mean_ground_normal(row.lander, state, site)
    tilt = tilt_to(state, normal)
    if not still and not has_tipped(memory, i, tilt, gear, dt):
        return
    report_rest(memory, i, tilt, still, gear)
    touchdown = load_touchdown(memory, i)
    tilt_then, rate = touchdown.tilt_deg * _RADIANS, touchdown.rate_deg_s * _RADIANS
    worst = Touchdown(touchdown.v_vertical_m_s, touchdown.v_lateral_m_s, tilt_then, rate)
    if not still or not is_standing(tilt, gear):
        memory[i, EPISODE.ground_outcome] = _TIPPED
    elif memory[i, CONTACT.broken_legs] == 0.0 and within_limits(
        worst, load_limits(table, SURVIVABLE)
    ):
        memory[i, EPISODE.ground_outcome] = _LANDED
    elif memory[i, EPISODE.dry_touchdown] > 0.0:
        memory[i, EPISODE.ground_outcome] = _FUEL_OUT
    else:
        memory[i, EPISODE.ground_outcome] = _HARD_LANDING
