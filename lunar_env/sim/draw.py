"""What differs from episode to episode: the lander as built, its ground.

Every quantity has a law in the table, and a stream of random numbers of its own.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.draws import draw, draw_index
from lunar_env.physics.rows import (
    ENGINE_WIDTH,
    ENGINES,
    FRICTION,
    GEAR,
    HEALTH,
    LIT,
    STEP_EAST,
    STEP_NORTH,
    STEP_PLACE,
    STEP_RISE,
    THRUST,
    TRIM,
    VEHICLE,
)
from lunar_env.physics.terrain import place_terrain
from lunar_env.physics.types import Engine, Gear, Vehicle
from lunar_env.sim.laws import of_mission, of_scenario
from lunar_env.sim.table import (
    NOMINAL,
    NOMINAL_ENGINES,
    NOMINAL_GEAR,
    SCENARIO_WIDTH,
    SCENARIOS,
    load_task,
)
from lunar_env.sim.world import SCENARIO

_RADIANS: Final = math.pi / 180.0
_THRUST: Final = of_mission("thrust_frac")
_ISP: Final = of_mission("isp_frac")
_MASS: Final = of_mission("mass_frac")
_LAG: Final = of_mission("lag_frac")
_DIRECTION: Final = of_mission("thrust_direction_deg")
_COM: Final = of_mission("com_offset_m")
_INERTIA: Final = of_mission("inertia_frac")
_FRICTION_LAW: Final = of_mission("friction")
_STEP: Final = of_scenario("terrain_step_m")
_STEP_BEFORE: Final = of_scenario("terrain_step_before_m")


def _in_vehicle(name: str) -> int:
    return VEHICLE + Vehicle._fields.index(name)


def _in_engine(name: str) -> int:
    return Engine._fields.index(name)


_VEHICLE_WIDTH: Final = len(Vehicle._fields)
_GEAR_WIDTH: Final = len(Gear._fields)
_DESIGN_WIDTH: Final = len(Engine._fields)
_MASS_DRY: Final = _in_vehicle("mass_dry")
_THRUST_MAX: Final = _in_vehicle("thrust_max")
_V_E: Final = _in_vehicle("v_e")
_LAG_ALL: Final = _in_vehicle("lag")
_COM_X: Final = _in_vehicle("com_x")
_K2: Final = _in_vehicle("k2_x")
_ENGINE_DIRECTION: Final = _in_engine("direction_x")
_ENGINE_THRUST: Final = _in_engine("thrust_max")
_ENGINE_FLOW: Final = _in_engine("flow")
_ENGINE_LAG: Final = _in_engine("lag_up")
_ENGINE_DEAD: Final = _in_engine("dead_ticks")


@cold_kernel
def draw_vehicle(
    memory: np.ndarray, table: np.ndarray, i: int, key: np.uint64, tick: float
) -> None:
    """The lander as it really is: masses, inertia and each of its engines are dispersed."""
    for k in range(_VEHICLE_WIDTH):
        memory[i, VEHICLE + k] = table[NOMINAL + k]
    for k in range(_GEAR_WIDTH):
        memory[i, GEAR + k] = table[NOMINAL_GEAR + k]
    for k in range(3):
        memory[i, TRIM + k] = 0.0
    memory[i, _MASS_DRY] *= 1.0 + draw(table, _MASS, key)
    for k in range(2):
        memory[i, _COM_X + k] += draw_index(table, _COM, key, k)
    for k in range(3):
        memory[i, _K2 + k] *= 1.0 + draw_index(table, _INERTIA, key, k)
    thrust, flow, slowest = 0.0, 0.0, 0.0
    for e in range(int(table[NOMINAL + 1])):
        draw_engine(memory, table, i, e, key)
        row = ENGINES + ENGINE_WIDTH * e
        thrust += memory[i, row + _ENGINE_THRUST]
        flow += memory[i, row + _ENGINE_THRUST] * memory[i, row + _ENGINE_FLOW]
        slow = memory[i, row + _ENGINE_DEAD] * tick + memory[i, row + _ENGINE_LAG]
        slowest = max(slowest, slow)
    memory[i, _THRUST_MAX], memory[i, _V_E] = thrust, thrust / flow
    memory[i, _LAG_ALL] = slowest


@cold_kernel
def draw_engine(memory: np.ndarray, table: np.ndarray, i: int, e: int, key: np.uint64) -> None:
    """One engine: thrust, specific impulse, lag and direction; out, healthy and never lit."""
    row = ENGINES + ENGINE_WIDTH * e
    for k in range(_DESIGN_WIDTH):
        memory[i, row + k] = table[NOMINAL_ENGINES + _DESIGN_WIDTH * e + k]
    for k in range(THRUST, ENGINE_WIDTH):
        memory[i, row + k] = 0.0
    memory[i, row + HEALTH], memory[i, row + LIT] = 1.0, -1.0
    memory[i, row + _ENGINE_THRUST] *= 1.0 + draw_index(table, _THRUST, key, e)
    better = 1.0 + draw_index(table, _ISP, key, e)
    lag = max(0.0, 1.0 + draw_index(table, _LAG, key, e))
    for k in range(2):
        memory[i, row + _ENGINE_FLOW + k] /= better
        memory[i, row + _ENGINE_LAG + k] *= lag
    x = memory[i, row + _ENGINE_DIRECTION]
    y = memory[i, row + _ENGINE_DIRECTION + 1]
    x += math.sin(_RADIANS * draw_index(table, _DIRECTION, key, 2 * e))
    y += math.sin(_RADIANS * draw_index(table, _DIRECTION, key, 2 * e + 1))
    memory[i, row + _ENGINE_DIRECTION] = x
    memory[i, row + _ENGINE_DIRECTION + 1] = y
    memory[i, row + _ENGINE_DIRECTION + 2] = math.sqrt(1.0 - x * x - y * y)


@cold_kernel
def draw_ground(
    memory: np.ndarray,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    i: int,
    key: np.uint64,
) -> None:
    """Where the bands of the terrain lie in this episode, a step before the target, friction."""
    s, task = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]), load_task(table)
    memory[i, STEP_RISE] = draw(table, s + _STEP, key)
    memory[i, STEP_EAST], memory[i, STEP_NORTH] = task.heading_east, task.heading_north
    memory[i, STEP_PLACE] = -draw(table, s + _STEP_BEFORE, key)
    place_terrain(memory, tiles, terrain, i, key)
    memory[i, FRICTION] = draw(table, _FRICTION_LAW, key)
