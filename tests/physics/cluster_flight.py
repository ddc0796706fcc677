"""Flies landers with a cluster of engines in the lanes, tick by tick, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.kernel.compile import entry, kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics import flight
from lunar_env.physics.depletion import refly_if_depleted
from lunar_env.physics.engines import load_lane_engine, store_lane_engine
from lunar_env.physics.lanes import (
    ATTITUDE,
    AXIS,
    COMMAND_SHIFTED,
    DEMAND,
    GIMBAL_COMMANDS,
    NOW,
    SCRATCH,
    SPECIFIC_FORCE,
    TORQUE,
    N,
    lane_state,
    load_lane,
    set_lane_vec,
)
from lunar_env.physics.rows import (
    ENGINE_STATE,
    ENGINE_WIDTH,
    ENGINES,
    MAX_ENGINES,
    PENDING,
    ROW_WIDTH,
    TRIM,
    VEHICLE,
    store_state,
    store_vehicle,
)
from tests.physics.landers import NOWHERE, REST, TICK, UP, UPRIGHT

if TYPE_CHECKING:
    from lunar_env.physics.types import Engine, State, Vehicle

# Recorded at every tick: motion, torque, trim, specific force, and for each engine
_ENGINE = 24  # thrust, gimbal angles about x and y, command after differential throttling
WIDTH = _ENGINE + 4 * MAX_ENGINES


class Path(NamedTuple):
    """A flight: the last index of each array is the component, the one before the tick."""

    r: np.ndarray
    v: np.ndarray
    q: np.ndarray
    omega: np.ndarray
    mass: np.ndarray
    thrust: np.ndarray
    torque: np.ndarray  # N m, of the attitude thrusters
    trim: np.ndarray  # N m
    specific_force: np.ndarray  # m/s^2, B, mean of each tick, summed over the step so far
    engines: np.ndarray  # N, thrust of each
    gimbals: np.ndarray  # rad, (..., engine, 2)
    commands: np.ndarray  # N, of each after differential throttling

    @property
    def motion(self) -> np.ndarray:
        return np.concatenate([self.r, self.v, self.q, self.omega, self.mass[..., None]], axis=-1)


def row_of(lander: Vehicle, engines: list[Engine], state: State, burning=None) -> np.ndarray:
    """Memory of one lander; `burning`: thrust [N] of each engine."""
    memory = np.zeros((1, ROW_WIDTH))
    store_vehicle(memory, 0, lander)
    for e, one in enumerate(engines):
        row = ENGINES + ENGINE_WIDTH * e
        memory[0, row : row + len(one)] = one
        memory[0, row + ENGINE_STATE.health] = memory[0, row + ENGINE_STATE.burning] = 1.0
        thrust = 0.0 if burning is None else burning[e]
        memory[0, row + ENGINE_STATE.thrust] = thrust
        memory[0, row + PENDING : row + ENGINE_WIDTH] = thrust
    store_state(memory, 0, state)
    return memory


@kernel
def _load_inputs(memory, lanes, i, commands, torques, angles, axes, errors, s, tick):
    """Load a row and its inputs of step `s` into its lane."""
    load_lane(lanes, i, memory, i, True)
    for j in range(4):
        lanes[ATTITUDE + N * j + i] = errors[s, i, j]
    set_lane_vec(lanes, AXIS, i, Vec3(axes[s, i, 0], axes[s, i, 1], axes[s, i, 2]))
    set_lane_vec(lanes, DEMAND, i, Vec3(torques[s, i, 0], torques[s, i, 1], torques[s, i, 2]))
    for e in range(commands.shape[2]):
        load_lane_engine(lanes, i, memory, i, e, commands[s, i, e], tick)
        for j in range(2):
            lanes[GIMBAL_COMMANDS + N * (2 * e + j) + i] = angles[s, i, e, j]


@kernel
def _record(memory, lanes, i, engines, path, k):
    """Write a lane back to its row, and to the path of the flight."""
    store_state(memory, i, lane_state(lanes, NOW, i))
    for j in range(15):
        path[i, k, j] = lanes[NOW + N * j + i]
    for j in range(3):
        path[i, k, 15 + j] = lanes[TORQUE + N * j + i]
        path[i, k, 18 + j] = lanes[NOW + N * (TRIM.x + j) + i]
        path[i, k, 21 + j] = lanes[SPECIFIC_FORCE + N * j + i]
        memory[i, TRIM.x + j] = lanes[NOW + N * (TRIM.x + j) + i]
    for e in range(engines):
        store_lane_engine(lanes, i, memory, i, e)
        row = ENGINES + ENGINE_WIDTH * e
        path[i, k, _ENGINE + 4 * e] = memory[i, row + ENGINE_STATE.thrust]
        path[i, k, _ENGINE + 4 * e + 1] = memory[i, row + ENGINE_STATE.gimbal_x]
        path[i, k, _ENGINE + 4 * e + 2] = memory[i, row + ENGINE_STATE.gimbal_x + 1]
        path[i, k, _ENGINE + 4 * e + 3] = lanes[COMMAND_SHIFTED + N * e + i]


@entry
def _fly(memory, commands, torques, angles, axes, errors, direct_control, per, tick, site, path):
    """Fly all rows side by side; every input has the step and the lander as its first indexes."""
    lanes = np.zeros(SCRATCH)
    rows, engines = commands.shape[1], commands.shape[2]
    for k in range(path.shape[1]):
        if k % per == 0:
            for i in range(rows):
                _load_inputs(
                    *(memory, lanes, i, commands, torques, angles, axes, errors, k // per, tick)
                )
        flight.fly(lanes, engines, rows, site, tick, direct_control)
        for i in range(rows):
            refly_if_depleted(lanes, engines, i, site, tick)
            # Every tick, so that what a step leaves behind is what its last tick left.
            _record(memory, lanes, i, engines, path, k)


def fly_rows(
    memory,
    commands,
    seconds,
    *,
    axis=UP,
    error=UPRIGHT,
    torque=None,
    angles=(0.0, 0.0),
    site=NOWHERE,
    tick=TICK,
    per=1,
) -> Path:
    """Fly up to eight landers for some seconds; changes `memory`.

    Inputs hold for a step of `per` ticks and may be given for all steps, landers or engines at
    once. With a `torque` [N m] the flight is under direct control of torque and gimbals.
    """
    rows, engines = memory.shape[0], int(memory[0, VEHICLE.engines])
    ticks = round(seconds / tick)
    steps = -(-ticks // per)
    direct_control = torque is not None

    def fitted(values, *shape):
        values = np.asarray(values, dtype=float)
        while values.ndim < 2 + len(shape):
            values = values[:, None] if values.ndim == 1 + len(shape) else values[None]
        return np.array(np.broadcast_to(values, (steps, rows, *shape)), order="C")

    path = np.zeros((rows, ticks, WIDTH))
    _fly(
        *(memory, fitted(commands, engines), fitted(torque if direct_control else REST, 3)),
        *(fitted(angles, engines, 2), fitted(axis, 3), fitted(error, 4)),
        *(direct_control, per, tick, site, path),
    )
    return _named(path, engines)


def _named(path, engines) -> Path:
    each = path[..., _ENGINE : _ENGINE + 4 * engines].reshape(*path.shape[:2], engines, 4)
    return Path(
        *(path[..., 0:3], path[..., 3:6], path[..., 6:10], path[..., 10:13]),
        *(path[..., 13], path[..., 14], path[..., 15:18], path[..., 18:21], path[..., 21:24]),
        *(each[..., 0], each[..., 1:3], each[..., 3]),
    )


def fly(memory, commands, seconds, **options) -> Path:
    """Fly a single lander: the same, without the index of the lander."""
    return Path(*(values[0] for values in fly_rows(memory, commands, seconds, **options)))
