"""From the action to the commands of engines, gimbals and thrusters, and a lander boards its lane.

Faults strike here, and the mission's cut-off puts the engines out. Where to point is decided on the
lander's own estimate.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, conjugate, multiply
from lunar_env.physics.attitude import retrograde_axis, tilted_axis
from lunar_env.physics.cluster import board_engine
from lunar_env.physics.lanes import (
    ANGLES,
    ATTITUDE,
    AXIS,
    DEMAND,
    N,
    board,
    set_lane_vec,
)
from lunar_env.physics.propulsion import banded
from lunar_env.physics.rows import (
    CONTACT,
    ENGINE_WIDTH,
    ENGINES,
    HEALTH,
    LIT,
    STATE,
    VEHICLE,
    load_state,
    load_vehicle,
)
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Engine, Vehicle
from lunar_env.sensors.inertial import dead_reckon, load_nav
from lunar_env.sensors.rows import EVENTS
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
    load_site,
    load_task,
)
from lunar_env.sim.world import (
    ARRIVALS,
    CUT_OFF,
    EST_OFFSET,
    HEIGHT,
    IGNITED,
    PAST,
    SCENARIO,
    STEP_MASS,
    STRUCK,
    TIME,
)

_THRUST_VECTOR: Final = int(Control.THRUST_VECTOR)
_ACTUATORS: Final = int(Control.ACTUATORS)
_THRUST_MAX: Final = Engine._fields.index("thrust_max")
_FLOOR: Final = Engine._fields.index("throttle_min")
_RESTARTABLE: Final = Engine._fields.index("restartable")
_GIMBAL_MAX: Final = Engine._fields.index("gimbal_max")
_CUT_BELOW: Final = Engine._fields.index("cut_below")
_GAP: Final = Engine._fields.index("gap_low")


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
    memory[i, ARRIVALS], memory[i, EVENTS] = 0.0, 0.0
    memory[i, STEP_MASS] = memory[i, STATE + 13]
    for k in range(PAST + PAST_ACTIONS * width - 1, PAST + width - 1, -1):
        memory[i, k] = memory[i, k - width]
    for k in range(width):
        memory[i, PAST + k] = min(1.0, max(-1.0, actions[i, k]))
    strike(memory, table, i)
    board(lanes, lane, memory, i, alive)
    vehicle, state = load_vehicle(memory, i), load_state(memory, i)
    believed = dead_reckon(state, load_nav(memory, i), memory[i, TIME])
    up = vertical(believed.r, site)
    height = estimated_height(memory[i, EST_OFFSET], believed, vehicle, site)
    cut_off(memory, i, height, task)
    if control == _ACTUATORS:
        command_by_hand(memory, lanes, lane, i, vehicle, task.tick)
        return
    if control == _THRUST_VECTOR:
        axis = tilted_axis(memory[i, PAST], memory[i, PAST + 1], task.tilt_max, up)
    else:
        axis = retrograde_axis(believed.v, up, height)
    set_lane_vec(lanes, AXIS, lane, axis)
    error, j = multiply(conjugate(state.q), believed.q), ATTITUDE + lane
    lanes[j], lanes[j + N], lanes[j + 2 * N], lanes[j + 3 * N] = error
    share = 0.5 * (memory[i, PAST + width - 1] + 1.0)
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
        board_engine(lanes, lane, memory, i, e, engine_command(memory, i, e, throttle), tick)


@kernel
def flexible_part(memory: np.ndarray, i: int, share: float, vehicle: Vehicle) -> float:
    """Throttle of the engines that can throttle, at a share of the installed thrust.

    Engines that cannot throttle burn in full above the share at which they are cut; the others take
    what is left, each the same part of its thrust. -1 where there are no others.
    """
    fixed, flexible = 0.0, 0.0
    for e in range(int(vehicle.engines)):
        row = ENGINES + ENGINE_WIDTH * e
        if share >= memory[i, row + _CUT_BELOW]:
            thrust = memory[i, row + _THRUST_MAX] * memory[i, row + HEALTH]
            if memory[i, row + _FLOOR] >= 1.0:
                fixed += thrust
            else:
                flexible += thrust
    if flexible <= 0.0:
        return -1.0
    return max(0.0, (share * vehicle.thrust_max - fixed) / flexible)


@kernel
def engine_throttle(memory: np.ndarray, i: int, e: int, share: float, part: float) -> float:
    """Throttle that an engine gets at a share of the installed thrust, before its own band."""
    row = ENGINES + ENGINE_WIDTH * e
    if share < memory[i, row + _CUT_BELOW]:
        return 0.0
    if memory[i, row + _FLOOR] >= 1.0:  # without any that throttles, the nearer of on and off
        return 1.0 if part >= 0.0 else share
    return part


@kernel
def engine_command(memory: np.ndarray, i: int, e: int, throttle: float) -> float:
    """Thrust [N] asked of an engine, in its band; none when dry, cut off or not to be lit again."""
    row = ENGINES + ENGINE_WIDTH * e
    spent = memory[i, STATE + 13] <= memory[i, VEHICLE] or memory[i, CUT_OFF] > 0.0
    # LIT is below zero until an engine first burns: one that cannot restart may still start.
    if spent or (memory[i, row + LIT] == 0.0 and memory[i, row + _RESTARTABLE] == 0.0):
        command = 0.0
    else:
        floor, low, high = memory[i, row + _FLOOR], memory[i, row + _GAP], memory[i, row + _GAP + 1]
        inside = banded(max(0.0, throttle), floor, low, high)
        command = inside * memory[i, row + _THRUST_MAX] * memory[i, row + HEALTH]
    memory[i, row + LIT] = 1.0 if command > 0.0 else min(0.0, memory[i, row + LIT])
    if command > 0.0:
        memory[i, IGNITED] = 1.0
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
        board_engine(lanes, lane, memory, i, e, command, tick)
        most = memory[i, ENGINES + ENGINE_WIDTH * e + _GIMBAL_MAX]
        j = ANGLES + 2 * N * e + lane
        lanes[j], lanes[j + N] = 0.0, 0.0
        if most > 0.0:
            lanes[j], lanes[j + N] = most * memory[i, k], most * memory[i, k + 1]
            k += 2
    across, along = vehicle.torque_max_xy, vehicle.torque_max_z
    torque = Vec3(across * memory[i, k], across * memory[i, k + 1], along * memory[i, k + 2])
    set_lane_vec(lanes, DEMAND, lane, torque)


@kernel
def cut_off(memory: np.ndarray, i: int, height: float, task: Task) -> None:
    """Put the engines out for good where the mission says so; by its own estimate of the height."""
    if task.cut_off == CUT_CONTACT:
        reached = memory[i, CONTACT] > 0.0
    else:
        reached = task.cut_off == CUT_HEIGHT and height < task.cut_height
    if reached:
        memory[i, CUT_OFF] = 1.0


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
        j, bit = at + FAULT_WIDTH * k, 2.0**k
        struck = math.floor(memory[i, STRUCK] / bit) % 2.0 > 0.0
        if table[j] < 0.0 or struck:
            continue
        trigger = int(table[j + 2])
        due = trigger == AT_TIME and memory[i, TIME] >= table[j + 3]
        due = due or (trigger == BELOW_HEIGHT and memory[i, HEIGHT] < table[j + 3])
        due = due or (trigger == AT_IGNITION and memory[i, IGNITED] > 0.0)
        due = due or (trigger == AT_CONTACT and memory[i, CONTACT] > 0.0)
        if due:
            memory[i, STRUCK] += bit
            memory[i, ENGINES + ENGINE_WIDTH * int(table[j]) + HEALTH] = table[j + 1]
