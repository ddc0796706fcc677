"""What happens between two observations. This is the file to read."""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import entry, inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.prefetch import DOUBLES, SINGLES, prefetch_part
from lunar_env.physics.clearance import (
    ground_clearance,
    out_of_reach,
    stays_out_of_reach,
    update_ground_bound,
)
from lunar_env.physics.depletion import refly_if_depleted
from lunar_env.physics.engines import store_lane_engine
from lunar_env.physics.flight import fly
from lunar_env.physics.lanes import (
    ALIVE,
    FAR,
    LANES,
    NOW,
    SCRATCH,
    SPECIFIC_FORCE,
    TRIM_TORQUE,
    lane_state,
    lane_vec,
    lane_vehicle,
)
from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import (
    COLD,
    CONTACT,
    ENGINE_WIDTH,
    ENGINES,
    load_gear,
    load_state,
    load_vehicle,
    store_state,
    store_trim,
)
from lunar_env.physics.site import map_position
from lunar_env.sensors.delay import ENTRY_WIDTH
from lunar_env.sensors.rows import COVARIANCE_BEGIN, COVARIANCE_END
from lunar_env.sim.act import aim, apply_action, load_action
from lunar_env.sim.fields import PAST_ACTIONS, Control, Outcome
from lunar_env.sim.instruments import run_sensors
from lunar_env.sim.navigate import covariance_due, update_navigation
from lunar_env.sim.observe import observe
from lunar_env.sim.rangefinder import pads_height
from lunar_env.sim.reward import potential, score, score_end
from lunar_env.sim.settle import settle
from lunar_env.sim.show import show_frame
from lunar_env.sim.table import (
    SURVIVABLE,
    TaskScalars,
    load_limits,
    load_nominal,
    load_site,
    load_task,
)
from lunar_env.sim.terminate import judge_flight, report_no_contact
from lunar_env.sim.world import (
    EPISODE,
    NEEDS_RESET,
    OUTCOME,
    PAST,
    TERMINATED,
    TRUNCATED,
    WAITING,
    BatchRow,
    Shared,
    World,
    batch_row,
    store_force,
)

# Automatic reset: none, in place of the next step, or within the step that ended the episode.
DISABLED: Final = 0
NEXT_STEP: Final = 1
SAME_STEP: Final = 2

_FRONT: Final = 3  # ranges of the delay line that are prefetched: few are under way at once
_FLYING: Final = int(Outcome.FLYING)
_TIME_LIMIT: Final = int(Outcome.TIME_LIMIT)
_ACTUATORS: Final = int(Control.ACTUATORS)


def blocks_of(rows: int) -> int:
    """Number of blocks of `LANES` rows, integrated together; the last may be short."""
    return -(-rows // LANES)


@entry
def step_part(
    world: World,
    shared: Shared,
    actions: np.ndarray,
    observations: np.ndarray,
    mode: int,
    first: int,
    last: int,
) -> None:
    """Step the rows of some blocks by one control period.

    Several threads may each step some of the blocks: the result of a row does not depend on its
    block.

    Parameters
    ----------
    world, shared : World, Shared
        The batch; `world` is changed.
    actions : ndarray of float64, shape (rows, A)
        Actions [-], clipped to [-1, 1].
    observations : ndarray of float32, shape (rows, frames)
        Changed: a copy of the observation of each row.
    mode : int
        Automatic reset: `DISABLED`, `NEXT_STEP` or `SAME_STEP`.
    first, last : int
        The blocks `first` to `last` - 1.
    """
    lanes = np.empty(SCRATCH)
    for block in range(first, last):
        step_rows(world, shared, actions, observations, lanes, block * LANES, mode)


@inline_kernel
def row_of(first: int, lane: int) -> int:
    """Row of a lane: as an unsigned number of 32 bits, so that no index is tested for a sign."""
    return np.int64(np.uint32(first + lane))  # type: ignore[return-value]  # an int to kernels


@kernel
def step_rows(
    world: World,
    shared: Shared,
    actions: np.ndarray,
    observations: np.ndarray,
    lanes: np.ndarray,
    first: int,
    mode: int,
) -> None:
    """Step up to eight rows by one control period.

    The actions are applied; every tick is integrated and the sensors are run; the reward and the
    observation are written. Rows that wait for their automatic reset are not changed.
    """
    memory, report, table = world.memory, world.report, shared.table
    task, engines = load_task(table), int(load_nominal(table).engines)
    rows, ticks = min(LANES, actions.shape[0] - first), int(task.ticks)
    site, direct_control = load_site(task), int(task.control) == _ACTUATORS
    for lane in range(rows):
        i = row_of(first, lane)
        waits = mode == NEXT_STEP and report[NEEDS_RESET, i] > 0.0
        report[WAITING, i] = 1.0 if waits else 0.0
        load_action(memory, table, lanes, lane, i, actions, world.key[i], not waits)
        if covariance_due(memory[i, EPISODE.time], memory[i, EPISODE.time] + ticks * task.tick):
            prefetch_part(memory, i, COVARIANCE_BEGIN, COVARIANCE_END, 0, 1, DOUBLES)
        lanes[FAR + lane] = 1.0 if is_far(batch_row(world, shared, i), lanes, lane) else 0.0
    aim(lanes, rows, site)
    for lane in range(rows):
        apply_action(memory, table, lanes, lane, row_of(first, lane))
    for k in range(ticks):
        fly(lanes, engines, rows, site, task.tick, direct_control)
        for lane in range(rows):
            row = batch_row(world, shared, row_of(first, lane))
            prefetch_row(world, row_of(first, lane + LANES), task, engines, k, ticks)
            if lanes[ALIVE + lane] > 0.0:
                end_tick(row, lanes, lane, k)
            if lanes[ALIVE + lane] > 0.0:
                run_sensors(row, lanes, lane)
    end_rows(world, shared, observations, lanes, first, rows)


@kernel
def end_rows(
    world: World,
    shared: Shared,
    observations: np.ndarray,
    lanes: np.ndarray,
    first: int,
    rows: int,
) -> None:
    """Store the lanes, end the control period of their rows, and show what they observe."""
    report, frames = world.report, world.observation
    for lane in range(rows):
        i = row_of(first, lane)
        if report[WAITING, i] == 0.0:
            row = batch_row(world, shared, i)
            if lanes[ALIVE + lane] > 0.0:
                store_lane(row, lanes, lane)
            end_step(row, report, frames)
    for lane in range(rows):
        i = row_of(first, lane)
        if report[WAITING, i] == 0.0:
            show_frame(world.memory, frames, observations, shared.table, i)


@inline_kernel
def prefetch_row(
    world: World, i: int, task: TaskScalars, engines: int, tick: int, ticks: int
) -> None:
    """Prefetch the memory of row `i`, a part of it in each tick, for its next step.

    Only the columns that this lander uses are prefetched, and the front of its delay line.
    """
    memory, frames = world.memory, world.observation
    prefetch_part(memory, i, 0, PAST + PAST_ACTIONS * int(task.actions), tick, ticks, DOUBLES)
    prefetch_part(memory, i, COLD, ENGINES + ENGINE_WIDTH * engines, tick, ticks, DOUBLES)
    prefetch_part(frames, i, 0, frames.shape[1], tick, ticks, SINGLES)
    prefetch_part(world.line, i, 0, _FRONT * ENTRY_WIDTH, tick, ticks, DOUBLES)


@inline_kernel
def is_far(row: BatchRow, lanes: np.ndarray, lane: int) -> bool:
    """Whether a lane cannot touch the ground before the end of the control period."""
    memory, i, task = row.lander.memory, row.lander.i, load_task(row.table)
    state, vehicle = lane_state(lanes, NOW, lane), lane_vehicle(lanes, lane)
    period, gear = task.ticks * task.tick, load_gear(memory, i)
    flies = memory[i, CONTACT.touching] == 0.0
    return bool(flies and stays_out_of_reach(row.lander, state, gear, vehicle, period))


@inline_kernel
def end_tick(row: BatchRow, lanes: np.ndarray, lane: int, tick: int) -> None:
    """End a tick: shut down engines without propellant, and check for contact near the ground."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    task = load_task(table)
    memory[i, EPISODE.time] = (memory[i, EPISODE.steps] * task.ticks + tick + 1.0) * task.tick
    refly_if_depleted(lanes, int(load_nominal(table).engines), lane, load_site(task), task.tick)
    if lanes[FAR + lane] > 0.0:
        return
    state, vehicle = lane_state(lanes, NOW, lane), lane_vehicle(lanes, lane)
    near = not out_of_reach(row.lander, state, load_gear(memory, i), vehicle, 0.0)
    if near or memory[i, CONTACT.touching] > 0.0:
        check_contact(row, lanes, lane)


@kernel
def check_contact(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Evaluate the terrain again; integrate the tick again where a pad or the hull is below it.

    A lander whose episode ends on the ground leaves its lane at once.
    """
    memory, i, table = row.lander.memory, row.lander.i, row.table
    task = load_task(table)
    site = load_site(task)
    state, vehicle, gear = (
        lane_state(lanes, NOW, lane),
        lane_vehicle(lanes, lane),
        load_gear(memory, i),
    )
    if memory[i, CONTACT.touching] == 0.0:
        update_ground_bound(row.lander, state, site)
        if out_of_reach(row.lander, state, gear, vehicle, 0.0):
            return
        if ground_clearance(row.lander, state, site) > 0.0:
            return
    settle(row, lanes, lane)
    if lanes[ALIVE + lane] == 0.0:
        store_lane(row, lanes, lane)


@kernel
def store_lane(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Store the state, the autopilot's trim and the engines of a lane in its row."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    task = load_task(table)
    store_state(memory, i, lane_state(lanes, NOW, lane))
    store_trim(memory, i, lane_vec(lanes, TRIM_TORQUE, lane))
    total = lane_vec(lanes, SPECIFIC_FORCE, lane)
    mean = Vec3(total.x / task.ticks, total.y / task.ticks, total.z / task.ticks)
    store_force(memory, i, mean)
    for e in range(int(load_nominal(table).engines)):
        store_lane_engine(lanes, lane, memory, i, e)


@kernel
def end_step(row: BatchRow, report: np.ndarray, frames: np.ndarray) -> None:
    """End a control period: outcome, reward, navigation and observation."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    task = load_task(table)
    site = load_site(task)
    state, vehicle = load_state(memory, i), load_vehicle(memory, i)
    t = memory[i, EPISODE.time]
    place = map_position(state.r, site)
    height = pads_height(row.lander, place, com_height(state.mass, vehicle))
    memory[i, EPISODE.height] = height
    outcome = int(memory[i, EPISODE.ground_outcome])
    if outcome == _FLYING:
        outcome = judge_flight(state, place, height, memory[i, EPISODE.start_height], task)
    terminated = outcome != _FLYING
    goal = 0.0 if terminated else potential(state, place, height, task, site)
    burned = memory[i, EPISODE.step_mass] - state.mass
    score(report, table, i, burned, memory[i, EPISODE.potential], goal)
    memory[i, EPISODE.potential] = goal
    memory[i, EPISODE.steps] += 1.0
    truncated = not terminated and t > task.time_limit - 1e-9
    report[TERMINATED, i] = 1.0 if terminated else 0.0
    report[TRUNCATED, i] = 1.0 if truncated else 0.0
    report[NEEDS_RESET, i] = 1.0 if terminated or truncated else 0.0
    report[OUTCOME, i] = _TIME_LIMIT if truncated else outcome
    if terminated:
        score_end(memory, report, table, i, outcome, load_limits(table, SURVIVABLE))
    if (terminated or truncated) and memory[i, EPISODE.touched] == 0.0:
        report_no_contact(memory, i)
    update_navigation(memory, key, i, site)
    observe(memory, frames, table, i)
