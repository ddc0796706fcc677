"""Rangefinder within the step: echo of its beam, integration windows, and arrival of ranges.

The echo is evaluated at the middle of an integration window: range and albedo of the ground, a step
of the terrain within the spot, dust. Every range that arrives corrects the autopilot's height.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, cross, dot, renormalize, rotate, unit
from lunar_env.kernel.rng import STREAM_DUST_ECHO, uniform
from lunar_env.physics.landforms import FEATURES
from lunar_env.physics.lanes import BEFORE, NOW, lane_state
from lunar_env.physics.mass import com_height
from lunar_env.physics.relief import brightness, elevation
from lunar_env.physics.rows import Lander, load_vehicle
from lunar_env.physics.site import altitude_of, map_position, vertical
from lunar_env.physics.terrain import Hit, slant_range
from lunar_env.physics.types import MapPosition, Site, State, Vehicle
from lunar_env.sensors.acquisition import OFF, is_receiving
from lunar_env.sensors.delay import QueuedRange, take_range
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
from lunar_env.sensors.smear import smear_bias
from lunar_env.sensors.types import DeadReckoning
from lunar_env.sim.cut_off import vote
from lunar_env.sim.fields import SLOTS
from lunar_env.sim.table import CUT_HEIGHT, load_rangefinder, load_site, load_task
from lunar_env.sim.world import EPISODE, SLOT, SLOT_WIDTH, BatchRow, Slot, store_slot

# [-], largest range at which the ground is searched, over the far end of the gate.
_GATE_MARGIN: Final = 1.1
# [-], fraction of a spot across a step that is assumed to lie on its near side.
_NEAR_FRACTION: Final = 0.5
# Dust obscures the ground below this height [m] at this thrust [N], from Apollo's lunar module; the
# height is proportional to the square root of the thrust.
_DUST_HEIGHT: Final = 30.0
_DUST_THRUST: Final = 13_000.0
# Above this one-way optical depth [-] dust may cause an echo, between these fractions of the range.
_THICK: Final = 1.0
_DUST_NEAR: Final = 0.3
_DUST_FAR: Final = 0.9
_SAME_TIME: Final = 1e-9  # s, tolerance for the rounding of tick times
_COARSE: Final = 4.0  # m, width over which the ground is smoothed for the true height ...
_NEAR: Final = 30.0  # m, ... above this height, ...
_FINE: Final = 0.5  # m, ... and below it


class Beam(NamedTuple):
    """A beam in frame L."""

    origin: Vec3  # m, position of the rangefinder
    direction: Vec3  # [-], unit vector


@inline_kernel
def pointed_beam(
    memory: np.ndarray, i: int, state: State, drawn: DrawnRangefinder, lrf: Rangefinder
) -> Beam:
    """Beam of the running integration window, with the misalignment."""
    b = beam_vector(lrf, memory[i, LRF.windows])
    x, y = drawn.misaligned_x, drawn.misaligned_y
    direction = unit(Vec3(b.x + y * b.z, b.y - x * b.z, b.z + x * b.y - y * b.x))
    down = rotate(state.q, Vec3(0.0, 0.0, -lrf.mount_offset))
    return Beam(axpy(1.0, down, state.r), rotate(state.q, direction))


@kernel
def beam_hit(lander: Lander, beam: Beam, lrf: Rangefinder, site: Site) -> Hit:
    """Intersection of a beam with the ground."""
    farthest = _GATE_MARGIN * lrf.gate_max
    origin, forward = beam.origin, beam.direction
    return slant_range(lander, origin, forward, site, lrf.divergence, farthest)


@kernel
def find_echo(row: BatchRow, state: State, t: float) -> Echo:
    """Echo of the running integration window, whose middle is at time `t` [s]."""
    memory, i = row.lander.memory, row.lander.i
    terrain, table, key = row.lander.terrain, row.table, row.key
    task, lrf, drawn = load_task(table), load_rangefinder(table), load_drawn_rangefinder(memory, i)
    site = load_site(task)
    beam = pointed_beam(memory, i, state, drawn, lrf)
    hit = beam_hit(row.lander, beam, lrf, site)
    if hit.range == math.inf:
        return Echo(t, hit.range, hit.cosine, 0.0, 1.0, 1.0, math.inf, 0.0)
    closing = closing_rate(state, beam, hit)
    gain, dust = 1.0, 0.0
    if task.albedo_contrast > 0.0:
        ground = map_position(axpy(hit.range, beam.direction, beam.origin), site)
        relative_albedo = brightness(row.lander, ground.east, ground.north)
        gain += task.albedo_contrast * relative_albedo
    if drawn.dust > 0.0:
        up = vertical(state.r, site)
        height = max(0.0, -hit.range * dot(beam.direction, up))
        depth = dust_depth(drawn.dust, height, state.thrust)
        gain *= math.exp(-2.0 * depth)
        if depth > _THICK:
            position_frac = uniform(key, STREAM_DUST_ECHO, -1 - int(memory[i, LRF.windows]))
            dust = hit.range * (_DUST_NEAR + (_DUST_FAR - _DUST_NEAR) * position_frac)
    far_range = math.inf
    if terrain[FEATURES] > 0.0:
        far_range = far_edge_range(row.lander, state, beam, lrf, site)
    step = abs(far_range - hit.range) > 2.0 * lrf.range_bin and far_range < math.inf
    fraction = _NEAR_FRACTION if step else 1.0
    return Echo(t, hit.range, hit.cosine, closing, max(0.0, gain), fraction, far_range, dust)


@inline_kernel
def closing_rate(state: State, beam: Beam, hit: Hit) -> float:
    """Closing rate [m/s] of a beam: minus the rate of its slant range R to a plane ground.

    The beam's origin moves with ``v + omega x s``, s being its place in the lander, and its
    direction d sweeps with ``omega x d``: on a plane with the normal n,
    ``dR/dt = n.(v + omega x (s + R d))/cos(incidence)``.
    """
    omega = rotate(state.q, state.omega)
    arm = axpy(hit.range, beam.direction, axpy(-1.0, state.r, beam.origin))
    return -dot(axpy(1.0, cross(omega, arm), state.v), hit.normal) / hit.cosine


@inline_kernel
def dust_depth(depth_at_touchdown: float, height: float, thrust: float) -> float:
    """One-way optical depth [-] of the dust raised by a plume, at a height [m] and thrust [N]."""
    onset_height = _DUST_HEIGHT * math.sqrt(max(thrust, 0.0) / _DUST_THRUST)
    if onset_height <= height:
        return 0.0
    fraction = (onset_height - height) / onset_height
    return depth_at_touchdown * fraction * fraction


@kernel
def far_edge_range(lander: Lander, state: State, beam: Beam, lrf: Rangefinder, site: Site) -> float:
    """Range [m] to the ground at the edge of the spot that is foremost along the velocity."""
    middle = beam.direction
    forward = axpy(-dot(state.v, middle), middle, state.v)
    speed = math.sqrt(dot(forward, forward))
    if speed < 1.0:
        return math.inf
    edge = Beam(beam.origin, unit(axpy(0.5 * lrf.divergence / speed, forward, middle)))
    return beam_hit(lander, edge, lrf, site).range


@inline_kernel
def rangefinder_due(memory: np.ndarray, table: np.ndarray, i: int, tick: float) -> bool:
    """Whether the tick that has just ended has the middle or end of a window, or an arrival."""
    t, end = memory[i, EPISODE.time], memory[i, LRF.window_end]
    middle = end - 0.5 * load_rangefinder(table).integration
    within = t - tick < middle and middle <= t + _SAME_TIME
    due = min(end, memory[i, NEXT_ARRIVAL]) <= t + _SAME_TIME
    return bool(within or due)


@kernel
def run_rangefinder(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Run the rangefinder through the tick that has just ended, then read the arrivals."""
    memory, i = row.lander.memory, row.lander.i
    line, table, key = row.line, row.table, row.key
    lrf, tick, t = load_rangefinder(table), load_task(table).tick, memory[i, EPISODE.time]
    while memory[i, LRF.mode] != OFF:  # more than one window may end in a tick
        middle = memory[i, LRF.window_end] - 0.5 * lrf.integration
        if t - tick < middle <= t + _SAME_TIME and is_receiving(memory, i):
            fraction = (middle - (t - tick)) / tick
            state = interpolate_state(
                lane_state(lanes, BEFORE, lane), lane_state(lanes, NOW, lane), fraction
            )
            store_echo(memory, i, find_echo(row, state, middle))
        if memory[i, LRF.window_end] > t + _SAME_TIME:
            break
        complete_window(memory, line, i, key, lrf)
    if memory[i, NEXT_ARRIVAL] <= t + _SAME_TIME:
        read_ranges(row, lane_state(lanes, NOW, lane), t, t)


@inline_kernel
def interpolate_state(a: State, b: State, w: float) -> State:
    """State at the fraction `w` [-] of a tick, interpolated linearly from `a` to `b`.

    The error is millimetres.
    """
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
        renormalize(q),
        b.omega,
        b.mass,
        b.thrust,
    )


@kernel
def read_ranges(row: BatchRow, state: State, t: float, until: float) -> None:
    """Read every range that has arrived by time `until` [s], and correct the autopilot's height.

    `state` is the true one at time `t` [s], later than `until` only before the start.
    """
    memory, i = row.lander.memory, row.lander.i
    line, events, table = row.line, row.events, row.table
    site = load_site(load_task(table))
    while memory[i, NEXT_ARRIVAL] <= until + _SAME_TIME:
        arrived = read_next_range(memory, line, events, i)
        if memory[i, LAST_RANGE.seen] == 0.0:
            record_first_fix(row.lander, state, site, t - arrived.arrives)
        store_last_range(memory, i, LastRange(arrived.range, arrived.measured, 1.0))
        correct_estimate(row, state, t, arrived)


@kernel
def read_next_range(
    memory: np.ndarray, line: np.ndarray, events: np.ndarray, i: int
) -> QueuedRange:
    """Move the earliest range from the delay line to the slots and events of the step.

    If more ranges arrive than there are slots, these hold the last ones.
    """
    arrived = take_range(memory, line, i)
    quality = math.log10(arrived.snr)
    n = min(int(memory[i, EPISODE.arrivals]), SLOTS)
    if n == SLOTS:
        n = SLOTS - 1
        for k in range(SLOT, SLOT + SLOT_WIDTH * n):
            memory[i, k] = memory[i, k + SLOT_WIDTH]
    slot = Slot(arrived.range, arrived.measured, quality, arrived.beam)
    store_slot(memory, i, SLOT + SLOT_WIDTH * n, slot)
    memory[i, EPISODE.arrivals] += 1.0
    sensor = float(RANGEFINDER)
    event = Event(sensor, arrived.measured, arrived.arrives, arrived.range, 0.0, 0.0, quality)
    record_event(memory, events, i, event)
    return arrived


@kernel
def record_first_fix(lander: Lander, state: State, site: Site, since: float) -> None:
    """Store true height [m] and descent rate [m/s] at the first valid range, `since` [s] ago."""
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    ground, com = map_position(state.r, site), com_height(state.mass, vehicle)
    height = pads_height(lander, ground, com)
    climb_rate = dot(state.v, vertical(state.r, site))
    memory[i, EPISODE.fix_height] = height - climb_rate * since
    memory[i, EPISODE.fix_speed] = -climb_rate


@kernel
def pads_height(lander: Lander, place: MapPosition, com: float) -> float:
    """True height [m] above the ground of the pads of an upright lander.

    The ground is smoothed over a width that is smaller near the ground. `com` is the height [m] of
    the centre of mass above the pads.
    """
    east, north, above = place.east, place.north, place.altitude - com
    height = above - elevation(lander, east, north, _COARSE)
    if height < _NEAR:
        height = above - elevation(lander, east, north, _FINE)
    return height


@inline_kernel
def correct_estimate(row: BatchRow, state: State, t: float, arrived: QueuedRange) -> None:
    """Correct the autopilot's height by a range along a beam.

    `state` is the true one at time `t` [s]. The autopilot knows the design of its rangefinder and
    subtracts the bias that the smear of a sum has at the believed rate of descent.
    """
    memory, i, lrf = row.lander.memory, row.lander.i, load_rangefinder(row.table)
    site = load_site(load_task(row.table))
    believed = dead_reckon(state, load_nav(memory, i), t)
    up = vertical(believed.r, site)
    cos_beam = -dot(rotate(believed.q, beam_vector(lrf, arrived.beam)), up)
    closing = -dot(believed.v, up) / max(cos_beam, lrf.cos_cut)
    bias = smear_bias(closing, arrived.snr, lrf.threshold, lrf)
    set_estimate(row, state, t, believed, (arrived.range - bias) * cos_beam, arrived.measured)


@kernel
def set_estimate(
    row: BatchRow, state: State, t: float, believed: DeadReckoning, rise: float, measured: float
) -> None:
    """Set the autopilot's height, so that dead reckoning agrees with a sensor at its time stamp.

    The sensor, mounted as the rangefinder, was `rise` [m] above the ground at time `measured` [s];
    `state` is the true one at time `t` [s], `believed` the dead-reckoned one.
    """
    memory, i, table = row.lander.memory, row.lander.i, row.table
    vehicle, lrf = load_vehicle(memory, i), load_rangefinder(table)
    site = load_site(load_task(table))
    up = vertical(believed.r, site)
    cos_tilt = dot(rotate(believed.q, Vec3(0.0, 0.0, 1.0)), up)
    measured_height = rise - (com_height(state.mass, vehicle) - lrf.mount_offset) * cos_tilt
    age = t - measured
    # The present acceleration is used for the whole age: an error of centimetres after a second.
    correction = 0.5 * age * age * (state.thrust / state.mass - site.mu / site.radius**2)
    altitude = estimated_height(0.0, believed, vehicle, site)
    offset = measured_height - (altitude - dot(believed.v, up) * age + correction)
    memory[i, EPISODE.est_offset], memory[i, EPISODE.has_fix] = offset, 1.0
    if load_task(table).cut_off == CUT_HEIGHT:
        vote(memory, i, offset, measured)


@inline_kernel
def estimated_height(offset: float, believed: DeadReckoning, vehicle: Vehicle, site: Site) -> float:
    """Autopilot's height [m] of the pads above the ground: dead-reckoned altitude plus `offset`."""
    return altitude_of(believed.r, site) - com_height(believed.mass, vehicle) + offset
