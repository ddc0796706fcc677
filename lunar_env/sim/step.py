"""What happens between two observations. This is the file to read."""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.physics.attitude import retrograde_axis
from lunar_env.physics.contact import (
    contact_time,
    height_above_ground,
    pad_clearance,
    touchdown_motion,
)
from lunar_env.physics.integrate import advance
from lunar_env.physics.lanes import (
    ALIVE,
    BEFORE,
    COMMAND,
    NOW,
    board,
    fly,
    lane_state,
    lane_torque,
    lane_vehicle,
    run_dry,
)
from lunar_env.physics.propulsion import commanded_thrust
from lunar_env.physics.rows import STATE, load_ground, load_state, load_vehicle, store_state
from lunar_env.physics.types import Site, State, Vehicle
from lunar_env.sensors.inertial import dead_reckon, load_nav
from lunar_env.sensors.rangefinder import Rangefinder
from lunar_env.sim.fields import PAST_ACTIONS, Outcome
from lunar_env.sim.observe import observe
from lunar_env.sim.reward import potential, score, score_end
from lunar_env.sim.sense import estimated_height, sense, something_happens
from lunar_env.sim.terminate import (
    judge_contact,
    judge_flight,
    record_no_touchdown,
    record_touchdown,
)
from lunar_env.sim.world import (
    ARRIVALS,
    EST_OFFSET,
    NEEDS_RESET,
    OUTCOME,
    PAST,
    POTENTIAL,
    RUNNING,
    START_HEIGHT,
    STEP_MASS,
    STEPS,
    TERMINATED,
    TIME,
    TRUNCATED,
    WAITING,
    Task,
    load_limits,
    load_rangefinder,
    load_site,
    load_task,
)

# Automatic reset: none, in place of the next step, or within the step that ended the episode.
DISABLED: Final = 0
NEXT_STEP: Final = 1
SAME_STEP: Final = 2

_FLYING = int(Outcome.FLYING)
_TIME_LIMIT = int(Outcome.TIME_LIMIT)


@kernel
def step_rows(
    memory: np.ndarray,
    line: np.ndarray,
    keys: np.ndarray,
    frames: np.ndarray,
    table: np.ndarray,
    actions: np.ndarray,
    lanes: np.ndarray,
    first: int,
    rows: int,
    mode: int,
) -> None:
    """Fly up to eight rows for one control period: act, then tick by tick fly and sense, report.

    Rows that wait for their automatic reset sit in their lanes and do nothing.
    """
    task = load_task(table)
    site = load_site(task)
    lrf = load_rangefinder(table)
    for lane in range(rows):
        act(memory, lanes, lane, first + lane, actions[first + lane, 0], task, mode)
    for k in range(int(task.ticks)):
        fly(lanes, rows, site, task.tick)
        for lane in range(rows):
            if lanes[ALIVE + lane] > 0.0:
                arrive(memory, line, keys, lanes, lane, first + lane, k, task, site, lrf)
    for lane in range(rows):
        if memory[first + lane, WAITING] == 0.0:
            report(memory, frames, table, lanes, lane, first + lane, task, lrf)


@kernel
def act(
    memory: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    action: float,
    task: Task,
    mode: int,
) -> None:
    """Turn the action into a thrust command, choose where to point, and board a lane."""
    waiting = mode == NEXT_STEP and memory[i, NEEDS_RESET] > 0.0
    memory[i, WAITING] = 1.0 if waiting else 0.0
    action = min(1.0, max(-1.0, action))
    memory[i, ARRIVALS] = 0.0
    memory[i, STEP_MASS] = memory[i, STATE + 13]
    for k in range(PAST + PAST_ACTIONS - 1, PAST, -1):
        memory[i, k] = memory[i, k - 1]
    memory[i, PAST] = action
    vehicle, nav = load_vehicle(memory, i), load_nav(memory, i)
    command = commanded_thrust(0.5 * (action + 1.0), memory[i, RUNNING] > 0.0, vehicle)
    memory[i, RUNNING] = 1.0 if command > 0.0 else 0.0
    believed = dead_reckon(load_state(memory, i), nav, memory[i, TIME])
    height = estimated_height(memory[i, EST_OFFSET], believed, vehicle)
    axis = retrograde_axis(believed.v, height)
    board(lanes, lane, memory, i, axis, nav.attitude, command, task.tick, not waiting)


@kernel
def arrive(
    memory: np.ndarray,
    line: np.ndarray,
    keys: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    tick: int,
    task: Task,
    site: Site,
    lrf: Rangefinder,
) -> None:
    """At the end of a tick: dry tanks, a pad on the ground, an echo or a range that arrives."""
    run_dry(lanes, lane, site, task.tick)
    state, vehicle = lane_state(lanes, NOW, lane), lane_vehicle(lanes, lane)
    ground = load_ground(memory, i)
    t = (memory[i, STEPS] * task.ticks + tick + 1.0) * task.tick
    memory[i, TIME] = t
    if pad_clearance(state, ground, vehicle) <= 0.0:
        touch(memory, lanes, lane, i, task, site)
    elif something_happens(memory, i, t, task.tick, lrf):
        before = lane_state(lanes, BEFORE, lane)
        sense(memory, line, keys[i], i, before, state, t, task.tick, ground, vehicle, lrf, site)


@cold_kernel
def touch(memory: np.ndarray, lanes: np.ndarray, lane: int, i: int, task: Task, site: Site) -> None:
    """Go back to the instant of contact inside the tick, and stop the lane there."""
    before, vehicle = lane_state(lanes, BEFORE, lane), lane_vehicle(lanes, lane)
    command, torque = lanes[COMMAND + lane], lane_torque(lanes, lane)
    ground = load_ground(memory, i)
    dt = contact_time(before, command, torque, vehicle, site, ground, task.tick)
    store_state(memory, i, advance(before, command, torque, vehicle, site, dt))
    memory[i, TIME] += dt - task.tick
    lanes[ALIVE + lane] = 0.0


@kernel
def report(
    memory: np.ndarray,
    frames: np.ndarray,
    table: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    task: Task,
    lrf: Rangefinder,
) -> None:
    """After the last tick: judge, reward and observe."""
    contact = lanes[ALIVE + lane] == 0.0
    if not contact:
        store_state(memory, i, lane_state(lanes, NOW, lane))
    state, vehicle = load_state(memory, i), load_vehicle(memory, i)
    t = memory[i, TIME]
    start = memory[i, STEPS] * task.ticks * task.tick
    height = height_above_ground(state, load_ground(memory, i), vehicle)
    outcome = judge_flight(state, height, memory[i, START_HEIGHT], task)
    terminated = contact or outcome != _FLYING
    goal = 0.0 if terminated else potential(state, height, task)
    score(memory, table, i, memory[i, STEP_MASS] - state.mass, memory[i, POTENTIAL], goal)
    memory[i, POTENTIAL] = goal
    memory[i, STEPS] += 1.0
    memory[i, TERMINATED] = 1.0 if terminated else 0.0
    memory[i, TRUNCATED] = 1.0 if not terminated and t > task.time_limit - 1e-9 else 0.0
    if terminated or memory[i, TRUNCATED] > 0.0:
        end(memory, table, i, state, vehicle, outcome, contact)
    observe(memory, frames, table, i, state, t, t - start, vehicle, lrf, task)


@cold_kernel
def end(
    memory: np.ndarray,
    table: np.ndarray,
    i: int,
    state: State,
    vehicle: Vehicle,
    outcome: int,
    contact: bool,
) -> None:
    """Judge, report and reward an episode that is over."""
    touchdown = touchdown_motion(state, load_ground(memory, i))
    if contact:
        if outcome == _FLYING:
            outcome = judge_contact(touchdown, state.mass - vehicle.mass_dry, table)
        record_touchdown(memory, i, touchdown, state, vehicle)
    else:
        record_no_touchdown(memory, i)
    if memory[i, TERMINATED] > 0.0:
        score_end(memory, table, i, outcome, contact, touchdown, load_limits(table, 1))
        memory[i, OUTCOME] = outcome
    else:
        memory[i, OUTCOME] = _TIME_LIMIT
