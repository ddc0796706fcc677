"""How episodes end in flight, and what is reported of a touchdown."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.physics.rows import BROKEN_LEGS
from lunar_env.physics.site import site_place
from lunar_env.physics.touchdown import Touchdown, longest_stroke
from lunar_env.physics.types import Gear, Place, Site, State, Vehicle
from lunar_env.sim.fields import Outcome
from lunar_env.sim.table import Task
from lunar_env.sim.world import FIX_HEIGHT, START_PROPELLANT, TOUCHDOWN, TOUCHDOWN_NAMES, TOUCHED

_FLYING = int(Outcome.FLYING)
_OUT_OF_BOUNDS = int(Outcome.OUT_OF_BOUNDS)
_NUMERIC = int(Outcome.NUMERIC)
_DEGREES: Final = 180.0 / math.pi
_REST: Final = TOUCHDOWN + TOUCHDOWN_NAMES.index("rest_tilt_deg")


@kernel
def judge_flight(state: State, place: Place, height: float, start_height: float, task: Task) -> int:
    """Outcome of a lander in flight."""
    total = state.r.x + state.r.y + state.r.z + state.v.x + state.v.y + state.v.z
    total += state.q.w + state.omega.x + state.omega.y + state.omega.z + state.mass
    if not math.isfinite(total):
        return _NUMERIC
    lost = abs(place.east) > task.box or abs(place.north) > task.box
    if lost or height > 1.5 * start_height:
        return _OUT_OF_BOUNDS
    return _FLYING


@cold_kernel
def record_touch(
    memory: np.ndarray, i: int, motion: Touchdown, state: State, vehicle: Vehicle, site: Site
) -> None:
    """Write a contact to the touchdown report of row `i`: the first, then the worst of bounces."""
    j = TOUCHDOWN
    tilt, rate = motion.tilt * _DEGREES, motion.rate * _DEGREES
    if memory[i, TOUCHED] == 0.0:
        record_no_touchdown(memory, i)
        memory[i, TOUCHED], memory[i, j], memory[i, j + 1] = 1.0, 0.0, 0.0
        place = site_place(state.r, site)
        memory[i, j + 4] = math.sqrt(place.east**2 + place.north**2)
        memory[i, j + 5] = memory[i, START_PROPELLANT] - (state.mass - vehicle.mass_dry)
        memory[i, j + 6] = memory[i, FIX_HEIGHT]
        memory[i, j + 2], memory[i, j + 3] = tilt, rate
    memory[i, j] = max(memory[i, j], motion.v_vertical)
    memory[i, j + 1] = max(memory[i, j + 1], motion.v_lateral)


@cold_kernel
def record_rest(memory: np.ndarray, i: int, tilt: float, still: bool, gear: Gear) -> None:
    """Write how it came to rest."""
    memory[i, _REST] = tilt * _DEGREES if still else math.nan
    memory[i, _REST + 1] = memory[i, BROKEN_LEGS]
    memory[i, _REST + 2] = longest_stroke(memory, i, gear)


@cold_kernel
def record_no_touchdown(memory: np.ndarray, i: int) -> None:
    """No contact: nan in the touchdown report of row `i`."""
    for k in range(TOUCHDOWN, TOUCHDOWN + len(TOUCHDOWN_NAMES)):
        memory[i, k] = math.nan
