"""How episodes end: judged by physics, with the clock only truncating."""

import math

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.physics.contact import Touchdown, within
from lunar_env.physics.types import State, Vehicle
from lunar_env.sim.fields import Outcome
from lunar_env.sim.world import (
    FIX_HEIGHT,
    START_PROPELLANT,
    TOUCHDOWN,
    TOUCHDOWN_NAMES,
    Task,
    load_limits,
)

_FLYING = int(Outcome.FLYING)
_LANDED = int(Outcome.LANDED)
_HARD_LANDING = int(Outcome.HARD_LANDING)
_CRASHED = int(Outcome.CRASHED)
_FUEL_OUT = int(Outcome.FUEL_OUT)
_OUT_OF_BOUNDS = int(Outcome.OUT_OF_BOUNDS)
_NUMERIC = int(Outcome.NUMERIC)
_DEGREES = 180.0 / math.pi


@cold_kernel
def judge_contact(touchdown: Touchdown, propellant: float, table: np.ndarray) -> int:
    """Outcome of a first contact."""
    if within(touchdown, load_limits(table, 1)):
        return _LANDED
    if propellant <= 0.0:
        return _FUEL_OUT
    if within(touchdown, load_limits(table, 2)):
        return _HARD_LANDING
    return _CRASHED


@kernel
def judge_flight(state: State, height: float, start_height: float, task: Task) -> int:
    """Outcome of a lander in flight."""
    total = state.r.x + state.r.y + state.r.z + state.v.x + state.v.y + state.v.z
    total += state.q.w + state.omega.x + state.omega.y + state.omega.z + state.mass
    if not math.isfinite(total):
        return _NUMERIC
    lost = abs(state.r.x) > task.box or abs(state.r.y) > task.box
    if lost or height > 1.5 * start_height:
        return _OUT_OF_BOUNDS
    return _FLYING


@cold_kernel
def record_touchdown(
    memory: np.ndarray, i: int, touchdown: Touchdown, state: State, vehicle: Vehicle
) -> None:
    """Write the touchdown report of row `i`."""
    j = TOUCHDOWN
    memory[i, j], memory[i, j + 1] = touchdown.v_vertical, touchdown.v_lateral
    memory[i, j + 2] = touchdown.tilt * _DEGREES
    memory[i, j + 3] = touchdown.rate * _DEGREES
    memory[i, j + 4] = math.sqrt(state.r.x**2 + state.r.y**2)
    memory[i, j + 5] = memory[i, START_PROPELLANT] - (state.mass - vehicle.mass_dry)
    memory[i, j + 6] = memory[i, FIX_HEIGHT]


@cold_kernel
def record_no_touchdown(memory: np.ndarray, i: int) -> None:
    """The episode ended in flight: nan in the touchdown report of row `i`."""
    for k in range(TOUCHDOWN, TOUCHDOWN + len(TOUCHDOWN_NAMES)):
        memory[i, k] = math.nan
