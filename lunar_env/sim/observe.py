"""From the lander's memory to the observation, and from the truth to the privileged vector."""

import math

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, dot, rotate
from lunar_env.physics.mass import com_height
from lunar_env.physics.recover import height_to_stop
from lunar_env.physics.rows import (
    BROKEN_LEGS,
    CONTACT,
    ENGINE_WIDTH,
    ENGINES,
    FRICTION,
    STATE,
    THRUST,
    TOUCHING,
    load_state,
    load_vehicle,
)
from lunar_env.physics.site import site_place, vertical
from lunar_env.physics.types import Engine, Site, State, Vehicle
from lunar_env.sensors.inertial import (
    DeadReckoning,
    dead_reckon,
    felt,
    load_imu,
    load_nav,
    sensed_rate,
)
from lunar_env.sensors.rangefinder import Rangefinder, load_unit
from lunar_env.sensors.rows import LAST_MEASURED, LAST_RANGE, MODE, NEXT_READING, SEEN, SWITCH
from lunar_env.sensors.spread import load_sigmas
from lunar_env.sim.fields import (
    ENGINE_FIELDS,
    MAX_AGE_S,
    OBSERVATION_FIELDS,
    PAST_ACTIONS,
    SLOTS,
)
from lunar_env.sim.instruments import gauge, observe_channels
from lunar_env.sim.look import ground_seen, true_beam
from lunar_env.sim.sense import estimated_height, pads_height
from lunar_env.sim.table import (
    HIGHS,
    LOWS,
    NOMINAL,
    SCALES,
    SENSED,
    Task,
    load_rangefinder,
    load_site,
    load_task,
)
from lunar_env.sim.world import (
    ARRIVALS,
    EST_OFFSET,
    FIX_HEIGHT,
    FIX_SPEED,
    HAS_FIX,
    PAST,
    PULL,
    RECOVER_MARGIN,
    SIGNAL_LOSS,
    SLOT,
    TIME,
)

_NAMES = [field.name for field in OBSERVATION_FIELDS]
_LRF = _NAMES.index("lrf_off")
_SLOT = _NAMES.index("lrf1_range_m")
_SENSORS = _NAMES.index("dvl_v_x_m_s")
_CONTACT = _NAMES.index("contact")
_VEHICLE = _NAMES.index("thrust_frac")
_THRUST_MAX = Engine._fields.index("thrust_max")
_NEVER = 1.0e6  # stands for infinity in the privileged vector


@kernel
def signed_log(value: float, unit: float, scale: float) -> float:
    """``sign(x) ln(1 + |x|/unit)/scale``: fine near zero, bounded far away."""
    return math.copysign(math.log(1.0 + abs(value) / unit) / scale, value)


@cold_kernel
def observe(
    memory: np.ndarray,
    frames: np.ndarray,
    table: np.ndarray,
    i: int,
) -> None:
    """Write the newest frame of row `i`; older frames move back."""
    task, lrf, t = load_task(table), load_rangefinder(table), memory[i, TIME]
    site, state, vehicle = load_site(task), load_state(memory, i), load_vehicle(memory, i)
    width = SENSED + PAST_ACTIONS * int(task.actions)
    for k in range(frames.shape[1] - 1, width - 1, -1):
        frames[i, k] = frames[i, k - width]
    believed = dead_reckon(state, load_nav(memory, i), t)
    _observe_motion(memory, frames, i, state, believed, vehicle, site)
    _observe_ranges(memory, frames, i, t)
    for k in range(_SENSORS, _VEHICLE):
        frames[i, k] = 0.0
    if memory[i, NEXT_READING] < math.inf:  # some of them are fitted
        observe_channels(memory, frames, table, i, _SENSORS, t)
    frames[i, _CONTACT] = memory[i, CONTACT]
    _observe_vehicle(memory, frames, table, i, state, t, vehicle, lrf, task)
    for k in range(PAST_ACTIONS * int(task.actions)):
        frames[i, SENSED + k] = memory[i, PAST + k]
    for k in range(width):
        value = frames[i, k] * table[SCALES + k]
        value = min(max(value, table[LOWS + k]), table[HIGHS + k])
        frames[i, k] = value if value == value else 0.0


@kernel
def _observe_motion(
    memory: np.ndarray,
    f: np.ndarray,
    i: int,
    state: State,
    believed: DeadReckoning,
    vehicle: Vehicle,
    site: Site,
) -> None:
    """Dead reckoning, attitude, body rates, specific force and the autopilot's height."""
    height = estimated_height(0.0, believed, vehicle, site)
    sigmas, imu = load_sigmas(memory, i), load_imu(memory, i)
    rate = sensed_rate(imu, state.omega)
    force = felt(imu, Vec3(memory[i, PULL], memory[i, PULL + 1], memory[i, PULL + 2]))
    f[i, 0], f[i, 1], f[i, 2] = believed.r.x, believed.r.y, height
    f[i, 3], f[i, 4], f[i, 5] = believed.v.x, believed.v.y, believed.v.z
    f[i, 6] = signed_log(height, 10.0, 6.0)
    f[i, 7] = signed_log(believed.v.z, 1.0, 5.0)
    f[i, 8], f[i, 9] = sigmas.horizontal, sigmas.height
    f[i, 10], f[i, 11] = sigmas.v_vertical, sigmas.v_lateral
    f[i, 12], f[i, 13] = believed.q.w, believed.q.x
    f[i, 14], f[i, 15] = believed.q.y, believed.q.z
    f[i, 16] = sigmas.attitude
    f[i, 17], f[i, 18], f[i, 19] = rate.x, rate.y, rate.z
    f[i, 20], f[i, 21], f[i, 22] = force.x, force.y, force.z
    f[i, 23] = dot(believed.v, vertical(believed.r, site))
    estimate = height + memory[i, EST_OFFSET]
    f[i, 24] = estimate
    f[i, 25] = signed_log(estimate, 10.0, 6.0)
    f[i, 26] = memory[i, HAS_FIX]


@kernel
def _observe_ranges(memory: np.ndarray, f: np.ndarray, i: int, t: float) -> None:
    """State of the rangefinder, its last range, and the slots of this step."""
    mode = int(memory[i, MODE])
    for k in range(5):
        f[i, _LRF + k] = 1.0 if mode == k else 0.0
    arrivals = int(memory[i, ARRIVALS])
    f[i, _LRF + 5] = arrivals
    seen = memory[i, SEEN]
    f[i, _LRF + 6] = memory[i, LAST_RANGE] if seen > 0.0 else 0.0
    f[i, _LRF + 7] = min(t - memory[i, LAST_MEASURED], MAX_AGE_S) if seen > 0.0 else MAX_AGE_S
    f[i, _LRF + 8] = seen
    for k in range(5 * SLOTS):
        f[i, _SLOT + k] = 0.0
    for k in range(min(arrivals, SLOTS)):
        j, n = _SLOT + 5 * k, SLOT + 4 * k
        f[i, j] = memory[i, n]
        f[i, j + 1] = min(t - memory[i, n + 1], MAX_AGE_S)
        f[i, j + 2] = 1.0
        f[i, j + 3] = memory[i, n + 2]
        f[i, j + 4] = memory[i, n + 3] + 1.0


@kernel
def _observe_vehicle(
    memory: np.ndarray,
    f: np.ndarray,
    table: np.ndarray,
    i: int,
    state: State,
    t: float,
    vehicle: Vehicle,
    lrf: Rangefinder,
    task: Task,
) -> None:
    """Engine, propellant and design figures; the mass is the gauge's on the designed lander."""
    propellant = gauge(memory, table, i, state.mass - vehicle.mass_dry)
    weight = (table[NOMINAL] + propellant) * task.mu / (task.radius * task.radius)
    j = _VEHICLE
    f[i, j] = state.thrust / vehicle.thrust_max
    f[i, j + 1] = propellant
    f[i, j + 2] = 1.0 if state.thrust > memory[i, SWITCH] * vehicle.thrust_max else 0.0
    j += 3
    for e in range(ENGINE_FIELDS):
        row = ENGINES + ENGINE_WIDTH * e
        fitted = e < int(vehicle.engines)
        f[i, j + e] = memory[i, row + THRUST] / memory[i, row + _THRUST_MAX] if fitted else 0.0
    j += ENGINE_FIELDS
    f[i, j] = table[NOMINAL + 2] / weight
    f[i, j + 1] = vehicle.throttle_min
    f[i, j + 2] = task.isp
    f[i, j + 3] = table[NOMINAL + 5]
    f[i, j + 4] = lrf.mount_offset
    f[i, j + 5] = com_height(vehicle.mass_dry + propellant, vehicle)
    f[i, j + 6] = t
    f[i, j + 7], f[i, j + 8] = lrf.beams, task.beam_cant
    f[i, j + 9] = task.mu / (task.radius * task.radius)


@cold_kernel
def reveal(
    memory: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    truth: np.ndarray,
    i: int,
    outcome: float,
    state: State,
    t: float,
    vehicle: Vehicle,
    lrf: Rangefinder,
    site: Site,
) -> None:
    """Write the true state of row `i`; its first columns are the state's own."""
    place = site_place(state.r, site)
    height = pads_height(memory, tiles, terrain, i, place, com_height(state.mass, vehicle))
    believed = dead_reckon(state, load_nav(memory, i), t)
    unit, margin = load_unit(memory, i), memory[i, RECOVER_MARGIN]
    beam = true_beam(memory, i, state, unit, lrf)
    reach = ground_seen(memory, tiles, terrain, i, beam, lrf, site).range
    for k in range(14):
        truth[i, k] = memory[i, STATE + k]
    truth[i, 14] = height
    truth[i, 15] = state.thrust
    truth[i, 16] = state.mass - vehicle.mass_dry
    truth[i, 17] = t
    truth[i, 18] = reach if reach < math.inf else -1.0
    truth[i, 19] = 1.0 if margin >= 0.0 else 0.0
    truth[i, 20] = max(margin, -_NEVER)
    truth[i, 21] = min(height_to_stop(state, vehicle, site, 0.0), _NEVER)
    truth[i, 22], truth[i, 23] = memory[i, FIX_HEIGHT], memory[i, FIX_SPEED]
    truth[i, 24] = site_place(believed.r, site).altitude - place.altitude
    truth[i, 25] = memory[i, SIGNAL_LOSS]
    truth[i, 26] = 0.5 * lrf.integration + 0.5 * lrf.bus + unit.latency + unit.jitter
    axis = rotate(state.q, Vec3(0.0, 0.0, 1.0))
    truth[i, 27] = math.acos(max(-1.0, min(1.0, dot(axis, vertical(state.r, site)))))
    truth[i, 28] = outcome
    truth[i, 29] = place.altitude
    truth[i, 30] = math.sqrt(place.east * place.east + place.north * place.north)
    truth[i, 31], truth[i, 32] = memory[i, TOUCHING], memory[i, BROKEN_LEGS]
    truth[i, 33] = memory[i, FRICTION]
