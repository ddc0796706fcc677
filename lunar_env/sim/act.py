"""From the action to the commands of throttle and attitude in the lander's lane for the step.

The faults of the scenario and the cut-off of the mission are applied first. The commanded direction
of thrust follows from the dead-reckoned state.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, conjugate, multiply
from lunar_env.kernel.records import part_record, row_record
from lunar_env.kernel.rng import STREAM_FAULT, STREAM_FAULT_ENGINE, uniform
from lunar_env.physics.attitude import retrograde_axis, tilted_axis
from lunar_env.physics.engines import command_engines, engine_command, load_lane_engine
from lunar_env.physics.lanes import (
    ATTITUDE,
    AXIS,
    BELIEVED_R,
    BELIEVED_V,
    DEMAND,
    GIMBAL_AXES,
    GIMBAL_COMMANDS,
    HEIGHT_OFFSET,
    MASS,
    PADS_ALTITUDE,
    GimbalAngles,
    N,
    lane_vec,
    lane_vehicle,
    load_lane,
    set_lane_gimbal_angles,
    set_lane_quat,
    set_lane_vec,
)
from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import (
    CONTACT,
    ENGINE,
    ENGINE_STATE,
    ENGINE_WIDTH,
    ENGINES,
    STATE,
    VEHICLE,
    load_state,
    load_vec,
    load_vehicle,
)
from lunar_env.physics.site import altitude_of, vertical
from lunar_env.physics.types import Site, Vehicle
from lunar_env.sensors.inertial import dead_reckon
from lunar_env.sensors.rows import EVENT_COUNT, load_nav
from lunar_env.sim.cut_off import update_cut_off
from lunar_env.sim.fields import PAST_ACTIONS, Control
from lunar_env.sim.table import (
    ANY_ENGINE,
    AT_CONTACT,
    AT_IGNITION,
    AT_TIME,
    BELOW_HEIGHT,
    BELOW_START_FRAC,
    FAULT_WIDTH,
    FAULTS,
    MAX_FAULTS,
    SCENARIO_WIDTH,
    SCENARIOS,
    load_fault,
    load_site,
    load_task,
)
from lunar_env.sim.world import EPISODE, PAST, SCENARIO

_THRUST_VECTOR: Final = int(Control.THRUST_VECTOR)
_ACTUATORS: Final = int(Control.ACTUATORS)


class Tilt(NamedTuple):
    """Direction of thrust in an action, as a tilt from the local vertical."""

    east: float  # [-], fraction of the largest tilt of the phase
    north: float  # [-], likewise


load_tilt = row_record(Tilt, PAST)[0]
load_gimbal_angles = part_record(GimbalAngles)[0]


@kernel
def load_action(
    memory: np.ndarray,
    table: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    actions: np.ndarray,
    key: np.uint64,
    alive: bool,
) -> None:
    """Record the action of row `i`, apply its faults, and load its lane and what it believes."""
    record_action(memory, i, actions, int(load_task(table).actions))
    apply_faults(memory, table, i, key)
    load_lane(lanes, lane, memory, i, alive)
    state = load_state(memory, i)
    believed = dead_reckon(state, load_nav(memory, i), memory[i, EPISODE.time])
    set_lane_vec(lanes, BELIEVED_R, lane, believed.r)
    set_lane_vec(lanes, BELIEVED_V, lane, believed.v)
    set_lane_quat(lanes, ATTITUDE, lane, multiply(conjugate(state.q), believed.q))
    lanes[HEIGHT_OFFSET + lane] = memory[i, EPISODE.est_offset]


@kernel
def aim(lanes: np.ndarray, count: int, site: Site) -> None:
    """Demand retrograde thrust in every lane, by dead reckoning and the autopilot's height."""
    for lane in range(count):
        r, v = lane_vec(lanes, BELIEVED_R, lane), lane_vec(lanes, BELIEVED_V, lane)
        com = com_height(lanes[MASS + lane], lane_vehicle(lanes, lane))
        altitude = altitude_of(r, site) - com
        lanes[PADS_ALTITUDE + lane] = altitude
        height = altitude + lanes[HEIGHT_OFFSET + lane]
        set_lane_vec(lanes, AXIS, lane, retrograde_axis(v, vertical(r, site), height))


@kernel
def apply_action(
    memory: np.ndarray, table: np.ndarray, lanes: np.ndarray, lane: int, i: int
) -> None:
    """Command attitude and engines of a lane that is loaded and aimed."""
    task = load_task(table)
    control = int(task.control)
    cut_off = update_cut_off(memory, i, lanes[PADS_ALTITUDE + lane], task)
    if control == _ACTUATORS:
        command_actuators(memory, lanes, lane, i, load_vehicle(memory, i), cut_off, task.tick)
        return
    if control == _THRUST_VECTOR:
        tilt, up = (
            load_tilt(memory, i),
            vertical(lane_vec(lanes, BELIEVED_R, lane), load_site(task)),
        )
        set_lane_vec(lanes, AXIS, lane, tilted_axis(tilt.east, tilt.north, task.tilt_max, up))
    last = PAST + int(task.actions) - 1
    throttle = throttle_from_action(memory[i, last])
    if command_engines(lanes, lane, memory, i, throttle, cut_off, task.tick) > 0.0:
        memory[i, EPISODE.ignited] = 1.0


@inline_kernel
def record_action(memory: np.ndarray, i: int, actions: np.ndarray, width: int) -> None:
    """Reset the counters of the step, and store the clipped action before the earlier ones."""
    memory[i, EPISODE.arrivals], memory[i, EVENT_COUNT] = 0.0, 0.0
    memory[i, EPISODE.step_mass] = memory[i, STATE.mass]
    for k in range(PAST + PAST_ACTIONS * width - 1, PAST + width - 1, -1):
        memory[i, k] = memory[i, k - width]
    for k in range(width):
        memory[i, PAST + k] = min(1.0, max(-1.0, actions[i, k]))


@inline_kernel
def throttle_from_action(action: float) -> float:
    """Throttle [-] in [0, 1] from an element of the action in [-1, 1]."""
    return 0.5 * (action + 1.0)


@kernel
def command_actuators(
    memory: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    vehicle: Vehicle,
    cut_off: bool,
    tick: float,
) -> None:
    """Command engines, gimbals and torque directly with the action, without the autopilot."""
    engines = int(vehicle.engines)
    k = PAST + engines
    for e in range(engines):
        command = engine_command(memory, i, e, throttle_from_action(memory[i, PAST + e]), cut_off)
        if command > 0.0:
            memory[i, EPISODE.ignited] = 1.0
        load_lane_engine(lanes, lane, memory, i, e, command, tick)
        gimbal_max = memory[i, ENGINES + ENGINE_WIDTH * e + ENGINE.gimbal_max]
        angles, at = GimbalAngles(0.0, 0.0), GIMBAL_COMMANDS + GIMBAL_AXES * N * e
        if gimbal_max > 0.0:
            fraction = load_gimbal_angles(memory, i, k)
            angles = GimbalAngles(gimbal_max * fraction.about_x, gimbal_max * fraction.about_y)
            k += GIMBAL_AXES
        set_lane_gimbal_angles(lanes, at, lane, angles)
    fraction_xyz = load_vec(memory, i, k)
    across, along = vehicle.torque_max_xy, vehicle.torque_max_z
    torque = Vec3(across * fraction_xyz.x, across * fraction_xyz.y, along * fraction_xyz.z)
    set_lane_vec(lanes, DEMAND, lane, torque)


@inline_kernel
def apply_faults(memory: np.ndarray, table: np.ndarray, i: int, key: np.uint64) -> None:
    """Apply the faults of the scenario that are triggered by time, height or event."""
    at = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]) + FAULTS
    if table[at] >= 0.0:  # the first fault's engine; negative in a scenario without faults
        apply_engine_faults(memory, table, i, at, key)


@kernel
def apply_engine_faults(
    memory: np.ndarray, table: np.ndarray, i: int, at: int, key: np.uint64
) -> None:
    """Apply each fault that is triggered: reduce the health of its engine, once."""
    for k in range(MAX_FAULTS):
        fault = load_fault(table, at + FAULT_WIDTH * k)
        applied = int(memory[i, EPISODE.faults_applied]) >> k & 1 > 0
        if fault.engine < 0.0 or applied:
            continue
        trigger, height = int(fault.trigger), memory[i, EPISODE.height]
        value = fault.low + (fault.high - fault.low) * uniform(key, STREAM_FAULT, k)
        due = trigger == AT_TIME and memory[i, EPISODE.time] >= value
        due = due or (trigger == BELOW_HEIGHT and height < value)
        start_height = memory[i, EPISODE.start_height]
        due = due or (trigger == BELOW_START_FRAC and height < value * start_height)
        due = due or (trigger == AT_IGNITION and memory[i, EPISODE.ignited] > 0.0)
        due = due or (trigger == AT_CONTACT and memory[i, CONTACT.made] > 0.0)
        if due:
            memory[i, EPISODE.faults_applied] += 1 << k
            engine = int(fault.engine)
            if engine == ANY_ENGINE:
                engine = int(memory[i, VEHICLE.engines] * uniform(key, STREAM_FAULT_ENGINE, k))
            col = ENGINES + ENGINE_WIDTH * engine
            memory[i, col + ENGINE_STATE.health] = fault.health
