"""How episodes begin: a row is cleared, drawn, searched for the ground and observed."""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.rng import STREAM_PHASE, uniform
from lunar_env.physics.contact import height_above_ground
from lunar_env.physics.recover import height_to_stop
from lunar_env.physics.rows import load_ground, load_vehicle, store_state
from lunar_env.physics.types import Ground, Site, State, Vehicle
from lunar_env.sensors.delay import clear
from lunar_env.sensors.rangefinder import SEARCH, Echo, Rangefinder, complete_sum, remember
from lunar_env.sensors.rows import LRF, MODE, NEXT_ARRIVAL, WINDOW_END
from lunar_env.sim.observe import FRAME, observe
from lunar_env.sim.reward import potential
from lunar_env.sim.sense import look, receive
from lunar_env.sim.start import draw_ground, draw_start, draw_unit, draw_vehicle
from lunar_env.sim.world import (
    EPISODE_END,
    FIX_HEIGHT,
    FIX_SPEED,
    PAST,
    POTENTIAL,
    RECOVER_MARGIN,
    RUNNING,
    START_HEIGHT,
    START_PROPELLANT,
    STEP_MASS,
    STEPS,
    TERMS,
    load_rangefinder,
    load_site,
    load_task,
)

_REACTION_S: Final = 1.0
_FIRST: Final = np.int64(0)


@cold_kernel
def reset_env(
    memory: np.ndarray,
    line: np.ndarray,
    frames: np.ndarray,
    table: np.ndarray,
    key: np.uint64,
    i: int,
) -> None:
    """Begin the episode of `key` in row `i` and observe it."""
    task = load_task(table)
    site = load_site(task)
    lrf = load_rangefinder(table)
    clear_row(memory, line, i)
    draw_vehicle(memory, table, i, key)
    vehicle = load_vehicle(memory, i)
    draw_ground(memory, table, i, key)
    ground = load_ground(memory, i)
    state = draw_start(memory, table, i, key, task, vehicle, ground)
    draw_unit(memory, table, i, key, task)

    height = height_above_ground(state, ground, vehicle)
    memory[i, START_HEIGHT] = height
    memory[i, START_PROPELLANT] = state.mass - vehicle.mass_dry
    memory[i, RECOVER_MARGIN] = height - height_to_stop(state, vehicle, site, _REACTION_S)
    memory[i, FIX_HEIGHT] = -1.0
    memory[i, FIX_SPEED] = -1.0
    memory[i, POTENTIAL] = potential(state, height, task)
    memory[i, RUNNING] = 1.0
    memory[i, STEP_MASS] = state.mass
    store_state(memory, i, state)
    search_before_start(memory, line, i, key, state, ground, vehicle, lrf, site)
    observe(memory, frames, table, i, state, 0.0, 0.0, vehicle, lrf, task)
    for k in range(FRAME, frames.shape[1]):
        frames[i, k] = frames[i, k - FRAME]


@cold_kernel
def clear_row(memory: np.ndarray, line: np.ndarray, i: int) -> None:
    """Forget the last episode; the report of its end stays."""
    clear(memory, line, i)
    for k in range(STEPS, EPISODE_END):
        memory[i, k] = 0.0
    for k in range(LRF, NEXT_ARRIVAL):
        memory[i, k] = 0.0
    for k in range(PAST, TERMS):
        memory[i, k] = -1.0


@cold_kernel
def search_before_start(
    memory: np.ndarray,
    line: np.ndarray,
    i: int,
    key: np.uint64,
    state: State,
    ground: Ground,
    vehicle: Vehicle,
    lrf: Rangefinder,
    site: Site,
) -> None:
    """Let the unit look for the ground in the seconds before the start, on the way down to it.

    The lander was falling at nearly its present speed, so the echoes lie on a straight line.
    """
    sums = int(lrf.acquire_n) + 4
    memory[i, MODE] = SEARCH
    memory[i, WINDOW_END] = lrf.integration * (uniform(key, STREAM_PHASE, _FIRST) - sums)
    now = look(state, ground, lrf, 0.0)
    for k in range(sums + 1):
        middle = memory[i, WINDOW_END] - 0.5 * lrf.integration
        earlier = now.range - now.closing * middle
        remember(memory, i, Echo(middle, earlier, now.cosine, now.closing))
        if k < sums:  # the last one is still running; its middle may lie before the start
            complete_sum(memory, line, i, key, lrf)
    receive(memory, line, i, state, 0.0, ground, vehicle, lrf, site)
