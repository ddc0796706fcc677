"""End of an episode in flight, and the touchdown report."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.rows import CONTACT
from lunar_env.physics.site import map_position
from lunar_env.physics.touchdown import Touchdown, max_stroke
from lunar_env.physics.types import Gear, MapPosition, Site, State, Vehicle
from lunar_env.sim.fields import Outcome
from lunar_env.sim.table import TaskScalars
from lunar_env.sim.world import (
    EPISODE,
    TOUCHDOWN,
    TOUCHDOWN_AT,
    TOUCHDOWN_NAMES,
    TouchdownReport,
    store_touchdown,
)

_FLYING = int(Outcome.FLYING)
_OUT_OF_BOUNDS = int(Outcome.OUT_OF_BOUNDS)
_NUMERIC = int(Outcome.NUMERIC)
_DEGREES: Final = 180.0 / math.pi


@inline_kernel
def judge_flight(
    state: State, place: MapPosition, height: float, start_height: float, task: TaskScalars
) -> int:
    """Outcome of a lander in flight: FLYING, OUT_OF_BOUNDS or NUMERIC. Heights are in m."""
    total = state.r.x + state.r.y + state.r.z + state.v.x + state.v.y + state.v.z
    total += state.q.w + state.omega.x + state.omega.y + state.omega.z + state.mass
    if not math.isfinite(total):
        return _NUMERIC
    outside = abs(place.east) > task.box or abs(place.north) > task.box
    if outside or height > 1.5 * start_height:
        return _OUT_OF_BOUNDS
    return _FLYING


@kernel
def report_contact(
    memory: np.ndarray, i: int, motion: Touchdown, state: State, vehicle: Vehicle, site: Site
) -> None:
    """Write a contact to the touchdown report of row `i`.

    Position and attitude are those of the first contact, speeds the largest of all contacts.
    """
    if memory[i, EPISODE.touched] == 0.0:
        memory[i, EPISODE.touched] = 1.0
        place = map_position(state.r, site)
        first = TouchdownReport(
            v_vertical_m_s=0.0,
            v_lateral_m_s=0.0,
            tilt_deg=motion.tilt * _DEGREES,
            rate_deg_s=motion.rate * _DEGREES,
            miss_m=math.sqrt(place.east**2 + place.north**2),
            propellant_used_kg=memory[i, EPISODE.start_propellant]
            - (state.mass - vehicle.mass_dry),
            first_fix_height_m=memory[i, EPISODE.fix_height],
            rest_tilt_deg=math.nan,
            legs_broken=math.nan,
            stroke_m=math.nan,
        )
        store_touchdown(memory, i, first)
    memory[i, TOUCHDOWN_AT.v_vertical_m_s] = max(
        memory[i, TOUCHDOWN_AT.v_vertical_m_s], motion.v_vertical
    )
    memory[i, TOUCHDOWN_AT.v_lateral_m_s] = max(
        memory[i, TOUCHDOWN_AT.v_lateral_m_s], motion.v_lateral
    )


@kernel
def report_rest(memory: np.ndarray, i: int, tilt: float, still: bool, gear: Gear) -> None:
    """Write tilt [rad], broken legs and strokes at the end on the ground to the report."""
    memory[i, TOUCHDOWN_AT.rest_tilt_deg] = tilt * _DEGREES if still else math.nan
    memory[i, TOUCHDOWN_AT.legs_broken] = memory[i, CONTACT.broken_legs]
    memory[i, TOUCHDOWN_AT.stroke_m] = max_stroke(memory, i, gear)


@kernel
def report_no_contact(memory: np.ndarray, i: int) -> None:
    """Fill the touchdown report of row `i` with nan: there was no contact."""
    for k in range(TOUCHDOWN, TOUCHDOWN + len(TOUCHDOWN_NAMES)):
        memory[i, k] = math.nan
