"""Start of an episode: a row is cleared, drawn and observed, with its rangefinder running."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.rng import STREAM_PHASE, uniform
from lunar_env.physics.clearance import update_ground_bound
from lunar_env.physics.contact import reset_contact
from lunar_env.physics.engines import ignite_engines
from lunar_env.physics.lost import judge_start
from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import (
    Lander,
    load_vehicle,
    store_state,
)
from lunar_env.physics.site import map_position
from lunar_env.physics.types import Site, State, Vehicle
from lunar_env.sensors.acquisition import EARLY_WINDOWS, OFF
from lunar_env.sensors.delay import clear_delay_line
from lunar_env.sensors.rangefinder import complete_window, echo_at
from lunar_env.sensors.rows import LRF, LRF_BEGIN, LRF_END, SENSORS_WIDTH, store_echo
from lunar_env.sim.act import apply_faults
from lunar_env.sim.draw import begin_channels, draw_ground, draw_rangefinder, draw_vehicle
from lunar_env.sim.fields import PAST_ACTIONS
from lunar_env.sim.observe_start import observe_start
from lunar_env.sim.rangefinder import find_echo, pads_height, read_ranges
from lunar_env.sim.reward import potential
from lunar_env.sim.start import draw_start
from lunar_env.sim.table import (
    PRESTART_ACTION,
    SENSED,
    SURVIVABLE,
    TaskScalars,
    load_limits,
    load_rangefinder,
    load_site,
    load_task,
)
from lunar_env.sim.world import EPISODE, EPISODE_END, PAST, BatchRow

_FIRST: Final = np.int64(0)


@kernel
def reset_env(row: BatchRow, frames: np.ndarray) -> None:
    """Start the episode of a row and write its first observation to `frames`."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    task = load_task(table)
    site = load_site(task)
    clear_row(row, int(task.actions))
    draw_vehicle(row, task.tick)
    vehicle = load_vehicle(memory, i)
    draw_ground(row)
    state = draw_start(row, task, site, vehicle)
    draw_rangefinder(row)
    store_state(memory, i, state)
    if task.burning_at_start > 0.0:
        state = ignite_at_start(memory, i, state, vehicle, task)
        store_state(memory, i, state)
    update_ground_bound(row.lander, state, site)
    record_start(row.lander, state, task, site)
    apply_faults(memory, table, i, row.key)
    judge(row, state, site)
    begin_channels(row)
    search_before_start(row, state)
    observe_start(memory, frames, table, i)
    width = SENSED + PAST_ACTIONS * int(task.actions)
    for k in range(width, frames.shape[1]):
        frames[i, k] = frames[i, k - width]


@kernel
def record_start(lander: Lander, state: State, task: TaskScalars, site: Site) -> None:
    """Store height, propellant and potential at the start."""
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    place, com = map_position(state.r, site), com_height(state.mass, vehicle)
    height = pads_height(lander, place, com)
    memory[i, EPISODE.start_height], memory[i, EPISODE.height] = height, height
    memory[i, EPISODE.start_propellant] = state.mass - vehicle.mass_dry
    memory[i, EPISODE.fix_height], memory[i, EPISODE.fix_speed] = -1.0, -1.0
    memory[i, EPISODE.potential] = potential(state, place, height, task, site)
    memory[i, EPISODE.step_mass] = state.mass


@kernel
def judge(row: BatchRow, state: State, site: Site) -> None:
    """Store whether the start is lost, and how much height full thrust would leave."""
    memory, i = row.lander.memory, row.lander.i
    limits = load_limits(row.table, SURVIVABLE)
    verdict = judge_start(row.lander, state, load_vehicle(memory, i), limits, site)
    memory[i, EPISODE.lost], memory[i, EPISODE.stop_margin] = verdict.lost, verdict.margin


@kernel
def clear_row(row: BatchRow, actions: int) -> None:
    """Clear the row of the last episode, except for the report of its end."""
    memory, i, line, table = row.lander.memory, row.lander.i, row.line, row.table
    clear_delay_line(memory, line, i)
    reset_contact(memory, i)
    for k in range(SENSORS_WIDTH, EPISODE_END):
        memory[i, k] = 0.0
    for k in range(LRF_BEGIN, LRF_END):
        memory[i, k] = 0.0
    for k in range(PAST_ACTIONS * actions):
        memory[i, PAST + k] = table[PRESTART_ACTION + k % actions]


@kernel
def ignite_at_start(
    memory: np.ndarray, i: int, state: State, vehicle: Vehicle, task: TaskScalars
) -> State:
    """Ignite the engines at the thrust of the plan: weight plus its constant deceleration."""
    weight = state.mass * (task.mu / task.radius**2 + task.plan_deceleration)
    total = ignite_engines(memory, i, min(1.0, weight / vehicle.thrust_max))
    if total > 0.0:
        memory[i, EPISODE.ignited] = 1.0
    memory[i, EPISODE.force.z] = total / state.mass
    return State(state.r, state.v, state.q, state.omega, state.mass, total)


@kernel
def search_before_start(row: BatchRow, state: State) -> None:
    """Run the rangefinder in the seconds before the start, so that it may start in TRACK.

    The closing rate was nearly the present one, so the earlier ranges are extrapolated linearly.
    Ranges are read as they arrive, with the state at the start: the last one determines what the
    autopilot holds.
    """
    memory, i = row.lander.memory, row.lander.i
    line, table, key = row.line, row.table, row.key
    lrf = load_rangefinder(table)
    sums = int(lrf.acquire_n) + EARLY_WINDOWS
    memory[i, LRF.window_end] = lrf.integration * (uniform(key, STREAM_PHASE, _FIRST) - sums)
    if memory[i, LRF.mode] == OFF:
        return
    now = find_echo(row, state, 0.0)
    for k in range(sums + 1):
        middle = memory[i, LRF.window_end] - 0.5 * lrf.integration
        earlier = now.range - now.closing * middle if now.range < math.inf else math.inf
        store_echo(memory, i, echo_at(now, middle, earlier))
        if k < sums:  # the last one is still running; its middle may be before the start
            read_ranges(row, state, 0.0, memory[i, LRF.window_end])
            complete_window(memory, line, i, key, lrf)
    read_ranges(row, state, 0.0, 0.0)
