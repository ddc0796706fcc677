"""What differs from episode to episode: the lander as built, its ground.

Every quantity has a law in the table, and a stream of random numbers of its own.
"""

import math
from typing import Final

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.draws import X, Y, Z, draw, draw_index
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import width
from lunar_env.physics.relief import place_terrain
from lunar_env.physics.rows import (
    ENGINE_WIDTH,
    ENGINES,
    FRICTION,
    RUNNING,
    STEP,
    store_engine,
    store_gear,
    store_trim,
    store_vehicle,
)
from lunar_env.physics.types import Engine, Vehicle
from lunar_env.sim.table import (
    NOMINAL_ENGINES,
    SCENARIO_WIDTH,
    SCENARIOS,
    load_design,
    load_nominal,
    load_nominal_gear,
    load_task,
    of_mission,
    of_scenario,
)
from lunar_env.sim.world import SCENARIO, Flight

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
_DESIGN_WIDTH: Final = width(Engine)


@cold_kernel
def draw_vehicle(flight: Flight, tick: float) -> None:
    """The lander as it really is: masses, inertia and each of its engines are dispersed."""
    memory, i = flight.lander.memory, flight.lander.i
    table, key = flight.table, flight.key
    nominal = load_nominal(table)
    store_gear(memory, i, load_nominal_gear(table))
    store_trim(memory, i, Vec3(0.0, 0.0, 0.0))
    thrust, flow, slowest = 0.0, 0.0, 0.0
    for e in range(int(nominal.engines)):
        engine = draw_engine(flight, e)
        thrust += engine.thrust_max
        flow += engine.thrust_max * engine.flow
        slowest = max(slowest, engine.dead_ticks * tick + engine.lag_up)
    vehicle = Vehicle(
        mass_dry=nominal.mass_dry * (1.0 + draw(table, _MASS, key)),
        engines=nominal.engines,
        thrust_max=thrust,
        throttle_min=nominal.throttle_min,
        v_e=thrust / flow,
        lag=slowest,
        com_x=nominal.com_x + draw_index(table, _COM, key, X),
        com_y=nominal.com_y + draw_index(table, _COM, key, Y),
        com_z_dry=nominal.com_z_dry,
        com_z_tank=nominal.com_z_tank,
        k2_x=nominal.k2_x * (1.0 + draw_index(table, _INERTIA, key, X)),
        k2_y=nominal.k2_y * (1.0 + draw_index(table, _INERTIA, key, Y)),
        k2_z=nominal.k2_z * (1.0 + draw_index(table, _INERTIA, key, Z)),
        k2_tank=nominal.k2_tank,
        torque_max_xy=nominal.torque_max_xy,
        torque_max_z=nominal.torque_max_z,
        impulse_bit=nominal.impulse_bit,
        rcs_flow=nominal.rcs_flow,
        rate_max=nominal.rate_max,
        steering=nominal.steering,
        authority=nominal.authority,
    )
    store_vehicle(memory, i, vehicle)


@cold_kernel
def draw_engine(flight: Flight, e: int) -> Engine:
    """One engine: thrust, specific impulse, lag and direction; out, healthy and never lit."""
    memory, i = flight.lander.memory, flight.lander.i
    table, key = flight.table, flight.key
    design = load_design(table, NOMINAL_ENGINES + _DESIGN_WIDTH * e)
    better = 1.0 + draw_index(table, _ISP, key, e)
    lag = max(0.0, 1.0 + draw_index(table, _LAG, key, e))
    x = design.direction_x + math.sin(_RADIANS * draw_index(table, _DIRECTION, key, 2 * e))
    y = design.direction_y + math.sin(_RADIANS * draw_index(table, _DIRECTION, key, 2 * e + 1))
    engine = Engine(
        x=design.x,
        y=design.y,
        z=design.z,
        direction_x=x,
        direction_y=y,
        direction_z=math.sqrt(1.0 - x * x - y * y),
        thrust_max=design.thrust_max * (1.0 + draw_index(table, _THRUST, key, e)),
        throttle_min=design.throttle_min,
        gap_low=design.gap_low,
        gap_high=design.gap_high,
        restartable=design.restartable,
        flow=design.flow / better,
        flow_rise=design.flow_rise / better,
        lag_up=design.lag_up * lag,
        lag_down=design.lag_down * lag,
        dead_ticks=design.dead_ticks,
        gimbal_max=design.gimbal_max,
        gimbal_rate=design.gimbal_rate,
        steer_x=design.steer_x,
        steer_y=design.steer_y,
        cut_below=design.cut_below,
    )
    col = ENGINES + ENGINE_WIDTH * e
    store_engine(memory, i, col, engine)
    for k in range(RUNNING.thrust, ENGINE_WIDTH):
        memory[i, col + k] = 0.0
    memory[i, col + RUNNING.health], memory[i, col + RUNNING.lit] = 1.0, -1.0
    return engine


@cold_kernel
def draw_ground(flight: Flight) -> None:
    """Where the bands of the terrain lie in this episode, a step before the target, friction."""
    memory, i = flight.lander.memory, flight.lander.i
    table, key = flight.table, flight.key
    s, task = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]), load_task(table)
    memory[i, STEP.rise] = draw(table, s + _STEP, key)
    memory[i, STEP.east], memory[i, STEP.north] = task.heading_east, task.heading_north
    memory[i, STEP.place] = -draw(table, s + _STEP_BEFORE, key)
    place_terrain(flight.lander, key)
    memory[i, FRICTION] = draw(table, _FRICTION_LAW, key)
