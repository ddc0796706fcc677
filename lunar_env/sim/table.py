"""The flat table that all landers share: task, designs, limits, scales and distributions."""

from typing import Any, Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.draws import DRAW_WIDTH
from lunar_env.kernel.records import Blocks, record_type, table_record, width
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import MAX_ENGINES
from lunar_env.physics.types import Engine, Gear, Limits, Site, Vehicle
from lunar_env.sensors.camera import Camera
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.radar import Radar
from lunar_env.sensors.velocimeter import Velocimeter
from lunar_env.sim.fields import MAX_ACTIONS, PAST_ACTIONS, REWARD_TERMS
from lunar_env.sim.frame import OBSERVATION_FIELDS
from lunar_env.sim.sheet import SHEET_FIELDS

# Quantities of the packed distributions; the index of a quantity is its stream of random numbers,
# so that names are only added at the end.
MISSION_DRAWS: Final = (
    *("height_m", "v_vertical_scatter_m_s", "v_lateral_m_s", "position_east_m"),
    *("position_north_m", "tilt_deg", "friction", "downrange_m"),
    *("thrust_frac", "isp_frac", "mass_frac", "lag_frac", "thrust_direction_deg"),
    *("v_vertical_m_s", "v_forward_m_s", "com_offset_m", "inertia_frac"),
    *("propellant_scale_frac", "propellant_offset_kg", "engine_switch_frac", "v_cross_m_s"),
)
SCENARIO_DRAWS: Final = (
    *("nav_height_error_m", "nav_position_error_m", "nav_v_vertical_error_m_s"),
    *("nav_v_lateral_error_m_s", "accel_bias_m_s2", "attitude_error_deg", "signal_loss_dB"),
    *("range_noise_m", "range_bias_m", "range_scale", "range_quantum_m"),
    *("processing_s", "extra_latency_s", "jitter_s", "dropout_frac"),
    *("energy_frac", "albedo_error_frac", "threshold_error_frac", "misalignment_deg"),
    *("range_walk_m", "outlier_frac", "burst_begin_frac", "burst_end_frac"),
    *("stamp_bias_s", "stamp_jitter_s", "late_frac", "repeated_frac", "frozen_frac"),
    *("dust_depth", "dust_return_frac", "warmup_s", "unit_dead_frac"),
    *("terrain_step_m", "terrain_step_before_m"),
    *("propellant_frac", "camera_height_bias_m", "camera_place_bias_m", "camera_dead_frac"),
    *("velocimeter_dead_frac", "radar_dead_frac", "nav_height_sigma_m"),
    *("nav_height_spread_frac", "reserve_lost_frac", "engine_thrust_frac", "engine_isp_frac"),
    *("throttle_stick_frac", "clutter_frac", "ghost_frac"),
)
# Errors of the IMU in SI: those of the mission's IMU times the scenario's factor. Each has its own
# stream of random numbers as well.
INERTIAL_DRAWS: Final = (
    *("accel_bias", "accel_scale", "gyro_bias", "gyro_scale", "misalignment"),
    *("star_tracker_across", "star_tracker_along", "velocity_walk", "angle_walk"),
)
# Condition of the final engine cut-off.
CUT_NEVER: Final = 0
CUT_CONTACT: Final = 1
CUT_HEIGHT: Final = 2
MAX_FAULTS: Final = 2
# What triggers a fault.
AT_TIME: Final = 0  # s
BELOW_HEIGHT: Final = 1  # m
AT_IGNITION: Final = 2
AT_CONTACT: Final = 3
BELOW_START_FRAC: Final = 4  # [-], of the height at the start
ANY_ENGINE: Final = MAX_ENGINES  # in place of an engine's index: one drawn for each episode


class TaskScalars(NamedTuple):
    """Scalars of a mission, its phase and its control."""

    tick: float  # s
    ticks: float  # [-], per control step
    contact_tick: float  # s
    time_limit: float  # s, of an episode
    mu: float  # m^3/s^2
    radius: float  # m
    j2: float  # m^5/s^2
    rate: float  # rad/s, rotation of the Moon
    pole_y: float  # [-], L: unit vector of the axis of rotation
    pole_z: float  # [-]
    albedo: float  # [-], mean
    albedo_contrast: float  # [-], one sigma over the mean, from place to place
    plan_deceleration: float  # m/s^2
    plan_touchdown_speed: float  # m/s
    on_plan: float  # 1 where the speed at the start is the plan's
    heading_east: float  # [-], unit vector of the horizontal direction of flight at the target
    heading_north: float  # [-]
    burning_at_start: float  # 1 where the engines burn at the start
    along_path: float  # 1 where the shaping follows the path to the target, else the height
    propellant: float  # kg, at the start
    reserve: float  # kg, of it, which the planned landing leaves
    isp: float  # s, nominal
    box: float  # m, half width of the area around the target beyond which is OUT_OF_BOUNDS
    control: float  # Control
    actions: float  # [-], elements of the action
    tilt_max: float  # rad, of a commanded thrust direction
    cut_off: float  # CUT_*
    cut_height: float  # m, above the ground by the autopilot's estimate
    beam_cant: float  # rad, of the rangefinder's beams from their axis


class Fault(NamedTuple):
    """A fault of an engine."""

    engine: float  # its index, -1 for none, or ANY_ENGINE
    health: float  # [-], remaining fraction of its thrust
    trigger: float  # AT_TIME to BELOW_START_FRAC
    low: float  # s, m or [-], threshold of the trigger: drawn uniformly from here ...
    high: float  # ... to here, for each episode


# Scales of the reward terms, and the discount of the shaping potential.
RewardScales: Any = record_type("Scales", (*REWARD_TERMS, "gamma"))
SURVIVABLE: Final = np.int64(1)  # tiers of the touchdown limits
HARD: Final = np.int64(2)
TIERS: Final = 3
# Elements of a frame that every control observes; the past actions follow.
SENSED: Final = len(OBSERVATION_FIELDS) - PAST_ACTIONS
MAX_FRAME: Final = SENSED + PAST_ACTIONS * MAX_ACTIONS
_TABLE: Final = Blocks()
TASK: Final = _TABLE.room(width(TaskScalars))
NOMINAL: Final = _TABLE.room(width(Vehicle))  # nominal lander
NOMINAL_ENGINES: Final = _TABLE.room(MAX_ENGINES * width(Engine))
NOMINAL_GEAR: Final = _TABLE.room(width(Gear))
LIMITS_WIDTH: Final = width(Limits)
LIMITS: Final = _TABLE.room(TIERS * LIMITS_WIDTH)
LRF_DESIGN: Final = _TABLE.room(width(Rangefinder))
# Designs of the sensors with a channel; the period is 0 where one is not fitted.
DVL_DESIGN: Final = np.int64(_TABLE.room(width(Velocimeter)))
RALT_DESIGN: Final = np.int64(_TABLE.room(width(Radar)))
CAM_DESIGN: Final = np.int64(_TABLE.room(width(Camera)))
GAUGE_QUANTUM: Final = _TABLE.room()  # kg, resolution of the gauge
SCALES: Final = _TABLE.room(MAX_FRAME)  # 1/scale of each observed element
LOWS: Final = _TABLE.room(MAX_FRAME)
HIGHS: Final = _TABLE.room(MAX_FRAME)
PRESTART_ACTION: Final = _TABLE.room(MAX_ACTIONS)  # action of the steps before the start
REWARD_SCALES: Final = _TABLE.room(width(RewardScales))
MISSION: Final = _TABLE.room(len(MISSION_DRAWS) * DRAW_WIDTH)
SCENARIOS: Final = _TABLE.end
# Within a scenario.
_SCENARIO: Final = Blocks()
SCENARIO_LAWS: Final = _SCENARIO.room(len(SCENARIO_DRAWS) * DRAW_WIDTH)
FAULT_WIDTH: Final = width(Fault)
FAULTS: Final = _SCENARIO.room(MAX_FAULTS * FAULT_WIDTH)
INERTIAL: Final = _SCENARIO.room(len(INERTIAL_DRAWS) * DRAW_WIDTH)
SHEET: Final = _SCENARIO.room(len(SHEET_FIELDS))  # observed elements of `sheet.py`, scaled
SCENARIO_WIDTH: Final = _SCENARIO.end

_load_task = table_record(TaskScalars)[0]
_load_vehicle = table_record(Vehicle)[0]
_load_gear = table_record(Gear, kernel)[0]
_load_limits = table_record(Limits, kernel)[0]
_load_rangefinder = table_record(Rangefinder)[0]
_load_scales = table_record(RewardScales)[0]
load_fault = table_record(Fault)[0]
load_design = table_record(Engine, kernel)[0]


@inline_kernel
def load_task(table: np.ndarray) -> TaskScalars:
    """Scalars of the mission, its phase and its control."""
    return _load_task(table, TASK)


@inline_kernel
def load_site(task: TaskScalars) -> Site:
    """Gravity and rotation of the mission's site."""
    return Site(task.mu, task.radius, task.j2, task.rate, task.pole_y, task.pole_z)


@inline_kernel
def load_nominal(table: np.ndarray) -> Vehicle:
    """The nominal lander."""
    return _load_vehicle(table, NOMINAL)


@kernel
def load_nominal_gear(table: np.ndarray) -> Gear:
    """Landing gear and hull, the same in every episode."""
    return _load_gear(table, NOMINAL_GEAR)


@kernel
def load_limits(table: np.ndarray, tier: Index) -> Limits:
    """Touchdown limits of a tier: 0 nominal, 1 survivable, 2 hard."""
    return _load_limits(table, LIMITS + LIMITS_WIDTH * tier)


@inline_kernel
def load_rangefinder(table: np.ndarray) -> Rangefinder:
    """Design of the rangefinder."""
    return _load_rangefinder(table, LRF_DESIGN)


@inline_kernel
def scaled(value: float, table: np.ndarray, k: int) -> float:
    """Element `k` of the observation: `value` scaled and clipped, 0 if it is no number."""
    value = min(max(value * table[SCALES + k], table[LOWS + k]), table[HIGHS + k])
    return value if value == value else 0.0


@inline_kernel
def load_reward_scales(table: np.ndarray) -> RewardScales:
    """Scales of the reward terms."""
    return _load_scales(table, REWARD_SCALES)


# np.int64, because Numba compiles a function again for every Python integer it is called with.


def of_mission(name: str) -> np.int64:
    """Index in the table of a distribution of the mission."""
    return np.int64(MISSION + DRAW_WIDTH * MISSION_DRAWS.index(name))


def of_scenario(name: str) -> np.int64:
    """Offset of a distribution within the block of a scenario."""
    return np.int64(SCENARIO_LAWS + DRAW_WIDTH * SCENARIO_DRAWS.index(name))


def of_inertial(name: str) -> np.int64:
    """Offset of a distribution of the IMU within the block of a scenario."""
    return np.int64(INERTIAL + DRAW_WIDTH * INERTIAL_DRAWS.index(name))
