"""The rangefinder inside the step: middle and end of a sum within a tick, and what arrives."""

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Quat, Vec3, dot, normalize, rotate
from lunar_env.physics.lanes import BEFORE, NOW, lane_state
from lunar_env.physics.mass import com_height
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander, load_vehicle
from lunar_env.physics.site import site_place, vertical
from lunar_env.physics.types import Place, Site, State, Vehicle
from lunar_env.sensors.acquisition import OFF
from lunar_env.sensors.delay import Sent, earliest, load_sent, release
from lunar_env.sensors.events import RANGEFINDER, Event, note_event
from lunar_env.sensors.inertial import dead_reckon
from lunar_env.sensors.rangefinder import beam_of, complete_sum
from lunar_env.sensors.rows import (
    ARRIVED,
    LRF,
    NEXT_ARRIVAL,
    Arrived,
    load_nav,
    remember,
    store_arrived,
)
from lunar_env.sensors.types import DeadReckoning
from lunar_env.sim.fields import SLOTS
from lunar_env.sim.look import look
from lunar_env.sim.table import load_rangefinder, load_site, load_task
from lunar_env.sim.world import EPISODE, SLOT, SLOT_WIDTH, Flight, Slot, store_slot

_SAME_TIME = 1e-9  # s, forgives the rounding of tick times
_COARSE = 4.0  # m, footprint of the height from far up ...
_NEAR = 30.0  # m, ... and below this height
_FINE = 0.5  # m


@kernel
def rangefinder_due(memory: np.ndarray, table: np.ndarray, i: int, tick: float) -> bool:
    """Whether the tick that has just ended holds the middle or end of a sum, or an arrival."""
    t, end = memory[i, EPISODE.time], memory[i, LRF.window_end]
    middle = end - 0.5 * load_rangefinder(table).integration
    within = t - tick < middle and middle <= t + _SAME_TIME
    due = min(end, memory[i, NEXT_ARRIVAL]) <= t + _SAME_TIME
    return bool(within or due)


@cold_kernel
def sense(flight: Flight, lanes: np.ndarray, lane: int) -> None:
    """Feed the rangefinder the tick that has just ended, then read what arrives."""
    memory, i = flight.lander.memory, flight.lander.i
    line, table, key = flight.line, flight.table, flight.key
    task, lrf, t = load_task(table), load_rangefinder(table), memory[i, EPISODE.time]
    tick = task.tick
    while memory[i, LRF.mode] != OFF:  # more than one sum may end, and the next be half through
        middle = memory[i, LRF.window_end] - 0.5 * lrf.integration
        if t - tick < middle <= t + _SAME_TIME:
            share = (middle - (t - tick)) / tick
            there = between(lane_state(lanes, BEFORE, lane), lane_state(lanes, NOW, lane), share)
            remember(memory, i, look(flight, there, middle))
        if memory[i, LRF.window_end] > t + _SAME_TIME:
            break
        complete_sum(memory, line, i, key, lrf)
    if memory[i, NEXT_ARRIVAL] <= t + _SAME_TIME:
        receive(flight, lane_state(lanes, NOW, lane), t)


@kernel
def between(a: State, b: State, w: float) -> State:
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


@cold_kernel
def receive(flight: Flight, state: State, t: float) -> None:
    """Read every sample that has arrived by `t`: note the first, and correct the estimate."""
    memory, i = flight.lander.memory, flight.lander.i
    line, events, table = flight.line, flight.events, flight.table
    site = load_site(load_task(table))
    while memory[i, NEXT_ARRIVAL] <= t + _SAME_TIME:
        sent = read_next(memory, line, events, i)
        if memory[i, ARRIVED.seen] == 0.0:
            note_first_fix(flight.lander, state, site, t - sent.arrives)
        store_arrived(memory, i, Arrived(sent.range, sent.measured, 1.0))
        correct_estimate(flight, state, t, sent)


@cold_kernel
def read_next(memory: np.ndarray, line: np.ndarray, events: np.ndarray, i: int) -> Sent:
    """Take the earliest sample from the delay line into the step's slots and events."""
    place = earliest(line, i)
    sent = load_sent(line, i, place)
    n = min(int(memory[i, EPISODE.arrivals]), SLOTS - 1)
    slot = Slot(sent.range, sent.measured, sent.quality, sent.beam)
    store_slot(memory, i, SLOT + SLOT_WIDTH * n, slot)
    memory[i, EPISODE.arrivals] += 1.0
    sensor = float(RANGEFINDER)
    event = Event(sensor, sent.measured, sent.arrives, sent.range, 0.0, 0.0, sent.quality)
    note_event(memory, events, i, event)
    release(memory, line, i, place)
    return sent


@cold_kernel
def note_first_fix(lander: Lander, state: State, site: Site, since: float) -> None:
    """Keep the true height and fall speed at the first valid range, `since` seconds ago."""
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    spot, com = site_place(state.r, site), com_height(state.mass, vehicle)
    height = pads_height(lander, spot, com)
    climb = dot(state.v, vertical(state.r, site))
    memory[i, EPISODE.fix_height] = height - climb * since
    memory[i, EPISODE.fix_speed] = -climb


@cold_kernel
def pads_height(lander: Lander, place: Place, com: float) -> float:
    """True height of the upright lander's pads above the ground under it [m].

    The ground is what an eye at that height can tell apart: metres far up, details near by.
    """
    east, north, above = place.east, place.north, place.altitude - com
    height = above - elevation(lander, east, north, _COARSE)
    if height < _NEAR:
        height = above - elevation(lander, east, north, _FINE)
    return height


@kernel
def correct_estimate(flight: Flight, state: State, t: float, sent: Sent) -> None:
    """Autopilot's height: dead reckoning shifted to agree with the range at its own stamp."""
    memory, i = flight.lander.memory, flight.lander.i
    table = flight.table
    vehicle, lrf, site = (
        load_vehicle(memory, i),
        load_rangefinder(table),
        load_site(load_task(table)),
    )
    believed = dead_reckon(state, load_nav(memory, i), t)
    up = vertical(believed.r, site)
    drop = -dot(rotate(believed.q, beam_of(lrf, sent.beam)), up)
    axis = dot(rotate(believed.q, Vec3(0.0, 0.0, 1.0)), up)
    seen = sent.range * drop - (com_height(state.mass, vehicle) - lrf.mount_offset) * axis
    age = t - sent.measured
    # The accelerometer's reading of now stands for the whole age: centimetres over a second.
    push = 0.5 * age * age * (state.thrust / state.mass - site.mu / site.radius**2)
    now = estimated_height(0.0, believed, vehicle, site)
    memory[i, EPISODE.est_offset] = seen - (now - dot(believed.v, up) * age + push)
    memory[i, EPISODE.has_fix] = 1.0


@kernel
def estimated_height(offset: float, believed: DeadReckoning, vehicle: Vehicle, site: Site) -> float:
    """Height of the pads above ground as the autopilot believes it [m]."""
    altitude = site_place(believed.r, site).altitude
    return altitude - com_height(believed.mass, vehicle) + offset
