"""Velocimeter, radar altimeter and camera within the step: sampling, arrival and observation.

Each is a channel (`sensors/channel.py`). Without any of them a tick costs one comparison.
"""

import math
from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, dot, multiply, rotate
from lunar_env.kernel.records import row_record
from lunar_env.kernel.rng import Index
from lunar_env.physics.lanes import BEFORE, NOW, lane_state
from lunar_env.physics.site import vertical
from lunar_env.physics.types import State
from lunar_env.sensors.camera import load_camera, measure_place
from lunar_env.sensors.channel import (
    SAME_TIME,
    Channel,
    load_channel,
    next_channel_time,
    queue_measurement,
    read_arrivals,
)
from lunar_env.sensors.events import CAMERA, RADAR, VELOCIMETER
from lunar_env.sensors.inertial import dead_reckon
from lunar_env.sensors.radar import load_radar, measure_first_echo
from lunar_env.sensors.rows import (
    CAM,
    CHANNEL,
    DVL,
    GAUGES,
    NEXT_CHANNEL_TIME,
    RALT,
    load_channel_state,
    load_nav,
)
from lunar_env.sensors.velocimeter import load_velocimeter, measure_velocity
from lunar_env.sim.fields import MAX_AGE_S
from lunar_env.sim.frame import FRAME, ObservedCamera, ObservedRadar, ObservedVelocity
from lunar_env.sim.rangefinder import (
    interpolate_state,
    rangefinder_due,
    record_first_fix,
    run_rangefinder,
    set_estimate,
)
from lunar_env.sim.table import (
    CAM_DESIGN,
    DVL_DESIGN,
    GAUGE_QUANTUM,
    RALT_DESIGN,
    load_rangefinder,
    load_site,
    load_task,
)
from lunar_env.sim.world import EPISODE, BatchRow


@kernel
def update_next_channel_time(memory: np.ndarray, i: int) -> None:
    """Store the time [s] of the next sample or arrival of any channel."""
    soonest = min(next_channel_time(memory, i, DVL), next_channel_time(memory, i, RALT))
    memory[i, NEXT_CHANNEL_TIME] = min(soonest, next_channel_time(memory, i, CAM))


@inline_kernel
def run_sensors(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Run the rangefinder and then the channels at the end of a tick, where anything is due."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    if rangefinder_due(memory, table, i, load_task(table).tick):
        run_rangefinder(row, lanes, lane)
    if memory[i, NEXT_CHANNEL_TIME] <= memory[i, EPISODE.time] + SAME_TIME:
        run_channels(row, lanes, lane)


@kernel
def run_channels(row: BatchRow, lanes: np.ndarray, lane: int) -> None:
    """Take the samples that are due in the tick that has just ended, then read the arrivals."""
    memory, i, events, table = row.lander.memory, row.lander.i, row.events, row.table
    task, t = load_task(table), memory[i, EPISODE.time]
    while memory[i, DVL + CHANNEL.next_sample] <= t + SAME_TIME:
        state = state_at(memory, lanes, lane, i, DVL, task.tick)
        _sample_velocity(row, state)
    while memory[i, RALT + CHANNEL.next_sample] <= t + SAME_TIME:
        state = state_at(memory, lanes, lane, i, RALT, task.tick)
        _sample_height(row, state)
    while memory[i, CAM + CHANNEL.next_sample] <= t + SAME_TIME:
        state = state_at(memory, lanes, lane, i, CAM, task.tick)
        _sample_place(row, state)
    read_arrivals(memory, events, i, DVL, VELOCIMETER, t)
    before = memory[i, RALT + CHANNEL.stamp]
    read_arrivals(memory, events, i, RALT, RADAR, t)
    if load_rangefinder(table).beams == 0.0 and memory[i, RALT + CHANNEL.stamp] != before:
        _correct_by_radar(row, lane_state(lanes, NOW, lane), t)
    read_arrivals(memory, events, i, CAM, CAMERA, t)
    update_next_channel_time(memory, i)


@kernel
def _correct_by_radar(row: BatchRow, state: State, t: float) -> None:
    """Correct the autopilot's height by the last range of the radar.

    Only without a rangefinder. The range is that along the vertical, or along the edge of the beam
    where the lander is tilted by more. `state` is the true one at time `t` [s].
    """
    memory, i, site = row.lander.memory, row.lander.i, load_site(load_task(row.table))
    if memory[i, EPISODE.has_fix] == 0.0:
        record_first_fix(row.lander, state, site, 0.0)
    believed, radar = dead_reckon(state, load_nav(memory, i), t), load_radar(row.table, RALT_DESIGN)
    cos_tilt = dot(rotate(believed.q, Vec3(0.0, 0.0, 1.0)), vertical(believed.r, site))
    rise = memory[i, RALT + CHANNEL.observed.x]
    if cos_tilt < radar.half_cos:
        sin_tilt = math.sqrt(max(1.0 - cos_tilt * cos_tilt, 0.0))
        rise *= cos_tilt * radar.half_cos + sin_tilt * radar.half_sin
    set_estimate(row, state, t, believed, rise, memory[i, RALT + CHANNEL.stamp])


@kernel
def state_at(
    memory: np.ndarray, lanes: np.ndarray, lane: int, i: int, at: Index, tick: float
) -> State:
    """State at the time of the channel's next sample, within the last tick of length `tick` [s]."""
    fraction = 1.0 - (memory[i, EPISODE.time] - memory[i, at + CHANNEL.next_sample]) / tick
    return interpolate_state(
        lane_state(lanes, BEFORE, lane), lane_state(lanes, NOW, lane), fraction
    )


@kernel
def _sample_velocity(row: BatchRow, state: State) -> None:
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    site = load_site(load_task(table))
    dvl, n = load_velocimeter(table, DVL_DESIGN), int(memory[i, DVL + CHANNEL.samples])
    believed = multiply(load_nav(memory, i).attitude, state.q)
    sample = measure_velocity(row.lander, key, n, state, believed, dvl, site)
    queue_measurement(memory, i, DVL, key, VELOCIMETER, load_channel(table, DVL_DESIGN), sample)


@kernel
def _sample_height(row: BatchRow, state: State) -> None:
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    site = load_site(load_task(table))
    radar, n = load_radar(table, RALT_DESIGN), int(memory[i, RALT + CHANNEL.samples])
    sample = measure_first_echo(row.lander, key, n, state, radar, site)
    queue_measurement(memory, i, RALT, key, RADAR, load_channel(table, RALT_DESIGN), sample)


@kernel
def _sample_place(row: BatchRow, state: State) -> None:
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    site = load_site(load_task(table))
    camera, n = load_camera(table, CAM_DESIGN), int(memory[i, CAM + CHANNEL.samples])
    sample = measure_place(row.lander, key, n, state, camera, site)
    queue_measurement(memory, i, CAM, key, CAMERA, load_channel(table, CAM_DESIGN), sample)


@inline_kernel
def gauged_propellant(memory: np.ndarray, table: np.ndarray, i: int, propellant: float) -> float:
    """Reading [kg] of the propellant gauge for a true mass of `propellant` [kg]."""
    value = propellant * (1.0 + memory[i, GAUGES.scale]) + memory[i, GAUGES.offset]
    quantum = table[GAUGE_QUANTUM]
    if quantum > 0.0:
        value = quantum * math.floor(value / quantum + 0.5)
    return max(value, 0.0)


class LastArrival(NamedTuple):
    """The last arrival of a channel, as in the observation."""

    value: Vec3
    age: float  # s
    valid: float  # 1 once one has arrived, until it is too old to count
    new: float  # 1 where one arrived during the step


store_velocity = row_record(ObservedVelocity, FRAME["Velocity"])[1]
store_radar = row_record(ObservedRadar, FRAME["Radar"])[1]
store_camera = row_record(ObservedCamera, FRAME["Camera"])[1]


@kernel
def observe_channels(
    memory: np.ndarray, f: np.ndarray, table: np.ndarray, i: int, t: float
) -> None:
    """Write the last arrivals of velocimeter, radar and camera at time `t` [s], where fitted."""
    task = load_task(table)
    # The first tick of the step ended after this; a landing may end a step early.
    since = ((memory[i, EPISODE.steps] - 1.0) * task.ticks + 0.5) * task.tick
    channel = load_channel(table, DVL_DESIGN)
    if channel.period > 0.0:
        s = last_arrival(memory, i, DVL, channel, t, since)
        store_velocity(
            f, i, ObservedVelocity(s.value.x, s.value.y, s.value.z, s.age, s.valid, s.new)
        )
    channel = load_channel(table, RALT_DESIGN)
    if channel.period > 0.0:
        s = last_arrival(memory, i, RALT, channel, t, since)
        store_radar(f, i, ObservedRadar(s.value.x, s.age, s.valid, s.new))
    channel = load_channel(table, CAM_DESIGN)
    if channel.period > 0.0:
        s = last_arrival(memory, i, CAM, channel, t, since)
        store_camera(f, i, ObservedCamera(s.value.x, s.value.y, s.value.z, s.age, s.valid, s.new))


@kernel
def last_arrival(
    memory: np.ndarray, i: int, at: Index, channel: Channel, t: float, since: float
) -> LastArrival:
    """The last arrival of a channel at time `t` [s]; it is new if read after `since` [s]."""
    state = load_channel_state(memory, i, at)
    seen = state.seen > 0.0
    age = t - state.stamp if seen else MAX_AGE_S
    valid = seen and age <= channel.max_age
    new = seen and state.read_at > since
    return LastArrival(
        state.observed, min(age, MAX_AGE_S), 1.0 if valid else 0.0, 1.0 if new else 0.0
    )
