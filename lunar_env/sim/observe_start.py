"""The first observation of an episode: all of it, with the elements that no step changes."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.rows import VEHICLE
from lunar_env.sim.fields import PAST_ACTIONS
from lunar_env.sim.frame import DESIGN, FRAME
from lunar_env.sim.observe import observe
from lunar_env.sim.sheet import SHEET_FIELDS
from lunar_env.sim.table import (
    SCENARIO_WIDTH,
    SCENARIOS,
    SENSED,
    SHEET,
    load_nominal,
    load_rangefinder,
    load_task,
    scaled,
)
from lunar_env.sim.world import SCENARIO

_SHEET: Final = FRAME["Sheet"]
_WIDTH: Final = len(SHEET_FIELDS)


@kernel
def observe_start(memory: np.ndarray, frames: np.ndarray, table: np.ndarray, i: int) -> None:
    """Write the newest frame of row `i`, in observed units; it is zero where nothing is fitted."""
    for k in range(SENSED):
        frames[i, k] = 0.0
    observe(memory, frames, table, i)
    _observe_design(memory, frames, table, i)
    for k in range(SENSED + PAST_ACTIONS * int(load_task(table).actions)):
        frames[i, k] = scaled(frames[i, k], table, k)
    # The data sheet of the row's scenario is scaled already.
    at = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]) + SHEET
    for k in range(_WIDTH):
        frames[i, _SHEET + k] = table[at + k]


@inline_kernel
def _observe_design(memory: np.ndarray, f: np.ndarray, table: np.ndarray, i: int) -> None:
    """Write the design of the lander and its rangefinder."""
    task, lrf = load_task(table), load_rangefinder(table)
    f[i, DESIGN.throttle_min_frac] = memory[i, VEHICLE.throttle_min]
    f[i, DESIGN.isp_s] = task.isp
    f[i, DESIGN.engine_lag_s] = load_nominal(table).lag
    f[i, DESIGN.lrf_mount_offset_m] = lrf.mount_offset
    f[i, DESIGN.lrf_beams] = lrf.beams
    f[i, DESIGN.lrf_cant_rad] = task.beam_cant
    f[i, DESIGN.gravity_m_s2] = task.mu / (task.radius * task.radius)
    f[i, DESIGN.lrf_smear_s] = lrf.range_walk * lrf.integration
    f[i, DESIGN.lrf_shot_s] = lrf.integration / lrf.shots
    f[i, DESIGN.lrf_threshold_log] = math.log10(lrf.threshold)
