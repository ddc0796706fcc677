"""Observation of the lander, and privileged vector with the true state."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.draws import draw
from lunar_env.kernel.linalg import dot
from lunar_env.kernel.records import Blocks, part_record, row_record, width
from lunar_env.physics.full_thrust import fall_of, fastest_stop, full_thrust
from lunar_env.physics.lost import NEVER
from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import (
    CONTACT,
    ENGINE,
    ENGINE_STATE,
    ENGINE_WIDTH,
    ENGINES,
    FRICTION,
    Lander,
    load_state,
    load_vehicle,
)
from lunar_env.physics.site import map_position, vertical
from lunar_env.physics.touchdown import tilt_to
from lunar_env.physics.types import Site, State, Vehicle
from lunar_env.sensors.acquisition import LOST, OFF, SEARCH, TRACK, WARMUP
from lunar_env.sensors.inertial import dead_reckon, measured_force, measured_rate
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.rows import (
    GAUGES,
    LRF,
    NEXT_CHANNEL_TIME,
    load_drawn_rangefinder,
    load_imu,
    load_last_range,
    load_nav,
    load_sigmas,
)
from lunar_env.sensors.types import DeadReckoning
from lunar_env.sim.fields import (
    MAX_AGE_S,
    PAST_ACTIONS,
    SLOTS,
    TrueSituation,
    TrueState,
)
from lunar_env.sim.frame import (
    DESIGN,
    FRAME,
    ObservedContact,
    ObservedEngines,
    ObservedEstimate,
    ObservedMotion,
    ObservedRangefinder,
    ObservedSlot,
)
from lunar_env.sim.instruments import gauged_propellant, observe_channels
from lunar_env.sim.rangefinder import beam_hit, estimated_height, pads_height, pointed_beam
from lunar_env.sim.start import NAV_SPREAD
from lunar_env.sim.table import (
    SCENARIO_WIDTH,
    SCENARIOS,
    SENSED,
    SURVIVABLE,
    TaskScalars,
    load_limits,
    load_nominal,
    load_rangefinder,
    load_site,
    load_task,
)
from lunar_env.sim.world import (
    EPISODE,
    PAST,
    SCENARIO,
    SLOT,
    SLOT_WIDTH,
    BatchRow,
    load_force,
    load_slot,
)

store_motion = row_record(ObservedMotion, FRAME["Motion"])[1]
store_estimated = row_record(ObservedEstimate, FRAME["Estimated"])[1]
store_ranging = row_record(ObservedRangefinder, FRAME["Ranging"])[1]
store_slot = part_record(ObservedSlot)[1]
store_touching = row_record(ObservedContact, FRAME["Touching"])[1]
store_engines = row_record(ObservedEngines, FRAME["Engines"])[1]
_TRUTH: Final = Blocks()
store_true_state = row_record(TrueState, _TRUTH.add(TrueState))[1]
store_true_situation = row_record(TrueSituation, _TRUTH.add(TrueSituation))[1]
_SLOTS: Final = FRAME["Slots"]
_SLOT_SHOWN: Final = width(ObservedSlot)
_EACH_ENGINE: Final = FRAME["EachEngine"]


@inline_kernel
def signed_log(value: float, reference: float, scale: float) -> float:
    """``sign(x) ln(1 + |x|/reference)/scale`` [-]: linear near zero, logarithmic far from it."""
    return math.copysign(math.log(1.0 + abs(value) / reference) / scale, value)


@kernel
def observe(memory: np.ndarray, frames: np.ndarray, table: np.ndarray, i: int) -> None:
    """Write what varies of the newest frame of row `i`; older frames are shifted back.

    In SI units: `show.py` scales it. `observe_start.py` writes the rest, once an episode.
    """
    task, t = load_task(table), memory[i, EPISODE.time]
    site, state, vehicle = load_site(task), load_state(memory, i), load_vehicle(memory, i)
    frame = SENSED + PAST_ACTIONS * int(task.actions)
    for k in range(frames.shape[1] - 1, frame - 1, -1):
        frames[i, k] = frames[i, k - frame]
    believed = dead_reckon(state, load_nav(memory, i), t)
    _observe_motion(memory, frames, i, state, believed, vehicle, site)
    _observe_ranges(memory, frames, i, t)
    if memory[i, NEXT_CHANNEL_TIME] < math.inf:  # at least one of these sensors is fitted
        observe_channels(memory, frames, table, i, t)
    store_touching(frames, i, ObservedContact(contact=memory[i, CONTACT.made]))
    _observe_vehicle(memory, frames, table, i, state, vehicle, task)
    for k in range(PAST_ACTIONS * int(task.actions)):
        frames[i, SENSED + k] = memory[i, PAST + k]


@inline_kernel
def _observe_motion(
    memory: np.ndarray,
    f: np.ndarray,
    i: int,
    state: State,
    believed: DeadReckoning,
    vehicle: Vehicle,
    site: Site,
) -> None:
    """Write dead reckoning, attitude, body rate, specific force and the autopilot's height."""
    height = estimated_height(0.0, believed, vehicle, site)
    sigmas, imu = load_sigmas(memory, i), load_imu(memory, i)
    rate, force = measured_rate(imu, state.omega), measured_force(imu, load_force(memory, i))
    motion = ObservedMotion(
        dr_x_m=believed.r.x,
        dr_y_m=believed.r.y,
        dr_height_m=height,
        dr_v_x_m_s=believed.v.x,
        dr_v_y_m_s=believed.v.y,
        dr_v_z_m_s=believed.v.z,
        dr_height_log=signed_log(height, 10.0, 6.0),
        dr_v_z_log=signed_log(believed.v.z, 1.0, 5.0),
        dr_horizontal_sigma_m=sigmas.horizontal,
        dr_height_sigma_m=sigmas.height,
        dr_v_vertical_sigma_m_s=sigmas.v_vertical,
        dr_v_lateral_sigma_m_s=sigmas.v_lateral,
        q_w=believed.q.w,
        q_x=believed.q.x,
        q_y=believed.q.y,
        q_z=believed.q.z,
        attitude_sigma_rad=sigmas.attitude,
        omega_x_rad_s=rate.x,
        omega_y_rad_s=rate.y,
        omega_z_rad_s=rate.z,
        f_x_m_s2=force.x,
        f_y_m_s2=force.y,
        f_z_m_s2=force.z,
        dr_v_up_m_s=dot(believed.v, vertical(believed.r, site)),
    )
    store_motion(f, i, motion)
    _observe_estimate(memory, f, i, height)


@inline_kernel
def _observe_estimate(memory: np.ndarray, f: np.ndarray, i: int, height: float) -> None:
    """Write the autopilot's height: the dead-reckoned altitude `height` [m], corrected."""
    estimate = height + memory[i, EPISODE.est_offset]
    estimated = ObservedEstimate(
        est_height_m=estimate,
        est_height_log=signed_log(estimate, 10.0, 6.0),
        est_has_fix=memory[i, EPISODE.has_fix],
    )
    store_estimated(f, i, estimated)


@inline_kernel
def _observe_ranges(memory: np.ndarray, f: np.ndarray, i: int, t: float) -> None:
    """Write the mode of the rangefinder, its last range, and the slots of the step."""
    mode, arrivals = int(memory[i, LRF.mode]), int(memory[i, EPISODE.arrivals])
    last = load_last_range(memory, i)
    ranging = ObservedRangefinder(
        lrf_off=1.0 if mode == OFF else 0.0,
        lrf_warmup=1.0 if mode == WARMUP else 0.0,
        lrf_search=1.0 if mode == SEARCH else 0.0,
        lrf_track=1.0 if mode == TRACK else 0.0,
        lrf_lost=1.0 if mode == LOST else 0.0,
        lrf_arrivals=float(arrivals),
        lrf_last_range_m=last.range if last.seen > 0.0 else 0.0,
        lrf_last_age_s=min(t - last.measured, MAX_AGE_S) if last.seen > 0.0 else MAX_AGE_S,
        lrf_seen=last.seen,
    )
    store_ranging(f, i, ranging)
    for k in range(SLOTS):
        at = _SLOTS + _SLOT_SHOWN * k
        if k < arrivals:
            slot = load_slot(memory, i, SLOT + SLOT_WIDTH * k)
            age = min(t - slot.stamp, MAX_AGE_S)
            observed = ObservedSlot(
                range_m=slot.range, age_s=age, valid=1.0, quality=slot.quality, beam=slot.beam + 1.0
            )
            store_slot(f, i, at, observed)
        else:
            store_slot(f, i, at, ObservedSlot(0.0, 0.0, 0.0, 0.0, 0.0))


@inline_kernel
def _observe_vehicle(
    memory: np.ndarray,
    f: np.ndarray,
    table: np.ndarray,
    i: int,
    state: State,
    vehicle: Vehicle,
    task: TaskScalars,
) -> None:
    """Write engines and propellant, and what follows from them; masses are those gauged."""
    nominal = load_nominal(table)
    propellant = gauged_propellant(memory, table, i, state.mass - vehicle.mass_dry)
    weight = (nominal.mass_dry + propellant) * task.mu / (task.radius * task.radius)
    burning = state.thrust > memory[i, GAUGES.switch] * vehicle.thrust_max
    engines = ObservedEngines(
        thrust_frac=state.thrust / vehicle.thrust_max,
        propellant_kg=propellant,
        engine_on=1.0 if burning else 0.0,
    )
    store_engines(f, i, engines)
    for e in range(int(vehicle.engines)):
        col = ENGINES + ENGINE_WIDTH * e
        fraction = memory[i, col + ENGINE_STATE.thrust] / memory[i, col + ENGINE.thrust_max]
        f[i, _EACH_ENGINE + e] = fraction
    f[i, DESIGN.thrust_to_weight] = nominal.thrust_max / weight
    f[i, DESIGN.com_height_m] = com_height(vehicle.mass_dry + propellant, vehicle)
    f[i, DESIGN.elapsed_s] = memory[i, EPISODE.time]


@kernel
def write_privileged(row: BatchRow, privileged: np.ndarray, outcome: float) -> None:
    """Write the privileged vector of row `i`; `outcome` is the code of the report."""
    memory, i, table = row.lander.memory, row.lander.i, row.table
    task, lrf, state = load_task(table), load_rangefinder(table), load_state(memory, i)
    site, vehicle, t = load_site(task), load_vehicle(memory, i), memory[i, EPISODE.time]
    place = map_position(state.r, site)
    height = pads_height(row.lander, place, com_height(state.mass, vehicle))
    believed, drawn = dead_reckon(state, load_nav(memory, i), t), load_drawn_rangefinder(memory, i)
    fall, survived = fall_of(state, site), load_limits(table, SURVIVABLE).v_vertical
    full = full_thrust(memory, i, state, vehicle)
    scenario = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    _write_true_state(privileged, i, state)
    true = TrueSituation(
        height_m=height,
        thrust_N=state.thrust,
        propellant_kg=state.mass - vehicle.mass_dry,
        time_s=t,
        slant_range_m=_slant_range(row.lander, lrf, site),
        lost=memory[i, EPISODE.lost],
        stop_margin_m=memory[i, EPISODE.stop_margin],
        stop_height_m=min(fastest_stop(full, fall.down, fall.gravity, survived).drop, NEVER),
        first_fix_height_m=memory[i, EPISODE.fix_height],
        first_fix_speed_m_s=memory[i, EPISODE.fix_speed],
        nav_height_error_m=map_position(believed.r, site).altitude - place.altitude,
        signal_loss_dB=memory[i, EPISODE.signal_loss],
        latency_s=0.5 * lrf.integration + 0.5 * lrf.bus + drawn.latency + drawn.jitter,
        tilt_rad=tilt_to(state, vertical(state.r, site)),
        outcome=outcome,
        altitude_m=place.altitude,
        downrange_m=math.sqrt(place.east * place.east + place.north * place.north),
        touching=memory[i, CONTACT.touching],
        broken_legs=memory[i, CONTACT.broken_legs],
        friction=memory[i, FRICTION],
        range_bias_m=drawn.bias,
        range_scale_frac=drawn.scale,
        stamp_bias_s=drawn.stamp_bias,
        height_spread_frac=draw(table, scenario + NAV_SPREAD, row.key),
        thrust_available_N=full.thrust,
    )
    store_true_situation(privileged, i, true)


@kernel
def _slant_range(lander: Lander, lrf: Rangefinder, site: Site) -> float:
    """True slant range [m] along the running beam; -1 without ground in range, or without beam."""
    memory, i = lander.memory, lander.i
    if lrf.beams == 0.0:
        return -1.0
    beam = pointed_beam(memory, i, load_state(memory, i), load_drawn_rangefinder(memory, i), lrf)
    distance = beam_hit(lander, beam, lrf, site).range
    return distance if distance < math.inf else -1.0


@inline_kernel
def _write_true_state(privileged: np.ndarray, i: int, state: State) -> None:
    """Write position, velocity, attitude, body rate and mass to the privileged vector."""
    r, v, q, omega = state.r, state.v, state.q, state.omega
    true = TrueState(
        r_x_m=r.x,
        r_y_m=r.y,
        r_z_m=r.z,
        v_x_m_s=v.x,
        v_y_m_s=v.y,
        v_z_m_s=v.z,
        q_w=q.w,
        q_x=q.x,
        q_y=q.y,
        q_z=q.z,
        omega_x_rad_s=omega.x,
        omega_y_rad_s=omega.y,
        omega_z_rad_s=omega.z,
        mass_kg=state.mass,
    )
    store_true_state(privileged, i, true)
