"""Draws at the start of an episode: the lander with its errors, the ground and the sensors.

Every quantity has a distribution in the table and its own stream of random numbers.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.draws import X, Y, Z, draw, draw_index
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import width
from lunar_env.kernel.rng import STREAM_DEAD, uniform
from lunar_env.physics.relief import place_terrain
from lunar_env.physics.rows import (
    ENGINE_STATE,
    ENGINE_WIDTH,
    ENGINES,
    FRICTION,
    TERRAIN_STEP,
    store_engine,
    store_gear,
    store_trim,
    store_vehicle,
)
from lunar_env.physics.types import Engine, Vehicle
from lunar_env.sensors.acquisition import OFF, SEARCH, WARMUP
from lunar_env.sensors.channel import draw_failure, draw_scale_error, load_channel, reset_channel
from lunar_env.sensors.events import CAMERA, RADAR, VELOCIMETER
from lunar_env.sensors.link import DrawnRangefinder
from lunar_env.sensors.radar import load_radar
from lunar_env.sensors.rows import (
    CAM,
    DVL,
    EVENT_COUNT,
    GAUGES,
    LRF,
    RALT,
    store_bias,
    store_drawn_rangefinder,
)
from lunar_env.sim.instruments import update_next_channel_time
from lunar_env.sim.table import (
    CAM_DESIGN,
    DVL_DESIGN,
    NOMINAL_ENGINES,
    RALT_DESIGN,
    SCENARIO_WIDTH,
    SCENARIOS,
    load_design,
    load_nominal,
    load_nominal_gear,
    load_rangefinder,
    load_task,
    of_mission,
    of_scenario,
)
from lunar_env.sim.world import EPISODE, SCENARIO, BatchRow

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
_ONCE: Final = np.int64(0)
_MIN_SIGNAL_FRAC: Final = 0.02  # [-], of the nominal albedo or energy, whose draw could be negative
_MIN_THRESHOLD_FRAC: Final = 0.5  # [-], of the design threshold
_DEAD_RANGEFINDER: Final = of_scenario("unit_dead_frac")
_WARMUP: Final = of_scenario("warmup_s")
_LOSS: Final = of_scenario("signal_loss_dB")
_ENERGY: Final = of_scenario("energy_frac")
_ALBEDO: Final = of_scenario("albedo_error_frac")
_THRESHOLD: Final = of_scenario("threshold_error_frac")
_MISALIGNED: Final = of_scenario("misalignment_deg")
_PROCESSING: Final = of_scenario("processing_s")
_EXTRA: Final = of_scenario("extra_latency_s")
_RANGE_NOISE: Final = of_scenario("range_noise_m")
_RANGE_BIAS: Final = of_scenario("range_bias_m")
_RANGE_SCALE: Final = of_scenario("range_scale")
_RANGE_WALK: Final = of_scenario("range_walk_m")
_RANGE_QUANTUM: Final = of_scenario("range_quantum_m")
_OUTLIER: Final = of_scenario("outlier_frac")
_JITTER: Final = of_scenario("jitter_s")
_DROPOUT: Final = of_scenario("dropout_frac")
_BURST_BEGIN: Final = of_scenario("burst_begin_frac")
_BURST_END: Final = of_scenario("burst_end_frac")
_STAMP_BIAS: Final = of_scenario("stamp_bias_s")
_STAMP_JITTER: Final = of_scenario("stamp_jitter_s")
_LATE: Final = of_scenario("late_frac")
_REPEATED: Final = of_scenario("repeated_frac")
_FROZEN: Final = of_scenario("frozen_frac")
_DUST: Final = of_scenario("dust_depth")
_DUST_RETURN: Final = of_scenario("dust_return_frac")
_CLUTTER: Final = of_scenario("clutter_frac")
_GHOST: Final = of_scenario("ghost_frac")
_GAUGE_SCALE: Final = of_mission("propellant_scale_frac")
_GAUGE_OFFSET: Final = of_mission("propellant_offset_kg")
_SWITCH: Final = of_mission("engine_switch_frac")
_HEIGHT_BIAS: Final = of_scenario("camera_height_bias_m")
_PLACE_BIAS: Final = of_scenario("camera_place_bias_m")
_DEAD_CAMERA: Final = of_scenario("camera_dead_frac")
_DEAD_VELOCIMETER: Final = of_scenario("velocimeter_dead_frac")
_DEAD_RADAR: Final = of_scenario("radar_dead_frac")
_WEAK_THRUST: Final = of_scenario("engine_thrust_frac")
_WEAK_ISP: Final = of_scenario("engine_isp_frac")
_STICK: Final = of_scenario("throttle_stick_frac")


@kernel
def draw_vehicle(row: BatchRow, tick: float) -> None:
    """Draw the lander: dispersed mass, centre of mass, inertia and engines.

    `tick` [s] is the step of integration.
    """
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    nominal = load_nominal(table)
    store_gear(memory, i, load_nominal_gear(table))
    store_trim(memory, i, Vec3(0.0, 0.0, 0.0))
    thrust, flow, slowest = 0.0, 0.0, 0.0
    for e in range(int(nominal.engines)):
        engine = draw_engine(row, e)
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


@kernel
def draw_engine(row: BatchRow, e: int) -> Engine:
    """Draw engine `e` with its errors and its valve; off, healthy and never lit."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    design = load_design(table, NOMINAL_ENGINES + _DESIGN_WIDTH * e)
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    thrust_ratio = (1.0 + draw_index(table, _THRUST, key, e)) * draw(table, s + _WEAK_THRUST, key)
    isp_ratio = (1.0 + draw_index(table, _ISP, key, e)) * draw(table, s + _WEAK_ISP, key)
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
        thrust_max=design.thrust_max * thrust_ratio,
        throttle_min=design.throttle_min,
        gap_low=design.gap_low,
        gap_high=design.gap_high,
        restartable=design.restartable,
        flow=design.flow / isp_ratio,
        flow_rise=design.flow_rise / isp_ratio,
        lag_up=design.lag_up * lag,
        lag_down=design.lag_down * lag,
        dead_ticks=design.dead_ticks,
        gimbal_max=design.gimbal_max,
        gimbal_rate=design.gimbal_rate,
        steer_x=design.steer_x,
        steer_y=design.steer_y,
        cut_below=design.cut_below,
        stick=design.stick * draw(table, s + _STICK, key),
    )
    col = ENGINES + ENGINE_WIDTH * e
    store_engine(memory, i, col, engine)
    for k in range(ENGINE_STATE.thrust, ENGINE_WIDTH):
        memory[i, col + k] = 0.0
    memory[i, col + ENGINE_STATE.health], memory[i, col + ENGINE_STATE.burning] = 1.0, -1.0
    return engine


@kernel
def draw_ground(row: BatchRow) -> None:
    """Draw the ground: offsets of the terrain's bands, a step before the target, friction."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    s, task = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]), load_task(table)
    memory[i, TERRAIN_STEP.rise] = draw(table, s + _STEP, key)
    memory[i, TERRAIN_STEP.east], memory[i, TERRAIN_STEP.north] = (
        task.heading_east,
        task.heading_north,
    )
    memory[i, TERRAIN_STEP.position] = -draw(table, s + _STEP_BEFORE, key)
    place_terrain(row.lander, key)
    memory[i, FRICTION] = draw(table, _FRICTION_LAW, key)


@kernel
def draw_rangefinder(row: BatchRow) -> None:
    """Draw the rangefinder: its signal, errors, delays and faults, and its initial mode."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    task, threshold = load_task(table), load_rangefinder(table).threshold
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    loss_dB, energy = draw(table, s + _LOSS, key), draw(table, s + _ENERGY, key)
    signal_frac = max(_MIN_SIGNAL_FRAC, energy) * max(
        _MIN_SIGNAL_FRAC, 1.0 + draw(table, s + _ALBEDO, key)
    )
    memory[i, EPISODE.signal_loss] = loss_dB - 10.0 * math.log10(signal_frac)
    threshold_ratio = max(_MIN_THRESHOLD_FRAC, 1.0 + draw(table, s + _THRESHOLD, key))
    drawn = DrawnRangefinder(
        reflected=task.albedo * signal_frac * 10.0 ** (-0.1 * loss_dB),
        threshold=threshold * threshold_ratio,
        noise=draw(table, s + _RANGE_NOISE, key),
        bias=draw(table, s + _RANGE_BIAS, key),
        scale=draw(table, s + _RANGE_SCALE, key),
        walk=draw(table, s + _RANGE_WALK, key),
        quantum=draw(table, s + _RANGE_QUANTUM, key),
        outlier=draw(table, s + _OUTLIER, key),
        latency=draw(table, s + _PROCESSING, key) + draw(table, s + _EXTRA, key),
        jitter=draw(table, s + _JITTER, key),
        dropout=draw(table, s + _DROPOUT, key),
        burst_begin=draw(table, s + _BURST_BEGIN, key),
        burst_end=draw(table, s + _BURST_END, key),
        stamp_bias=draw(table, s + _STAMP_BIAS, key),
        stamp_jitter=draw(table, s + _STAMP_JITTER, key),
        late=draw(table, s + _LATE, key),
        repeated=draw(table, s + _REPEATED, key),
        frozen=draw(table, s + _FROZEN, key),
        misaligned_x=_RADIANS * draw_index(table, s + _MISALIGNED, key, X),
        misaligned_y=_RADIANS * draw_index(table, s + _MISALIGNED, key, Y),
        dust=draw(table, s + _DUST, key),
        dust_return=draw(table, s + _DUST_RETURN, key),
        clutter=draw(table, s + _CLUTTER, key),
        ghost=draw(table, s + _GHOST, key),
    )
    store_drawn_rangefinder(memory, i, drawn)
    _draw_mode(row)


@kernel
def _draw_mode(row: BatchRow) -> None:
    """Draw whether the rangefinder is dead, and how long it warms up."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    memory[i, LRF.ready_at] = draw(table, s + _WARMUP, key)
    dead = uniform(key, STREAM_DEAD, _ONCE) < draw(table, s + _DEAD_RANGEFINDER, key)
    mode = WARMUP if memory[i, LRF.ready_at] > 0.0 else SEARCH
    memory[i, LRF.mode] = float(OFF if dead else mode)


@kernel
def begin_channels(row: BatchRow) -> None:
    """Start the clocks of the sensors that are fitted, and draw their errors."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    reset_channel(memory, i, DVL, key, VELOCIMETER, load_channel(table, DVL_DESIGN))
    reset_channel(memory, i, RALT, key, RADAR, load_channel(table, RALT_DESIGN))
    reset_channel(memory, i, CAM, key, CAMERA, load_channel(table, CAM_DESIGN))
    draw_scale_error(memory, i, RALT, key, RADAR, load_radar(table, RALT_DESIGN).scale_sigma)
    memory[i, GAUGES.scale] = draw(table, _GAUGE_SCALE, key)
    memory[i, GAUGES.offset] = draw(table, _GAUGE_OFFSET, key)
    memory[i, GAUGES.switch] = draw(table, _SWITCH, key)
    memory[i, EVENT_COUNT] = 0.0
    _draw_faults(row)
    update_next_channel_time(memory, i)


@kernel
def _draw_faults(row: BatchRow) -> None:
    """Draw the faults of these sensors: failures, and the bias of the camera's map."""
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    draw_failure(memory, i, DVL, key, VELOCIMETER, draw(table, s + _DEAD_VELOCIMETER, key))
    draw_failure(memory, i, RALT, key, RADAR, draw(table, s + _DEAD_RADAR, key))
    draw_failure(memory, i, CAM, key, CAMERA, draw(table, s + _DEAD_CAMERA, key))
    east = draw_index(table, s + _PLACE_BIAS, key, X)
    north = draw_index(table, s + _PLACE_BIAS, key, Y)
    store_bias(memory, i, Vec3(east, north, draw(table, s + _HEIGHT_BIAS, key)))
