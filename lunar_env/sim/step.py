"""What happens between two observations. This is the file to read."""

import math

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, multiply
from lunar_env.physics.attitude import pointing_torque, retrograde_axis
from lunar_env.physics.contact import (
    contact_time,
    height_above_ground,
    pad_clearance,
    touchdown_motion,
)
from lunar_env.physics.integrate import advance, advance_tick
from lunar_env.physics.propulsion import commanded_thrust
from lunar_env.physics.rows import load_ground, load_state, load_vehicle, store_state
from lunar_env.physics.types import State, Vehicle
from lunar_env.sensors.inertial import NavErrors, dead_reckon, load_nav
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
    Task,
    load_limits,
    load_rangefinder,
    load_site,
    load_task,
)

_FLYING = int(Outcome.FLYING)
_TIME_LIMIT = int(Outcome.TIME_LIMIT)


@kernel
def step_env(
    memory: np.ndarray,
    line: np.ndarray,
    frames: np.ndarray,
    table: np.ndarray,
    key: np.uint64,
    i: int,
    action: float,
) -> None:
    """Fly row `i` for one control period: act, then tick by tick fly and sense, then report."""
    task = load_task(table)
    site = load_site(task)
    lrf = load_rangefinder(table)
    vehicle = load_vehicle(memory, i)
    ground = load_ground(memory, i)
    nav = load_nav(memory, i)
    state = load_state(memory, i)

    command = act(memory, i, state, action, vehicle)
    half_decay = math.exp(-0.5 * task.tick / vehicle.lag)
    axis = guide(memory, i, state, nav, vehicle)
    start = memory[i, STEPS] * task.ticks * task.tick
    t = start
    contact = False
    for k in range(int(task.ticks)):
        torque = pointing_torque(
            multiply(state.q, nav.attitude), state.omega, axis, state.mass, vehicle
        )
        before = state
        state = advance_tick(before, command, torque, vehicle, site, task.tick, half_decay)
        t = start + (k + 1) * task.tick
        if pad_clearance(state, ground, vehicle) <= 0.0:
            dt = contact_time(before, command, torque, vehicle, site, ground, task.tick)
            state = advance(before, command, torque, vehicle, site, dt)
            t += dt - task.tick
            contact = True
            break
        if something_happens(memory, i, t, task.tick, lrf):
            sense(memory, line, key, i, before, state, t, task.tick, ground, vehicle, lrf, site)

    height = height_above_ground(state, ground, vehicle)
    outcome = judge_flight(state, height, memory[i, START_HEIGHT], task)
    terminated = contact or outcome != _FLYING
    goal = 0.0 if terminated else potential(state, height, task)
    score(memory, table, i, memory[i, STEP_MASS] - state.mass, memory[i, POTENTIAL], goal)
    memory[i, POTENTIAL] = goal
    memory[i, STEPS] += 1.0
    memory[i, TIME] = t
    memory[i, TERMINATED] = 1.0 if terminated else 0.0
    memory[i, TRUNCATED] = 1.0 if not terminated and t > task.time_limit - 1e-9 else 0.0
    if terminated or memory[i, TRUNCATED] > 0.0:
        end(memory, table, i, state, vehicle, outcome, contact)
    store_state(memory, i, state)
    observe(memory, frames, table, i, state, t, t - start, vehicle, lrf, task)


@kernel
def act(memory: np.ndarray, i: int, state: State, action: float, vehicle: Vehicle) -> float:
    """Turn the action into a thrust command and note it; an action beyond the box is clipped."""
    action = min(1.0, max(-1.0, action))
    memory[i, ARRIVALS] = 0.0
    memory[i, STEP_MASS] = state.mass
    for k in range(PAST + PAST_ACTIONS - 1, PAST, -1):
        memory[i, k] = memory[i, k - 1]
    memory[i, PAST] = action
    command = commanded_thrust(0.5 * (action + 1.0), memory[i, RUNNING] > 0.0, vehicle)
    memory[i, RUNNING] = 1.0 if command > 0.0 else 0.0
    return command


@kernel
def guide(memory: np.ndarray, i: int, state: State, nav: NavErrors, vehicle: Vehicle) -> Vec3:
    """Thrust axis that the autopilot holds in this step, from what the lander believes of itself."""
    believed = dead_reckon(state, nav, memory[i, TIME])
    return retrograde_axis(believed.v, estimated_height(memory[i, EST_OFFSET], believed, vehicle))


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
