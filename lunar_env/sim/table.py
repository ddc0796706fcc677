"""The flat table that all landers share: task, design, limits, scales and laws to draw from."""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.draws import DRAW_WIDTH
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import MAX_ENGINES
from lunar_env.physics.types import Engine, Gear, Limits, Site, Vehicle
from lunar_env.sensors.camera import Camera
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.radar import Radar
from lunar_env.sensors.velocimeter import Velocimeter
from lunar_env.sim.fields import MAX_ACTIONS, OBSERVATION_FIELDS, PAST_ACTIONS, REWARD_TERMS

# Which quantity a packed distribution belongs to; its place is its stream of random numbers, so
# names are only ever added at the end.
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
)
# Errors of the inertial unit in SI: those of the mission's unit times the scenario's factor. They
# have a stream each, too.
INERTIAL_DRAWS: Final = (
    *("accel_bias", "accel_scale", "gyro_bias", "gyro_scale", "misalignment"),
    *("star_tracker_across", "star_tracker_along", "velocity_walk", "angle_walk"),
)
# When the engines are put out for good.
CUT_NEVER: Final = 0
CUT_CONTACT: Final = 1
CUT_HEIGHT: Final = 2
# A fault of an engine: (its index or -1, health left, trigger, value).
MAX_FAULTS: Final = 2
FAULT_WIDTH: Final = 4
AT_TIME: Final = 0  # s
BELOW_HEIGHT: Final = 1  # m
AT_IGNITION: Final = 2
AT_CONTACT: Final = 3


class Task(NamedTuple):
    """Scalars of a mission, its phase and its control."""

    tick: float  # s
    ticks: float  # [-], per control step
    contact_tick: float  # s
    time_limit: float  # s
    mu: float  # m^3/s^2
    radius: float  # m
    j2: float  # m^5/s^2
    rate: float  # rad/s
    pole_y: float  # [-]
    pole_z: float  # [-]
    albedo: float  # [-]
    albedo_contrast: float  # [-], one sigma over the mean, from place to place
    plan_deceleration: float  # m/s^2
    plan_touchdown_speed: float  # m/s
    on_plan: float  # 1 where the speed at the start is the plan's
    heading_east: float  # [-], direction of flight at the target
    heading_north: float  # [-]
    lit: float  # 1 where the engines burn at the start
    along_path: float  # 1 where the shaping follows the path to the target, else the height
    propellant: float  # kg, at the start
    isp: float  # s, nominal
    box: float  # m, half width
    control: float  # Control
    actions: float  # [-], elements of the action
    tilt_max: float  # rad, of a commanded thrust direction
    cut_off: float  # CUT_*
    cut_height: float  # m, believed
    beam_cant: float  # rad, of the rangefinder's beams to their axis


SURVIVABLE: Final = np.int64(1)  # tiers of the touchdown limits
HARD: Final = np.int64(2)
TASK: Final = 0
NOMINAL: Final = TASK + len(Task._fields)  # Vehicle as its designers know it
NOMINAL_ENGINES: Final = NOMINAL + len(Vehicle._fields)
NOMINAL_GEAR: Final = NOMINAL_ENGINES + MAX_ENGINES * len(Engine._fields)
LIMITS: Final = NOMINAL_GEAR + len(Gear._fields)  # three tiers of Limits
DESIGN: Final = LIMITS + 3 * len(Limits._fields)  # Rangefinder
# Elements of a frame that every control observes; the past actions follow.
SENSED: Final = len(OBSERVATION_FIELDS) - PAST_ACTIONS
MAX_FRAME: Final = SENSED + PAST_ACTIONS * MAX_ACTIONS
# Designs of the sensors with a channel; their period is 0 where they are not fitted.
DVL_DESIGN: Final = np.int64(DESIGN + len(Rangefinder._fields))  # Velocimeter
RALT_DESIGN: Final = np.int64(DVL_DESIGN + len(Velocimeter._fields))  # Radar
CAM_DESIGN: Final = np.int64(RALT_DESIGN + len(Radar._fields))  # Camera
GAUGE_QUANTUM: Final = int(CAM_DESIGN) + len(Camera._fields)  # kg, resolution of the gauge
SCALES: Final = GAUGE_QUANTUM + 1  # 1/scale of each observed element
LOWS: Final = SCALES + MAX_FRAME
HIGHS: Final = LOWS + MAX_FRAME
IDLE: Final = HIGHS + MAX_FRAME  # action that stands for those before the start
WORTH: Final = IDLE + MAX_ACTIONS  # scale of each reward term, then gamma
MISSION: Final = WORTH + len(REWARD_TERMS) + 1
SCENARIOS: Final = MISSION + len(MISSION_DRAWS) * DRAW_WIDTH
FAULTS: Final = len(SCENARIO_DRAWS) * DRAW_WIDTH  # within a scenario
INERTIAL: Final = FAULTS + MAX_FAULTS * FAULT_WIDTH
SCENARIO_WIDTH: Final = INERTIAL + len(INERTIAL_DRAWS) * DRAW_WIDTH


@kernel
def load_task(table: np.ndarray) -> Task:
    """Scalars of the mission."""
    t, j = table, TASK
    return Task(
        *(t[j], t[j + 1], t[j + 2], t[j + 3], t[j + 4], t[j + 5], t[j + 6], t[j + 7]),
        *(t[j + 8], t[j + 9], t[j + 10], t[j + 11], t[j + 12], t[j + 13], t[j + 14], t[j + 15]),
        *(t[j + 16], t[j + 17], t[j + 18], t[j + 19], t[j + 20], t[j + 21], t[j + 22], t[j + 23]),
        *(t[j + 24], t[j + 25], t[j + 26], t[j + 27]),
    )


@kernel
def load_site(task: Task) -> Site:
    """Gravity and rotation of the mission's site."""
    return Site(task.mu, task.radius, task.j2, task.rate, task.pole_y, task.pole_z)


@cold_kernel
def load_limits(table: np.ndarray, tier: Index) -> Limits:
    """Touchdown limits: nominal first, then survivable, then hard."""
    j = LIMITS + 4 * tier
    return Limits(table[j], table[j + 1], table[j + 2], table[j + 3])


@kernel
def load_rangefinder(table: np.ndarray) -> Rangefinder:
    """Design of the mission's unit."""
    t, j = table, DESIGN
    return Rangefinder(
        *(t[j], t[j + 1], t[j + 2], t[j + 3], t[j + 4], t[j + 5], t[j + 6], t[j + 7]),
        *(t[j + 8], t[j + 9], t[j + 10], t[j + 11], t[j + 12], t[j + 13], t[j + 14], t[j + 15]),
        *(t[j + 16], t[j + 17], t[j + 18], t[j + 19], t[j + 20], t[j + 21], t[j + 22], t[j + 23]),
        *(t[j + 24], t[j + 25], t[j + 26], t[j + 27], t[j + 28], t[j + 29], t[j + 30], t[j + 31]),
        *(t[j + 32], t[j + 33], t[j + 34], t[j + 35], t[j + 36]),
    )
