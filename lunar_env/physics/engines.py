"""The engine model: from a throttle to each engine's thrust, mass flow and force.

A command holds for a control step. Within a tick the thrust follows it with a first-order lag:
thrust and burned propellant are closed forms of time, which the integrator evaluates at its stages.
A thrust held constant over each tick would cost four digits of accuracy.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, cross
from lunar_env.kernel.rng import Index
from lunar_env.physics.lanes import (
    AXES,
    BURNED,
    CLUSTER,
    COMMAND,
    COMMAND_DELAYED,
    COMMAND_SHIFTED,
    DECAY_DOWN,
    DECAY_UP,
    DEMAND,
    DIRECTIONS,
    FORCES,
    MASS,
    MOMENTS,
    THRUST_BEFORE,
    THRUST_END,
    Burned,
    EngineSum,
    N,
    add_lane_vec,
    lane_burned,
    lane_sum,
    lane_vec,
    lane_vehicle,
    set_lane_burned,
    set_lane_sum,
    set_lane_vec,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.rows import (
    ENGINE,
    ENGINE_STATE,
    ENGINE_WIDTH,
    ENGINES,
    PENDING,
    STATE,
    VEHICLE,
)
from lunar_env.physics.thrust import thrust_over_tick
from lunar_env.physics.types import FlowCurve, Throttles, Thrust, Transient

FIRST: Final = np.int64(0)
WIDTH: Final = N * ENGINE_WIDTH  # floats of one engine in all lanes


@inline_kernel
def command_engines(
    lanes: np.ndarray,
    lane: int,
    memory: np.ndarray,
    i: int,
    throttle: float,
    cut_off: bool,
    tick: float,
) -> float:
    """Command the engines of row `i`, load them into a lane and return the sum of commands [N].

    `throttle` is the commanded fraction of the installed thrust of all engines together.
    """
    throttles, total = divide_throttle(memory, i, throttle), 0.0
    for e in range(int(memory[i, VEHICLE.engines])):
        command = engine_command(memory, i, e, engine_throttle(memory, i, e, throttles), cut_off)
        load_lane_engine(lanes, lane, memory, i, e, command, tick)
        total += command
    return total


@kernel
def ignite_engines(memory: np.ndarray, i: int, throttle: float) -> float:
    """Set the engines of row `i` to steady burning at a throttle; return the total thrust [N]."""
    throttles, total = divide_throttle(memory, i, throttle), 0.0
    for e in range(int(memory[i, VEHICLE.engines])):
        col = ENGINES + ENGINE_WIDTH * e
        command = engine_command(memory, i, e, engine_throttle(memory, i, e, throttles), False)
        memory[i, col + ENGINE_STATE.thrust] = command
        for k in range(PENDING, ENGINE_WIDTH):
            memory[i, col + k] = command
        total += command
    return total


@inline_kernel
def divide_throttle(memory: np.ndarray, i: int, throttle: float) -> Throttles:
    """Divide a throttle of the installed thrust among the engines that still work.

    Fixed-thrust engines burn at full thrust, or are shut down below their `cut_below`. The others
    supply the remaining thrust, each at the same fraction of its available thrust.
    """
    fixed, flexible = 0.0, 0.0
    for e in range(int(memory[i, VEHICLE.engines])):
        col = ENGINES + ENGINE_WIDTH * e
        if throttle >= memory[i, col + ENGINE.cut_below]:
            available = memory[i, col + ENGINE.thrust_max] * memory[i, col + ENGINE_STATE.health]
            if memory[i, col + ENGINE.throttle_min] >= 1.0:
                fixed += available
            else:
                flexible += available
    if flexible <= 0.0:
        return Throttles(throttle, -1.0)
    commanded = throttle * memory[i, VEHICLE.thrust_max]
    return Throttles(throttle, max(0.0, (commanded - fixed) / flexible))


@inline_kernel
def engine_throttle(memory: np.ndarray, i: int, e: int, throttles: Throttles) -> float:
    """Throttle [-] of engine `e` as a fraction of its available thrust, before its limits apply."""
    col = ENGINES + ENGINE_WIDTH * e
    if throttles.installed < memory[i, col + ENGINE.cut_below]:
        return 0.0
    if memory[i, col + ENGINE.throttle_min] >= 1.0:
        # If no engine can throttle, `achievable_throttle` decides between on and off.
        return 1.0 if throttles.flexible >= 0.0 else throttles.installed
    return throttles.flexible


@inline_kernel
def engine_command(memory: np.ndarray, i: int, e: int, throttle: float, cut_off: bool) -> float:
    """Thrust command [N] of engine `e`: zero if cut off, out of propellant, or not restartable."""
    col = ENGINES + ENGINE_WIDTH * e
    stopped = memory[i, STATE.mass] <= memory[i, VEHICLE.mass_dry] or cut_off
    # `burning` is negative before the first ignition, which does not count as a restart.
    burning = memory[i, col + ENGINE_STATE.burning]
    if stopped or (burning == 0.0 and memory[i, col + ENGINE.restartable] == 0.0):
        command = 0.0
    else:
        throttle_min = memory[i, col + ENGINE.throttle_min]
        gap_low, gap_high = memory[i, col + ENGINE.gap_low], memory[i, col + ENGINE.gap_high]
        throttle = achievable_throttle(max(0.0, throttle), throttle_min, gap_low, gap_high)
        if memory[i, col + ENGINE.stick] > 0.0:
            throttle = valve_position(memory, i, col, throttle)
        command = throttle * memory[i, col + ENGINE.thrust_max]
        command *= memory[i, col + ENGINE_STATE.health]
    memory[i, col + ENGINE_STATE.burning] = 1.0 if command > 0.0 else min(0.0, burning)
    return command


@kernel
def valve_position(memory: np.ndarray, i: int, col: int, throttle: float) -> float:
    """Throttle [-] of an engine whose valve sticks: it follows changes larger than `stick` only.

    Ignition and shutdown have valves of their own, and do not stick.
    """
    moved = abs(throttle - memory[i, col + ENGINE_STATE.valve]) > memory[i, col + ENGINE.stick]
    if moved or throttle == 0.0 or memory[i, col + ENGINE_STATE.burning] <= 0.0:
        memory[i, col + ENGINE_STATE.valve] = throttle
    return memory[i, col + ENGINE_STATE.valve]


@inline_kernel
def achievable_throttle(
    throttle: float, throttle_min: float, gap_low: float, gap_high: float
) -> float:
    """Achievable throttle [-] nearest to a commanded one.

    Below half of `throttle_min` the engine is off, from there to `throttle_min` it runs at that
    limit; inside the forbidden band it runs at the nearer edge. The throttle of a pulsed engine is
    its duty cycle, with the shortest pulse as `throttle_min`; an on-off engine has 1 there.
    """
    if throttle < throttle_min:
        return throttle_min if throttle >= 0.5 * throttle_min else 0.0
    if gap_low < throttle < gap_high:
        return gap_low if throttle - gap_low < gap_high - throttle else gap_high
    return min(throttle, 1.0)


@inline_kernel
def load_lane_engine(
    lanes: np.ndarray, lane: int, memory: np.ndarray, i: int, e: int, command: float, tick: float
) -> None:
    """Load engine `e` of row `i` into a lane, with its thrust command [N] for the step."""
    at = CLUSTER + WIDTH * e + lane
    col = ENGINES + ENGINE_WIDTH * e
    for k in range(ENGINE_WIDTH):
        lanes[at + N * k] = memory[i, col + k]
    j = N * e + lane
    lanes[COMMAND + j], lanes[COMMAND_SHIFTED + j] = command, command
    up, down = memory[i, col + ENGINE.lag_up], memory[i, col + ENGINE.lag_down]
    lanes[DECAY_UP + j] = math.exp(-0.5 * tick / up)
    lanes[DECAY_DOWN + j] = lanes[DECAY_UP + j] if down == up else math.exp(-0.5 * tick / down)
    neutral = lane_vec(lanes, at + N * ENGINE.direction_x, 0)
    set_lane_vec(lanes, DIRECTIONS + AXES * N * e, lane, neutral)


@inline_kernel
def store_lane_engine(lanes: np.ndarray, lane: int, memory: np.ndarray, i: int, e: int) -> None:
    """Store the state of engine `e` in row `i`."""
    at = CLUSTER + WIDTH * e + lane
    for k in range(ENGINE_STATE.thrust, ENGINE_WIDTH):
        memory[i, ENGINES + ENGINE_WIDTH * e + k] = lanes[at + N * k]


@kernel
def shift_command(lanes: np.ndarray, e: int, lane: int) -> None:
    """Shift a burning engine's thrust command by its share of the torque demand, within limits."""
    j, k = CLUSTER + WIDTH * e + lane, N * e + lane
    command = lanes[COMMAND + k]
    if command > 0.0:
        torque = lane_vec(lanes, DEMAND, lane)
        change = lanes[j + N * ENGINE.steer_x] * torque.x + lanes[j + N * ENGINE.steer_y] * torque.y
        thrust_max = lanes[j + N * ENGINE.thrust_max] * lanes[j + N * ENGINE_STATE.health]
        thrust_min = lanes[j + N * ENGINE.throttle_min] * thrust_max
        lanes[COMMAND_SHIFTED + k] = max(thrust_min, min(thrust_max, command + change))


@inline_kernel
def subtract_shift(lanes: np.ndarray, engines: int, count: int) -> None:
    """Subtract the torque of all shifted commands from the demanded torque [N m, B]."""
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        for lane in range(count):
            change = lanes[COMMAND_SHIFTED + N * e + lane] - lanes[COMMAND + N * e + lane]
            direction = lane_vec(lanes, DIRECTIONS + AXES * N * e, lane)
            lever = cross(engine_arm(lanes, at, lane), direction)
            add_lane_vec(lanes, DEMAND, lane, -change, lever)


@inline_kernel
def delay_command(lanes: np.ndarray, e: int, count: int) -> None:
    """Delay the commands of engine `e` by its dead time, through a queue of the last ticks."""
    at = CLUSTER + WIDTH * e
    delay, queue = int(lanes[at + N * ENGINE.dead_ticks]), at + N * PENDING
    if delay > 0:
        for lane in range(count):
            for later in range(delay, 0, -1):
                k = later - 1
                lanes[queue + N * later + lane] = lanes[queue + N * k + lane]
            lanes[queue + lane] = lanes[COMMAND_SHIFTED + N * e + lane]
            lanes[COMMAND_DELAYED + N * e + lane] = lanes[queue + N * delay + lane]
    else:
        for lane in range(count):
            lanes[COMMAND_DELAYED + N * e + lane] = lanes[COMMAND_SHIFTED + N * e + lane]


@inline_kernel
def sum_engines(lanes: np.ndarray, engines: int, count: int, tick: float) -> None:
    """Sum forces, moments and burned mass of all engines over a tick, in every lane.

    Forces [N, B], moments about S's origin [N m, B] and propellant [kg] at start, middle and end.
    """
    for k in range(FORCES, DEMAND):
        lanes[k] = 0.0
    # The compiler vectorises the loop over the lanes for an engine whose place is a constant.
    _sum_engine(lanes, FIRST, count, tick)
    for e in range(1, engines):
        _sum_engine(lanes, e, count, tick)


@inline_kernel
def _sum_engine(lanes: np.ndarray, e: Index, count: int, tick: float) -> None:
    """Fly engine `e` through a tick in every lane, and add to the sums."""
    at = CLUSTER + WIDTH * e
    for lane in range(count):
        before = lanes[at + N * ENGINE_STATE.thrust + lane]
        command = lanes[COMMAND_DELAYED + N * e + lane]
        rising = command > before
        up, down = lanes[DECAY_UP + N * e + lane], lanes[DECAY_DOWN + N * e + lane]
        lag_up = lanes[at + N * ENGINE.lag_up + lane]
        lag_down = lanes[at + N * ENGINE.lag_down + lane]
        decay, lag = up if rising else down, lag_up if rising else lag_down
        response = Transient(before, command, lag, decay)
        thrust = thrust_over_tick(response, _flow_curve(lanes, at, lane), 0.5 * tick)
        lanes[THRUST_BEFORE + N * e + lane] = before
        lanes[at + N * ENGINE_STATE.thrust + lane] = thrust.end
        _add_engine(lanes, at, e, lane, thrust)


@kernel
def sum_lane_engines(lanes: np.ndarray, engines: int, lane: int, dt: float) -> None:
    """Recompute the sums of `sum_engines` for one lane over `dt` seconds instead of the tick."""
    for k in range(FORCES, DEMAND, N):
        lanes[k + lane] = 0.0
    for e in range(engines):
        at = CLUSTER + WIDTH * e
        response = transient_over(lanes, e, lane, 0.5 * dt)
        thrust = thrust_over_tick(response, _flow_curve(lanes, at, lane), 0.5 * dt)
        lanes[at + N * ENGINE_STATE.thrust + lane] = thrust.end
        _add_engine(lanes, at, e, lane, thrust)


@inline_kernel
def transient_over(lanes: np.ndarray, e: int, lane: int, t: float) -> Transient:
    """First-order response of engine `e` from the start of the tick, with its decay at `t` [s]."""
    at, j = CLUSTER + WIDTH * e + lane, N * e + lane
    thrust, command = lanes[THRUST_BEFORE + j], lanes[COMMAND_DELAYED + j]
    lag = lag_of(thrust, command, lanes[at + N * ENGINE.lag_up], lanes[at + N * ENGINE.lag_down])
    return Transient(thrust, command, lag, math.exp(-t / lag))


@inline_kernel
def lag_of(thrust: float, command: float, lag_up: float, lag_down: float) -> float:
    """Time constant [s] of a rising or falling thrust."""
    return lag_up if command > thrust else lag_down


@inline_kernel
def engine_arm(lanes: np.ndarray, at: Index, lane: int) -> Vec3:
    """Position [m, B] of an engine relative to the centre of mass."""
    com = centre_of_mass(lanes[MASS + lane], lane_vehicle(lanes, lane))
    position = lane_vec(lanes, at + N * ENGINE.x, lane)
    return Vec3(position.x - com.x, position.y - com.y, position.z - com.z)


@inline_kernel
def _flow_curve(lanes: np.ndarray, at: Index, lane: int) -> FlowCurve:
    j = at + lane
    return FlowCurve(
        lanes[j + N * ENGINE.flow],
        lanes[j + N * ENGINE.flow_rise],
        lanes[j + N * ENGINE.thrust_max],
    )


@inline_kernel
def _add_engine(lanes: np.ndarray, at: Index, e: Index, lane: int, thrust: Thrust) -> None:
    """Add force, moment and burned mass of engine `e` to the sums of a lane."""
    direction = lane_vec(lanes, DIRECTIONS + AXES * N * e, lane)
    lever = cross(lane_vec(lanes, at + N * ENGINE.x, lane), direction)
    _add_along(lanes, FORCES, lane, thrust, direction)
    _add_along(lanes, MOMENTS, lane, thrust, lever)
    burned = lane_burned(lanes, BURNED, lane)
    more = Burned(burned.middle + thrust.burned_middle, burned.end + thrust.burned_end)
    set_lane_burned(lanes, BURNED, lane, more)
    lanes[THRUST_END + lane] += thrust.end


@inline_kernel
def _add_along(lanes: np.ndarray, at: Index, lane: int, thrust: Thrust, u: Vec3) -> None:
    """Add a thrust times the vector `u`, its direction or lever arm, to a sum of a lane."""
    total = lane_sum(lanes, at, lane)
    grown = EngineSum(
        axpy(thrust.start, u, total.start),
        axpy(thrust.middle, u, total.middle),
        axpy(thrust.end, u, total.end),
    )
    set_lane_sum(lanes, at, lane, grown)
