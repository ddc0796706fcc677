"""The rangefinder inside the step: what its beam meets, its sums within a tick, what arrives.

A look says what comes back at the middle of a sum: the ground, its brightness, a step in the spot,
dust. The autopilot's height is corrected by each range that arrives.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, dot, normalize, rotate, unit
from lunar_env.kernel.rng import STREAM_DUST_ECHO, uniform
from lunar_env.physics.landforms import FEATURES
from lunar_env.physics.lanes import BEFORE, NOW, lane_state
from lunar_env.physics.mass import com_height
from lunar_env.physics.relief import brightness, elevation
from lunar_env.physics.rows import Lander, load_vehicle
from lunar_env.physics.site import map_position, vertical
from lunar_env.physics.terrain import Hit, slant_range
from lunar_env.physics.types import MapPosition, Site, State, Vehicle
from lunar_env.sensors.acquisition import OFF
from lunar_env.sensors.delay import QueuedRange, earliest_entry, free_entry, load_queued_range
from lunar_env.sensors.events import RANGEFINDER, Event, record_event
from lunar_env.sensors.inertial import dead_reckon
from lunar_env.sensors.link import DrawnRangefinder, Echo, Rangefinder
from lunar_env.sensors.rangefinder import beam_vector, complete_window
from lunar_env.sensors.rows import (
    LAST_RANGE,
    LRF,
    NEXT_ARRIVAL,
    LastRange,
    load_drawn_rangefinder,
    load_nav,
    store_echo,
    store_last_range,
)
from lunar_env.sensors.types import DeadReckoning
from lunar_env.sim.fields import SLOTS
from lunar_env.sim.table import load_rangefinder, load_site, load_task
from lunar_env.sim.world import EPISODE, SLOT, SLOT_WIDTH, BatchRow, Slot, store_slot

# How much further than its gate a unit's echoes are worth a look.
_GATE_MARGIN: Final = 1.1
# Of a spot that lies across a step, this much lies on the near side where nothing better is known.
_HALF: Final = 0.5
# Dust hides the ground below this height [m] at this thrust [N], Apollo's lunar module; the height
# goes with the root of the thrust.
_DUST_HEIGHT: Final = 30.0
_DUST_THRUST: Final = 13_000.0
# From this one-way depth on, dust may be taken for the ground, at such a share of the range.
_THICK: Final = 1.0
_DUST_NEAR: Final = 0.3
_DUST_FAR: Final = 0.9
_SAME_TIME: Final = 1e-9  # s, forgives the rounding of tick times
_COARSE: Final = 4.0  # m, footprint of the height from far up ...
_NEAR: Final = 30.0  # m, ... and below this height
_FINE: Final = 0.5  # m


class Beam(NamedTuple):
    """A beam in frame L."""

    origin: Vec3  # m, where the unit sits
    direction: Vec3  # unit vector


@inline_kernel
def pointed_beam(
    memory: np.ndarray, i: int, state: State, drawn: DrawnRangefinder, lrf: Rangefinder
) -> Beam:
    """Beam of the running sum as it is, misalignment included."""
    b = beam_vector(lrf, memory[i, LRF.windows])
    x, y = drawn.misaligned_x, drawn.misaligned_y
    aside = unit(Vec3(b.x + y * b.z, b.y - x * b.z, b.z + x * b.y - y * b.x))
    down = rotate(state.q, Vec3(0.0, 0.0, -lrf.mount_offset))
    return Beam(axpy(1.0, down, state.r), rotate(state.q, aside))


@kernel
def beam_hit(lander: Lander, beam: Beam, lrf: Rangefinder, site: Site) -> Hit:
    """Where a beam meets the ground."""
    most = _GATE_MARGIN * lrf.gate_max
    origin, along = beam.origin, beam.direction
    return slant_range(lander, origin, along, site, lrf.divergence, most)


@kernel
def find_echo(row: BatchRow, state: State, t: float) -> Echo:
    """What comes back to the running sum, whose middle is at `t`."""
    memory, i = row.lander.memory, row.lander.i
    terrain, table, key = row.lander.terrain, row.table, row.key
    task, lrf, drawn = load_task(table), load_rangefinder(table), load_drawn_rangefinder(memory, i)
    site = load_site(task)
    beam = pointed_beam(memory, i, state, drawn, lrf)
    hit = beam_hit(row.lander, beam, lrf, site)
    if hit.range == math.inf:
        return Echo(t, hit.range, hit.cosine, 0.0, 1.0, 1.0, math.inf, 0.0)
    closing = -dot(state.v, hit.normal) / hit.cosine
    gain, dust = 1.0, 0.0
    if task.albedo_contrast > 0.0:
        spot = map_position(axpy(hit.range, beam.direction, beam.origin), site)
        brighter = brightness(row.lander, spot.east, spot.north)
        gain += task.albedo_contrast * brighter
    if drawn.dust > 0.0:
        up = vertical(state.r, site)
        height = max(0.0, -hit.range * dot(beam.direction, up))
        depth = dust_depth(drawn.dust, height, state.thrust)
        gain *= math.exp(-2.0 * depth)
        if depth > _THICK:
            place_in = uniform(key, STREAM_DUST_ECHO, -1 - int(memory[i, LRF.windows]))
            dust = hit.range * (_DUST_NEAR + (_DUST_FAR - _DUST_NEAR) * place_in)
    second = math.inf
    if terrain[FEATURES] > 0.0:
        second = far_edge_range(row.lander, state, beam, lrf, site)
    step = abs(second - hit.range) > 2.0 * lrf.range_bin and second < math.inf
    share = _HALF if step else 1.0
    return Echo(t, hit.range, hit.cosine, closing, max(0.0, gain), share, second, dust)


@inline_kernel
def dust_depth(most: float, height: float, thrust: float) -> float:
    """One-way optical depth of the dust that a plume raises, `most` at touchdown."""
    onset = _DUST_HEIGHT * math.sqrt(max(thrust, 0.0) / _DUST_THRUST)
    if onset <= height:
        return 0.0
    share = (onset - height) / onset
    return most * share * share


@kernel
def far_edge_range(lander: Lander, state: State, beam: Beam, lrf: Rangefinder, site: Site) -> float:
    """Range [m] to the ground under the edge of the spot that looks ahead along the flight."""
    middle = beam.direction
    along = axpy(-dot(state.v, middle), middle, state.v)
    speed = math.sqrt(dot(along, along))
    if speed < 1.0:
        return math.inf
    edge = Beam(beam.origin, unit(axpy(0.5 * lrf.divergence / speed, along, middle)))
    return beam_hit(lander, edge, lrf, site).range


@inline_kernel
def rangefinder_due(memory: np.ndarray, table: np.ndarray, i: int, tick: float) -> bool:
    """Whether the tick that has just ended holds the middle or end of a sum, or an arrival."""
    t, end = memory[i, EPISODE.time], memory[i, LRF.window_end]
    middle = end - 0.5 * load_rangefinder(table).integration
    within = t - tick < middle and middle <= t + _SAME_TIME
    due = min(end, memory[i, NEXT_ARRIVAL]) <= t + _SAME_TIME
    return bool(within or due)


@kernel
def run_rangefinder(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Feed the rangefinder the tick that has just ended, then read what arrives."""
    memory, i = row.lander.memory, row.lander.i
    line, table, key = row.line, row.table, row.key
    lrf, tick, t = load_rangefinder(table), load_task(table).tick, memory[i, EPISODE.time]
    while memory[i, LRF.mode] != OFF:  # more than one sum may end, and the next be half through
        middle = memory[i, LRF.window_end] - 0.5 * lrf.integration
        if t - tick < middle <= t + _SAME_TIME:
            share = (middle - (t - tick)) / tick
            there = interpolate_state(
                lane_state(lanes, BEFORE, lane), lane_state(lanes, NOW, lane), share
            )
            store_echo(memory, i, find_echo(row, there, middle))
        if memory[i, LRF.window_end] > t + _SAME_TIME:
            break
        complete_window(memory, line, i, key, lrf)
    if memory[i, NEXT_ARRIVAL] <= t + _SAME_TIME:
        read_ranges(row, lane_state(lanes, NOW, lane), t)


@inline_kernel
def interpolate_state(a: State, b: State, w: float) -> State:
    """State at the share `w` of a tick; straight within it, which is exact to millimetres."""
    u = 1.0 - w
    q = Quat(
        u * a.q.w + w * b.q.w,
        u * a.q.x + w * b.q.x,
        u * a.q.y + w * b.q.y,
        u * a.q.z + w * b.q.z,
    )
    return State(
        Vec3(u * a.r.x + w * b.r.x, u * a.r.y + w * b.r.y, u * a.r.z + w * b.r.z),
        Vec3(u * a.v.x + w * b.v.x, u * a.v.y + w * b.v.y, u * a.v.z + w * b.v.z),
        normalize(q),
        b.omega,
        b.mass,
        b.thrust,
    )


@kernel
def read_ranges(row: BatchRow, state: State, t: float) -> None:
    """Read every sample that has arrived by `t`: note the first, and correct the estimate."""
    memory, i = row.lander.memory, row.lander.i
    line, events, table = row.line, row.events, row.table
    site = load_site(load_task(table))
    while memory[i, NEXT_ARRIVAL] <= t + _SAME_TIME:
        arrived = read_next_range(memory, line, events, i)
        if memory[i, LAST_RANGE.seen] == 0.0:
            record_first_fix(row.lander, state, site, t - arrived.arrives)
        store_last_range(memory, i, LastRange(arrived.range, arrived.measured, 1.0))
        correct_estimate(row, state, t, arrived)


@kernel
def read_next_range(
    memory: np.ndarray, line: np.ndarray, events: np.ndarray, i: int
) -> QueuedRange:
    """Take the earliest sample from the delay line into the step's slots and events."""
    place = earliest_entry(line, i)
    arrived = load_queued_range(line, i, place)
    n = min(int(memory[i, EPISODE.arrivals]), SLOTS - 1)
    slot = Slot(arrived.range, arrived.measured, arrived.quality, arrived.beam)
    store_slot(memory, i, SLOT + SLOT_WIDTH * n, slot)
    memory[i, EPISODE.arrivals] += 1.0
    sensor = float(RANGEFINDER)
    event = Event(
        sensor, arrived.measured, arrived.arrives, arrived.range, 0.0, 0.0, arrived.quality
    )
    record_event(memory, events, i, event)
    free_entry(memory, line, i, place)
    return arrived


@kernel
def record_first_fix(lander: Lander, state: State, site: Site, since: float) -> None:
    """Keep the true height and fall speed at the first valid range, `since` seconds ago."""
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    spot, com = map_position(state.r, site), com_height(state.mass, vehicle)
    height = pads_height(lander, spot, com)
    climb = dot(state.v, vertical(state.r, site))
    memory[i, EPISODE.fix_height] = height - climb * since
    memory[i, EPISODE.fix_speed] = -climb


@kernel
def pads_height(lander: Lander, place: MapPosition, com: float) -> float:
    """True height of the upright lander's pads above the ground under it [m].

    The ground is what an eye at that height can tell apart: metres far up, details near by.
    """
    east, north, above = place.east, place.north, place.altitude - com
    height = above - elevation(lander, east, north, _COARSE)
    if height < _NEAR:
        height = above - elevation(lander, east, north, _FINE)
    return height


@inline_kernel
def correct_estimate(row: BatchRow, state: State, t: float, arrived: QueuedRange) -> None:
    """Autopilot's height: dead reckoning shifted to agree with the range at its own stamp."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    vehicle, lrf = load_vehicle(memory, i), load_rangefinder(table)
    site = load_site(load_task(table))
    believed = dead_reckon(state, load_nav(memory, i), t)
    up = vertical(believed.r, site)
    drop = -dot(rotate(believed.q, beam_vector(lrf, arrived.beam)), up)
    axis = dot(rotate(believed.q, Vec3(0.0, 0.0, 1.0)), up)
    seen = arrived.range * drop - (com_height(state.mass, vehicle) - lrf.mount_offset) * axis
    age = t - arrived.measured
    # The accelerometer's reading of now stands for the whole age: centimetres over a second.
    push = 0.5 * age * age * (state.thrust / state.mass - site.mu / site.radius**2)
    now = estimated_height(0.0, believed, vehicle, site)
    memory[i, EPISODE.est_offset] = seen - (now - dot(believed.v, up) * age + push)
    memory[i, EPISODE.has_fix] = 1.0


@inline_kernel
def estimated_height(offset: float, believed: DeadReckoning, vehicle: Vehicle, site: Site) -> float:
    """Height of the pads above ground as the autopilot believes it [m]."""
    altitude = map_position(believed.r, site).altitude
    return altitude - com_height(believed.mass, vehicle) + offset
