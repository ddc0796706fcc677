"""All memory of a batch: a row of float64 for each lander, and one flat table that all share."""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.draws import DRAW_WIDTH
from lunar_env.physics.types import Limits, Site, Vehicle
from lunar_env.sensors.delay import PLACE_WIDTH
from lunar_env.sensors.rangefinder import Rangefinder
from lunar_env.sensors.rows import SENSORS_WIDTH
from lunar_env.sim.fields import (
    OBSERVATION_FIELDS,
    PAST_ACTIONS,
    PRIVILEGED_FIELDS,
    REWARD_TERMS,
    SLOTS,
)

# Blocks of a row that belong to the environment; physics and sensors own those before.
STEPS: Final = SENSORS_WIDTH  # control steps flown
START_HEIGHT: Final = STEPS + 1  # m
START_PROPELLANT: Final = STEPS + 2  # kg
RECOVER_MARGIN: Final = STEPS + 3  # m
FIX_HEIGHT: Final = STEPS + 4  # m, -1 before the first valid range
FIX_SPEED: Final = STEPS + 5  # m/s
POTENTIAL: Final = STEPS + 6  # of the last observation's state
EST_OFFSET: Final = STEPS + 7  # m, autopilot's correction of the dead-reckoned height
HAS_FIX: Final = STEPS + 8
RUNNING: Final = STEPS + 9  # engine has not been shut down
ARRIVALS: Final = STEPS + 10  # samples of this step
STEP_MASS: Final = STEPS + 11  # kg at the start of the step
SIGNAL_LOSS: Final = STEPS + 12  # dB
TIME: Final = STEPS + 13  # s since the start
EPISODE_END: Final = STEPS + 14
SLOT: Final = EPISODE_END  # SLOTS times (range, measured at, quality)
PAST: Final = SLOT + 3 * SLOTS  # actions, the latest first
TERMS: Final = PAST + PAST_ACTIONS  # REWARD_TERMS
REWARD: Final = TERMS + len(REWARD_TERMS)
TERMINATED: Final = REWARD + 1
TRUNCATED: Final = REWARD + 2
OUTCOME: Final = REWARD + 3
NEEDS_RESET: Final = REWARD + 4  # ended; the next step begins a new episode (NEXT_STEP)
WAITING: Final = REWARD + 5  # NEEDS_RESET as this step began
SCENARIO: Final = REWARD + 6  # index of the row's scenario in the table
TOUCHDOWN_NAMES: Final = (
    *("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s"),
    *("miss_m", "propellant_used_kg", "first_fix_alt_m"),
)
TOUCHDOWN: Final = SCENARIO + 1  # TOUCHDOWN_NAMES, nan without contact
# What `reset(options={"start": ...})` may fix; nan means drawn.
START_NAMES: Final = ("height_m", "v_vertical_m_s", "v_lateral_m_s", "nav_height_error_m")
START: Final = TOUCHDOWN + len(TOUCHDOWN_NAMES)
ROW_WIDTH: Final = START + len(START_NAMES)

# The table: which quantity a packed distribution belongs to, and where each block begins.
MISSION_DRAWS: Final = (
    *("height_m", "v_vertical_scatter_m_s", "v_lateral_m_s", "position_east_m"),
    *("position_north_m", "tilt_deg", "slope_deg", "slope_azimuth_deg"),
    *("thrust_frac", "isp_frac", "mass_frac", "engine_lag_s", "thrust_direction_deg"),
)
SCENARIO_DRAWS: Final = (
    *("nav_height_error_m", "nav_position_error_m", "nav_v_vertical_error_m_s"),
    *("nav_v_lateral_error_m_s", "accel_bias_m_s2", "attitude_error_deg", "signal_loss_dB"),
    *("range_noise_m", "range_bias_m", "range_scale", "range_quantum_m"),
    *("processing_s", "extra_latency_s", "jitter_s", "dropout_frac"),
)


class Task(NamedTuple):
    """Scalars of a mission and phase."""

    tick: float  # s
    ticks: float  # [-], per control step
    time_limit: float  # s
    mu: float  # m^3/s^2
    radius: float  # m
    omega_y: float  # rad/s
    omega_z: float  # rad/s
    albedo: float  # [-]
    plan_deceleration: float  # m/s^2
    plan_touchdown_speed: float  # m/s
    propellant: float  # kg, at the start
    isp: float  # s, nominal
    box: float  # m, half width


TASK: Final = 0
NOMINAL: Final = TASK + len(Task._fields)  # Vehicle as its designers know it
LIMITS: Final = NOMINAL + len(Vehicle._fields)  # three tiers of Limits
DESIGN: Final = LIMITS + 3 * len(Limits._fields)  # Rangefinder
SCALES: Final = DESIGN + len(Rangefinder._fields)  # 1/scale of each observed element
LOWS: Final = SCALES + len(OBSERVATION_FIELDS)
HIGHS: Final = LOWS + len(OBSERVATION_FIELDS)
WORTH: Final = HIGHS + len(OBSERVATION_FIELDS)  # scale of each reward term, then gamma
MISSION: Final = WORTH + len(REWARD_TERMS) + 1
SCENARIOS: Final = MISSION + len(MISSION_DRAWS) * DRAW_WIDTH
SCENARIO_WIDTH: Final = len(SCENARIO_DRAWS) * DRAW_WIDTH


class World(NamedTuple):
    """One row for each lander."""

    memory: np.ndarray  # (N, ROW_WIDTH)
    line: np.ndarray  # (N, places, 4), samples on their way
    key: np.ndarray  # (N,) uint64, of the running episode
    observation: np.ndarray  # (N, frames) float32
    final_observation: np.ndarray  # (N, frames) float32, at the last end of the row
    final_privileged: np.ndarray  # (N, P)
    final_key: np.ndarray  # (N,) uint64


@kernel
def load_task(table: np.ndarray) -> Task:
    """Scalars of the mission."""
    t, j = table, TASK
    return Task(
        *(t[j], t[j + 1], t[j + 2], t[j + 3], t[j + 4], t[j + 5], t[j + 6], t[j + 7]),
        *(t[j + 8], t[j + 9], t[j + 10], t[j + 11], t[j + 12]),
    )


@kernel
def load_site(task: Task) -> Site:
    """Gravity and rotation of the mission's site."""
    return Site(task.mu, task.radius, task.omega_y, task.omega_z)


@cold_kernel
def load_limits(table: np.ndarray, tier: int) -> Limits:
    """Touchdown limits: 0 nominal, 1 survivable, 2 hard."""
    j = LIMITS + 4 * tier
    return Limits(table[j], table[j + 1], table[j + 2], table[j + 3])


@kernel
def load_rangefinder(table: np.ndarray) -> Rangefinder:
    """Design of the mission's unit."""
    t, j = table, DESIGN
    return Rangefinder(
        *(t[j], t[j + 1], t[j + 2], t[j + 3], t[j + 4], t[j + 5], t[j + 6], t[j + 7]),
        *(t[j + 8], t[j + 9], t[j + 10], t[j + 11], t[j + 12], t[j + 13], t[j + 14], t[j + 15]),
        t[j + 16],
    )


def allocate(rows: int, history: int, places: int) -> World:
    """A world of `rows` landers with `places` in each delay line, all zero."""
    frames = len(OBSERVATION_FIELDS) * history
    memory = np.zeros((rows, ROW_WIDTH))
    memory[:, START : START + len(START_NAMES)] = np.nan
    return World(
        memory=memory,
        line=np.zeros((rows, places, PLACE_WIDTH)),
        key=np.zeros(rows, np.uint64),
        observation=np.zeros((rows, frames), np.float32),
        final_observation=np.zeros((rows, frames), np.float32),
        final_privileged=np.zeros((rows, len(PRIVILEGED_FIELDS))),
        final_key=np.zeros(rows, np.uint64),
    )
