"""The rangefinder inside the step: middle and end of a sum within a tick, and what arrives."""

import math

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, rotate
from lunar_env.physics.contact import height_above_ground
from lunar_env.physics.terrain import clearance, incidence_cosine, slant_range
from lunar_env.physics.types import Ground, Site, State, Vehicle
from lunar_env.sensors.delay import ARRIVES, MEASURED, QUALITY, RANGE, earliest, release
from lunar_env.sensors.inertial import DeadReckoning, dead_reckon, load_nav
from lunar_env.sensors.rangefinder import OFF, Echo, Rangefinder, complete_sum, remember
from lunar_env.sensors.rows import (
    LAST_MEASURED,
    LAST_RANGE,
    MODE,
    NEXT_ARRIVAL,
    SEEN,
    WINDOW_END,
)
from lunar_env.sim.fields import SLOTS
from lunar_env.sim.world import ARRIVALS, EST_OFFSET, FIX_HEIGHT, FIX_SPEED, HAS_FIX, SLOT

_SAME_TIME = 1e-9  # s, forgives the rounding of tick times


@kernel
def something_happens(memory: np.ndarray, i: int, t: float, tick: float, lrf: Rangefinder) -> bool:
    """Whether the tick that ends at `t` holds the middle or end of a sum, or an arrival."""
    end = memory[i, WINDOW_END]
    middle = end - 0.5 * lrf.integration
    within = t - tick < middle and middle <= t + _SAME_TIME
    due = min(end, memory[i, NEXT_ARRIVAL]) <= t + _SAME_TIME
    return bool(within or due)


@cold_kernel
def sense(
    memory: np.ndarray,
    line: np.ndarray,
    key: np.uint64,
    i: int,
    before: State,
    after: State,
    t: float,
    tick: float,
    ground: Ground,
    vehicle: Vehicle,
    lrf: Rangefinder,
    site: Site,
) -> None:
    """Feed the rangefinder one tick that ends at `t`, then read what arrives."""
    while memory[i, MODE] != OFF:  # more than one sum may end, and the next be half through
        middle = memory[i, WINDOW_END] - 0.5 * lrf.integration
        if t - tick < middle <= t + _SAME_TIME:
            a = look(before, ground, lrf, t - tick)
            b = look(after, ground, lrf, t)
            w = (middle - (t - tick)) / tick
            value = a.range + w * (b.range - a.range) if b.range < math.inf else math.inf
            remember(memory, i, Echo(middle, value, b.cosine, b.closing))
        if memory[i, WINDOW_END] > t + _SAME_TIME:
            break
        complete_sum(memory, line, i, key, lrf)
    receive(memory, line, i, after, t, ground, vehicle, lrf, site)


@cold_kernel
def look(state: State, ground: Ground, lrf: Rangefinder, t: float) -> Echo:
    """Geometry of the beam: slant range, incidence and closing speed."""
    beam = rotate(state.q, Vec3(lrf.boresight_x, 0.0, lrf.boresight_z))
    down = rotate(state.q, Vec3(0.0, 0.0, -lrf.mount_offset))
    origin = Vec3(state.r.x + down.x, state.r.y + down.y, state.r.z + down.z)
    cosine = incidence_cosine(beam, ground)
    closing = -clearance(state.v, ground) / cosine if cosine > 0.0 else 0.0
    return Echo(t, slant_range(origin, beam, ground), cosine, closing)


@cold_kernel
def receive(
    memory: np.ndarray,
    line: np.ndarray,
    i: int,
    state: State,
    t: float,
    ground: Ground,
    vehicle: Vehicle,
    lrf: Rangefinder,
    site: Site,
) -> None:
    """Move every sample that has arrived by `t` from the delay line to the step's slots."""
    while memory[i, NEXT_ARRIVAL] <= t + _SAME_TIME:
        place = earliest(line, i)
        measured, value = line[i, place, MEASURED], line[i, place, RANGE]
        arrived = line[i, place, ARRIVES]
        j = SLOT + 3 * min(int(memory[i, ARRIVALS]), SLOTS - 1)
        memory[i, j], memory[i, j + 1] = value, measured
        memory[i, j + 2] = line[i, place, QUALITY]
        memory[i, ARRIVALS] += 1.0
        release(memory, line, i, place)
        memory[i, LAST_RANGE], memory[i, LAST_MEASURED] = value, measured
        if memory[i, SEEN] == 0.0:
            memory[i, SEEN] = 1.0
            height = height_above_ground(state, ground, vehicle)
            memory[i, FIX_HEIGHT] = height - state.v.z * (t - arrived)
            memory[i, FIX_SPEED] = -state.v.z
        _correct_estimate(memory, i, state, t, measured, value, vehicle, lrf, site)


@cold_kernel
def _correct_estimate(
    memory: np.ndarray,
    i: int,
    state: State,
    t: float,
    measured: float,
    value: float,
    vehicle: Vehicle,
    lrf: Rangefinder,
    site: Site,
) -> None:
    """Autopilot's height: dead reckoning shifted to agree with the range at its own stamp."""
    believed = dead_reckon(state, load_nav(memory, i), t)
    drop = -rotate(believed.q, Vec3(lrf.boresight_x, 0.0, lrf.boresight_z)).z
    axis = rotate(believed.q, Vec3(0.0, 0.0, 1.0)).z
    seen = value * drop - (vehicle.cg_height - lrf.mount_offset) * axis
    age = t - measured
    # The accelerometer's reading of now stands for the whole age: centimetres over a second.
    push = 0.5 * age * age * (state.thrust / state.mass - site.mu / site.radius**2)
    then = believed.r.z - vehicle.cg_height - believed.v.z * age + push
    memory[i, EST_OFFSET] = seen - then
    memory[i, HAS_FIX] = 1.0


@kernel
def estimated_height(offset: float, believed: DeadReckoning, vehicle: Vehicle) -> float:
    """Height of the pads above ground as the autopilot believes it [m]."""
    return believed.r.z - vehicle.cg_height + offset
