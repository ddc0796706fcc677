"""From the action to the commands of engines, gimbals and thrusters, and a lander boards its lane.

Faults strike here, and the mission's cut-off puts the engines out. Where to point is decided on the
lander's own estimate.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, conjugate, multiply
from lunar_env.kernel.records import part_record, row_record
from lunar_env.physics.attitude import retrograde_axis, tilted_axis
from lunar_env.physics.cluster import load_lane_engine
from lunar_env.physics.lanes import (
    ANGLES,
    ATTITUDE,
    AXIS,
    DEMAND,
    HINGES,
    Hinge,
    N,
    load_lane,
    set_lane_hinge,
    set_lane_quat,
    set_lane_vec,
)
from lunar_env.physics.propulsion import banded
from lunar_env.physics.rows import (
    CONTACT,
    ENGINE,
    ENGINE_WIDTH,
    ENGINES,
    RUNNING,
    STATE,
    VEHICLE,
    load_state,
    load_vec,
    load_vehicle,
)
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Vehicle
from lunar_env.sensors.inertial import dead_reckon
from lunar_env.sensors.rows import EVENTS, load_nav
from lunar_env.sim.fields import PAST_ACTIONS, Control
from lunar_env.sim.sense import estimated_height
from lunar_env.sim.table import (
    AT_CONTACT,
    AT_IGNITION,
    AT_TIME,
    BELOW_HEIGHT,
    CUT_CONTACT,
    CUT_HEIGHT,
    FAULT_WIDTH,
    FAULTS,
    MAX_FAULTS,
    SCENARIO_WIDTH,
    SCENARIOS,
    Task,
    load_fault,
    load_site,
    load_task,
)
from lunar_env.sim.world import EPISODE, PAST, SCENARIO

_THRUST_VECTOR: Final = int(Control.THRUST_VECTOR)
_ACTUATORS: Final = int(Control.ACTUATORS)


class Tilt(NamedTuple):
    """Where an action points the thrust."""

    east: float  # [-]
    north: float  # [-]


load_tilt = row_record(Tilt, PAST)[0]
load_hinge = part_record(Hinge)[0]


@cold_kernel
def act(
    memory: np.ndarray,
    table: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    actions: np.ndarray,
    alive: bool,
) -> None:
    """Remember the action, choose where to point, and command the engines for the step."""
    task = load_task(table)
    site = load_site(task)
    width, control = int(task.actions), int(task.control)
    memory[i, EPISODE.arrivals], memory[i, EVENTS] = 0.0, 0.0
    memory[i, EPISODE.step_mass] = memory[i, STATE.mass]
    for k in range(PAST + PAST_ACTIONS * width - 1, PAST + width - 1, -1):
        memory[i, k] = memory[i, k - width]
    for k in range(width):
        memory[i, PAST + k] = min(1.0, max(-1.0, actions[i, k]))
    strike(memory, table, i)
    load_lane(lanes, lane, memory, i, alive)
    vehicle, state = load_vehicle(memory, i), load_state(memory, i)
    believed = dead_reckon(state, load_nav(memory, i), memory[i, EPISODE.time])
    up = vertical(believed.r, site)
    height = estimated_height(memory[i, EPISODE.est_offset], believed, vehicle, site)
    cut_off(memory, i, height, task)
    if control == _ACTUATORS:
        command_by_hand(memory, lanes, lane, i, vehicle, task.tick)
        return
    if control == _THRUST_VECTOR:
        tilt = load_tilt(memory, i)
        axis = tilted_axis(tilt.east, tilt.north, task.tilt_max, up)
    else:
        axis = retrograde_axis(believed.v, up, height)
    set_lane_vec(lanes, AXIS, lane, axis)
    set_lane_quat(lanes, ATTITUDE, lane, multiply(conjugate(state.q), believed.q))
    last = PAST + width - 1
    share = 0.5 * (memory[i, last] + 1.0)
    command_cluster(memory, lanes, lane, i, share, vehicle, task.tick)


@kernel
def command_cluster(
    memory: np.ndarray,
    lanes: np.ndarray,
    lane: int,
    i: int,
    share: float,
    vehicle: Vehicle,
    tick: float,
) -> None:
    """Divide a share of the installed thrust among the engines that still work."""
    part = flexible_part(memory, i, share, vehicle)
    for e in range(int(vehicle.engines)):
        throttle = engine_throttle(memory, i, e, share, part)
        load_lane_engine(lanes, lane, memory, i, e, engine_command(memory, i, e, throttle), tick)


@kernel
def flexible_part(memory: np.ndarray, i: int, share: float, vehicle: Vehicle) -> float:
    """Throttle of the engines that can throttle, at a share of the installed thrust.

    Engines that cannot throttle burn in full above the share at which they are cut; the others take
    what is left, each the same part of its thrust. -1 where there are no others.
    """
    fixed, flexible = 0.0, 0.0
    for e in range(int(vehicle.engines)):
        col = ENGINES + ENGINE_WIDTH * e
        if share >= memory[i, col + ENGINE.cut_below]:
            thrust = memory[i, col + ENGINE.thrust_max] * memory[i, col + RUNNING.health]
            if memory[i, col + ENGINE.throttle_min] >= 1.0:
                fixed += thrust
            else:
                flexible += thrust
    if flexible <= 0.0:
        return -1.0
    return max(0.0, (share * vehicle.thrust_max - fixed) / flexible)


@kernel
def engine_throttle(memory: np.ndarray, i: int, e: int, share: float, part: float) -> float:
    """Throttle that an engine gets at a share of the installed thrust, before its own band."""
    col = ENGINES + ENGINE_WIDTH * e
    if share < memory[i, col + ENGINE.cut_below]:
        return 0.0
    if (
        memory[i, col + ENGINE.throttle_min] >= 1.0
    ):  # without any that throttles, the nearer of on and off
        return 1.0 if part >= 0.0 else share
    return part


@kernel
def engine_command(memory: np.ndarray, i: int, e: int, throttle: float) -> float:
    """Thrust [N] asked of an engine, in its band; none when dry, cut off or not to be lit again."""
    col = ENGINES + ENGINE_WIDTH * e
    spent = memory[i, STATE.mass] <= memory[i, VEHICLE.mass_dry] or memory[i, EPISODE.cut_off] > 0.0
    # LIT is below zero until an engine first burns: one that cannot restart may still start.
    if spent or (
        memory[i, col + RUNNING.lit] == 0.0 and memory[i, col + ENGINE.restartable] == 0.0
    ):
        command = 0.0
    else:
        floor, low, high = (
            memory[i, col + ENGINE.throttle_min],
            memory[i, col + ENGINE.gap_low],
            memory[i, col + ENGINE.gap_high],
        )
        inside = banded(max(0.0, throttle), floor, low, high)
        command = inside * memory[i, col + ENGINE.thrust_max] * memory[i, col + RUNNING.health]
    memory[i, col + RUNNING.lit] = 1.0 if command > 0.0 else min(0.0, memory[i, col + RUNNING.lit])
    if command > 0.0:
        memory[i, EPISODE.ignited] = 1.0
    return command


@cold_kernel
def command_by_hand(
    memory: np.ndarray, lanes: np.ndarray, lane: int, i: int, vehicle: Vehicle, tick: float
) -> None:
    """Engines, gimbals and torque straight from the action, past any autopilot."""
    engines = int(vehicle.engines)
    k = PAST + engines
    for e in range(engines):
        command = engine_command(memory, i, e, 0.5 * (memory[i, PAST + e] + 1.0))
        load_lane_engine(lanes, lane, memory, i, e, command, tick)
        most = memory[i, ENGINES + ENGINE_WIDTH * e + ENGINE.gimbal_max]
        turn, at = Hinge(0.0, 0.0), ANGLES + HINGES * N * e
        if most > 0.0:
            asked = load_hinge(memory, i, k)
            turn = Hinge(most * asked.about_x, most * asked.about_y)
            k += HINGES
        set_lane_hinge(lanes, at, lane, turn)
    across, along, asked_torque = (
        vehicle.torque_max_xy,
        vehicle.torque_max_z,
        load_vec(memory, i, k),
    )
    torque = Vec3(across * asked_torque.x, across * asked_torque.y, along * asked_torque.z)
    set_lane_vec(lanes, DEMAND, lane, torque)


@kernel
def cut_off(memory: np.ndarray, i: int, height: float, task: Task) -> None:
    """Put the engines out for good where the mission says so; by its own estimate of the height."""
    if task.cut_off == CUT_CONTACT:
        reached = memory[i, CONTACT.made] > 0.0
    else:
        reached = task.cut_off == CUT_HEIGHT and height < task.cut_height
    if reached:
        memory[i, EPISODE.cut_off] = 1.0


@kernel
def strike(memory: np.ndarray, table: np.ndarray, i: int) -> None:
    """Let the scenario's faults happen when their time, height or event has come."""
    at = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]) + FAULTS
    if table[at] >= 0.0:  # the first place is empty where there are none
        strike_engines(memory, table, i, at)


@cold_kernel
def strike_engines(memory: np.ndarray, table: np.ndarray, i: int, at: int) -> None:
    """Judge each fault of a scenario that has some."""
    for k in range(MAX_FAULTS):
        fault, bit = load_fault(table, at + FAULT_WIDTH * k), 2.0**k
        struck = math.floor(memory[i, EPISODE.struck] / bit) % 2.0 > 0.0
        if fault.engine < 0.0 or struck:
            continue
        trigger = int(fault.trigger)
        due = trigger == AT_TIME and memory[i, EPISODE.time] >= fault.value
        due = due or (trigger == BELOW_HEIGHT and memory[i, EPISODE.height] < fault.value)
        due = due or (trigger == AT_IGNITION and memory[i, EPISODE.ignited] > 0.0)
        due = due or (trigger == AT_CONTACT and memory[i, CONTACT.made] > 0.0)
        if due:
            memory[i, EPISODE.struck] += bit
            col = ENGINES + ENGINE_WIDTH * int(fault.engine)
            memory[i, col + RUNNING.health] = fault.health
