"""The sensors beside the rangefinder inside the step: what they sample, and what arrives.

Each is a channel (`sensors/channel.py`). A lander without any pays one comparison in a tick.
"""

import math

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import multiply
from lunar_env.kernel.rng import Index
from lunar_env.physics.lanes import BEFORE, NOW, lane_state, lane_vehicle
from lunar_env.physics.types import Site, State
from lunar_env.sensors.camera import load_camera, measure_place
from lunar_env.sensors.channel import (
    SAME_TIME,
    deliver,
    load_channel,
    next_event,
    send,
)
from lunar_env.sensors.events import CAMERA, RADAR, VELOCIMETER
from lunar_env.sensors.inertial import load_nav
from lunar_env.sensors.radar import load_radar, measure_height
from lunar_env.sensors.rows import (
    CAM,
    DVL,
    GAUGE_OFFSET,
    GAUGE_SCALE,
    LAST_SHOWN,
    LAST_STAMP,
    NEXT_READING,
    NEXT_SAMPLE,
    RALT,
    READ_AT,
    SAMPLES,
    SEEN_ONE,
)
from lunar_env.sensors.velocimeter import load_velocimeter, measure_velocity
from lunar_env.sim.fields import MAX_AGE_S
from lunar_env.sim.sense import between, sense, something_happens
from lunar_env.sim.table import (
    CAM_DESIGN,
    DVL_DESIGN,
    GAUGE_QUANTUM,
    RALT_DESIGN,
    load_site,
    load_task,
)
from lunar_env.sim.world import STEPS, TIME


@cold_kernel
def await_next(memory: np.ndarray, i: int) -> None:
    """Note when any channel next samples or delivers."""
    soonest = min(next_event(memory, i, DVL), next_event(memory, i, RALT))
    memory[i, NEXT_READING] = min(soonest, next_event(memory, i, CAM))


@kernel
def listen(
    memory: np.ndarray,
    line: np.ndarray,
    events: np.ndarray,
    key: np.uint64,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
) -> None:
    """At the end of a tick: see to the rangefinder, then to the others, where something is due."""
    if something_happens(memory, table, i, load_task(table).tick):
        sense(memory, line, events, key, table, tiles, terrain, lanes, lane, i)
    if memory[i, NEXT_READING] <= memory[i, TIME] + SAME_TIME:
        attend(memory, events, key, table, tiles, terrain, lanes, lane, i)


@cold_kernel
def attend(
    memory: np.ndarray,
    events: np.ndarray,
    key: np.uint64,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
) -> None:
    """Let the sensors sample within the tick that has just ended, then read what has arrived."""
    task, t = load_task(table), memory[i, TIME]
    site = load_site(task)
    while memory[i, DVL + NEXT_SAMPLE] <= t + SAME_TIME:
        there = state_at(memory, lanes, lane, i, DVL, task.tick)
        _sample_velocity(memory, key, table, tiles, terrain, i, there, site)
    while memory[i, RALT + NEXT_SAMPLE] <= t + SAME_TIME:
        there = state_at(memory, lanes, lane, i, RALT, task.tick)
        _sample_height(memory, key, table, tiles, terrain, i, there, site)
    while memory[i, CAM + NEXT_SAMPLE] <= t + SAME_TIME:
        there = state_at(memory, lanes, lane, i, CAM, task.tick)
        _sample_place(memory, key, table, tiles, terrain, lanes, lane, i, there, site)
    deliver(memory, events, i, DVL, VELOCIMETER, t)
    deliver(memory, events, i, RALT, RADAR, t)
    deliver(memory, events, i, CAM, CAMERA, t)
    await_next(memory, i)


@cold_kernel
def state_at(
    memory: np.ndarray, lanes: np.ndarray, lane: int, i: int, at: Index, tick: float
) -> State:
    """State when the sample is due that the channel takes next, within the tick just flown."""
    share = 1.0 - (memory[i, TIME] - memory[i, at + NEXT_SAMPLE]) / tick
    return between(lane_state(lanes, BEFORE, lane), lane_state(lanes, NOW, lane), share)


@cold_kernel
def _sample_velocity(
    memory: np.ndarray,
    key: np.uint64,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    i: int,
    state: State,
    site: Site,
) -> None:
    dvl, n = load_velocimeter(table, DVL_DESIGN), int(memory[i, DVL + SAMPLES])
    believed = multiply(load_nav(memory, i).attitude, state.q)
    sample = measure_velocity(memory, tiles, terrain, i, key, n, state, believed, dvl, site)
    send(memory, i, DVL, key, VELOCIMETER, load_channel(table, DVL_DESIGN), sample)


@cold_kernel
def _sample_height(
    memory: np.ndarray,
    key: np.uint64,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    i: int,
    state: State,
    site: Site,
) -> None:
    radar, n = load_radar(table, RALT_DESIGN), int(memory[i, RALT + SAMPLES])
    sample = measure_height(memory, tiles, terrain, i, key, n, state, radar, site)
    send(memory, i, RALT, key, RADAR, load_channel(table, RALT_DESIGN), sample)


@cold_kernel
def _sample_place(
    memory: np.ndarray,
    key: np.uint64,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    state: State,
    site: Site,
) -> None:
    camera, n = load_camera(table, CAM_DESIGN), int(memory[i, CAM + SAMPLES])
    vehicle = lane_vehicle(lanes, lane)
    sample = measure_place(memory, tiles, terrain, i, key, n, state, vehicle, camera, site)
    send(memory, i, CAM, key, CAMERA, load_channel(table, CAM_DESIGN), sample)


@kernel
def gauge(memory: np.ndarray, table: np.ndarray, i: int, propellant: float) -> float:
    """Propellant as the gauge tells [kg]."""
    value = propellant * (1.0 + memory[i, GAUGE_SCALE]) + memory[i, GAUGE_OFFSET]
    quantum = table[GAUGE_QUANTUM]
    if quantum > 0.0:
        value = quantum * math.floor(value / quantum + 0.5)
    return max(value, 0.0)


@cold_kernel
def observe_channels(
    memory: np.ndarray, f: np.ndarray, table: np.ndarray, i: int, j: int, t: float
) -> None:
    """Write the blocks of velocimeter, radar and camera from element `j` on."""
    task = load_task(table)
    # The first tick of the step ended after this; a landing may end a step early.
    since = ((memory[i, STEPS] - 1.0) * task.ticks + 0.5) * task.tick
    j = _observe_channel(memory, f, table, i, DVL, DVL_DESIGN, 3, j, t, since)
    j = _observe_channel(memory, f, table, i, RALT, RALT_DESIGN, 1, j, t, since)
    j = _observe_channel(memory, f, table, i, CAM, CAM_DESIGN, 3, j, t, since)


@cold_kernel
def _observe_channel(
    memory: np.ndarray,
    f: np.ndarray,
    table: np.ndarray,
    i: int,
    at: Index,
    design: Index,
    values: int,
    j: int,
    t: float,
    since: float,
) -> int:
    """The last arrival of a channel; returns where the next block begins."""
    channel = load_channel(table, design)
    end = j + values + 3
    if channel.period == 0.0:
        return end
    seen = memory[i, at + SEEN_ONE] > 0.0
    age = t - memory[i, at + LAST_STAMP] if seen else MAX_AGE_S
    for k in range(values):
        f[i, j + k] = memory[i, at + LAST_SHOWN + k]
    f[i, end - 3] = min(age, MAX_AGE_S)
    f[i, end - 2] = 1.0 if seen and age <= channel.max_age else 0.0
    f[i, end - 1] = 1.0 if seen and memory[i, at + READ_AT] > since else 0.0
    return end
